"""Small flow logs, written by hand where a test needs to know every field."""

import json
from typing import Any

START = 1_772_409_600


def calico_line(**fields: Any) -> dict[str, Any]:
    """Return a Calico flow record: shop/web to shop/db on TCP 5432, allowed by the profile, seen by the source."""
    return {
        "host": "node-a",
        "start_time": START,
        "end_time": START + 300,
        "action": "allow",
        "bytes_in": 10,
        "bytes_out": 20,
        "packets_in": 1,
        "packets_out": 2,
        "source_ip": None,
        "source_name": "-",
        "source_name_aggr": "web-7d9f-*",
        "source_namespace": "shop",
        "source_port": None,
        "source_type": "wep",
        "source_labels": {"labels": ["app=web", "pod-template-hash=7d9f"]},
        "dest_ip": None,
        "dest_name": "-",
        "dest_name_aggr": "db-*",
        "dest_namespace": "shop",
        "dest_port": 5432,
        "dest_type": "wep",
        "dest_labels": {"labels": ["app=db", "controller-revision-hash=db-6d5f"]},
        "dest_service_name": "db",
        "dest_service_namespace": "shop",
        "dest_service_port": "pg",
        "dest_domains": None,
        "reporter": "src",
        "num_flows": 3,
        "num_flows_started": 2,
        "num_flows_completed": 1,
        "proto": "tcp",
        "policies": {
            "all_policies": ["0|__PROFILE__|__PROFILE__.kns.shop|allow|0"],
            "enforced_policies": ["0|__PROFILE__|__PROFILE__.kns.shop|allow|0"],
            "pending_policies": [],
        },
        "process_name": "-",
        "process_id": "-",
        "process_args": ["-"],
    } | fields


def encoded(record: dict[str, Any]) -> bytes:
    """Return a record as one line without its end."""
    return json.dumps(record, separators=(",", ":")).encode()


def lines(*records: dict[str, Any]) -> bytes:
    """Return records as JSON lines."""
    return b"".join(encoded(record) + b"\n" for record in records)
