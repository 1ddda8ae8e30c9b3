"""Ports by the name that an endpoint gave them: calico-semantics 4.5."""

from typing import Any, Final

from ringfence.model.policy import Policy
from ringfence.model.port import PortRange
from tests.semantics.worlds import Case, case, check, each, match, policy, rule

NAMED: Final = (
    "destination (ip, protocol, port) in the set of endpoints exposing that name; protocol unset = any protocol; "
    "ANDed with the positive selector when both given"
)
ONE_LIST: Final = "| ports + named in one list | OR |"


def shop(protocol: str | None, *ports: int | str | PortRange) -> Policy:
    """Return a policy for all pods of the shop with one rule of destination ports."""
    return policy(rule(protocol=protocol, dst=match(ports=ports)), on="all()")


def excluding(*ports: int | str | PortRange) -> Policy:
    """Return a policy for all pods of the shop with one rule of excluded destination ports."""
    return policy(rule(protocol="TCP", dst=match(not_ports=ports)), on="all()")


def bank(**more: Any) -> Policy:
    """Return an egress policy of the bank with one rule."""
    return policy(egress=[rule(protocol="TCP", **more)], ns="bank", on="all()")


CASES: Final = (
    case(NAMED, "bank/app shop/web TCP/8080 ingress", "Allow", shop("TCP", "http")),
    case(NAMED, "bank/app shop/web TCP/8081 ingress", "Deny", shop("TCP", "http")),
    case(NAMED, "bank/app shop/web UDP/8080 ingress", "Deny", shop("UDP", "http")),
    case(NAMED, "bank/app shop/dual TCP/8080 ingress", "Deny", shop("TCP", "http")),
    case(NAMED, "bank/app shop/db UDP/514 ingress", "Allow", shop("UDP", "http")),
    case(NAMED, "bank/app shop/db TCP/514 ingress", "Deny", shop("TCP", "http")),
    case(NAMED, "bank/app shop/web TCP/8080 ingress", "Allow", shop(None, "http")),
    case(NAMED, "bank/app shop/db UDP/514 ingress", "Allow", shop(None, "http")),
    case(NAMED, "bank/app shop/db TCP/514 ingress", "Deny", shop(None, "http")),
    case(NAMED, "bank/app shop/web ICMP/8.0 ingress", "Deny", shop(None, "http")),
    case(NAMED, "bank/app shop/web TCP ingress", "Uncertain", shop(None, "http")),
    case(NAMED, "bank/app shop/dual TCP ingress", "Deny", shop(None, "http")),
    case(NAMED, "bank/app shop/web UDP ingress", "Deny", shop(None, "http")),
    case(NAMED, "bank/app shop/web TCP/8080 egress", "Allow", bank(dst=match(ports=["http"]))),
    case(
        NAMED,
        "bank/app shop/web TCP/8080 egress",
        "Deny",
        bank(dst=match("app == 'db'", namespaces="all()", ports=["http"])),
    ),
    case(
        NAMED,
        "bank/app shop/web TCP/8080 egress",
        "Allow",
        bank(dst=match("app == 'web'", namespaces="all()", ports=["http"])),
    ),
    case(NAMED, "bank/app shop/web TCP/8080 egress", "Deny", bank(dst=match("app == 'web'", ports=["http"]))),
    case(NAMED, "bank/app host/n1 TCP/10250 egress", "Allow", bank(dst=match(ports=["kubelet"]))),
    case(NAMED, "bank/app host/n2 TCP/10250 egress", "Deny", bank(dst=match(ports=["kubelet"]))),
    case(NAMED, "bank/app 203.0.113.9 TCP/8080 egress", "Deny", bank(dst=match(ports=["http"]))),
    case(ONE_LIST, "bank/app shop/web TCP/8080 ingress", "Allow", shop("TCP", 9090, "http")),
    case(ONE_LIST, "bank/app shop/web TCP/9090 ingress", "Allow", shop("TCP", 9090, "http")),
    case(ONE_LIST, "bank/app shop/web TCP/9091 ingress", "Deny", shop("TCP", 9090, "http")),
    case(ONE_LIST, "bank/app shop/db TCP/5432 ingress", "Allow", shop("TCP", "http", "sql")),
    case(
        "any range; needs protocol",
        "bank/app shop/web TCP/9095 ingress",
        "Allow",
        shop("TCP", 80, PortRange(9090, 9099)),
    ),
    case(
        "any range; needs protocol",
        "bank/app shop/web TCP/9100 ingress",
        "Deny",
        shop("TCP", 80, PortRange(9090, 9099)),
    ),
    case("any range; needs protocol", "bank/app shop/web SCTP/9090 ingress", "Allow", shop("SCTP", 9090)),
    case("any range; needs protocol", "bank/app shop/web TCP/9090 ingress", "Deny", shop("SCTP", 9090)),
    case("none of", "bank/app shop/web TCP/8080 ingress", "Deny", excluding("http")),
    case("none of", "bank/app shop/web TCP/8081 ingress", "Allow", excluding("http")),
    case("none of", "bank/app shop/dual TCP/8080 ingress", "Allow", excluding("http")),
    case("none of", "bank/app shop/web TCP/8080 ingress", "Deny", excluding(9090, "http")),
    case("none of", "bank/app shop/web TCP/9090 ingress", "Deny", excluding(9090, "http")),
    case("none of", "bank/app shop/web TCP/9091 ingress", "Allow", excluding(9090, "http")),
    case("none of", "bank/app shop/web TCP/9095 ingress", "Deny", excluding(PortRange(9090, 9099))),
)


@each(CASES)
def test_a_port_by_number_or_name(row: Case) -> None:
    """A name is the port of each endpoint that gave it; names and numbers are one list."""
    check(row)
