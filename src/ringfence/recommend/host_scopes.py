"""Find what host endpoints were seen to need, and say it as their policies.

Promises: only a host whose own flows tell which policies decided them (host endpoints that Felix reports; Goldmane and
Hubble report none) gets policies, else the reason is said. Learnt is what no policy decides: a host's edges that a
policy decides stay that policy's. Host scopes are staged only; enforcing them is a person's work.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, LeftOutEdge
from ringfence.learning.pairing import Pairing, pair, summary
from ringfence.model.edge import Edge, edge_key
from ringfence.model.endpoint import Host
from ringfence.model.policy import Direction
from ringfence.model.selector import matches
from ringfence.recommend.recommendation import Scope, Skipped
from ringfence.recommend.settings import HostSettings
from ringfence.rules.host_policy import host_policy
from ringfence.rules.scope_baseline import ScopeBaseline, own_side
from ringfence.rules.scope_policies import ScopePolicies
from ringfence.rules.surroundings import Surroundings
from ringfence.rules.whom import Refused

NOT_REPORTED: Final = (
    "no flow tells which policies a host endpoint met (Goldmane and Hubble report none), so what it needs is not known"
)
_DIRECTIONS: Final[tuple[Direction, Direction]] = ("Egress", "Ingress")


class HostPart(Struct, frozen=True):
    """What was seen of one host, from its own side."""

    host: Host
    admitted: tuple[AdmittedEdge, ...] = ()
    left_out: tuple[LeftOutEdge, ...] = ()


class HostScopes(Struct, frozen=True):
    """The policies of host endpoints with the part of the evidence that they come from, and those without, sorted."""

    made: tuple[tuple[Scope, HostPart, ScopePolicies], ...]
    skipped: tuple[Skipped, ...]


def host_parts(table: EvidenceTable) -> Mapping[Host, HostPart]:
    """Return the parts of the hosts whose own flows tell which policies decided them."""
    rows_of: defaultdict[Edge, list[Evidence]] = defaultdict(list)
    for row in table.evidence:
        if row.left_out is None and (isinstance(row.edge.client, Host) or isinstance(row.edge.server, Host)):
            rows_of[row.edge].append(row)
    admitted: defaultdict[Host, list[AdmittedEdge]] = defaultdict(list)
    left_out: defaultdict[Host, list[LeftOutEdge]] = defaultdict(list)
    for edge, rows in sorted(rows_of.items(), key=lambda item: edge_key(item[0])):
        seen = pair(edge, rows)
        for direction in _DIRECTIONS:
            own = own_side(edge, direction)
            if isinstance(own, Host) and any(row.trace for row in seen.own_rows(direction)):
                match _judged(seen, direction):
                    case AdmittedEdge() as one:
                        admitted[own].append(one)
                    case LeftOutEdge() as other:
                        left_out[own].append(other)
    return {
        host: HostPart(host, tuple(admitted[host]), tuple(left_out[host]))
        for host in sorted(admitted.keys() | left_out.keys(), key=lambda each: each.name)
    }


def _judged(seen: Pairing, direction: Direction) -> AdmittedEdge | LeftOutEdge:
    """Admit what no policy decides."""
    trace = seen.trace(direction)
    if not seen.taught or not trace:
        return LeftOutEdge(summary(seen.edge, seen.rows), direction, LeftOut.DENIED)
    if not trace[-1].profile:
        return LeftOutEdge(summary(seen.edge, seen.rows), direction, LeftOut.DECIDED_EARLIER, trace[-1])
    learnt = summary(seen.edge, seen.taught, hours=seen.learnt)
    return AdmittedEdge(learnt, (direction,), (), seen.partly_denied)


def host_scopes(table: EvidenceTable, surroundings: Surroundings, *, settings: HostSettings) -> HostScopes:
    """Return the policies of the host endpoints that settings select, one each."""
    cluster = surroundings.cluster
    if cluster is None:
        return HostScopes((), (Skipped(Scope("Host", "*"), "without a snapshot no host endpoint is known"),))
    parts = host_parts(table)
    made: list[tuple[Scope, HostPart, ScopePolicies]] = []
    skipped: list[Skipped] = []
    for host in cluster.inventory.host_endpoints:
        scope = Scope("Host", host.name)
        part = parts.get(Host(host.node), HostPart(Host(host.node)))
        if not matches(settings.selector, host.labels.as_dict()):
            skipped.append(Skipped(scope, "not selected by hostEndpointSpec.selector"))
        elif not part.admitted:
            skipped.append(Skipped(scope, _why_nothing(part)))
        else:
            baseline = ScopeBaseline("", part.admitted, surroundings, frozenset(), part.host)
            got = host_policy(baseline, host, cluster, tier=settings.tier_name)
            if isinstance(got, Refused):
                skipped.append(Skipped(scope, got.reason))
            else:
                made.append((scope, part, got))
    return HostScopes(tuple(made), tuple(sorted(skipped)))


def _why_nothing(part: HostPart) -> str:
    if not part.left_out:
        return NOT_REPORTED
    reasons = sorted({each.reason for each in part.left_out})
    return f"no admitted edge; all were left out: {', '.join(reasons)}"
