"""Which workloads the API server calls: backends of webhooks, of APIServices and of the conversion of resources.

Promises: each callback leads to its backends at their target ports, or is told as one whose backend is not known; one
that is not known is not the same as none.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.service import Callback
from ringfence.rules.backends import Backend, Backends, by_workload

_REGISTERING: Final = (
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "CustomResourceDefinition",
)


class Called(Struct, frozen=True):
    """Backends by workload, what each of those is called for, and the callbacks whose backend the objects lack.

    ``missing`` are the kinds that nobody supplied: of what they register it is not known whether it exists.
    """

    backends: Mapping[Workload, tuple[Backend, ...]] = {}
    callbacks: Mapping[Workload, tuple[Callback, ...]] = {}
    unresolved: tuple[Callback, ...] = ()
    missing: tuple[str, ...] = ()


def called(inventory: Inventory, backends: Backends) -> Called:
    """Return whom the API server calls."""
    found = {each: called_backends(each, backends) for each in sorted(set(inventory.callbacks))}
    callbacks: dict[Workload, list[Callback]] = {}
    for callback, some in found.items():
        for workload in dict.fromkeys(each.workload for each in some):
            callbacks.setdefault(workload, []).append(callback)
    return Called(
        backends=by_workload(each for some in found.values() for each in some),
        callbacks={workload: tuple(some) for workload, some in callbacks.items()},
        unresolved=tuple(callback for callback, some in found.items() if not some),
        missing=tuple(kind for kind in _REGISTERING if kind in inventory.missing),
    )


def called_backends(callback: Callback, backends: Backends) -> tuple[Backend, ...]:
    """Return the backends of one callback, none where its Service or what stands behind it is not there."""
    service = backends.service(callback.service)
    ports = () if service is None else service.ports
    return tuple(
        each
        for port in ports
        if port.port == callback.port and service is not None
        for each in backends.behind(service, port)
    )
