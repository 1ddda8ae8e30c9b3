"""Staged policies: what is enforced, what Calico previews, what would be enforced: calico-semantics 4.3 and 2.4."""

from typing import Any, Final

from ringfence.model.kubernetes_policy import KubernetesPolicy, KubernetesRule
from ringfence.model.policy import Policy
from ringfence.model.policy_set import AnyPolicy
from ringfence.semantics.scopes import Scope
from tests.semantics.worlds import Case, case, check, each, match, policy, rule, tier

DROPPED: Final = "if scope == ENFORCED: drop staged kinds"
PREVIEW: Final = "*a deletion cannot be previewed by Calico itself*"
LIKE_SET: Final = "`Learn` and `Ignore` behave like `Set`."
TWINS: Final = "Enforced/staged pairing is by convention only: same name and namespace, kind without `Staged`."
ONE_POLICY: Final = (
    "A matcher should accept `name`, `tier.name` and `default.name` as one policy when exactly one such object exists."
)
EMPTY_TIER: Final = (
    "a first staged policy in an empty tier with default Deny turns every unmatched pending flow into Deny"
)
LOWER: Final = "the staged copy must get a lower order"
ASKED: Final = "bank/app shop/web TCP/80 ingress"
ZONE: Final = tier("zone", 5)


def row(says: str, scopes: str, *policies: AnyPolicy, **more: Any) -> tuple[Case, ...]:
    """Return a row of each scope; ``scopes`` are the verdicts of *enforced*, *pending* and *what-if*."""
    every: tuple[Scope, ...] = ("enforced", "pending", "what-if")
    pairs = zip(every, scopes.split(), strict=True)
    return tuple(case(says, ASKED, verdict, *policies, scope=scope, **more) for scope, verdict in pairs)


def yes(**more: Any) -> Policy:
    """Return a policy that allows."""
    return policy(rule(), **more)


def no(**more: Any) -> Policy:
    """Return a policy that denies."""
    return policy(rule("Deny"), **more)


KUBERNETES: Final = KubernetesPolicy("shop", "p", ingress=(KubernetesRule(),))
STAGED_KUBERNETES: Final = KubernetesPolicy("shop", "p", staged="Set")


CASES: Final = (
    *row(DROPPED, "Allow Deny Deny", no(staged="Set")),
    *row(DROPPED, "Deny Deny Deny", no(name="a", order=1), yes(name="z", order=2, staged="Set")),
    *row(DROPPED, "Deny Allow Allow", no(name="a", order=2), yes(name="z", order=1, staged="Set")),
    *row(TWINS, "Deny Deny Allow", no(), yes(staged="Set")),
    *row(TWINS, "Allow Allow Deny", yes(), no(staged="Set")),
    *row(TWINS, "Deny Deny Deny", no(order=1), yes(staged="Set", ns=None, order=2)),
    *row(TWINS, "Deny Deny Deny", no(), yes(staged="Set", ns="bank")),
    *row(TWINS, "Deny Deny Allow", no(order=9), yes(staged="Set", order=10)),
    *row(TWINS, "Allow Allow Deny", KUBERNETES, STAGED_KUBERNETES),
    *row(TWINS, "Allow Allow Allow", KUBERNETES, no(staged="Set")),
    *row(LOWER, "Allow Deny Deny", yes(order=10), no(staged="Set", order=9)),
    *row(PREVIEW, "Deny Deny Allow", no(), policy(staged="Delete")),
    *row(PREVIEW, "Allow Allow Allow", policy(staged="Delete")),
    *row(PREVIEW, "Deny Deny Deny", no(), policy(staged="Delete", name="q")),
    *row(PREVIEW, "Allow Allow Allow", KUBERNETES, KubernetesPolicy("shop", "p", staged="Delete")),
    *row(PREVIEW, "Deny Deny Allow", KubernetesPolicy("shop", "p"), KubernetesPolicy("shop", "p", staged="Delete")),
    *row(LIKE_SET, "Allow Deny Deny", no(staged="Learn")),
    *row(LIKE_SET, "Allow Deny Allow", no(staged="Ignore")),
    *row(LIKE_SET, "Allow Allow Deny", yes(), no(staged="Learn")),
    *row(LIKE_SET, "Allow Allow Allow", yes(), no(staged="Ignore")),
    *row(LIKE_SET, "Allow Deny Allow", yes(order=10), no(staged="Ignore", order=9)),
    *row(ONE_POLICY, "Deny Deny Allow", no(name="default.p"), policy(staged="Delete")),
    *row(ONE_POLICY, "Deny Deny Allow", no(), policy(staged="Delete", name="default.p")),
    *row(
        ONE_POLICY,
        "Deny Deny Allow",
        no(name="zone.p", tier="zone"),
        policy(staged="Delete", tier="zone"),
        tiers=[ZONE],
    ),
    *row(
        ONE_POLICY,
        "Deny Deny Deny",
        no(name="default.p", tier="zone"),
        no(name="zone.p", tier="zone"),
        policy(staged="Delete", tier="zone"),
        tiers=[ZONE],
    ),
    *row(ONE_POLICY, "Deny Deny Deny", no(name="default.p"), yes(name="p"), policy(staged="Delete")),
    *row(ONE_POLICY, "Deny Deny Allow", yes(name="p", ns=None), no(name="default.p"), policy(staged="Delete")),
    *row(EMPTY_TIER, "Allow Deny Deny", policy(rule(src=match("all()")), staged="Set", tier="zone"), tiers=[ZONE]),
    *row(EMPTY_TIER, "Allow Deny Deny", yes(), policy(staged="Set", tier="zone", name="q"), tiers=[ZONE]),
    *row(
        EMPTY_TIER,
        "Allow Allow Allow",
        yes(),
        policy(staged="Set", tier="zone", name="q"),
        tiers=[tier("zone", 5, "Pass")],
    ),
)


@each(CASES)
def test_staged_policies_in_each_scope(row: Case) -> None:
    """A staged policy replaces its twin only where the staged set is carried out."""
    check(row)
