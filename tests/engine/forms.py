"""Every form that flow records come in: a good record of it, and how records stand in a file.

The same exchange in each: shop/web calls shop/db on TCP 5432, allowed, seen by the client's side.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct

from ringfence.engine.reading import FlowFormat
from tests.engine.flow_lines import START, calico_line

Json = dict[str, Any]

STEP: Final = 60
"""Seconds from one record to the next, so that no two are the same."""


def rfc3339(seconds: int) -> str:
    """Return Unix seconds as protobuf and Go write them."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def calico(number: int) -> Json:
    """Return the n-th line of Calico Enterprise."""
    start = START + STEP * number
    return calico_line(start_time=start, end_time=start + 300)


def wrapped(number: int) -> Json:
    """Return the same as Elasticsearch's hit."""
    return {"_index": "flows", "_source": calico(number)}


def pushed(number: int) -> Json:
    """Return the n-th flow of Goldmane's emitter."""
    start = START + STEP * number
    hit = {"kind": 1, "namespace": "shop", "name": "web-egress", "tier": "default", "action": 1, "rule_index": 2}
    return {
        "Key": {
            "source_name": "web-7d9f-*",
            "source_namespace": "shop",
            "source_type": 1,
            "dest_name": "db-*",
            "dest_namespace": "shop",
            "dest_type": 1,
            "dest_port": 5432,
            "dest_service_name": "db",
            "dest_service_namespace": "shop",
            "dest_service_port_name": "pg",
            "dest_service_port": 5432,
            "proto": "tcp",
            "reporter": 1,
            "action": 1,
            "policies": {"enforced_policies": [hit]},
        },
        "start_time": start,
        "end_time": start + 300,
        "source_labels": ["app=web", "pod-template-hash=7d9f"],
        "dest_labels": ["app=db"],
        "packets_in": 1,
        "packets_out": 2,
        "bytes_in": 10,
        "bytes_out": 20,
        "num_connections_started": 2,
    }


def result(number: int) -> Json:
    """Return the n-th ``FlowResult``."""
    return {"id": str(number + 1), "flow": pushed(number)}


def whisker(number: int) -> Json:
    """Return the n-th item of Whisker's list."""
    start = START + STEP * number
    hit = {"kind": "CalicoNetworkPolicy", "name": "web-egress", "namespace": "shop", "tier": "default"}
    return {
        "start_time": rfc3339(start),
        "end_time": rfc3339(start + 300),
        "action": "Allow",
        "source_name": "web-7d9f-*",
        "source_namespace": "shop",
        "source_labels": "app=web | pod-template-hash=7d9f",
        "dest_name": "db-*",
        "dest_namespace": "shop",
        "dest_labels": "app=db",
        "protocol": "tcp",
        "dest_port": 5432,
        "reporter": "Src",
        "policies": {
            "enforced": [{**hit, "action": "Allow", "policy_index": 0, "rule_index": 2, "trigger": None}],
            "pending": None,
        },
        "packets_in": 1,
        "packets_out": 2,
        "bytes_in": 10,
        "bytes_out": 20,
    }


def bare(number: int) -> Json:
    """Return the n-th flow of Hubble without its envelope."""
    return {
        "time": rfc3339(START + STEP * number).removesuffix("Z") + ".118273645Z",
        "verdict": "FORWARDED",
        "IP": {"source": "10.0.1.23", "destination": "10.0.2.41", "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": 43122, "destination_port": 5432}},
        "source": {
            "identity": 51234,
            "namespace": "shop",
            "labels": ["k8s:app=web"],
            "pod_name": "web-7d9f-x2x9k",
            "workloads": [{"name": "web", "kind": "Deployment"}],
        },
        "destination": {"identity": 60021, "namespace": "shop", "labels": ["k8s:app=db"], "pod_name": "db-0"},
        "Type": "L3_L4",
        "node_name": "node-a",
        "event_type": {"type": 5},
        "traffic_direction": "EGRESS",
        "is_reply": False,
    }


def enveloped(number: int) -> Json:
    """Return the same in the exporter's envelope."""
    flow = bare(number)
    return {"flow": flow, "node_name": "node-a", "time": flow["time"]}


class Form(Struct, frozen=True):
    """One form of one format: its record, where a file keeps records, and where a required field stands in a record.

    ``before`` and ``after`` are what surrounds the records of a file, ``lead`` and ``end`` what surrounds each, and
    ``between`` what parts two. ``required`` is the path of a time without which a record is corrupt.
    """

    family: FlowFormat
    record: Callable[[int], Json]
    required: tuple[str, ...]
    before: bytes = b""
    after: bytes = b""
    lead: bytes = b""
    between: bytes = b"\n"
    lines_each: int = 1

    @property
    def is_document(self) -> bool:
        """Say whether one JSON value holds all records."""
        return bool(self.after)

    def good(self, count: int) -> list[bytes]:
        """Return so many good records."""
        return [encoded(self.record(number)) for number in range(count)]

    def file(self, records: Sequence[bytes]) -> bytes:
        """Return a file of these records."""
        end = self.after or self.between
        return self.before + self.between.join(self.lead + record for record in records) + end

    def line(self, index: int) -> int:
        """Return the number by which a record is named, the first having index 0: its line, or its place in a list."""
        return 1 + index * self.lines_each

    def without_time(self, number: int) -> Json:
        """Return a record without a time that it must have."""
        record = self.record(number)
        *place, name = self.required
        within = record
        for key in place:
            within = within[key]
        del within[name]
        return record


def encoded(record: object) -> bytes:
    """Return a value as compact JSON."""
    return json.dumps(record, separators=(",", ":")).encode()


FORMS: Final[Mapping[str, Form]] = {
    "calico": Form("calico", calico, ("start_time",)),
    "calico in _source": Form("elasticsearch", wrapped, ("_source", "start_time")),
    "hits.hits": Form("elasticsearch", wrapped, ("_source", "start_time"), b'{"hits":{"hits":[', b"]}}\n", b"", b","),
    "goldmane push": Form("goldmane", pushed, ("end_time",)),
    "goldmane results": Form("goldmane", result, ("flow", "end_time")),
    "goldmane list": Form("goldmane", result, ("flow", "end_time"), b'{"flows":[', b"]}\n", b"", b","),
    "whisker": Form("whisker", whisker, ("start_time",)),
    "whisker list": Form(
        "whisker", whisker, ("start_time",), b'{"items":[', b'],"total":{"totalPages":1}}\n', b"", b","
    ),
    "whisker events": Form("whisker", whisker, ("start_time",), lead=b"data: ", between=b"\n\n", lines_each=2),
    "hubble": Form("hubble", enveloped, ("flow", "time")),
    "hubble bare": Form("hubble", bare, ("time",)),
}
LINES: Final = tuple(name for name, form in FORMS.items() if not form.is_document and not form.lead)
"""The forms that are plain JSON lines."""
