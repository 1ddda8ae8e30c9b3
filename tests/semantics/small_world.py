"""A cluster small enough to judge by eye: a shop, its payments, and what tests add to them."""

from collections.abc import Iterable

from ringfence.dialects.selector import parse_selector
from ringfence.model.controller import Controller
from ringfence.model.edge import Icmp
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.node import Node
from ringfence.model.pod import ContainerPort, Owner, Pod, PodSpec, ServiceAccount
from ringfence.model.policy import Direction, Match, Policy, Rule, RuleAction, StagedAction, Tier
from ringfence.model.policy_set import AnyPolicy, PolicySet
from ringfence.model.port import PortSet
from ringfence.semantics.connection import Connection
from ringfence.semantics.endpoints import Endpoints

SECURITY = Tier("security", 100, "Deny")
NAMESPACES = ("shop", "payments")


def pod(
    name: str,
    address: str,
    *,
    namespace: str = "shop",
    app: str | None = None,
    owner: Owner | None = None,
    **labels: str,
) -> Pod:
    """Return a running pod that serves 6379 as ``redis``."""
    spec = PodSpec(Labels.of({"app": app or name, **labels}), ports=(ContainerPort("redis", "TCP", 6379),))
    return Pod(namespace, name, spec, (address,), node=f"node-{address[-1]}", owner=owner)


CART = pod("cart", "10.0.0.1")
REDIS = pod("redis", "10.0.0.2")
LEDGER = pod("ledger", "10.0.0.3", namespace="payments")


def inventory(
    *pods: Pod, controllers: Iterable[Controller] = (), nodes: Iterable[Node] = (), missing: Iterable[str] = ()
) -> Inventory:
    """Return an inventory of two namespaces; the three pods above where none are given."""
    return Inventory(
        namespaces=tuple(Namespace(name, Labels.of({"team": name})) for name in NAMESPACES),
        service_accounts=tuple(ServiceAccount(name, "default") for name in NAMESPACES),
        pods=pods or (CART, LEDGER, REDIS),
        controllers=tuple(controllers),
        nodes=tuple(nodes),
        missing=frozenset(missing),
    )


def connection(
    source: Pod, destination: Pod, port: int | None = 6379, *, protocol: str = "TCP", icmp: Icmp | None = None
) -> Connection:
    """Return a connection between two pods of the small world."""
    ends = Endpoints(inventory(source, destination))
    return Connection(ends.pod(source), ends.pod(destination), protocol, port, None, icmp)


def rule(
    action: RuleAction = "Allow",
    *,
    source: str | None = None,
    port: int | None = None,
    protocol: str | None = None,
    named: str | None = None,
) -> Rule:
    """Return a rule for sources of a selector and one destination port."""
    ports = None if port is None else PortSet.of([port])
    return Rule(
        action,
        protocol if protocol or (port is None and named is None) else "TCP",
        source=Match(selector=None if source is None else parse_selector(source)),
        destination=Match(ports=ports, named_ports=() if named is None else (named,)),
    )


def policy(
    name: str,
    *rules: Rule,
    selects: str = "app == 'redis'",
    tier: str = "default",
    order: float | None = 100,
    namespace: str | None = "shop",
    direction: Direction = "Ingress",
    staged: StagedAction | None = None,
) -> Policy:
    """Return a policy of one direction."""
    return Policy(
        tier=tier,
        namespace=namespace,
        name=name,
        order=order,
        selector=parse_selector(selects),
        types=(direction,),
        ingress=rules if direction == "Ingress" else (),
        egress=rules if direction == "Egress" else (),
        staged=staged,
    )


def policies(*each: AnyPolicy) -> PolicySet:
    """Return a policy set with a tier ``security`` before the built-in ones."""
    return PolicySet(tiers=(SECURITY,), policies=each)
