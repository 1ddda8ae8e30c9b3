"""The cluster's objects at a moment, and which kinds nobody supplied.

Promises: an object stands once; a kind in ``missing`` was not supplied, which is not the same as having no objects:
whoever needs it answers *uncertain*, or says what the lack costs.
"""

from msgspec import Struct

from ringfence.model.controller import Controller
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Pod, ServiceAccount
from ringfence.model.service import Callback, EndpointSlice, Service


class Inventory(Struct, frozen=True):
    """Objects of each kind, sorted by namespace and name. ``as_of`` is a Unix second, None where unknown.

    ``missing`` holds kinds as Kubernetes writes them: ``Pod``, ``EndpointSlice``, ``GlobalNetworkSet``, …
    """

    as_of: int | None = None
    namespaces: tuple[Namespace, ...] = ()
    service_accounts: tuple[ServiceAccount, ...] = ()
    pods: tuple[Pod, ...] = ()
    controllers: tuple[Controller, ...] = ()
    services: tuple[Service, ...] = ()
    slices: tuple[EndpointSlice, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    nodes: tuple[Node, ...] = ()
    network_sets: tuple[NetworkSetObject, ...] = ()
    host_endpoints: tuple[HostEndpoint, ...] = ()
    missing: frozenset[str] = frozenset()
