"""Policies, rules and tiers, independent of the dialect that writes them.

Promises: values with every default written out. ``None`` in a Match means *no restriction by this part*; an empty
tuple never stands for it. What the values mean is `semantics`; how they are written is `dialects`.
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.edge import Icmp
from ringfence.model.port import PortSet
from ringfence.model.selector import Selector

Direction = Literal["Ingress", "Egress"]
RuleAction = Literal["Allow", "Deny", "Pass", "Log"]


class ServiceRef(Struct, frozen=True, order=True):
    """A Kubernetes Service by namespace and name."""

    namespace: str
    name: str


class Match(Struct, frozen=True):
    """What one side of a connection must be. All given parts must hold (Calico's EntityRule).

    ``nets`` and ``not_nets`` are CIDR texts in canonical form, sorted; ``ports`` are destination ports when the match
    is a rule's destination.
    """

    selector: Selector | None = None
    namespace_selector: Selector | None = None
    nets: tuple[str, ...] | None = None
    not_nets: tuple[str, ...] | None = None
    ports: PortSet | None = None
    service: ServiceRef | None = None


class Rule(Struct, frozen=True):
    """One rule of a policy. ``icmp`` needs an ICMP protocol; annotations are text for people."""

    action: RuleAction
    protocol: str | None = None
    ip_version: Literal[4, 6] | None = None
    icmp: Icmp | None = None
    source: Match = Match()
    destination: Match = Match()
    annotations: tuple[tuple[str, str], ...] = ()


class Policy(Struct, frozen=True):
    """A namespaced policy (staged or enforced), or a global one when ``namespace`` is None."""

    tier: str
    namespace: str | None
    name: str
    order: float | None
    selector: Selector
    types: tuple[Direction, ...]
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()
    staged: bool = True
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()


class Tier(Struct, frozen=True):
    """An ordered group of policies; ``default_action`` ends it for endpoints it selects but no rule decides."""

    name: str
    order: float
    default_action: Literal["Deny", "Pass"]
    labels: tuple[tuple[str, str], ...] = ()
