"""Rules of one IP family: calico-semantics 4.5."""

from typing import Any, Final

from ringfence.model.policy import Policy
from tests.semantics.worlds import Case, case, check, each, match, policy, rule

RENDERED: Final = (
    "A rule is rendered for an IP family only if every nets list that was given still has an entry of that family."
)
ABSENT: Final = "A v4-only `notNets` rule is therefore **absent** for IPv6"


def one(**more: Any) -> Policy:
    """Return a policy of one rule for every pod of the shop."""
    return policy(rule(**more), on="all()", order=1)


LAST: Final = policy(rule(), on="all()", name="last", order=2)
CASES: Final = (
    case("family filter", "shop/db shop/dual TCP/80 ingress", "Allow", one(ip_version=4)),
    case("family filter", "shop/six shop/dual TCP/80 ingress", "Deny", one(ip_version=4)),
    case("family filter", "shop/six shop/dual TCP/80 ingress", "Allow", one(ip_version=6)),
    case("family filter", "shop/db shop/dual TCP/80 ingress", "Deny", one(ip_version=6)),
    case(
        "any of / none of.",
        "shop/db shop/dual TCP/80 ingress",
        "Allow",
        one(src=match(nets=["10.0.0.0/30", "10.9.0.0/16"])),
    ),
    case("any of / none of.", "shop/db shop/dual TCP/80 ingress", "Deny", one(src=match(nets=["10.0.0.0/31"]))),
    case(
        "any of / none of.",
        "shop/db shop/dual TCP/80 ingress",
        "Deny",
        one(src=match(not_nets=["10.9.0.0/16", "10.0.0.2/32"])),
    ),
    case(
        "any of / none of.",
        "shop/db shop/dual TCP/80 ingress",
        "Allow",
        one(src=match(not_nets=["10.9.0.0/16", "10.0.0.3/32"])),
    ),
    case(
        "any of / none of.",
        "shop/db shop/dual TCP/80 ingress",
        "Deny",
        one(src=match(nets=["10.0.0.0/8"], not_nets=["10.0.0.0/30"])),
    ),
    case(RENDERED, "shop/six shop/dual TCP/80 ingress", "Deny", one(src=match(nets=["0.0.0.0/0"]))),
    case(RENDERED, "shop/six shop/dual TCP/80 ingress", "Allow", one(src=match(nets=["0.0.0.0/0", "fd00::/8"]))),
    case(
        RENDERED,
        "shop/six shop/dual TCP/80 ingress",
        "Deny",
        one(src=match(nets=["fd00::/8"]), dst=match(nets=["10.0.0.0/8"])),
    ),
    case(
        RENDERED,
        "shop/six shop/dual TCP/80 ingress",
        "Deny",
        one(src=match(nets=["fd00::/8"], not_nets=["10.0.0.0/8"])),
    ),
    case(RENDERED, "shop/six shop/dual TCP/80 ingress", "Allow", one(src=match(not_nets=["10.0.0.0/8", "fd01::/16"]))),
    case(ABSENT, "shop/six shop/dual TCP/80 ingress", "Deny", one(src=match(not_nets=["10.9.0.0/16"]))),
    case(
        ABSENT,
        "shop/six shop/dual TCP/80 ingress",
        "Allow",
        one(action="Deny", src=match(not_nets=["10.9.0.0/16"])),
        LAST,
    ),
    case(ABSENT, "shop/db shop/dual TCP/80 ingress", "Allow", one(src=match(not_nets=["10.9.0.0/16"]))),
    case(
        ABSENT,
        "shop/db shop/dual TCP/80 ingress",
        "Deny",
        one(action="Deny", src=match(not_nets=["10.9.0.0/16"])),
        LAST,
    ),
    case(ABSENT, "shop/db shop/dual TCP/80 ingress", "Deny", one(dst=match(not_nets=["fd01::/16"]))),
)


@each(CASES)
def test_a_rule_of_one_family(row: Case) -> None:
    """A rule exists for a family only where each of its nets lists has an entry of it."""
    check(row)
