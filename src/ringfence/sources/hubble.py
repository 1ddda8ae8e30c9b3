"""Hubble flows as JSON lines: exporter files, ``hubble observe -o jsonpb`` and ``-o json``, and the legacy bare form.

Promises: a SQL projection from such files onto the columns of `batch`. Hubble flows name no policies to judge by, so
the projection states the outcome itself: FORWARDED, REDIRECTED and AUDIT are Allowed when the flow is known to be a
request, DROPPED with a policy reason is Denied, everything else is Unknown. A flow that does not say whether it is a
reply is never taken for a request. Lines about the source itself (lost events, node status, agent and debug events) are
left out as control messages. Labels lose their ``k8s:`` prefix; an ICMP type and code stand in the port column as
type·256+code, as Calico writes them. Source: Cilium's flow.proto and observer.proto, protobuf's JSON mapping.
"""

from collections.abc import Sequence
from typing import Final

from ringfence.flows.left_out import LeftOut
from ringfence.sources.json_lines import json_lines
from ringfence.sources.required_field import Holds, RequiredField
from ringfence.sources.sampling import IS_SAMPLED, SAMPLING_FIELDS

REQUIRED: Final = (RequiredField("time", Holds.TIME), RequiredField("verdict", Holds.TEXT))

_ENDPOINT: Final = (
    "STRUCT(identity BIGINT, namespace VARCHAR, labels VARCHAR, pod_name VARCHAR, "
    'workloads STRUCT("name" VARCHAR, kind VARCHAR)[])'
)
_PORTS: Final = "STRUCT(source_port BIGINT, destination_port BIGINT)"
_ICMP: Final = 'STRUCT("type" BIGINT, code BIGINT)'
_SERVICE: Final = 'STRUCT("name" VARCHAR, namespace VARCHAR)'
_FIELDS: Final = {
    "time": "VARCHAR",
    "uuid": "VARCHAR",
    "verdict": "VARCHAR",
    "drop_reason_desc": "VARCHAR",
    "drop_reason": "BIGINT",
    "IP": 'STRUCT("source" VARCHAR, destination VARCHAR)',
    "l4": f"STRUCT(TCP {_PORTS}, UDP {_PORTS}, SCTP {_PORTS}, ICMPv4 {_ICMP}, ICMPv6 {_ICMP}, VRRP VARCHAR, "
    "IGMP VARCHAR)",
    "source": _ENDPOINT,
    "destination": _ENDPOINT,
    "Type": "VARCHAR",
    "node_name": "VARCHAR",
    "destination_names": "VARCHAR",
    "reply": "BOOLEAN",
    "is_reply": "BOOLEAN",
    "event_type": 'STRUCT("type" BIGINT, sub_type BIGINT)',
    "traffic_direction": "VARCHAR",
    "l7": 'STRUCT("type" VARCHAR)',
    "source_service": _SERVICE,
    "destination_service": _SERVICE,
}
_CONTROL: Final = ("node_status", "lost_events", "agent_event", "debug_event")
_L7_SAMPLE: Final = "SAMPLE"
_POLICY_DROPS: Final = ("POLICY_DENIED", "POLICY_DENY")
_POLICY_DROP_CODES: Final = (133, 181)


def relation(files: Sequence[str], *, bare: bool) -> str:
    """Return SQL that reads the files onto the columns of `batch`. ``bare``: flows stand without an envelope."""
    beside = {**dict.fromkeys(_CONTROL, "VARCHAR"), **SAMPLING_FIELDS}
    if bare:
        scan = f"(SELECT * FROM {json_lines(files, {**_FIELDS, **beside})})"
    else:
        struct = ", ".join(f'"{name}" {kind}' for name, kind in _FIELDS.items())
        lines = json_lines(files, {"flow": f"STRUCT({struct})", **beside})
        scan = f"(SELECT filename, unnest(flow), {', '.join(beside)} FROM {lines})"
    is_control = " OR ".join(f"{name} IS NOT NULL" for name in _CONTROL)
    is_reply = "coalesce(is_reply, CASE WHEN reply THEN TRUE END)"
    drops = ", ".join(f"'{reason}'" for reason in _POLICY_DROPS)
    codes = ", ".join(str(code) for code in _POLICY_DROP_CODES)
    seconds = "floor(epoch(try_cast(time AS TIMESTAMPTZ)))::BIGINT"
    return f"""
SELECT
  {_side("source", "IP.source")},
  {_side("destination", "IP.destination")},
  CASE WHEN l4.TCP IS NOT NULL THEN 'tcp' WHEN l4.UDP IS NOT NULL THEN 'udp' WHEN l4.SCTP IS NOT NULL THEN 'sctp'
    WHEN l4.ICMPv4 IS NOT NULL THEN 'icmp' WHEN l4.ICMPv6 IS NOT NULL THEN 'icmp6'
    WHEN l4.VRRP IS NOT NULL THEN 'vrrp' WHEN l4.IGMP IS NOT NULL THEN 'igmp' ELSE '' END AS protocol,
  CASE WHEN l4.ICMPv4 IS NOT NULL THEN coalesce(l4.ICMPv4.type, 0) * 256 + coalesce(l4.ICMPv4.code, 0)
    WHEN l4.ICMPv6 IS NOT NULL THEN coalesce(l4.ICMPv6.type, 0) * 256 + coalesce(l4.ICMPv6.code, 0)
    ELSE coalesce(l4.TCP.destination_port, l4.UDP.destination_port, l4.SCTP.destination_port) END AS dest_port,
  destination_service.namespace AS service_namespace, destination_service.name AS service_name, '' AS service_port,
  destination_names AS domains,
  CASE traffic_direction WHEN 'EGRESS' THEN 'src' WHEN 'INGRESS' THEN 'dst' ELSE '' END AS reporter,
  verdict AS action, '' AS policies,
  CASE WHEN verdict IN ('FORWARDED', 'REDIRECTED', 'AUDIT') AND {is_reply} = FALSE THEN 'Allowed'
    WHEN verdict = 'DROPPED' AND (drop_reason_desc IN ({drops}) OR drop_reason IN ({codes})) THEN 'Denied'
    ELSE 'Unknown' END AS stated_outcome,
  CASE WHEN {is_control} THEN '{LeftOut.CONTROL_MESSAGE}' WHEN {is_reply} THEN '{LeftOut.REPLY}'
    WHEN {IS_SAMPLED} OR l7.type = '{_L7_SAMPLE}' THEN '{LeftOut.SAMPLED}' ELSE '' END AS stated_left_out,
  node_name AS node,
  CASE WHEN {is_control} THEN 1 ELSE {seconds} END AS start_time,
  CASE WHEN {is_control} THEN 1 ELSE {seconds} + 1 END AS end_time,
  hash(uuid, CASE WHEN uuid IS NULL THEN (time, IP, l4, event_type) END) AS distinction,
  NULL::BIGINT AS connections, NULL::BIGINT AS packets_in, NULL::BIGINT AS packets_out, NULL::BIGINT AS bytes_in,
  NULL::BIGINT AS bytes_out,
  NOT ({is_control}) AND (verdict IS NULL OR {seconds} IS NULL) AS corrupt,
  filename AS file
FROM {scan}"""


def _side(side: str, address: str) -> str:
    """Return SQL for one side. Identities 1, 6 and 7 are nodes; a pod has a namespace; the rest is outside."""
    prefix = "source" if side == "source" else "dest"
    host = f"{side}.identity IN (1, 6, 7)"
    pod = f"coalesce({side}.namespace, '') <> '' AND coalesce({side}.pod_name, '') <> ''"
    local = f"{side}.identity = 1 AND coalesce(node_name, '') <> ''"
    return f"""CASE WHEN {pod} THEN 'wep' WHEN {host} THEN 'hep' ELSE 'net' END AS {prefix}_type,
  {side}.namespace AS {prefix}_namespace,
  CASE WHEN {pod} THEN {side}.pod_name WHEN {local} THEN regexp_extract(node_name, '[^/]*$') ELSE '' END
    AS {prefix}_name,
  '' AS {prefix}_name_aggr,
  CASE WHEN len({side}.workloads) = 1 THEN {side}.workloads[1].kind || '/' || {side}.workloads[1].name ELSE '' END
    AS {prefix}_owner,
  replace({side}.labels, '"k8s:', '"') AS {prefix}_labels,
  {address} AS {prefix}_address"""
