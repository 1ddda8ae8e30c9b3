"""What became of the records of a run as documents write it (RECORDS).

Promises: read = admitted + left out + corrupt; reasons stand in alphabetical order and only where they count something.
"""

from ringfence.cli.documents.document import Part
from ringfence.flows.evidence import EvidenceTable
from ringfence.learning.baseline import Baseline


class RecordsPart(Part, frozen=True, kw_only=True):
    """Counts of records: a record is a non-blank line of a flow log."""

    read: int
    admitted: int
    left_out: dict[str, int]
    corrupt: int


def records_part(table: EvidenceTable, *, baseline: Baseline) -> RecordsPart:
    """Return the counts of a run."""
    counted = {reason.value: count for reason, count in baseline.left_out_records.items() if count}
    return RecordsPart(
        read=table.records.read,
        admitted=baseline.admitted_records,
        left_out=dict(sorted(counted.items())),
        corrupt=table.records.corrupt,
    )
