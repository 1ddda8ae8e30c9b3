"""Rules with ICMP types and codes: calico-semantics 4.5."""

from typing import Any, Final

from ringfence.model.policy import IcmpMatch, Policy
from tests.semantics.worlds import Case, case, check, each, policy, rule

EXACT: Final = "exact; type alone = any code"
NEGATED: Final = "All present criteria are ANDed; negated ones ANDed as NOT."


def ping(protocol: str = "ICMP", **more: Any) -> Policy:
    """Return a policy of one rule for every pod of the shop."""
    return policy(rule(protocol=protocol, **more), on="all()")


CASES: Final = (
    case(EXACT, "bank/app shop/web ICMP/8.0 ingress", "Allow", ping(icmp=IcmpMatch(8, 0))),
    case(EXACT, "bank/app shop/web ICMP/8.1 ingress", "Deny", ping(icmp=IcmpMatch(8, 0))),
    case(EXACT, "bank/app shop/web ICMP/0.0 ingress", "Deny", ping(icmp=IcmpMatch(8, 0))),
    case(EXACT, "bank/app shop/web ICMP/8.3 ingress", "Allow", ping(icmp=IcmpMatch(8))),
    case(EXACT, "bank/app shop/web ICMP/3.8 ingress", "Deny", ping(icmp=IcmpMatch(8))),
    case(EXACT, "bank/app shop/web ICMP/3.8 ingress", "Allow", ping()),
    case(EXACT, "bank/app shop/web ICMP ingress", "Uncertain", ping(icmp=IcmpMatch(8, 0))),
    case(EXACT, "bank/app shop/web ICMP ingress", "Allow", ping()),
    case(EXACT, "bank/app shop/web TCP/8 ingress", "Deny", ping(icmp=IcmpMatch(8))),
    case(
        EXACT, "shop/six shop/dual ICMPv6/128.0 ingress", "Allow", ping("ICMPv6", icmp=IcmpMatch(128, 0), ip_version=6)
    ),
    case(
        EXACT, "shop/six shop/dual ICMPv6/129.0 ingress", "Deny", ping("ICMPv6", icmp=IcmpMatch(128, 0), ip_version=6)
    ),
    case(EXACT, "bank/app shop/dual ICMP/8.0 ingress", "Deny", ping("ICMPv6", icmp=IcmpMatch(8, 0))),
    case(NEGATED, "bank/app shop/web ICMP/8.0 ingress", "Deny", ping(not_icmp=IcmpMatch(8, 0))),
    case(NEGATED, "bank/app shop/web ICMP/8.1 ingress", "Allow", ping(not_icmp=IcmpMatch(8, 0))),
    case(NEGATED, "bank/app shop/web ICMP/8.1 ingress", "Deny", ping(not_icmp=IcmpMatch(8))),
    case(NEGATED, "bank/app shop/web ICMP/0.0 ingress", "Allow", ping(not_icmp=IcmpMatch(8))),
    case(NEGATED, "bank/app shop/web ICMP ingress", "Uncertain", ping(not_icmp=IcmpMatch(8))),
    case(NEGATED, "bank/app shop/web ICMP/8.0 ingress", "Deny", policy(rule(not_protocol="ICMP"), on="all()")),
    case(NEGATED, "bank/app shop/web TCP/80 ingress", "Allow", policy(rule(not_protocol="ICMP"), on="all()")),
)


@each(CASES)
def test_a_rule_with_icmp(row: Case) -> None:
    """Types and codes exactly, and a type alone for every code."""
    check(row)
