"""Declare exposures: what is used from outside stays usable from where it is declared to be.

Law: adds permits from nodes and from a load balancer's declared clients only, on target ports of the scope that were
reached from outside the pods; never opens a direction by itself. Clients that nothing declares are learnt as seen.
"""

from collections.abc import Iterator

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.endpoint import Workload
from ringfence.rules.callers import is_towards, permits_from
from ringfence.rules.exposures import Exposure
from ringfence.rules.permit import Permit
from ringfence.rules.scope_baseline import ScopeBaseline


def declare_exposures(scope: ScopeBaseline) -> Iterator[Permit]:
    """Yield the permits of the scope's exposures that were used."""
    ingress = tuple(scope.towards("Ingress"))
    declared = scope.surroundings.declared
    for exposure in declared.exposures.get(scope.namespace, ()):
        if scope.covers(exposure.backend.workload) and _used(exposure, ingress):
            yield from permits_from(declared.clients(exposure), exposure.backend, ingress)


def _used(exposure: Exposure, ingress: tuple[AdmittedEdge, ...]) -> bool:
    return any(
        is_towards(each.summary, exposure.backend) and not isinstance(each.summary.edge.client, Workload)
        for each in ingress
    )
