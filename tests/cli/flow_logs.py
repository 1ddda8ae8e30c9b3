"""Flow logs of a small shop over one day, written to a file by the tests that run the whole command line."""

from pathlib import Path
from typing import Any

from tests.engine.flow_lines import START, calico_line, lines

HOUR = 3600
GATEWAY = {
    "source_namespace": "edge",
    "source_name_aggr": "gateway-5c4d-*",
    "source_labels": {"labels": ["app=gateway", "pod-template-hash=5c4d"]},
}
WEB = {
    "dest_namespace": "shop",
    "dest_name_aggr": "web-7d9f-*",
    "dest_labels": {"labels": ["app=web", "pod-template-hash=7d9f"]},
    "dest_service_name": "web",
    "dest_port": 8080,
}
DENIED = {
    "all_policies": ["0|default|shop/default.deny-all|deny|-1"],
    "enforced_policies": ["0|default|shop/default.deny-all|deny|-1"],
    "pending_policies": [],
}


def records() -> list[dict[str, Any]]:
    """Return 24 hours of: gateway to web (both reporters), web to db, and gateway to db denied."""
    found: list[dict[str, Any]] = []
    for hour in range(24):
        times = {"start_time": START + hour * HOUR, "end_time": START + hour * HOUR + 300}
        denied = GATEWAY | {"reporter": "dst", "action": "deny", "policies": DENIED, "source_ip": "10.0.0.9"}
        found += [
            calico_line(**times, **GATEWAY, **WEB),
            calico_line(**times, **GATEWAY, **WEB, reporter="dst"),
            calico_line(**times),
            calico_line(**times, **denied),
        ]
    return found


def written_flows(folder: Path, *, corrupt: int = 0) -> Path:
    """Write the flow log, with corrupt lines at its end, and return its path."""
    path = folder / "flows.jsonl"
    path.write_bytes(lines(*records()) + b"{broken\n" * corrupt)
    return path
