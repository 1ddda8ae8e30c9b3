"""Let a workload's scope mean the workloads at the other side.

Law: the permit lets the edge through. It means that workload alone, or says why it means more: its labels mean others
too, or nothing means it and its whole namespace stands for it.
"""

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.endpoint import Workload
from ringfence.model.policy import Direction
from ringfence.model.port import PortSet
from ringfence.model.protocol import SCTP
from ringfence.rules.permit import IntraNamespacePeer, NamespacePeer, Peer, Permit, WorkloadPeer
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.workload_selector import SHARED, UNKNOWN


def workload_permit(each: AdmittedEdge, direction: Direction, other: Workload, scope: ScopeBaseline) -> Permit:
    """Return the permit of an edge with another workload, of the scope's own namespace too."""
    edge = each.summary.edge
    peer, coarse = _meant(other, scope)
    if edge.protocol == SCTP and coarse is None:
        coarse = "port-not-reported"
    ports = None if edge.port is None else PortSet.of([edge.port])
    return Permit(direction, peer, edge.protocol, ports, edge.icmp, (edge.id,), "Observed", coarse)


def _meant(other: Workload, scope: ScopeBaseline) -> tuple[Peer, str | None]:
    chosen = scope.surroundings.selectors.of(other)
    if chosen is None:
        own = other.namespace == scope.namespace
        return IntraNamespacePeer(other.namespace) if own else NamespacePeer(other.namespace), UNKNOWN
    coarse = SHARED if chosen.shared else None
    name = chosen.name
    return WorkloadPeer(name.namespace, name.kind, name.name, chosen.selector), coarse
