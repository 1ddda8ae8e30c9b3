"""An endpoint as documents write it (ENDPOINT).

Promises: one kind a form; a key that the kind does not have, or that the input did not tell, is absent.
"""

from typing import Literal

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import Part
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload


class EndpointPart(Part, frozen=True, kw_only=True):
    """Who speaks. ``workload_kind`` is absent where nothing told a workload's owner; ``address`` stands where one
    address of a network is meant.
    """

    kind: Literal["Workload", "Host", "NetworkSet", "Public", "Private"]
    namespace: str | UnsetType = UNSET
    workload_kind: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    address: str | UnsetType = UNSET


def endpoint_part(endpoint: Endpoint) -> EndpointPart:
    """Return the document form of an endpoint."""
    match endpoint:
        case Workload(namespace, kind, name):
            return EndpointPart(kind="Workload", namespace=namespace, workload_kind=kind or UNSET, name=name)
        case Host(name):
            return EndpointPart(kind="Host", name=name)
        case NetworkSet(namespace, name):
            return EndpointPart(kind="NetworkSet", namespace=namespace or UNSET, name=name)
        case Network(scope):
            return EndpointPart(kind="Public" if scope == "public" else "Private")
