"""In which order tiers and policies are asked, and how a tier ends: calico-semantics 2.5, 4.1 to 4.3."""

from typing import Final

from ringfence.model.kubernetes_policy import KubernetesPolicy, KubernetesRule
from tests.semantics.worlds import Case, case, check, each, match, policy, rule, tier

MISSING: Final = (
    "A policy naming a tier that does not exist is *not* dropped: the tier is sorted last with an empty default action."
)
DENIES: Final = "The dataplane treats that as deny"
UNSET: Final = "Unset `order` is **filled with 1 000 000** on read and write"
BY_NAME: Final = "tier `aaa` before `default`, `zzz` after it."
IN_PLAY: Final = "A tier is *in play* for (e, d) only if at least one policy applies for that direction."
FIXED: Final = "Kubernetes NetworkPolicy and SKNP → tier `default`, order 1000."
UNORDERED: Final = "`order` ascending, unset = +Inf; ties:"
ISOLATES: Final = (
    "A policy with `types: [Ingress]` and no rules isolates the endpoint (end of tier) just as in Kubernetes."
)
PASSED: Final = "So Pass in tier `default` = allow for pods."
PROFILES: Final = "Endpoint with no policy at all → profiles → allow (pods)"
LOG: Final = "if rule.action == Log: continue"

ALLOW: Final = policy(rule(), name="allow", order=5)
DENY: Final = policy(rule("Deny"), name="deny", order=5)
PASS: Final = policy(rule("Pass"), name="pass", order=5)
EARLY: Final = policy(rule(), tier="early", name="early")
NONE: Final = policy(rule(src=match(nets=["192.0.2.0/24"])), tier="early", name="early")
KUBERNETES: Final = KubernetesPolicy("shop", "k", ingress=(KubernetesRule(),))


CASES: Final = (
    case(PROFILES, "bank/app shop/web TCP/80 ingress", "Allow"),
    case(PROFILES, "shop/web 192.0.2.1 TCP/80 egress", "Allow"),
    case(ISOLATES, "bank/app shop/web TCP/80 ingress", "Deny", policy()),
    case(ISOLATES, "shop/web bank/app TCP/80 egress", "Allow", policy()),
    case(ISOLATES, "shop/web bank/app TCP/80 egress", "Deny", policy(egress=[])),
    case(PASSED, "bank/app shop/web TCP/80 ingress", "Allow", PASS),
    case(LOG, "bank/app shop/web TCP/80 ingress", "Allow", policy(rule("Log"), rule())),
    case(LOG, "bank/app shop/web TCP/80 ingress", "Deny", policy(rule("Log"))),
    case(
        UNORDERED,
        "bank/app shop/web TCP/80 ingress",
        "Deny",
        policy(rule(), name="a", order=2),
        policy(rule("Deny"), name="b", order=1),
    ),
    case(
        UNORDERED,
        "bank/app shop/web TCP/80 ingress",
        "Deny",
        policy(rule(), name="a"),
        policy(rule("Deny"), name="b", order=9e9),
    ),
    case(
        UNORDERED, "bank/app shop/web TCP/80 ingress", "Allow", policy(rule(), name="a"), policy(rule("Deny"), name="b")
    ),
    case(
        UNORDERED,
        "bank/app shop/web TCP/80 ingress",
        "Allow",
        policy(rule(), name="a", order=-1),
        policy(rule("Deny"), name="b", order=0),
    ),
    case(FIXED, "bank/app shop/web TCP/80 ingress", "Allow", KUBERNETES, policy(rule("Deny"), order=1001)),
    case(FIXED, "bank/app shop/web TCP/80 ingress", "Allow", KUBERNETES, policy(rule("Deny"))),
    case(FIXED, "bank/app shop/web TCP/80 ingress", "Deny", KUBERNETES, policy(rule("Deny"), order=999)),
    case(IN_PLAY, "bank/app shop/web TCP/80 ingress", "Allow", tiers=[tier("early", 1)]),
    case(
        IN_PLAY,
        "bank/app shop/web TCP/80 ingress",
        "Allow",
        ALLOW,
        policy(egress=[], tier="early"),
        tiers=[tier("early", 1)],
    ),
    case(IN_PLAY, "bank/app shop/web TCP/80 ingress", "Deny", ALLOW, NONE, tiers=[tier("early", 1)]),
    case(IN_PLAY, "bank/app shop/web TCP/80 ingress", "Allow", ALLOW, NONE, tiers=[tier("early", 1, "Pass")]),
    case(IN_PLAY, "bank/app shop/web TCP/80 ingress", "Deny", DENY, NONE, tiers=[tier("early", 1, "Pass")]),
    case(IN_PLAY, "bank/app shop/web TCP/80 ingress", "Allow", NONE, tiers=[tier("early", 1, "Pass")]),
    case(
        UNSET,
        "bank/app shop/web TCP/80 ingress",
        "Allow",
        DENY,
        policy(rule(), tier="aaa"),
        tiers=[tier("aaa", 1_000_000)],
    ),
    case(
        BY_NAME,
        "bank/app shop/web TCP/80 ingress",
        "Deny",
        DENY,
        policy(rule(), tier="zzz"),
        tiers=[tier("zzz", 1_000_000)],
    ),
    case(
        BY_NAME,
        "bank/app shop/web TCP/80 ingress",
        "Allow",
        ALLOW,
        policy(rule("Deny"), tier="zzz"),
        tiers=[tier("zzz", 1_000_000)],
    ),
    case(MISSING, "bank/app shop/web TCP/80 ingress", "Deny", DENY, EARLY),
    case(MISSING, "bank/app shop/web TCP/80 ingress", "Allow", PASS, EARLY),
    case(
        MISSING,
        "bank/app shop/web TCP/80 ingress",
        "Deny",
        policy(rule(), tier="aaa"),
        policy(rule("Deny"), tier="kube-baseline", name="q"),
    ),
    case(DENIES, "bank/app shop/web TCP/80 ingress", "Deny", NONE),
    case(DENIES, "bank/app shop/web TCP/80 ingress", "Deny", PASS, NONE),
    case(
        DENIES,
        "bank/app shop/web TCP/80 ingress",
        "Deny",
        policy(rule("Pass"), tier="aaa"),
        policy(tier="bbb", name="q"),
    ),
)


@each(CASES)
def test_tiers_and_policies_in_their_order(row: Case) -> None:
    """The first rule that matches decides, and a tier that governs ends with its default action."""
    check(row)
