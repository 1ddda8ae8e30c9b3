"""Worlds in which everything may happen that an evaluator must get right: Pass chains, doubts, names, both families."""

from typing import Final

from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.address_set import AddressSet
from ringfence.model.controller import Controller
from ringfence.model.edge import Icmp
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, HostPort, Node
from ringfence.model.pod import ContainerPort, Pod, PodSpec, ServiceAccount
from ringfence.model.policy import Direction, HttpMatch, IcmpMatch, Match, Policy, Rule, ServiceAccounts, ServiceRef
from ringfence.model.policy_set import PolicySet
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import Contains, EndsWith, Selector, StartsWith
from ringfence.model.service import EndpointSlice, SliceEndpoint, SlicePort
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.endpoints import EVERYWHERE, PUBLIC, Endpoints
from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import Scope
from tests.semantics.generated import label_sets, namespaces, selectors
from tests.semantics.worlds import tier

FOUR: Final = ("10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.3", "198.18.0.1", "198.18.0.6")
SIX: Final = ("fd00::1", "fd00::2", "2001:db8::9")
NETS: Final = ("10.0.0.0/8", "10.0.0.0/31", "10.0.1.3/32", "198.18.0.0/29", "0.0.0.0/0", "fd00::/127", "2000::/3")
MISSING: Final = (
    "Pod",
    "NetworkSet",
    "GlobalNetworkSet",
    "HostEndpoint",
    "EndpointSlice",
    "Tier",
    "NetworkPolicy",
    "StagedGlobalNetworkPolicy",
    "KubernetesNetworkPolicy",
)
PROTOCOLS: Final = ("TCP", "UDP", "SCTP", "ICMP", "ICMPv6", "47")
ELSEWHERE: Final = "200"
"""A protocol that nobody asks about, so that a rule for it only takes a place."""

addresses = st.sampled_from(FOUR + SIX)
nets = st.lists(st.sampled_from(NETS), min_size=1, max_size=2, unique=True).map(lambda each: tuple(sorted(each)))
texts: st.SearchStrategy[Selector] = st.one_of(
    st.builds(kind, st.sampled_from("ab"), st.sampled_from(["x", "y", "", "z"]))
    for kind in (Contains, StartsWith, EndsWith)
)
any_selectors = selectors | texts
number_sets = st.sampled_from(
    [PortSet.of(each) for each in ([80], [443, 8080], [PortRange(1, 1024)], [PortRange(80, 81), PortRange(400, 500)])]
)
port_names = st.lists(st.sampled_from(["http", "sql", "none"]), min_size=1, max_size=2, unique=True).map(tuple)
named_ports = st.builds(
    ContainerPort, st.sampled_from(["http", "sql", ""]), st.sampled_from(["TCP", "UDP"]), st.sampled_from([80, 8080])
)


@st.composite
def matches(draw: st.DrawFn, *, source: bool) -> Match:
    """Return one end of a rule: mostly one or two criteria, of all kinds."""
    chosen = draw(st.lists(st.sampled_from(range(9)), max_size=2, unique=True))
    found = Match()
    for each in chosen:
        match each:
            case 0:
                found = replace(found, selector=draw(any_selectors))
            case 1:
                found = replace(found, namespace_selector=draw(namespaces))
            case 2:
                found = replace(found, not_selector=draw(any_selectors))
            case 3:
                found = replace(found, nets=draw(nets))
            case 4:
                found = replace(found, not_nets=draw(nets))
            case 5:
                found = replace(found, ports=draw(st.none() | number_sets))
                found = replace(found, named_ports=draw(port_names) if draw(st.booleans()) else ())
            case 6:
                found = replace(found, not_ports=draw(st.none() | number_sets))
                found = replace(found, not_named_ports=draw(port_names) if draw(st.booleans()) else ())
            case 7:
                spaces = st.sampled_from(["shop", "bank", ""])
                found = replace(found, service=ServiceRef(draw(spaces), draw(st.sampled_from(["api", "far"]))))
            case _:
                chosen_accounts = st.builds(ServiceAccounts, st.sampled_from([(), ("web",)]), st.none() | selectors)
                found = replace(found, service_accounts=draw(chosen_accounts))
    return found if not source else replace(found, ports=None if draw(st.booleans()) else found.ports)


icmp_matches = st.builds(IcmpMatch, st.sampled_from([None, 8, 0]), st.none() | st.just(1))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Return a rule of either direction."""
    rare = draw(st.sampled_from(["", "", "", "not protocol", "icmp", "not icmp", "http", "family"]))
    return Rule(
        draw(st.sampled_from(["Allow", "Deny", "Pass", "Pass", "Log"])),
        draw(st.none() | st.sampled_from(PROTOCOLS)) if draw(st.booleans()) else None,
        draw(st.sampled_from([4, 6])) if rare == "family" else None,
        draw(icmp_matches) if rare == "icmp" else None,
        draw(matches(source=True)) if draw(st.booleans()) else Match(),
        draw(matches(source=False)) if draw(st.booleans()) else Match(),
        not_protocol=draw(st.sampled_from(PROTOCOLS)) if rare == "not protocol" else None,
        not_icmp=draw(icmp_matches) if rare == "not icmp" else None,
        http=HttpMatch(methods=("GET",)) if rare == "http" else None,
    )


def filled(found: tuple[Rule, ...], *, before: int) -> tuple[Rule, ...]:
    """Return rules after many that never match: so many that they need more than a word of lines."""
    return (Rule("Deny", ELSEWHERE),) * before + found


@st.composite
def policies(draw: st.DrawFn) -> tuple[Policy, ...]:
    """Return policies of any tier, some staged, some beside a twin, some long."""
    found: list[Policy] = []
    for number in range(draw(st.integers(0, 5))):
        before = draw(st.sampled_from([0, 0, 0, 62, 64, 130]))
        types: tuple[Direction, ...] = draw(st.sampled_from([("Ingress",), ("Egress",), ("Ingress", "Egress")]))
        namespace = draw(st.sampled_from(["shop", None, None]))
        found.append(
            Policy(
                draw(st.sampled_from(["default", "first", "second", "third", "nowhere"])),
                namespace,
                f"p{number if draw(st.booleans()) else 0}",
                draw(st.sampled_from([None, 1.0, 2.0])),
                draw(st.none() | any_selectors),
                types,
                filled(tuple(draw(st.lists(rules(), max_size=3))), before=before) if "Ingress" in types else (),
                filled(tuple(draw(st.lists(rules(), max_size=3))), before=before) if "Egress" in types else (),
                staged=draw(st.sampled_from([None, None, None, "Set", "Delete", "Learn", "Ignore"])),
                namespace_selector=draw(st.none() | namespaces) if namespace is None else None,
                service_account_selector=draw(st.none() | selectors) if draw(st.booleans()) else None,
                pre_dnat=namespace is None and types == ("Ingress",) and draw(st.booleans()),
            )
        )
    return tuple({(each.kind, each.namespace, each.name): each for each in found}.values())


@st.composite
def policy_sets(draw: st.DrawFn) -> PolicySet:
    """Return policies in tiers that end either way, of which one may not exist."""
    ends = st.sampled_from(["Deny", "Pass"])
    tiers = (tier("first", 5, draw(ends)), tier("second", 50, draw(ends)), tier("third", 3_000_000, draw(ends)))
    return PolicySet(tiers, draw(policies()), draw(st.sampled_from(["<=3.31", ">=3.32"])))


@st.composite
def pods(draw: st.DrawFn, namespace: str, name: str) -> Pod:
    """Return a pod: of one family or both, of no address yet, of its node."""
    spec = PodSpec(
        draw(label_sets),
        draw(st.sampled_from(["default", "web", ""])),
        host_network=draw(st.sampled_from([False, False, False, True])),
        ports=tuple(draw(st.lists(named_ports, max_size=2))),
    )
    return Pod(namespace, name, spec, tuple(draw(st.lists(addresses, max_size=2, unique=True))))


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    """Return a few of all objects that policies speak of, of which some kinds or namespaces may not be supplied."""
    sets = st.builds(NetworkSetObject, st.sampled_from(["shop", None]), st.just("s"), label_sets, nets)
    ports = st.builds(SlicePort, st.just(""), st.sampled_from(["TCP", "SCTP"]), st.sampled_from([80, 8080, None]))
    members = st.lists(addresses, max_size=2, unique=True).map(lambda each: (SliceEndpoint(tuple(each)),))
    slices = st.builds(
        EndpointSlice, st.just("shop"), st.just("e"), st.sampled_from(["api", "far"]), st.tuples(ports), members
    )
    hosts = st.builds(
        HostEndpoint,
        st.just("h"),
        st.just("n1"),
        st.none(),
        st.lists(addresses, max_size=1).map(tuple),
        label_sets,
        st.sampled_from([(), ("projectcalico-default-allow",), ("of-our-own",)]),
        st.just((HostPort("http", "TCP", 8080),)),
    )
    return Inventory(
        namespaces=tuple(Namespace(name, draw(label_sets)) for name in draw(st.sampled_from([("bank", "shop"), ()]))),
        service_accounts=tuple(ServiceAccount("shop", name, draw(label_sets)) for name in ("default", "web")),
        pods=(draw(pods("bank", "app")), draw(pods("shop", "db")), draw(pods("shop", "web"))),
        controllers=(Controller("Deployment", "shop", "new", PodSpec(draw(label_sets), "web")),),
        slices=tuple(draw(st.lists(slices, max_size=2))),
        nodes=(Node("n1", Labels(), ("10.0.1.1",)),),
        network_sets=tuple(draw(st.lists(sets, max_size=3))),
        host_endpoints=tuple(draw(st.lists(hosts, max_size=1))),
        missing=frozenset(draw(st.lists(st.sampled_from(MISSING), max_size=1)) if draw(st.booleans()) else ()),
    )


def ends_of(inventory: Inventory) -> tuple[End, ...]:
    """Return every kind of end there is."""
    endpoints = Endpoints(inventory)
    return (
        *(endpoints.pod(each) for each in inventory.pods),
        *(endpoints.controller(each) for each in inventory.controllers),
        *(endpoints.node(each) for each in inventory.nodes),
        *(endpoints.host(each) for each in inventory.host_endpoints),
        *(endpoints.address(each) for each in ("198.18.0.1", "203.0.113.1", "2001:db8::9", "fd00::1")),
        endpoints.somewhere("the internet", PUBLIC),
        endpoints.somewhere("somewhere", EVERYWHERE),
        endpoints.somewhere("two places", AddressSet.of(["198.18.0.0/30", "fd00::2"])),
    )


ports = st.none() | st.sampled_from([80, 443, 8080, 450, 9])
traffic = st.tuples(
    st.sampled_from(PROTOCOLS[:3]), ports, st.none() | st.sampled_from([80, 50_000]), st.none()
) | st.tuples(
    st.sampled_from(PROTOCOLS[3:]),
    st.none(),
    st.none(),
    st.none() | st.builds(Icmp, st.sampled_from([8, 0, 3]), st.integers(0, 1)),
)


class World(Struct, frozen=True):
    """A policy set, an inventory, and connections between its ends."""

    policies: PolicySet
    inventory: Inventory
    scope: Scope
    connections: tuple[Connection, ...]

    @property
    def tiers(self) -> tuple[EffectiveTier, ...]:
        """Return the tiers of the scope."""
        return resolve(self.policies, self.inventory, self.scope)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Return a world with some twenty connections."""
    inventory = draw(inventories())
    ends = st.sampled_from(ends_of(inventory))
    asked = draw(st.lists(st.tuples(ends, ends, traffic), min_size=8, max_size=24))
    connections = tuple(Connection(source, destination, *kind) for source, destination, kind in asked)
    return World(draw(policy_sets()), inventory, draw(st.sampled_from(["enforced", "pending", "what-if"])), connections)
