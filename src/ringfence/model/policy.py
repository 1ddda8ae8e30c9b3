"""Policies, rules and tiers, independent of the dialect that writes them.

Promises: values with every default written out. ``None`` in a Match means *no restriction by this part*; an empty
tuple never stands for it. What the values mean is `semantics`; how they are written is `dialects`.
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.port import PortSet
from ringfence.model.selector import Selector
from ringfence.model.trace import PolicyKind

Direction = Literal["Ingress", "Egress"]
RuleAction = Literal["Allow", "Deny", "Pass", "Log"]
StagedAction = Literal["Set", "Delete", "Learn", "Ignore"]


class ServiceRef(Struct, frozen=True, order=True):
    """A Kubernetes Service by namespace and name. ``namespace`` is empty where a policy did not write one."""

    namespace: str
    name: str


class ServiceAccounts(Struct, frozen=True):
    """Service accounts by name, by their labels, or both. With neither it restricts nothing by itself."""

    names: tuple[str, ...] = ()
    selector: Selector | None = None


class Match(Struct, frozen=True):
    """What one side of a connection must be. All given parts must hold (Calico's EntityRule).

    ``nets`` and ``not_nets`` are CIDR texts in canonical form, sorted. ``ports`` and ``named_ports`` are one list, of
    which one must match; so are ``not_ports`` and ``not_named_ports``, of which none may. Ports are destination ports
    when the match is a rule's destination, source ports when it is its source.
    """

    selector: Selector | None = None
    namespace_selector: Selector | None = None
    nets: tuple[str, ...] | None = None
    not_nets: tuple[str, ...] | None = None
    ports: PortSet | None = None
    service: ServiceRef | None = None
    not_selector: Selector | None = None
    service_accounts: ServiceAccounts | None = None
    named_ports: tuple[str, ...] = ()
    not_ports: PortSet | None = None
    not_named_ports: tuple[str, ...] = ()


class IcmpMatch(Struct, frozen=True, order=True):
    """An ICMP type (0-254) and code (0-255). A type alone is true of every code; neither of every type."""

    type: int | None = None
    code: int | None = None


class HttpPath(Struct, frozen=True, order=True):
    """A request path as a whole (``exact``) or its beginning."""

    path: str
    exact: bool


class HttpMatch(Struct, frozen=True):
    """A condition on HTTP requests. Only Calico's L7 enforcement reads it; elsewhere the rule is plain L4."""

    methods: tuple[str, ...] = ()
    paths: tuple[HttpPath, ...] = ()


class Rule(Struct, frozen=True):
    """One rule of a policy. ``icmp`` needs an ICMP protocol; annotations are text for people."""

    action: RuleAction
    protocol: str | None = None
    ip_version: Literal[4, 6] | None = None
    icmp: IcmpMatch | None = None
    source: Match = Match()
    destination: Match = Match()
    annotations: tuple[tuple[str, str], ...] = ()
    not_protocol: str | None = None
    not_icmp: IcmpMatch | None = None
    http: HttpMatch | None = None


class Policy(Struct, frozen=True):
    """A Calico policy: namespaced, or global when ``namespace`` is None; staged when it has a staged action.

    ``selector`` None is not written: everything, but beside another selector that is not the same as ``all()``
    (calico-semantics 3.5). ``types`` are the directions it governs, after the API's defaulting. ``order`` None sorts
    after every number. Namespace selectors and the three flags belong to global policies only. A staged ``Delete`` has
    no rules.
    """

    tier: str
    namespace: str | None
    name: str
    order: float | None
    selector: Selector | None = None
    types: tuple[Direction, ...] = ("Ingress",)
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()
    staged: StagedAction | None = None
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    namespace_selector: Selector | None = None
    service_account_selector: Selector | None = None
    do_not_track: bool = False
    pre_dnat: bool = False
    apply_on_forward: bool = False
    performance_hints: tuple[str, ...] = ()

    @property
    def kind(self) -> PolicyKind:
        """Return the object's kind."""
        if self.namespace is None:
            return "GlobalNetworkPolicy" if self.staged is None else "StagedGlobalNetworkPolicy"
        return "NetworkPolicy" if self.staged is None else "StagedNetworkPolicy"


class Tier(Struct, frozen=True):
    """An ordered group of policies; ``default_action`` ends it for endpoints it selects but no rule decides.

    A tier written without an order has 1,000,000, as Calico reads it (and so ties with ``default``).
    """

    name: str
    order: float
    default_action: Literal["Deny", "Pass"]
    labels: tuple[tuple[str, str], ...] = ()
