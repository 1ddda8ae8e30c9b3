"""Host scopes: one policy per host endpoint, only where hosts report what they meet."""

from typing import Final

import pytest
from msgspec.structs import replace

from ringfence.dialects.calico.render import render_policy
from ringfence.dialects.calico.valid import problems
from ringfence.flows.evidence import Evidence
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Host
from ringfence.model.labels import Labels
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.policy import Tier
from ringfence.model.policy_set import PolicySet
from ringfence.model.selector import Equals
from ringfence.recommend.host_scopes import NOT_REPORTED, HostScopes, host_scopes
from ringfence.recommend.recommendation import Scope, Skipped
from ringfence.recommend.settings import HostSettings
from ringfence.rules.surroundings import surroundings_of
from ringfence.semantics.connection import Connection
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.hosts import judge_host
from ringfence.semantics.resolve import resolve
from tests.learning.evidence_rows import INTRANET, addresses, denied, hit, row, table_of, tcp
from tests.rules.clusters import bare, cluster

TIER: Final = Tier("hostendpoint-isolation", 999_999.0, "Deny")
A, B = Host("a"), Host("b.example.internal")


def host(name: str, *, profile: bool = True, address: str) -> HostEndpoint:
    """Return the host endpoint of a node."""
    own = Labels.of({"kubernetes.io/hostname": name})
    profiles = ("projectcalico-default-allow",) if profile else ()
    return HostEndpoint(f"{name}-auto-hep", name, "*", (address,), own, profiles)


HOSTS: Final = (host("a", address="192.168.0.1"), host("b.example.internal", address="192.168.0.2"))
PODS: Final = cluster(pods=[bare("web", "app=web kubernetes.io/hostname=a", "10.0.0.1")])
WORLD: Final = Cluster(
    replace(
        PODS.inventory,
        nodes=(Node("a", addresses=("192.168.0.1",)), Node("b.example.internal", addresses=("192.168.0.2",))),
        host_endpoints=HOSTS,
    ),
    PolicySet((TIER,)),
)
SEEN: Final = (
    row(tcp(A, INTRANET, 9100), servers=addresses("10.9.0.7")),
    row(tcp(INTRANET, A, 9200), reporter="Destination", clients=addresses("10.9.0.8")),
)


def made(*rows: Evidence, world: Cluster = WORLD, settings: HostSettings = HostSettings()) -> HostScopes:  # noqa: B008
    """Return what rows make of a cluster's host endpoints."""
    table = table_of(rows)
    return host_scopes(table, surroundings_of(table, cluster=world), settings=settings)


def verdict(found: HostScopes, source: str, destination: str, port: int, protocol: str = "TCP") -> str:
    """Return what node a says once the policies are enforced. ``a`` is the node, ``pod`` a pod on its labels."""
    policies = [policy for _, _, got in found.made for policy in got.policies]
    tiers = resolve(replace(WORLD.policies, policies=tuple(policies)), WORLD.inventory, "what-if")
    ends = Endpoints(WORLD.inventory)
    own = ends.host(HOSTS[0])
    client, server = (own if each == "a" else ends.address(each) for each in (source, destination))
    assert own.subject is not None
    direction = "Egress" if source == "a" else "Ingress"
    return judge_host(tiers, own.subject, direction, Connection(client, server, protocol, port)).verdict


def test_a_host_is_let_what_it_was_seen_to_need_and_no_more() -> None:
    """Judged by the reference evaluator at its host endpoint."""
    found = made(*SEEN)

    assert verdict(found, "a", "10.9.0.7", 9100) == "Allow"
    assert verdict(found, "10.9.0.8", "a", 9200) == "Allow"
    assert verdict(found, "a", "10.9.0.7", 9101) == "Deny"
    assert verdict(found, "10.9.0.9", "a", 9200) == "Deny"


@pytest.mark.parametrize(
    ("source", "destination", "port", "protocol"),
    [
        ("10.9.0.9", "a", 10250, "TCP"),
        ("10.9.0.9", "a", 22, "TCP"),
        ("192.168.0.2", "a", 9999, "TCP"),
        ("a", "192.168.0.2", 4789, "UDP"),
        ("a", "10.9.0.9", 6443, "TCP"),
        ("a", "10.9.0.9", 53, "UDP"),
    ],
)
def test_what_a_node_must_not_lose_is_kept_unseen(source: str, destination: str, port: int, protocol: str) -> None:
    """The kubelet, other nodes, failsafe ports, also where Felix was told other ones."""
    assert verdict(made(*SEEN), source, destination, port, protocol) == "Allow"


def test_a_policy_selects_its_host_endpoint_and_no_pod_that_carries_its_label() -> None:
    """A global policy would."""
    found = made(*SEEN)
    policies = [policy for _, _, got in found.made for policy in got.policies]
    tiers = resolve(replace(WORLD.policies, policies=tuple(policies)), WORLD.inventory, "what-if")
    pod = Endpoints(WORLD.inventory).pod(WORLD.inventory.pods[0])

    assert pod.subject is not None
    judged = judge_host(
        tiers, pod.subject, "Egress", Connection(pod, Endpoints(WORLD.inventory).address("10.9.0.9"), "TCP", 1)
    )
    assert judged.verdict == "Allow"
    assert [(each.name, each.kind) for each in policies] == [
        ("hostendpoint-isolation.a-auto-hep", "StagedGlobalNetworkPolicy")
    ]


def test_names_with_dots_and_both_families_are_what_calico_takes() -> None:
    """As its own validator judges."""
    seen = [row(tcp(B, INTRANET, 9100), servers=addresses("10.9.0.7", "fd00::7"))]
    policies = [policy for _, _, got in made(*seen).made for policy in got.policies]

    assert [problems(render_policy(each)) for each in policies] == [()]
    assert policies[0].name.startswith("hostendpoint-isolation.b-example-internal-auto-hep-")


@pytest.mark.parametrize(("profile", "action"), [(True, "Pass"), (False, "Allow")])
def test_a_host_without_an_allowing_profile_is_allowed_at_once(*, profile: bool, action: str) -> None:
    """What is passed on would be denied at the end."""
    world = Cluster(
        replace(WORLD.inventory, host_endpoints=(host("a", profile=profile, address="192.168.0.1"), HOSTS[1])),
        WORLD.policies,
    )
    policies = [policy for _, _, got in made(*SEEN, world=world).made for policy in got.policies]

    assert {rule.action for policy in policies for rule in (*policy.ingress, *policy.egress)} == {action}


def test_only_directions_with_evidence_are_governed() -> None:
    """What is kept opens none."""
    (_, _, got), *rest = made(SEEN[0]).made

    assert rest == []
    assert [policy.types for policy in got.policies] == [("Egress",)]


SKIPPED: Final = {
    "nobody reports": (made(), NOT_REPORTED),
    "the other side's word": (made(row(tcp(A, INTRANET), reporter="Destination")), NOT_REPORTED),
    "no traces": (made(row(tcp(A, INTRANET), trace=None)), NOT_REPORTED),
    "denied": (made(denied(tcp(A, INTRANET))), "no admitted edge; all were left out: denied"),
    "decided by a policy": (
        made(row(tcp(A, INTRANET), trace=(hit("security"),))),
        "no admitted edge; all were left out: decided-earlier",
    ),
    "not selected": (
        made(*SEEN, settings=HostSettings(selector=Equals("role", "edge"))),
        "not selected by hostEndpointSpec.selector",
    ),
    "nodes unknown": (
        made(*SEEN, world=Cluster(replace(WORLD.inventory, nodes=()), WORLD.policies)),
        "the snapshot names no node's address, so traffic between nodes could not be kept",
    ),
    "labels shared": (
        made(
            *SEEN,
            world=Cluster(
                replace(WORLD.inventory, host_endpoints=(HOSTS[0], replace(HOSTS[0], name="a-eth0"))), WORLD.policies
            ),
        ),
        "no label tells host endpoint a-auto-hep apart from another: give it one of its own",
    ),
}


@pytest.mark.parametrize("says", SKIPPED)
def test_a_host_without_a_policy_has_a_reason(says: str) -> None:
    """Nothing is isolated by accident."""
    found, reason = SKIPPED[says]

    assert found.made == ()
    assert Skipped(Scope("Host", "a-auto-hep"), reason) in found.skipped


def test_without_a_snapshot_there_are_no_host_endpoints() -> None:
    """Nothing tells their labels."""
    table = table_of(SEEN)

    assert host_scopes(table, surroundings_of(table), settings=HostSettings()).made == ()
