"""Give each namespace its part of the baseline.

Promises: an admitted edge goes to each namespace whose rules it makes, a left-out edge to each namespace that it would
have made rules for; order is kept.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from ringfence.learning.baseline import AdmittedEdge, Baseline, LeftOutEdge
from ringfence.model.edge import Edge
from ringfence.model.endpoint import namespace_of
from ringfence.model.policy import Direction
from ringfence.rules.scope_baseline import own_side

_BOTH: Final[tuple[Direction, Direction]] = ("Egress", "Ingress")


class NamespacePart(Struct, frozen=True):
    """What the baseline holds for one namespace."""

    admitted: tuple[AdmittedEdge, ...] = ()
    left_out: tuple[LeftOutEdge, ...] = ()


def by_namespace(baseline: Baseline) -> Mapping[str, NamespacePart]:
    """Return the parts of all namespaces that have one."""
    admitted: defaultdict[str, list[AdmittedEdge]] = defaultdict(list)
    left_out: defaultdict[str, list[LeftOutEdge]] = defaultdict(list)
    for each in baseline.admitted:
        for namespace in _owners(each.summary.edge, each.directions):
            admitted[namespace].append(each)
    for outside in baseline.left_out:
        directions = _BOTH if outside.direction is None else (outside.direction,)
        for namespace in _owners(outside.summary.edge, directions):
            left_out[namespace].append(outside)
    return {
        namespace: NamespacePart(tuple(admitted[namespace]), tuple(left_out[namespace]))
        for namespace in sorted(admitted.keys() | left_out.keys())
    }


def _owners(edge: Edge, directions: Sequence[Direction]) -> Iterator[str]:
    """Yield, each once, the namespaces whose rules an edge makes in these directions."""
    found = {namespace_of(own_side(edge, direction)) for direction in directions}
    yield from sorted(namespace for namespace in found if namespace is not None)
