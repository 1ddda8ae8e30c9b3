"""Policies of equal order, before and from Calico 3.32: calico-semantics 4.1."""

from typing import Any, Final

from ringfence.model.kubernetes_policy import KubernetesPolicy, KubernetesRule
from ringfence.model.policy import Policy
from ringfence.model.policy_set import PolicySet
from ringfence.semantics.resolve import resolve
from tests.semantics.worlds import CLUSTER, Case, case, check, each, policy, rule, tier

NEW: Final = "| ≥3.32 | `<name>/<namespace>/<Kind>` with Kind one of"
OLD: Final = (
    "the internal key name: `<ns>/<tier>.<name>`, `<tier>.<name>`, `<ns>/staged:<tier>.<name>`, "
    "`staged:<tier>.<name>`, `<ns>/knp.default.<name>`"
)
TWIN: Final = "With ≥3.32 a staged twin (same name, order) sorts *after* its enforced twin"
MEANS: Final = (
    "in a non-default tier the name must begin with `<tier>.`; in `default` both `foo` and `default.foo` are accepted "
    "and mean the same."
)
ASKED: Final = "bank/app shop/web TCP/80 ingress"
ZONE: Final = tier("zone", 5)


def yes(name: str, ns: str | None = "shop", **more: Any) -> Policy:
    """Return a policy that allows, of order 1000 as Kubernetes' own have."""
    return policy(rule(), name=name, ns=ns, **({"order": 1000} | more))


def no(name: str, ns: str | None = "shop", **more: Any) -> Policy:
    """Return a policy that denies, of the same order."""
    return policy(rule("Deny"), name=name, ns=ns, **({"order": 1000} | more))


KUBERNETES: Final = KubernetesPolicy("shop", "m", ingress=(KubernetesRule(),))


CASES: Final = (
    case(NEW, ASKED, "Allow", yes("a"), no("b")),
    case(NEW, ASKED, "Deny", yes("b"), no("a")),
    case(NEW, ASKED, "Allow", yes("a"), no("b", None)),
    case(NEW, ASKED, "Deny", yes("p"), no("p", None)),
    case(NEW, ASKED, "Allow", KUBERNETES, no("n")),
    case(NEW, ASKED, "Deny", KUBERNETES, no("l")),
    case(NEW, ASKED, "Allow", KUBERNETES, no("m")),
    case(NEW, ASKED, "Deny", KUBERNETES, no("m", None)),
    case(NEW, ASKED, "Allow", yes("default.z"), no("z")),
    case(OLD, ASKED, "Allow", yes("a"), no("b"), regime="<=3.31"),
    case(OLD, ASKED, "Deny", yes("a"), no("b", None), regime="<=3.31"),
    case(OLD, ASKED, "Allow", yes("z", None), no("a"), regime="<=3.31"),
    case(OLD, ASKED, "Deny", KUBERNETES, no("n"), regime="<=3.31"),
    case(OLD, ASKED, "Deny", KUBERNETES, no("z"), regime="<=3.31"),
    case(OLD, ASKED, "Deny", KUBERNETES, no("z", None), regime="<=3.31"),
    case(MEANS, ASKED, "Deny", yes("default.z"), no("b"), regime="<=3.31"),
    case(MEANS, ASKED, "Allow", yes("zone.a", tier="zone"), no("zone.b", tier="zone"), regime="<=3.31", tiers=[ZONE]),
    case(TWIN, ASKED, "Allow", yes("p"), no("p", staged="Set"), scope="pending"),
    case(TWIN, ASKED, "Deny", no("p"), yes("p", staged="Set"), scope="pending"),
    case(TWIN, ASKED, "Deny", yes("p"), no("p", staged="Set", order=999), scope="pending"),
    case(OLD, ASKED, "Allow", yes("p"), no("p", staged="Set"), scope="pending", regime="<=3.31"),
    case(
        OLD,
        ASKED,
        "Deny",
        yes("zone.p", tier="zone"),
        no("zone.p", tier="zone", staged="Set"),
        scope="pending",
        regime="<=3.31",
        tiers=[ZONE],
    ),
    case(
        TWIN,
        ASKED,
        "Allow",
        yes("zone.p", tier="zone"),
        no("zone.p", tier="zone", staged="Set"),
        scope="pending",
        tiers=[ZONE],
    ),
)


@each(CASES)
def test_policies_of_equal_order(row: Case) -> None:
    """A tie is decided by name, namespace and kind; before 3.32 by the internal key."""
    check(row)


def test_an_upgrade_can_reorder() -> None:
    """The same policies in the order of each regime."""
    policies = (yes("a"), KUBERNETES, yes("b", None), yes("k", None))

    def names(regime: Any) -> list[str]:
        tiers = resolve(PolicySet(policies=policies, regime=regime), CLUSTER, "enforced")
        return [each.ref.name for tier in tiers for each in tier.policies]

    assert names(">=3.32") == ["a", "b", "k", "m"]
    assert names("<=3.31") == ["b", "k", "a", "m"]
