"""The store of one file run: the same scan, dictionaries and fold as a durable one, thrown away afterwards.

Promises: what is learnt does not depend on how the input was cut into units, nor on its order; a record that stands
twice in the input counts once, wherever the copies are, because the identities of the whole input are kept on disk;
memory is bounded by MEMORY_LIMIT, past which DuckDB spills into the workspace.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
from msgspec import Struct

from ringfence.flows import sql
from ringfence.flows.batch import COUNTERS
from ringfence.flows.directory import Directory
from ringfence.flows.evidence import SAMPLE_SIZE, Evidence, EvidenceTable, Records, Unplaced
from ringfence.flows.left_out import LeftOut
from ringfence.flows.slots import SLOT, SLOTS_AN_HOUR, slots_by_node
from ringfence.flows.table import evidence_key, labels_of, owners_unknown
from ringfence.flows.unit_query import HOUR_SHIFT, NODE, SLOT_SHIFT, grouped, keyed
from ringfence.model.endpoint import Network
from ringfence.model.window import HOUR, LONGEST_WINDOW
from ringfence.store.dictionary import Dictionaries
from ringfence.store.evidence_rows import Sightings, read_evidence, read_sightings

MEMORY_LIMIT: Final = "260MB"
THREADS: Final = 2
_CHECKPOINT: Final = "1MB"
"""What is written goes to the file soon: until then its tables are held in memory, a few MB more with every unit."""
_FLUSH: Final = "8MB"
"""Freed memory goes back to the system at once, so that the peak does not grow with the number of units."""
_JOINS_AS_WRITTEN: Final = "build_side_probe_side,join_order"
"""What stands on the right of a join is held in memory: DuckDB takes a file for small and would hold the records."""
_IDENTITIES_A_PART: Final = 500_000
_ROWS_A_FETCH: Final = 1_000

_SCHEMA: Final = """
CREATE TABLE grain(agreement UBIGINT, client INTEGER, server INTEGER, protocol VARCHAR, reported INTEGER,
    service INTEGER, reporter VARCHAR, outcome VARCHAR, trace INTEGER, left_out VARCHAR, client_text VARCHAR,
    server_text VARCHAR, protocol_text VARCHAR, client_address STRUCT(rank VARCHAR, text VARCHAR),
    server_address STRUCT(rank VARCHAR, text VARCHAR), domains STRUCT(rank VARCHAR, text VARCHAR)[], first BIGINT,
    last BIGINT, hours BIGINT[], records HUGEINT, connections HUGEINT, packets_in HUGEINT, packets_out HUGEINT,
    bytes_in HUGEINT, bytes_out HUGEINT);
CREATE TABLE node(id UBIGINT, text VARCHAR);
CREATE TABLE moment(node UBIGINT, hour BIGINT, records HUGEINT, newest BIGINT, slots BIGINT);
CREATE TABLE repeated(record_id UBIGINT);
CREATE TABLE narrow(agreement UBIGINT, record_id UBIGINT, hour BIGINT, connections BIGINT, packets_in BIGINT,
    packets_out BIGINT, bytes_in BIGINT, bytes_out BIGINT);
"""
_COUNTERS: Final = ", ".join(COUNTERS)
_SURPLUS: Final = ", ".join(f"max({name}) - sum({name}) AS {name}" for name in COUNTERS)
_DELTAS: Final = ", ".join(f"sum({name}) AS {name}" for name in COUNTERS)
_CORRECTED: Final = ", ".join(f"c.{name} AS {name}" for name in COUNTERS)


class UnitStoppedError(Exception):
    """DuckDB stopped on a unit (a record too long, a file that ends early); nothing of it was taken."""


class UnitTooWideError(Exception):
    """A unit holds more distinct texts than memory allows; nothing of it was taken. Cut it smaller."""


class UnitCount(Struct, frozen=True):
    """How many records a unit held, and how many of them were corrupt by the name of the file they stand in."""

    read: int
    corrupt: Mapping[str, int]


class TemporaryStore:
    """Scans units, keeps their raw grain in ``workspace``, and folds it once at the end.

    Scan every unit, ask `find_repeats`, and when there are any pass every unit to `recount`; then read `table`.
    ``salt`` makes hash collisions unpredictable to whoever writes the records; it never changes a result.
    """

    def __init__(
        self,
        workspace: Path,
        *,
        salt: int,
        since: int | None = None,
        until: int | None = None,
        directory: Directory | None = None,
    ) -> None:
        """Open an empty store in a folder of this run. Times bound the start of records (half-open); a directory says
        who names and addresses are.
        """
        self._salt, self._since, self._until, self._directory = salt, since, until, directory
        self._connection = duckdb.connect(str(workspace / "run.duckdb"))
        for setting, value in {
            "memory_limit": MEMORY_LIMIT,
            "threads": THREADS,
            "TimeZone": "UTC",
            "temp_directory": str(workspace / "spill"),
            "preserve_insertion_order": False,
            "allocator_flush_threshold": _FLUSH,
            "allocator_bulk_deallocation_flush_threshold": _FLUSH,
            "wal_autocheckpoint": _CHECKPOINT,
            "disabled_optimizers": _JOINS_AS_WRITTEN,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }.items():
            self._connection.execute(f"SET {setting} = ?", [value])
        self._connection.execute(_SCHEMA)
        self._dictionaries = Dictionaries(self._connection, directory)
        self._identities = workspace / "identities"
        self._identities.mkdir()
        self._units = self._kept = 0
        self._read = 0
        self._corrupt = 0
        self._repeats: dict[LeftOut, int] = {}

    def close(self) -> None:
        """Close the connection; the workspace belongs to the caller."""
        self._connection.close()

    def scan(self, relation: str) -> UnitCount:
        """Take one unit: a SQL relation with the columns of `batch`.

        Raises UnitStoppedError or UnitTooWideError, and then nothing of the unit was taken.
        """
        with _refusals():
            self._group(relation, by_text=False)
            if self._one("SELECT coalesce(bool_or(disagrees), FALSE) FROM unit_group"):
                self._group(relation, by_text=True)
        self._keep_identities()
        with self._transaction():
            self._dictionaries.learn()
            self._connection.execute(sql("place"))
            self._learn_moments(relation)
            counts = self._connection.execute(
                "SELECT broken, file, sum(records) FROM unit_group GROUP BY broken, file ORDER BY broken, file"
            ).fetchall()
            self._connection.execute("DROP TABLE unit_group")
        self._units += 1
        corrupt = {str(file): int(records) for broken, file, records in counts if broken}
        read = sum(int(records) for _, _, records in counts)
        self._read += read
        self._corrupt += sum(corrupt.values())
        return UnitCount(read, corrupt)

    def count_corrupt(self, records: int) -> None:
        """Count records that were found corrupt before they could stand in a unit."""
        self._read += records
        self._corrupt += records

    def corrupt_places(self, relation: str) -> tuple[tuple[str, int], ...]:
        """Return file and 0-based number of each corrupt record among a unit's records, in the order of the files.

        Asks the very projection that counted them, on one thread, so both always agree.
        """
        self._connection.execute("SET threads = 1")
        self._connection.execute("SET preserve_insertion_order = TRUE")
        try:
            return tuple(
                (str(file), int(number))
                for file, number in self._connection.execute(
                    f"""SELECT file, number FROM (
                      SELECT file, broken, row_number() OVER (PARTITION BY file ORDER BY position) - 1 AS number
                      FROM (SELECT *, row_number() OVER () AS position
                        FROM ({keyed(relation, since=None, until=None, salt=self._salt, dated=False)})))
                    WHERE broken ORDER BY file, number"""
                ).fetchall()
            )
        finally:
            self._connection.execute(f"SET threads = {THREADS}")
            self._connection.execute("SET preserve_insertion_order = FALSE")

    def find_repeats(self) -> bool:
        """Say whether any record was read more than once; the answer stands until the next scan."""
        if not self._kept:
            return False
        parts = -(-self._kept // _IDENTITIES_A_PART)
        for part in range(parts):
            self._connection.execute(
                """INSERT INTO repeated SELECT record_id FROM read_parquet(?) WHERE record_id % ?::UBIGINT = ?::UBIGINT
                GROUP BY record_id HAVING count(*) > 1""",
                [str(self._identities / "*.parquet"), parts, part],
            )
        return bool(self._one("SELECT count(*) > 0 FROM repeated"))

    def recount(self, relation: str) -> None:
        """Read the repeated records of a unit again, as narrow rows. Raises as `scan`."""
        with _refusals():
            self._connection.execute(
                f"""INSERT INTO narrow
                SELECT agreement, record_id, start_time // {HOUR}, {_COUNTERS}
                FROM ({keyed(relation, since=self._since, until=self._until, salt=self._salt, dated=self._dated)})
                SEMI JOIN repeated USING (record_id) WHERE reason = '' AND NOT broken"""
            )

    def settle_repeats(self) -> None:
        """Take back what repeated records counted too much, as rows of the grain that subtract it."""
        with self._transaction():
            self._connection.execute(
                f"""CREATE TEMP TABLE surplus AS
                SELECT agreement, any_value(hour) AS hour, count(*) - 1 AS copies,
                  count(DISTINCT ({_COUNTERS})) > 1 AS differ, {_SURPLUS}
                FROM narrow GROUP BY agreement, record_id"""
            )
            self._connection.execute(
                f"""INSERT INTO grain
                SELECT g.* REPLACE (-c.copies AS records, {_CORRECTED})
                FROM (SELECT DISTINCT ON (agreement) * FROM grain) AS g
                JOIN (SELECT agreement, sum(copies) AS copies, {_DELTAS} FROM surplus GROUP BY agreement) AS c
                USING (agreement)"""
            )
            self._connection.execute(
                "INSERT INTO moment SELECT NULL, hour, -sum(copies), NULL, NULL FROM surplus GROUP BY hour"
            )
            for differ, copies in self._connection.execute(
                "SELECT differ, sum(copies) FROM surplus GROUP BY differ"
            ).fetchall():
                reason = LeftOut.REPEATED_OTHER_COUNTERS if differ else LeftOut.REPEATED
                self._repeats[reason] = self._repeats.get(reason, 0) + int(copies)
            self._connection.execute("DROP TABLE surplus")

    def table(self) -> EvidenceTable:
        """Fold the grain into the evidence table."""
        evidence = sorted(self._evidence(self._sightings()), key=evidence_key)
        unplaced = self._connection.execute(
            """SELECT left_out, client_text, server_text, protocol_text, sum(records) FROM grain
            WHERE client IS NULL OR server IS NULL OR protocol IS NULL
            GROUP BY left_out, client_text, server_text, protocol_text"""
        ).fetchall()
        moments = self._connection.execute(
            "SELECT hour, sum(records), max(newest) FROM moment GROUP BY hour ORDER BY hour"
        ).fetchall()
        return EvidenceTable(
            evidence=tuple(evidence),
            unplaced=tuple(
                sorted(
                    Unplaced(LeftOut(reason), client, server, protocol, int(count))
                    for reason, client, server, protocol, count in unplaced
                )
            ),
            labels=labels_of(self._dictionaries.identities, self._directory),
            owner_unknown=owners_unknown(self._dictionaries.identities),
            records=Records(self._read, self._corrupt, dict(sorted(self._repeats.items()))),
            hours={int(hour): int(records) for hour, records, _ in moments},
            window_ends={int(hour): int(newest) for hour, _, newest in moments},
            slots=self._slots(),
        )

    def _slots(self) -> Mapping[str, Mapping[int, int]]:
        found = self._connection.execute(
            "SELECT text, hour, bit_or(slots) FROM moment JOIN node ON node.id = moment.node GROUP BY text, hour"
        ).fetchall()
        return slots_by_node((text, int(hour), int(mask)) for text, hour, mask in found)

    def _learn_moments(self, relation: str) -> None:
        """Add up the moments of ``unit_group`` by node and hour, and give each node its text again."""
        self._connection.execute(
            f"""INSERT INTO moment
            SELECT node, hour, count(*), max(hour * {HOUR} + ending), bit_or((1 << (last + 1)) - (1 << first))
            FROM (
              SELECT *, greatest(first, least({SLOTS_AN_HOUR - 1}, (ending - 1) // {SLOT})) AS last
              FROM (
                SELECT moment.node, moment.at >> {HOUR_SHIFT} AS hour, moment.at & {LONGEST_WINDOW} AS ending,
                  (moment.at >> {SLOT_SHIFT}) % {1 << (HOUR_SHIFT - SLOT_SHIFT)} AS first
                FROM (SELECT unnest(moments) AS moment FROM unit_group WHERE NOT broken AND reason = '')))
            GROUP BY node, hour"""
        )
        for texts in (
            "SELECT some_node AS text FROM unit_group WHERE NOT broken",
            f"SELECT {NODE} AS text FROM ({relation})",
        ):
            if self._one("SELECT count(*) > 0 FROM moment ANTI JOIN node ON node.id = moment.node"):
                self._connection.execute(
                    f"""INSERT INTO node SELECT DISTINCT hash(told.text), told.text FROM ({texts}) AS told
                    ANTI JOIN node ON node.id = hash(told.text)"""
                )

    def _keep_identities(self) -> None:
        """Keep the identities of a unit's records as a file, so that they take no memory until they are compared."""
        row = self._connection.execute(
            """COPY (SELECT unnest(record_ids) AS record_id FROM unit_group)
            TO ? (FORMAT parquet, COMPRESSION uncompressed)""",
            [str(self._identities / f"{self._units}.parquet")],
        ).fetchone()
        self._kept += 0 if row is None else int(row[0])

    def _sightings(self) -> Sightings:
        """Return what the addresses of servers outside the cluster carried."""
        endpoints = self._dictionaries.endpoints.values
        outside = [number for number, endpoint in enumerate(endpoints) if isinstance(endpoint, Network)]
        return read_sightings(
            self._connection.execute(sql("sightings"), {"sample": SAMPLE_SIZE, "outside": outside}).fetchall()
        )

    def _evidence(self, sightings: Sightings) -> Iterator[Evidence]:
        """Give the folded evidence, a few rows at a time, with one object for each hour that many rows share."""
        folded = self._connection.execute(sql("fold"), {"sample": SAMPLE_SIZE})
        hours: dict[int, int] = {}
        while rows := folded.fetchmany(_ROWS_A_FETCH):
            for row in rows:
                yield read_evidence(row, self._dictionaries, hours=hours, sightings=sightings)

    def _group(self, relation: str, *, by_text: bool) -> None:
        query = grouped(
            relation, since=self._since, until=self._until, salt=self._salt, dated=self._dated, by_text=by_text
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE unit_group AS {query}")

    @property
    def _dated(self) -> bool:
        return self._directory is not None and bool(self._directory.beginnings)

    def _one(self, query: str) -> int:
        row = self._connection.execute(query).fetchone()
        return 0 if row is None else int(row[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


@contextmanager
def _refusals() -> Iterator[None]:
    """Name the two ways in which DuckDB gives up on a unit."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise UnitTooWideError(str(error)) from error
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as error:
        raise UnitStoppedError(str(error)) from error
