"""What became of the records behind a replay.

Promises: read = admitted + left out + corrupt. Admitted are the records of edges that were judged, whatever became of
them; an edge that could not be judged keeps its records out by its reason.
"""

from collections import Counter

from ringfence.cli.documents.records_part import RecordsPart
from ringfence.engine.replay_edges import KeptRecords
from ringfence.flows.evidence import EvidenceTable
from ringfence.verify.observed import is_tried
from ringfence.verify.replay import Replay


def replay_records(table: EvidenceTable, replayed: Replay) -> RecordsPart:
    """Return the counts of a replay of flow logs."""
    counts: Counter[str] = Counter({reason.value: count for reason, count in table.records.repeats.items()})
    for unplaced in table.unplaced:
        counts[unplaced.left_out.value] += unplaced.records
    for row in table.evidence:
        if row.left_out is not None and not is_tried(row.left_out):
            counts[row.left_out.value] += row.records
    for each in replayed.not_judged:
        counts[each.reason] += each.seen.records
    judged = (*replayed.unchanged, *(each.seen for each in replayed.changes if each.change != "Unchanged"))
    return RecordsPart(
        read=table.records.read,
        admitted=sum(each.records for each in judged),
        left_out={reason: count for reason, count in sorted(counts.items()) if count},
        corrupt=table.records.corrupt,
    )


def kept_records(kept: KeptRecords) -> RecordsPart:
    """Return the counts of the reading that wrote a list of edges."""
    return RecordsPart(read=kept.read, admitted=kept.admitted, left_out=dict(kept.left_out), corrupt=kept.corrupt)
