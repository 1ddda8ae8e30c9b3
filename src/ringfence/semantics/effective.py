"""Policies as an endpoint meets them: ordered tiers, effective selectors, addresses as sets.

Promises: everything that names, defaults and kinds of objects mean is settled here; what is left is matching. Made by
`resolve`, read by the evaluators.
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.address_set import AddressSet
from ringfence.model.policy import Direction, HttpMatch, IcmpMatch
from ringfence.model.port import PortSet
from ringfence.model.selector import Selector
from ringfence.model.trace import PolicyRef

Hook = Literal["normal", "untracked", "preDNAT"]
"""Where a policy is evaluated; endpoints of pods have only the normal place (calico-semantics 4.9)."""


class Ports(Struct, frozen=True):
    """Ports by number or by the name that an endpoint gave them; any one of them matches."""

    numbers: PortSet
    names: tuple[str, ...]


class ServiceMember(Struct, frozen=True):
    """Addresses of a Service's endpoints and the port they serve; ``port`` None is every port of the protocol."""

    addresses: AddressSet
    protocol: str
    port: int | None


class ServiceMembers(Struct, frozen=True):
    """What stands behind a Service. ``unknown`` is why that is not known, None where it is."""

    members: tuple[ServiceMember, ...] = ()
    unknown: str | None = None


class EffectiveMatch(Struct, frozen=True):
    """One end of a rule. None is no restriction. Selectors are of effective labels (calico-semantics 3.4, 3.5).

    ``selector`` is of known endpoints and network sets; ``not_selector`` also lets pass what none of them has.
    """

    selector: Selector | None = None
    not_selector: Selector | None = None
    nets: AddressSet | None = None
    not_nets: AddressSet | None = None
    ports: Ports | None = None
    not_ports: Ports | None = None
    service: ServiceMembers | None = None


class EffectiveRule(Struct, frozen=True):
    """One rule, at its place in the list that traces count."""

    action: Literal["Allow", "Deny", "Pass", "Log"]
    source: EffectiveMatch
    destination: EffectiveMatch
    protocol: str | None = None
    not_protocol: str | None = None
    ip_version: Literal[4, 6] | None = None
    icmp: IcmpMatch | None = None
    not_icmp: IcmpMatch | None = None
    http: HttpMatch | None = None


class EffectivePolicy(Struct, frozen=True):
    """A policy with the selector of what it governs. ``forward``: it also governs what a host forwards."""

    ref: PolicyRef
    order: float
    selector: Selector
    types: tuple[Direction, ...]
    ingress: tuple[EffectiveRule, ...]
    egress: tuple[EffectiveRule, ...]
    staged: bool = False
    hook: Hook = "normal"
    forward: bool = False

    def rules(self, direction: Direction) -> tuple[EffectiveRule, ...]:
        """Return the rules of a direction."""
        return self.ingress if direction == "Ingress" else self.egress


class EffectiveTier(Struct, frozen=True):
    """A tier with its policies in the order in which they are asked.

    ``recorded`` is true of what is enforced: the dataplane records such traces too, with another policy at the end.
    ``unknown`` is set where the tier itself was not supplied, so that it may end either way. It may stand
    ``anywhere``, too, and so stands twice: before all others, where it may be passed over, and after them.
    ``unsupplied`` is set where policies were not: then whatever may stand here may decide either way.
    """

    name: str
    default_action: Literal["Deny", "Pass"]
    policies: tuple[EffectivePolicy, ...]
    recorded: bool = False
    unknown: str | None = None
    anywhere: bool = False
    unsupplied: str | None = None
