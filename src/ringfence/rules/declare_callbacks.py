"""Declare the control plane: what the API server calls lets it in.

Law: adds permits from the API server and the nodes only, on target ports of backends in the scope, and only where the
scope has admitted ingress; never opens a direction by itself. Pods in the network of their node need none.
"""

from collections.abc import Iterator

from ringfence.rules.callers import permits_from
from ringfence.rules.permit import Permit
from ringfence.rules.scope_baseline import ScopeBaseline


def declare_callbacks(scope: ScopeBaseline) -> Iterator[Permit]:
    """Yield the permits from the control plane to the scope's backends of webhooks and APIServices."""
    ingress = tuple(scope.towards("Ingress"))
    declared = scope.surroundings.declared
    if not ingress:
        return
    for workload, backends in declared.called.backends.items():
        for backend in backends:
            if scope.covers(workload) and not backend.host_network:
                yield from permits_from(declared.control_plane, backend, ingress)
