"""Namespaces of a cluster."""

from msgspec import Struct

from ringfence.model.labels import Labels


class Namespace(Struct, frozen=True):
    """A namespace. ``created`` is a Unix second, None where the object does not say."""

    name: str
    labels: Labels = Labels()
    created: int | None = None
