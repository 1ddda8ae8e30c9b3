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
    taught = {each.summary.edge: frozenset(each.summary.hours) for each in baseline.admitted}
    refused: dict[Edge, LeftOut] = {}
    for each in sorted(baseline.left_out, key=lambda each: each.direction or ""):
        if each.direction is not None or each.reason is LeftOut.NO_SCOPE:
            refused.setdefault(each.summary.edge, each.reason)
    for flow in table.evidence:
        yield JudgedFlow(flow, _reason(flow, taught=taught.get(flow.edge), refused=refused.get(flow.edge)))


def _reason(flow: Evidence, *, taught: frozenset[int] | None, refused: LeftOut | None) -> LeftOut | None:
    """Judge a row by itself first, then by its outcome in the hours that taught its edge, then as its edge was."""
    if flow.left_out is not None:
        return flow.left_out
    match flow.outcome:
        case "Unknown":
            return LeftOut.OUTCOME_UNKNOWN
        case "Denied":
            return LeftOut.DENIED
        case "Allowed" if taught is None:
            return refused
        case "Allowed":
            return None if taught.intersection(flow.hours) else LeftOut.DENIED
