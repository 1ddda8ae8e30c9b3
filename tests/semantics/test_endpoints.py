"""Who stands at an end of a connection: calico-semantics 2.6, 3.4 and 4.4."""

from typing import Final

import pytest
from msgspec.structs import replace

from ringfence.semantics.connection import End
from ringfence.semantics.endpoints import EVERYWHERE, Endpoints
from tests.semantics.worlds import CLUSTER, Case, case, check, each, end, match, network_set, policy, rule

DERIVED: Final = "| `projectcalico.org/orchestrator` = `k8s` | pods | constant |"
OWN_ACCOUNT: Final = "| `projectcalico.org/serviceaccount` | pods | service account name |"
NAMED: Final = "| `pcns.<key>`, `pcns.projectcalico.org/name` | pods, NetworkSets | namespace labels / name"
AFTER: Final = "rules see the pod IP and *target* port, not the Service port"
BOTH: Final = "egress rules of the source pod (reporter Src)"
NOTHING: Final = "a GlobalNetworkSet inherits nothing, so `namespaceSelector: global()` selects it."
K8S: Final = "projectcalico.org/orchestrator == 'k8s'"
NAME: Final = "projectcalico.org/name"

CASES: Final = (
    case(DERIVED, "bank/app shop/web TCP/80 ingress", "Deny", policy(on=K8S)),
    case(DERIVED, "bank/app shop/web TCP/80 ingress", "Allow", policy(rule(src=match(K8S)), ns=None)),
    case(DERIVED, "host/n1 shop/web TCP/80 ingress", "Deny", policy(rule(src=match(K8S)), ns=None)),
    case(DERIVED, "203.0.113.9 shop/web TCP/80 ingress", "Deny", policy(rule(src=match(K8S)), ns=None)),
    case(
        OWN_ACCOUNT, "bank/app shop/web TCP/80 ingress", "Deny", policy(on="projectcalico.org/serviceaccount == 'web'")
    ),
    case(OWN_ACCOUNT, "bank/app shop/bare TCP/80 ingress", "Allow", policy(on="has(projectcalico.org/serviceaccount)")),
    case(
        NAMED, "bank/app shop/web TCP/80 ingress", "Allow", policy(rule(src=match(f"pcns.{NAME} == 'bank'")), ns=None)
    ),
    case(
        NAMED,
        "198.51.100.200 shop/web TCP/80 ingress",
        "Allow",
        policy(rule(src=match(namespaces=f"{NAME} == 'bank'"))),
    ),
    case(
        NAMED, "198.51.100.9 shop/web TCP/80 ingress", "Deny", policy(rule(src=match(namespaces=f"{NAME} == 'bank'")))
    ),
    case(NOTHING, "203.0.113.9 shop/web TCP/80 ingress", "Allow", policy(rule(src=match(namespaces="global()")))),
    case(NOTHING, "198.51.100.9 shop/web TCP/80 ingress", "Deny", policy(rule(src=match(namespaces="global()")))),
    case(AFTER, "bank/app shop/web TCP/8080 ingress", "Allow", policy(rule(protocol="TCP", dst=match(ports=[8080])))),
    case(BOTH, "shop/web 192.0.2.1 TCP/80 egress", "Deny", policy(egress=[])),
    case(BOTH, "192.0.2.1 shop/web TCP/80 egress", None, policy()),
    case(BOTH, "shop/web 192.0.2.1 TCP/80 ingress", None, policy()),
    case(BOTH, "bank/app shop/agent TCP/80 ingress", None, policy(on="all()", ns=None)),
    case(BOTH, "shop/agent bank/app TCP/80 egress", None, policy(egress=[], on="all()", ns=None)),
)


@each(CASES)
def test_an_end_has_its_labels_and_its_policies(row: Case) -> None:
    """Derived and inherited labels, and no side where no policy is asked."""
    check(row)


def at(text: str) -> End:
    """Return an end of the cluster."""
    return end(text, Endpoints(CLUSTER), CLUSTER)


def test_a_host_network_pod_has_no_labels_of_its_own_there() -> None:
    """Its address is the node's, so only what stands at the node is selected."""
    agent = at("shop/agent")

    assert agent.subject is None
    assert [each.labels for each in agent.holders] == [{"role": "node"}]


def test_an_address_is_the_pod_that_has_it() -> None:
    """A running pod answers for its address, however the address is written."""
    assert at("10.0.0.1") == at("shop/web")
    assert at("fd00:0::6") == at("shop/six")


def test_a_finished_pod_has_given_its_address_back() -> None:
    """Nothing of the cluster stands at the address any more."""
    found = at("10.0.0.9")

    assert Endpoints(CLUSTER).pods_at("10.0.0.9") == ()
    assert (found.subject, found.holders) == (None, ())


def test_a_next_pod_takes_the_address_of_a_finished_one() -> None:
    """Only the running one has labels there."""
    done = next(each for each in CLUSTER.pods if each.finished)
    heir = replace(done, name="heir", finished=False)
    ends = Endpoints(replace(CLUSTER, pods=(done, heir)))

    assert ends.pods_at("10.0.0.9") == (heir,)
    assert ends.address("10.0.0.9") == ends.pod(heir)


def test_a_dual_stack_pod_has_both_addresses_and_one_holder() -> None:
    """One endpoint at two addresses."""
    found = at("shop/dual")

    assert [str(found.addresses), len(found.holders)] == ["10.0.0.4/32, fd00::4/128", 1]
    assert at("fd00::4") == at("10.0.0.4") == found


def test_every_set_at_an_address_is_a_holder() -> None:
    """Sets that overlap all count, as does the pod in them."""
    inventory = replace(
        CLUSTER,
        network_sets=(network_set(None, "a", "k=a", "10.0.0.0/8"), network_set(None, "b", "k=b", "10.0.0.0/31")),
    )
    ends = Endpoints(inventory)

    def kinds(address: str) -> list[str | None]:
        return [each.labels.get("k") for each in ends.address(address).holders]

    assert kinds("10.0.0.1") == [None, "a", "b"]
    assert kinds("10.9.9.9") == ["a"]
    assert kinds("192.0.2.1") == []


@pytest.mark.parametrize(
    ("name", "labels"),
    [("pcns.team", "sales"), ("pcsa.role", None), ("pcns.projectcalico.org/name", "shop"), ("app", "spoof")],
)
def test_a_pod_cannot_pretend_to_inherit(name: str, labels: str | None) -> None:
    """Prefixes of inherited labels are taken from a pod's own, and then come from where they belong."""
    subject = at("shop/spoof").subject

    assert subject is not None
    assert subject.holder.labels.get(name) == labels


def test_a_node_without_addresses_may_have_any() -> None:
    """Its addresses are not known, so they are not none."""
    node = replace(CLUSTER.nodes[0], addresses=())

    assert Endpoints(CLUSTER).node(node).addresses == EVERYWHERE


def test_a_host_endpoint_without_addresses_has_those_of_its_node() -> None:
    """An endpoint for all interfaces stands for the node."""
    host = replace(CLUSTER.host_endpoints[0], expected_ips=())

    assert Endpoints(CLUSTER).host(host).addresses == Endpoints(CLUSTER).node(CLUSTER.nodes[0]).addresses
