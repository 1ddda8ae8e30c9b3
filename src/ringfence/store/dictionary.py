"""Dictionaries: each distinct text of a unit is read once by Python and joined from then on.

Promises: a text has one row for the life of the store; what the texts mean is `flows`' word alone. Leaves the grouped
scan to `temporary`.
"""

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import duckdb

from ringfence.flows.batch import SightingText
from ringfence.flows.directory import Directory
from ringfence.flows.identity import Identity, identify
from ringfence.flows.record_facts import domain_names, service_named, service_port
from ringfence.flows.sample import rank
from ringfence.flows.table import written
from ringfence.flows.traces import read_trace
from ringfence.model.endpoint import Endpoint
from ringfence.model.policy import ServiceRef
from ringfence.model.protocol import is_icmp, protocol_named, reports_ports
from ringfence.model.trace import Trace

SCHEMA: Final = """
CREATE TABLE sighting(type VARCHAR, namespace VARCHAR, name VARCHAR, name_aggr VARCHAR, owner VARCHAR, labels VARCHAR,
    written_address VARCHAR, early BOOLEAN, endpoint INTEGER, reason VARCHAR, address VARCHAR, address_rank VARCHAR,
    written VARCHAR);
CREATE TABLE beginning(type VARCHAR, text VARCHAR, second BIGINT);
CREATE TABLE protocol_text(text VARCHAR, name VARCHAR, ported BOOLEAN, typed BOOLEAN);
CREATE TABLE service_text(namespace VARCHAR, name VARCHAR, port VARCHAR, service INTEGER);
CREATE TABLE policies_text(text VARCHAR, outcome VARCHAR, trace INTEGER);
CREATE TABLE domains_text(text VARCHAR, names STRUCT(rank VARCHAR, text VARCHAR)[]);
"""

_SIDE: Final = ("type", "namespace", "name", "name_aggr", "owner", "labels", "address")
_NEW_SIGHTINGS: Final = f"""
SELECT DISTINCT {", ".join(f"source_{part}" for part in _SIDE)}, source_early FROM unit_group WHERE NOT broken
UNION
SELECT DISTINCT {", ".join(f"dest_{part}" for part in _SIDE)}, dest_early FROM unit_group WHERE NOT broken
EXCEPT
SELECT type, namespace, name, name_aggr, owner, labels, written_address, early FROM sighting
"""

T = TypeVar("T")
NamedService = tuple[ServiceRef | None, str | None]


class Numbered(Generic[T]):
    """Values numbered in the order they were first given."""

    def __init__(self) -> None:
        """Start without values."""
        self.values: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        """Return the number of a value, giving it the next one when it is new."""
        known = self._numbers.get(value)
        if known is None:
            known = len(self.values)
            self._numbers[value] = known
            self.values.append(value)
        return known


class Dictionaries:
    """The dictionaries of one store, in its tables and in memory. Grow with distinct texts, not with records."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, directory: Directory | None) -> None:
        """Create the tables. The directory says who endpoints are, where there is one."""
        self._connection, self._directory = connection, directory
        self.endpoints = Numbered[Endpoint]()
        self.traces = Numbered[Trace]()
        self.services = Numbered[NamedService]()
        self.identities: list[Identity] = []
        connection.execute(SCHEMA)
        if directory is not None:
            begun = sorted((*place, second) for place, second in directory.beginnings.items())
            self._insert("beginning", begun)

    def learn(self) -> None:
        """Read the texts of ``unit_group`` that are new."""
        self._learn_sightings()
        self._learn_texts("protocol_text", "protocol", _protocol_row)
        self._learn_texts("domains_text", "domains", _domains_row)
        self._learn_texts("policies_text", "policies", self._policies_row)
        self._learn_services()

    def _new(self, query: str) -> list[tuple[str, ...]]:
        return self._connection.execute(query).fetchall()

    def _insert(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        if not rows:
            return
        columns = [list(column) for column in zip(*rows, strict=True)]
        places = ", ".join("unnest(?)" for _ in columns)
        self._connection.execute(f"INSERT INTO {table} SELECT {places}", columns)

    def _learn_sightings(self) -> None:
        rows = []
        for *texts, early in sorted(self._connection.execute(_NEW_SIGHTINGS).fetchall()):
            sighting = SightingText(*texts)
            identity = identify(sighting, self._directory, early=early)
            self.identities.append(identity)
            endpoint = None if identity.endpoint is None else self.endpoints.number(identity.endpoint)
            reason = identity.left_out or ""
            rows.append((*texts, early, endpoint, reason, identity.address, rank(identity.address), written(sighting)))
        self._insert("sighting", rows)

    def _learn_texts(self, table: str, column: str, row: Callable[[str], tuple[object, ...]]) -> None:
        query = f"SELECT DISTINCT {column} FROM unit_group WHERE NOT broken EXCEPT SELECT text FROM {table}"
        self._insert(table, [row(text) for (text,) in sorted(self._new(query))])

    def _policies_row(self, text: str) -> tuple[object, ...]:
        word = read_trace(text)
        return text, word.outcome, None if word.trace is None else self.traces.number(word.trace)

    def _learn_services(self) -> None:
        query = """
            SELECT DISTINCT service_namespace, service_name, service_port FROM unit_group WHERE NOT broken
            EXCEPT SELECT namespace, name, port FROM service_text"""
        rows = []
        for namespace, name, port in sorted(self._new(query)):
            service = service_named(namespace, name)
            named = (service, None if service is None else service_port(port))
            rows.append((namespace, name, port, self.services.number(named)))
        self._insert("service_text", rows)


def _protocol_row(text: str) -> tuple[object, ...]:
    name = protocol_named(text)
    return text, name, name is not None and reports_ports(name), name is not None and is_icmp(name)


def _domains_row(text: str) -> tuple[object, ...]:
    return text, [{"rank": rank(name), "text": name} for name in domain_names(text)]
