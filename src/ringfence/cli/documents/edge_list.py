"""``get edges -o json``: the EdgeList.

Promises: each edge once, in the edges' total order, with the directions in which it was admitted and the reasons for
which it was left out; ``records`` counts the whole reading, also where the list is filtered.
"""

from collections.abc import Iterable
from typing import Literal

from ringfence.cli.documents.document import API_VERSION, Part
from ringfence.cli.documents.edge_part import EdgePart, judged_edge_part
from ringfence.cli.documents.records_part import RecordsPart
from ringfence.cli.judged_edges import JudgedEdge


class EdgeList(Part, frozen=True, kw_only=True):
    """The document."""

    api_version: str = API_VERSION
    kind: Literal["EdgeList"] = "EdgeList"
    records: RecordsPart
    items: tuple[EdgePart, ...]


def edge_list(edges: Iterable[JudgedEdge], *, records: RecordsPart) -> EdgeList:
    """Return the document of these edges."""
    return EdgeList(records=records, items=tuple(judged_edge_part(edge) for edge in edges))
