"""Calico's NetworkSet and GlobalNetworkSet objects: addresses with labels."""

from msgspec import Struct

from ringfence.model.labels import Labels


class NetworkSetObject(Struct, frozen=True):
    """A NetworkSet, or a GlobalNetworkSet when ``namespace`` is None. ``nets`` are CIDR texts as written."""

    namespace: str | None
    name: str
    labels: Labels = Labels()
    nets: tuple[str, ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
