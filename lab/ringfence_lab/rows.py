"""What the lines of one edge share: service, domains, verdict, policies and process, for each reporter.

Promises: both reporters where both exist (the source's node writes egress and the Service, the destination's node
writes ingress and ``-``), one where the other side is outside the cluster, and no destination row for denied egress.
Policy strings are Calico Enterprise's: ``0|__PROFILE__|__PROFILE__.kns.shop|allow|0``. Leaves the two sides to `faces`,
time and counters to `simulation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ringfence_lab.edge import Direction, Edge, TeamPolicy
from ringfence_lab.endpoint import Endpoint, Outside, Workload
from ringfence_lab.existing_policies import ExistingPolicies, enterprise_strings
from ringfence_lab.faces import members

Policies = Mapping[tuple[Workload, Direction], TeamPolicy] | ExistingPolicies
"""Who decides: the one policy of a workload's direction, or all policies of a cluster with tiers and staged ones."""

_ECHO_REQUEST: Final = 8 * 256


@dataclass(frozen=True, slots=True)
class Row:
    """One reporter's line of an edge. ``facts`` are the columns between the two sides and the counters."""

    reporter: Literal["src", "dst"]
    denied: bool
    facts: bytes


def rows(edge: Edge, *, policies: Policies, port: int | None = None) -> tuple[Row, ...]:
    """Return the rows that Calico would write of an edge; ``port`` is the one a passive server opened this time."""
    egress_denied = edge.denied_by is not None and edge.denied_by.direction == "egress"
    denied = edge.denied_by is not None
    written = []
    if isinstance(edge.client, Workload):
        written.append(
            _row(edge, reporter="src", local=edge.client, denied=egress_denied, policies=policies, port=port)
        )
    if isinstance(edge.server, Workload) and not egress_denied:
        written.append(_row(edge, reporter="dst", local=edge.server, denied=denied, policies=policies, port=port))
    return tuple(written)


def _row(
    edge: Edge, *, reporter: Literal["src", "dst"], local: Workload, denied: bool, policies: Policies, port: int | None
) -> Row:
    direction: Direction = "egress" if reporter == "src" else "ingress"
    action = "deny" if denied else "allow"
    service = edge.service if reporter == "src" else None
    domains = edge.server.domains if isinstance(edge.server, Outside) and reporter == "src" else ()
    if isinstance(policies, ExistingPolicies):
        enforced = enterprise_strings(policies.trace(edge, direction))
        pending = enterprise_strings(policies.trace(edge, direction, pending=True))
        every = [*enforced, *(hit for hit in pending if "staged:" in hit)]
    else:
        enforced = pending = every = [_hit(local, direction, denied=denied, policies=policies)]
    columns: dict[str, object] = {
        "dest_port": port if port is not None else _port(edge),
        "dest_service_namespace": service.namespace if service else "-",
        "dest_service_name": service.name if service else "-",
        "dest_service_port": service.port if service else "-",
        "dest_domains": list(domains) or None,
        "proto": edge.protocol.lower(),
        "action": action,
        "reporter": reporter,
        "policies": {
            "all_policies": every,
            "enforced_policies": enforced,
            "pending_policies": pending,
            "transit_policies": [],
        },
    }
    if edge.family != 4:  # noqa: PLR2004 - the version that needs no mention
        columns["family"] = edge.family
    match reporter:
        case "src":
            columns["nat_outgoing_ports"] = None
        case "dst":
            columns |= {"original_source_ips": None, "num_original_source_ips": 0}
    if local.process:
        columns |= {
            "process_name": local.process,
            "num_process_names": 1,
            "process_id": "*",
            "num_process_ids": 2,
            "process_args": ["-"],
            "num_process_args": 0,
        }
    return Row(reporter, denied, members(columns))


def _hit(
    local: Workload,
    direction: Direction,
    *,
    denied: bool,
    policies: Mapping[tuple[Workload, Direction], TeamPolicy],
) -> str:
    policy = policies.get((local, direction))
    if policy is None:
        return f"0|__PROFILE__|__PROFILE__.kns.{local.namespace}|allow|0"
    if denied:
        return f"0|default|{policy.text}|deny|{policy.deny_rule}"
    return f"0|default|{policy.text}|allow|{policy.allow_rule}"


def _port(edge: Edge) -> int | None:
    """Return what Calico writes in the port column: for SCTP 0, for ICMP type·256 + code, or nothing outside."""
    match edge.protocol:
        case "TCP" | "UDP":
            return edge.port
        case "SCTP":
            return 0
        case "ICMP":
            return _ECHO_REQUEST if _inside(edge.server) else None


def _inside(endpoint: Endpoint) -> bool:
    return isinstance(endpoint, Workload)
