"""Rules that name a Service: calico-semantics 4.6."""

from typing import Final

from ringfence.model.policy_set import PolicySet
from ringfence.model.service import Service
from ringfence.semantics.connection import Connection
from ringfence.semantics.reference import side
from ringfence.semantics.resolve import resolve
from tests.semantics.worlds import CLUSTER, Case, case, check, connection, each, match, policy, rule

SAYS_EGRESS: Final = (
    "Egress `destination.services`: (IP, protocol, port) of every address in the Service's EndpointSlices — "
    "**ready or not**."
)
SAYS_INGRESS: Final = "Ingress `source.services`: the same addresses, IP only."
SAYS_NOTHING: Final = "A Service without EndpointSlices matches nothing."
SAYS_UNNAMED: Final = 'the code builds the key `"/<name>"` and no defaulting was found'

API: Final = match(service="shop/api")
FAR: Final = match(service="shop/far")
TO_API: Final = policy(egress=[rule(dst=API)])
FROM_API: Final = policy(rule(src=API))
HEADLESS: Final = Service("shop", "api", "ClusterIP")
WITH_ADDRESS: Final = Service("shop", "api", "ClusterIP", cluster_ips=("10.96.0.10",))

CASES: Final = (
    case(SAYS_EGRESS, "shop/web shop/db TCP/8080 egress", "Allow", TO_API),
    case(SAYS_EGRESS, "shop/dual shop/web TCP/8080 egress", "Allow", policy(egress=[rule(dst=API)], on="all()")),
    case(SAYS_EGRESS, "shop/web shop/db TCP/8081 egress", "Deny", TO_API),
    case(SAYS_EGRESS, "shop/web shop/db UDP/8080 egress", "Deny", TO_API),
    case(SAYS_EGRESS, "shop/web bank/app TCP/8080 egress", "Deny", TO_API),
    case(SAYS_EGRESS, "shop/web 203.0.113.7 TCP/443 egress", "Allow", policy(egress=[rule(dst=FAR)])),
    case(SAYS_EGRESS, "shop/six 2001:db8::7 TCP/443 egress", "Allow", policy(egress=[rule(dst=FAR)], on="all()")),
    case(SAYS_EGRESS, "shop/six 2001:db8::8 TCP/443 egress", "Deny", policy(egress=[rule(dst=FAR)], on="all()")),
    case(SAYS_EGRESS, "shop/web shop/db TCP egress", "Uncertain", TO_API),
    case(SAYS_EGRESS, "shop/web bank/app TCP egress", "Deny", TO_API),
    case(SAYS_INGRESS, "shop/db shop/web TCP/1 ingress", "Allow", FROM_API),
    case(SAYS_INGRESS, "shop/db shop/web UDP/8080 ingress", "Allow", FROM_API),
    case(SAYS_INGRESS, "shop/db shop/web TCP ingress", "Allow", FROM_API),
    case(SAYS_INGRESS, "bank/app shop/web TCP/8080 ingress", "Deny", FROM_API),
    case("Never the ClusterIP.", "shop/web 10.96.0.10 TCP/8080 egress", "Deny", TO_API, services=(WITH_ADDRESS,)),
    case("Headless Services work.", "shop/web shop/db TCP/8080 egress", "Allow", TO_API, services=(HEADLESS,)),
    case(
        SAYS_NOTHING, "shop/web shop/db TCP/8080 egress", "Deny", policy(egress=[rule(dst=match(service="shop/none"))])
    ),
    case(
        SAYS_NOTHING, "shop/web shop/db TCP/8080 egress", "Deny", policy(egress=[rule(dst=match(service="bank/api"))])
    ),
    case(SAYS_NOTHING, "shop/web shop/db TCP/8080 egress", "Deny", TO_API, slices=()),
    case(SAYS_UNNAMED, "shop/web shop/db TCP/8080 egress", "Deny", policy(egress=[rule(dst=match(service="/api"))])),
    case(SAYS_UNNAMED, "shop/db shop/web TCP/8080 ingress", "Deny", policy(rule(src=match(service="/api")))),
)


@each(CASES)
def test_a_rule_that_names_a_service(row: Case) -> None:
    """Addresses and ports of its slices at a destination, addresses at a source, nothing where there are no slices."""
    check(row)


def test_a_pod_that_calls_itself_is_at_both_ends() -> None:
    """The port of a Service counts at the destination, also where one value stands for both ends."""
    web = connection("shop/web shop/db TCP").source
    assert web.subject is not None
    tiers = resolve(PolicySet(policies=(TO_API,)), CLUSTER, "enforced")

    found = {port: side(tiers, web.subject, "Egress", Connection(web, web, "TCP", port)).verdict for port in (8080, 9)}

    assert found == {8080: "Allow", 9: "Deny"}
