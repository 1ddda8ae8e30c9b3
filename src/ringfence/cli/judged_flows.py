"""Each row of the evidence table with the reason for which its records were left out, if they were.

Promises: the records of the rows by reason add up to what the report counts, so a count that is printed can be listed.
"""

from collections.abc import Iterator

from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import Baseline
from ringfence.model.edge import Edge


class JudgedFlow(Struct, frozen=True):
    """A row of evidence; ``reason`` is None where its records count as admitted."""

    flow: Evidence
    reason: LeftOut | None


def judged_flows(table: EvidenceTable, *, baseline: Baseline) -> Iterator[JudgedFlow]:
    """Yield every row of the table, in its order."""
    admitted = {each.summary.edge for each in baseline.admitted}
    outside: dict[Edge, LeftOut] = {}
    for each in baseline.left_out:
        outside.setdefault(each.summary.edge, each.reason)
    for flow in table.evidence:
        yield JudgedFlow(flow, _reason(flow, admitted=flow.edge in admitted, edge_reason=outside.get(flow.edge)))


def _reason(flow: Evidence, *, admitted: bool, edge_reason: LeftOut | None) -> LeftOut | None:
    """Judge a row: by itself first, then by its outcome, then as its edge was judged."""
    if flow.left_out is not None:
        return flow.left_out
    match flow.outcome:
        case "Unknown":
            return LeftOut.OUTCOME_UNKNOWN
        case "Denied":
            return LeftOut.DENIED
        case "Allowed":
            return None if admitted else edge_reason
