"""One of the ends that an argument names.

Promises: what people call it, what evaluators see of it, and what a reader of the answer should know besides.
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.pod import PodSpec
from ringfence.semantics.connection import End


class NamedEnd(Struct, frozen=True):
    """One end that an argument names. ``shown`` is what a sentence calls it; ``pods`` are those that it is;
    ``host`` says that it is a node or shares one's network.
    """

    shown: str
    kind: Literal["Workload", "Host", "Public", "Address"]
    end: End
    name: str | None = None
    namespace: str | None = None
    workload_kind: str | None = None
    address: str | None = None
    pods: tuple[str, ...] = ()
    spec: PodSpec | None = None
    node: str | None = None
    host: bool = False
    notes: tuple[str, ...] = ()


class NamedTarget(Struct, frozen=True):
    """An end and the port at it, which is another than the one asked for where that is a Service's."""

    end: NamedEnd
    port: int | None
