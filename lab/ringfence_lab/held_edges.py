"""Find an edge of truth among the edges that a report holds.

Promises: the same ends, protocol and port. An end without a name in the report fits by kind and address.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ringfence_lab.case import JudgedEdge


def holds(held: Mapping[str, Any], edge: JudgedEdge) -> bool:
    """Say whether an edge as a report writes it is an edge of truth."""
    port = held.get("port")
    return (
        str(held.get("protocol")).upper() == edge.protocol.upper()
        and (None if port is None else str(port)) == (None if edge.port is None else str(edge.port))
        and _same(held.get("client") or {}, edge.written["client"])
        and _same(held.get("server") or {}, edge.written["server"])
    )


def _same(reported: Mapping[str, Any], true: Mapping[str, Any]) -> bool:
    if true["kind"] in {"Workload", "NetworkSet"}:
        named = ("kind", "namespace", "name", *(("workloadKind",) if true["kind"] == "Workload" else ()))
        return all(reported.get(field) == true.get(field) for field in named)
    address = reported.get("address")
    if address is not None:
        known: Sequence[str] = true["addresses"]
        return str(address).removesuffix("/32").removesuffix("/128") in known
    return bool(reported.get("kind") == true["kind"])
