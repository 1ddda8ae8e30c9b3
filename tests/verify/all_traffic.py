"""Worlds with everything that rules can ask for, and every connection of them asked of the specification.

Promises: nothing of `verify` answers here: ends come from `semantics.endpoints`, verdicts from `semantics.reference`
and `semantics.hosts`, one connection and one IP family at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import Final, NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.model.address_set import AddressRange, Family
from ringfence.model.edge import Icmp
from ringfence.model.inventory import Inventory
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import ContainerPort, Pod, PodSpec, ServiceAccount
from ringfence.model.policy import IcmpMatch, Match, Policy, Rule, RuleAction, ServiceRef
from ringfence.model.policy_set import PolicySet
from ringfence.model.port import PortRange, PortSet
from ringfence.model.service import EndpointSlice, SliceEndpoint, SlicePort
from ringfence.model.verdict import Judgement, Verdict
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.hosts import judge_host
from ringfence.semantics.matching import family_space
from ringfence.semantics.reference import side
from ringfence.verify.connectivity import Connectivity
from ringfence.verify.traffic import TrafficSet
from tests.semantics.generated import TIERS, label_sets, namespaces, selectors

NETS: Final = ("10.0.0.0/30", "10.0.0.2/32", "10.0.0.0/8", "203.0.113.0/25", "0.0.0.0/0", "fd00::/64", "fd00::2/128")
PORTS: Final = (PortSet.of([80]), PortSet.of([443, PortRange(79, 90)]), PortSet.of([PortRange(1, 65535)]))
PROBES: Final = (
    *(("TCP", port, 40000, None) for port in (1, 78, 79, 80, 81, 90, 91, 443, 8080, 65535)),
    ("TCP", 80, 80, None),
    ("UDP", 80, 40000, None),
    ("UDP", 53, 443, None),
    ("SCTP", 8080, 40000, None),
    ("ICMP", None, None, Icmp(8, 0)),
    ("ICMP", None, None, Icmp(8, 1)),
    ("ICMP", None, None, Icmp(3, 0)),
    ("ICMPv6", None, None, Icmp(8, 0)),
    ("47", None, None, None),
    ("99", None, None, None),
)
"""Protocol, port, source port and ICMP type: each interval that the ports above make, at its bounds."""

nets = st.lists(st.sampled_from(NETS), min_size=1, max_size=2, unique=True).map(tuple)
ends = st.one_of(
    st.just(Match()),
    st.builds(Match, selector=selectors),
    st.builds(Match, namespace_selector=namespaces, selector=st.none() | selectors),
    st.builds(Match, not_selector=selectors, selector=st.none() | selectors),
    st.builds(Match, nets=nets),
    st.builds(Match, not_nets=nets, nets=st.none() | nets),
    st.builds(Match, selector=selectors, nets=nets),
)
services = st.sampled_from([ServiceRef("shop", "api"), ServiceRef("shop", "none")])


@st.composite
def rules(draw: st.DrawFn, *, ingress: bool) -> Rule:  # noqa: C901 - one case a criterion
    """Return a rule of any kind that the API takes."""
    action: RuleAction = draw(st.sampled_from(["Allow", "Deny", "Pass", "Log"]))
    source, destination = draw(ends), draw(ends)
    protocol = draw(st.sampled_from([None, "TCP", "TCP", "UDP", "SCTP", "ICMP", "47"]))
    version = draw(st.sampled_from([None, None, None, 4, 6]))
    if protocol in {"TCP", "UDP", "SCTP"}:
        kind = draw(st.sampled_from(["none", "ports", "notPorts", "names", "notNames", "sources"]))
        match kind:
            case "ports":
                destination = replace(destination, ports=draw(st.sampled_from(PORTS)))
            case "notPorts":
                destination = replace(destination, not_ports=draw(st.sampled_from(PORTS[:2])))
            case "names":
                numbers = draw(st.none() | st.sampled_from(PORTS))
                destination = replace(destination, named_ports=("http",), ports=numbers)
            case "notNames":
                destination = replace(destination, not_named_ports=("http",))
            case "sources":
                source = replace(source, **{draw(st.sampled_from(["ports", "not_ports"])): PORTS[1]})
    elif protocol is None and draw(st.booleans()):
        if ingress:
            source = Match(service=draw(services))
        else:
            destination = Match(service=draw(services))
    icmp = {}
    if protocol == "ICMP":
        wanted = draw(st.sampled_from([IcmpMatch(8), IcmpMatch(8, 0), IcmpMatch(3, 1)]))
        icmp = draw(st.sampled_from([{}, {"icmp": wanted}, {"not_icmp": wanted}]))
    if protocol is None:
        icmp = draw(st.sampled_from([{}, {}, {"not_protocol": "TCP"}]))
    return Rule(action, protocol, version, source=source, destination=destination, **icmp)


@st.composite
def policies(draw: st.DrawFn, size: int = 4) -> tuple[Policy, ...]:
    """Return policies of any kind, with names of their own."""
    names = draw(st.lists(st.sampled_from("pqrstu"), max_size=size, unique=True))
    found = []
    for name in names:
        namespace = draw(st.sampled_from(["shop", "bank", None]))
        flags = {}
        if namespace is None:
            flags = draw(st.sampled_from([{}, {}, {"do_not_track": True}, {"pre_dnat": True}]))
        found.append(
            Policy(
                tier=draw(st.sampled_from(["default", "early", "late"])),
                namespace=namespace,
                name=name,
                order=draw(st.sampled_from([None, 1.0, 2.0])),
                selector=draw(st.none() | selectors),
                types=draw(st.sampled_from([("Ingress",), ("Egress",), ("Ingress", "Egress")])),
                ingress=tuple(draw(st.lists(rules(ingress=True), max_size=3))),
                egress=tuple(draw(st.lists(rules(ingress=False), max_size=3))),
                **flags,
            )
        )
    return tuple(found)


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    """Return pods of one and of both families, a host endpoint, a node without one, sets, perhaps a bare namespace."""
    http = (ContainerPort("http", "TCP", 8080), ContainerPort("http", "UDP", 53))

    def pod(namespace: str, name: str, *addresses: str, ports: tuple[ContainerPort, ...] = ()) -> Pod:
        return Pod(namespace, name, PodSpec(draw(label_sets), ports=ports), addresses)

    pods = (
        pod("bank", "app", "10.0.1.1"),
        pod("shop", "db", "10.0.0.2", "fd00::2", ports=http),
        pod("shop", "six", "fd00:0:0:1::6"),
        pod("shop", "web", "10.0.0.1", ports=http[:1]),
    )
    if draw(st.booleans()):
        pods = (*pods, pod("lost", "stray", "10.0.2.1"))
    sets = st.builds(NetworkSetObject, st.sampled_from(["shop", None]), st.just("s"), label_sets, nets)
    return Inventory(
        namespaces=tuple(Namespace(name, draw(label_sets)) for name in ("bank", "shop")),
        service_accounts=tuple(ServiceAccount(name, "default") for name in ("bank", "lost", "shop")),
        pods=pods,
        nodes=(Node("n1", addresses=("192.168.0.1",)), Node("n2", addresses=("192.168.0.2",))),
        network_sets=tuple(draw(st.lists(sets, max_size=2, unique_by=lambda each: each.namespace))),
        slices=(
            EndpointSlice(
                "shop", "a", "api", (SlicePort("", "TCP", 8080),), (SliceEndpoint(("10.0.0.1", "203.0.113.7")),)
            ),
        ),
        host_endpoints=(
            HostEndpoint(
                "n1", "n1", "*", ("192.168.0.1",), draw(label_sets), profiles=("projectcalico-default-allow",)
            ),
        ),
        missing=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"Tier"}), frozenset({"EndpointSlice"})])),
    )


def policy_sets(size: int = 4) -> st.SearchStrategy[PolicySet]:
    """Return policies in three tiers."""
    return st.builds(PolicySet, st.just(TIERS), policies(size), st.just(">=3.32"))


class Place(NamedTuple):
    """An end of the specification, and the place of the class that it must be in."""

    end: End
    place: int


def places(found: Connectivity, inventory: Inventory) -> Iterator[Place]:
    """Yield every pod and host endpoint, and the first and last address of every range of every class."""
    endpoints = Endpoints(inventory)
    of_pod = {name: place for place, each in enumerate(found.classes) for name in each.pods}
    for pod in inventory.pods:
        yield Place(endpoints.pod(pod), of_pod[f"{pod.namespace}/{pod.name}"])
    hosts = {address: host for host in inventory.host_endpoints for address in host.expected_ips}
    known = {address for pod in inventory.pods for address in pod.addresses}
    for place, each in enumerate(found.classes):
        for address in dict.fromkeys(text for one in each.nets.ranges for text in _bounds(one)):
            if address in hosts:
                yield Place(endpoints.host(hosts[address]), place)
            elif address not in known:
                yield Place(endpoints.address(address), place)


def _bounds(one: AddressRange) -> tuple[str, ...]:
    if one.family == 4:
        return tuple(str(ip_address(each)) for each in (one.first, one.last))
    return tuple(str(ip_address(each.to_bytes(16, "big"))) for each in (one.first, one.last))


def differences(
    found: Connectivity, inventory: Inventory, tiers: Sequence[EffectiveTier]
) -> Iterator[tuple[str, str, str, object, Verdict, Verdict]]:
    """Yield every connection on which the specification says something else."""
    every = list(places(found, inventory))
    sets = [_set(*probe) for probe in PROBES]
    verdicts: dict[tuple[int, int], Mapping[Family, Sequence[Verdict]]] = {}
    for source in every:
        for destination in every:
            if source.end.subject is None and destination.end.subject is None:
                continue
            key = source.place, destination.place
            if key not in verdicts:
                verdicts[key] = {
                    each.family: [_verdict(each.surely, each.uncertain, one) for one in sets]
                    for each in found.reach(*key)
                }
            families = source.end.addresses.families & destination.end.addresses.families
            assert families == verdicts[key].keys()
            for family in families:
                for probe, got in zip(PROBES, verdicts[key][family], strict=True):
                    wanted = _asked(tiers, source.end, destination.end, family, probe)
                    if wanted != got:
                        yield source.end.name, destination.end.name, f"IPv{family}", probe, wanted, got


def _verdict(surely: TrafficSet, uncertain: TrafficSet, asked: TrafficSet) -> Verdict:
    return "Allow" if asked <= surely else "Uncertain" if asked <= uncertain else "Deny"


def _set(protocol: str, port: int | None, source: int | None, icmp: Icmp | None) -> TrafficSet:
    if icmp is not None:
        return TrafficSet.of(protocol, (icmp.type, icmp.type), (icmp.code, icmp.code))
    if port is None or source is None:
        return TrafficSet.of(protocol)
    return TrafficSet.of(protocol, (source, source), (port, port))


def _asked(
    tiers: Sequence[EffectiveTier],
    source: End,
    destination: End,
    family: Family,
    probe: tuple[str, int | None, int | None, Icmp | None],
) -> Verdict:
    space = family_space(family)
    client, server = (replace(end, addresses=end.addresses & space) for end in (source, destination))
    connection = Connection(client, server, *probe)
    sides = [
        None
        if end.subject is None
        else (judge_host if end.subject.host else side)(tiers, end.subject, direction, connection)
        for end, direction in ((client, "Egress"), (server, "Ingress"))
    ]
    return Judgement(*sides).verdict
