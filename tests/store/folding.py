"""Fold records as the product does: through a store, unit by unit."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ringfence.flows.batch import Record
from ringfence.flows.directory import Directory
from ringfence.flows.evidence import EvidenceTable
from ringfence.store.rows import rows_relation
from ringfence.store.temporary import TemporaryStore


def folded_by_sql(
    units: Sequence[Sequence[Record]],
    *,
    since: int | None = None,
    until: int | None = None,
    directory: Directory | None = None,
) -> EvidenceTable:
    """Scan each unit, settle what repeats, and fold."""
    with TemporaryDirectory() as folder:
        workspace = Path(folder)
        store = TemporaryStore(workspace, salt=7, since=since, until=until, directory=directory)
        relations = [rows_relation(unit, workspace / f"unit-{number}") for number, unit in enumerate(units) if unit]
        for relation in relations:
            store.scan(relation)
        if store.find_repeats():
            for relation in relations:
                store.recount(relation)
            store.settle_repeats()
        table = store.table()
        store.close()
    return table
