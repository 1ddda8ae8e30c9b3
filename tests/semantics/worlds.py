"""A small cluster and short ways to write policies for it, so that a case is a row of one to three lines."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import pytest
from msgspec.structs import replace

from ringfence.dialects.selector import parse_selector
from ringfence.model.edge import Icmp
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, HostPort, Node
from ringfence.model.pod import ContainerPort, Pod, PodSpec, ServiceAccount
from ringfence.model.policy import Match, Policy, Rule, RuleAction, ServiceAccounts, ServiceRef, Tier
from ringfence.model.policy_set import AnyPolicy, PolicySet, Regime
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import Selector
from ringfence.model.service import EndpointSlice, SliceEndpoint, SlicePort
from ringfence.model.verdict import Side
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.reference import judge
from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import Scope


def labels(text: str = "") -> Labels:
    """Return labels from ``key=value`` words."""
    return Labels.of([(key, value) for key, _, value in (word.partition("=") for word in text.split())])


def pod(
    namespace: str,
    name: str,
    own: str,
    *addresses: str,
    account: str = "default",
    ports: Iterable[ContainerPort] = (),
    host_network: bool = False,
    finished: bool = False,
) -> Pod:
    """Return a pod with these labels and addresses."""
    spec = PodSpec(labels(own), service_account=account, host_network=host_network, ports=tuple(ports))
    return Pod(namespace, name, spec, addresses, finished=finished)


def network_set(namespace: str | None, name: str, own: str, *nets: str) -> NetworkSetObject:
    """Return a network set, a global one without a namespace."""
    return NetworkSetObject(namespace, name, labels(own), nets)


def slice_of(
    service: str, port: SlicePort, *addresses: str, namespace: str = "shop", ready: bool = True
) -> EndpointSlice:
    """Return a slice of a Service with one port."""
    endpoint = SliceEndpoint(addresses, ready=ready)
    return EndpointSlice(namespace, f"{service}-{int(ready)}", service, (port,), (endpoint,))


HTTP: Final = ContainerPort("http", "TCP", 8080)
SQL: Final = ContainerPort("sql", "TCP", 5432)
SYSLOG: Final = ContainerPort("http", "UDP", 514)
CLUSTER: Final = Inventory(
    namespaces=(
        Namespace("bank", labels("team=finance kubernetes.io/metadata.name=bank")),
        Namespace("shop", labels("team=sales kubernetes.io/metadata.name=shop")),
    ),
    service_accounts=tuple(
        ServiceAccount(namespace, name, labels(own))
        for namespace, name, own in (
            ("bank", "default", ""),
            ("bank", "web", "role=front"),
            ("shop", "db", "role=back"),
            ("shop", "default", ""),
            ("shop", "web", "role=front"),
        )
    ),
    pods=(
        pod("bank", "app", "app=bank", "10.0.1.1"),
        pod("bank", "web", "app=web", "10.0.1.2", account="web"),
        pod("lost", "stray", "app=web", "10.0.2.1"),
        pod("shop", "agent", "app=agent", "192.168.0.1", host_network=True),
        pod("shop", "bare", "app=bare", "10.0.0.6", account=""),
        pod("shop", "db", "app=db", "10.0.0.2", account="db", ports=[SQL, SYSLOG]),
        pod("shop", "done", "app=done", "10.0.0.9", finished=True),
        pod("shop", "dual", "app=dual", "10.0.0.4", "fd00::4"),
        pod("shop", "six", "app=six", "fd00::6"),
        pod("shop", "spoof", "app=spoof pcns.team=finance pcsa.role=front", "10.0.0.5"),
        pod("shop", "web", "app=web", "10.0.0.1", account="web", ports=[HTTP]),
    ),
    slices=(
        slice_of("api", SlicePort("http", "TCP", 8080), "10.0.0.1"),
        slice_of("api", SlicePort("http", "TCP", 8080), "10.0.0.2", ready=False),
        slice_of("open", SlicePort("", "TCP", None), "10.0.0.1"),
        slice_of("far", SlicePort("https", "TCP", 443), "203.0.113.7", "2001:db8::7"),
    ),
    nodes=(Node("n1", addresses=("192.168.0.1",)), Node("n2", addresses=("192.168.0.2",))),
    network_sets=(
        network_set(None, "partners", "kind=partner", "203.0.113.0/24", "2001:db8::/32"),
        network_set("bank", "branches", "kind=branch", "198.51.100.128/25"),
        network_set("shop", "friends", "kind=friend", "198.51.100.0/25"),
    ),
    host_endpoints=(
        HostEndpoint(
            "n1", "n1", "*", ("192.168.0.1",), labels("role=node"), ports=(HostPort("kubelet", "TCP", 10250),)
        ),
        HostEndpoint("n2", "n2", "*", ("192.168.0.2",), labels("role=node"), profiles=("projectcalico-default-allow",)),
    ),
)
"""Two namespaces, their pods, network sets, slices of three Services, two hosts. Namespace *lost* is not supplied."""


def sel(text: str) -> Selector:
    """Return a selector from its text."""
    return parse_selector(text)


def match(
    selector: str | None = None,
    *,
    namespaces: str | None = None,
    not_selector: str | None = None,
    ports: Iterable[int | str | PortRange] = (),
    not_ports: Iterable[int | str | PortRange] = (),
    nets: Iterable[str] | None = None,
    not_nets: Iterable[str] | None = None,
    accounts: ServiceAccounts | None = None,
    service: str | None = None,
) -> Match:
    """Return one end of a rule. Ports that are words are names; a service is ``namespace/name``."""
    return Match(
        selector=None if selector is None else sel(selector),
        namespace_selector=None if namespaces is None else sel(namespaces),
        not_selector=None if not_selector is None else sel(not_selector),
        ports=_numbers(ports),
        named_ports=_names(ports),
        not_ports=_numbers(not_ports),
        not_named_ports=_names(not_ports),
        nets=None if nets is None else tuple(nets),
        not_nets=None if not_nets is None else tuple(not_nets),
        service_accounts=accounts,
        service=None if service is None else ServiceRef(*service.split("/")),
    )


def _numbers(ports: Iterable[int | str | PortRange]) -> PortSet | None:
    numbers = [each for each in ports if not isinstance(each, str)]
    return PortSet.of(numbers) if numbers else None


def _names(ports: Iterable[int | str | PortRange]) -> tuple[str, ...]:
    return tuple(each for each in ports if isinstance(each, str))


ANY: Final = Match()


def rule(
    action: RuleAction = "Allow", protocol: str | None = None, *, src: Match = ANY, dst: Match = ANY, **more: Any
) -> Rule:
    """Return a rule: allow everything, where nothing else is said."""
    return Rule(action, protocol, source=src, destination=dst, **more)


def policy(
    *rules: Rule,
    egress: Iterable[Rule] | None = None,
    on: str | None = "app == 'web'",
    ns: str | None = "shop",
    **more: Any,
) -> Policy:
    """Return a policy of ingress rules, or of egress ones where those are given. ``ns`` None is a global one."""
    given = {"tier": "default", "name": "p", "order": None} | more
    types = more.pop("types", None) or (("Ingress",) if egress is None else ("Egress",))
    given |= {"types": types, "selector": None if on is None else sel(on)}
    return Policy(namespace=ns, ingress=rules, egress=tuple(egress or ()), **given)


def tier(name: str, order: float, default_action: Any = "Deny") -> Tier:
    """Return a tier."""
    return Tier(name, order, default_action)


class Case(NamedTuple):
    """A sentence of calico-semantics, and what it means for one connection at one of its ends.

    ``asked`` is ``source destination protocol/port direction``; ends are pods by namespace and name, ``host/name``, or
    addresses; ICMP has ``type.code`` for a port; no port is one that is not known. ``verdict`` None: nothing is asked.
    """

    says: str
    asked: str
    verdict: str | None
    policies: PolicySet
    inventory: Inventory
    scope: Scope

    def side(self) -> Side | None:
        """Return what the evaluator says."""
        return side_of(self.asked, resolve(self.policies, self.inventory, self.scope), self.inventory)


def case(
    says: str,
    asked: str,
    verdict: str | None,
    *policies: AnyPolicy,
    tiers: Iterable[Tier] = (),
    regime: Regime = ">=3.32",
    scope: Scope = "enforced",
    **objects: Any,
) -> Case:
    """Return a row of a table. ``objects`` replace those of the cluster."""
    return Case(says, asked, verdict, PolicySet(tuple(tiers), policies, regime), replace(CLUSTER, **objects), scope)


def check(row: Case) -> None:
    """Assert that the evaluator says what the row says."""
    side = row.side()

    assert (side and side.verdict) == row.verdict, (row.says, side)


def each(rows: Iterable[Case]) -> pytest.MarkDecorator:
    """Return the mark that asks a test of every row."""
    words = (f"{number} {row.asked} {row.verdict}" for number, row in enumerate(rows))
    return pytest.mark.parametrize("row", rows, ids=[word.replace(" ", ",") for word in words])


def side_of(asked: str, tiers: tuple[EffectiveTier, ...], inventory: Inventory = CLUSTER) -> Side | None:
    """Return the answer to a question as `Case` writes it."""
    words = asked.split()
    judgement = judge(tiers, connection(" ".join(words[:3]), inventory))
    return judgement.ingress if words[3] == "ingress" else judgement.egress


def connection(text: str, inventory: Inventory = CLUSTER) -> Connection:
    """Return a connection from ``source destination protocol/port``."""
    source, destination, service = text.split()
    protocol, _, port = service.partition("/")
    ends = Endpoints(inventory)
    icmp = Icmp(*map(int, port.split("."))) if "." in port else None
    number = int(port) if port and icmp is None else None
    return Connection(end(source, ends, inventory), end(destination, ends, inventory), protocol, number, icmp=icmp)


def end(text: str, ends: Endpoints, inventory: Inventory) -> End:
    """Return the end that a word of a question means."""
    namespace, _, name = text.partition("/")
    for each in inventory.pods:
        if (each.namespace, each.name) == (namespace, name):
            return ends.pod(each)
    for host in inventory.host_endpoints:
        if namespace == "host" and host.name == name:
            return ends.host(host)
    assert not name, f"no end is called {text}"
    return ends.address(text)
