"""Decode one line of each format slowly, by what the formats' own documents say of them.

Shares no code with the program's readers: it turns a line into a typed row of the frontier, or into None where the
line is corrupt. What odd values mean is written in the table of docs/design/reading.md.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ringfence.flows.batch import Record, SightingText

Json = Mapping[str, Any]
Decoder = Callable[[bytes], Record | None]

_LAST_SECOND: Final = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
_BITS: Final = 63
_marks: dict[str, int] = {}


@dataclass(frozen=True)
class NoNumber:
    """What JSON has no number for: ``NaN`` or an infinity, as it is written."""

    token: str


class Corrupt(Exception):  # noqa: N818 - what a line is, not what went wrong here
    """The line is no record of the format."""


def _object(line: bytes) -> Json:
    """Return the object on a line: the first of two equal keys counts, other kinds of value are no records."""
    try:
        value = json.loads(line.decode(), object_pairs_hook=_first_of_each, parse_constant=NoNumber)
        json.dumps(value, ensure_ascii=False, default=str).encode()  # no lone surrogate, however deep
    except ValueError as error:
        raise Corrupt from error
    if not isinstance(value, dict):
        raise Corrupt
    return value


def _first_of_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def _text(value: Any) -> str | None:
    """Return the text that a value is: null is none, a number its digits, a list or an object its JSON."""
    match value:
        case None | str():
            return value
        case NoNumber(token):
            return token
        case _:
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)


def _whole(value: Any) -> int | None:
    """Return the whole number that a value is: fractions round, quoted numbers are numbers, others are unknown."""
    try:
        number = round(float(value)) if isinstance(value, float) or "e" in str(value) else int(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return number if -(2**_BITS) <= number < 2**_BITS else None


def _part(value: Any) -> Json:
    """Return an object, empty where the value is something else."""
    return value if isinstance(value, dict) else {}


def _seconds(value: Any) -> int:
    """Return Unix seconds that a record can have."""
    number = _whole(value)
    if number is None or not 0 <= number <= _LAST_SECOND:
        raise Corrupt
    return number


def _moment(value: Any) -> int:
    """Return the second that an RFC 3339 text names; a time without a zone is read as UTC."""
    try:
        whole, dot, rest = str(value).partition(".")
        zone = rest.lstrip("0123456789") if dot else ""
        moment = datetime.fromisoformat(whole + zone)
    except ValueError as error:
        raise Corrupt from error
    return _seconds(int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()))


def _needed(*values: Any) -> None:
    if any(value is None for value in values):
        raise Corrupt


def _mark(*values: Any) -> int:
    """Return a number that is the same for the same values."""
    return _marks.setdefault(json.dumps(values, default=str), len(_marks) + 1)


def _sampled(record: Json) -> str:
    """Return why a record of a sample is left out."""
    rate = record.get("sample_rate")
    return "" if rate is None or rate in (1, "1", 1.0, "1.0") else "sampled"


# Calico


def calico(line: bytes) -> Record | None:
    """Decode a line of Calico Enterprise's flow log."""
    try:
        return _calico(_object(line))
    except Corrupt:
        return None


def wrapped(line: bytes) -> Record | None:
    """Decode a hit of Elasticsearch with such a flow log in it."""
    try:
        return _calico(_part(_object(line).get("_source")))
    except Corrupt:
        return None


def _calico(flow: Json) -> Record:
    text = {name: _text(value) for name, value in flow.items()}
    _needed(*(text.get(name) for name in ("reporter", "proto", "source_type", "dest_type")))
    policies = _part(flow.get("policies"))
    traces = (_text(policies.get(name)) for name in ("enforced_policies", "all_policies"))
    numbers = {name: _whole(flow.get(name)) for name in ("packets_in", "packets_out", "bytes_in", "bytes_out")}
    started = _whole(flow.get("num_flows_started"))
    return Record(
        source=_calico_side(text, "source"),
        dest=_calico_side(text, "dest"),
        protocol=text["proto"] or "",
        dest_port=_whole(flow.get("dest_port")),
        reporter=text["reporter"] or "",
        node=text.get("host") or "",
        start_time=_seconds(flow.get("start_time")),
        end_time=_seconds(flow.get("end_time")),
        service_namespace=text.get("dest_service_namespace") or "",
        service_name=text.get("dest_service_name") or "",
        service_port=text.get("dest_service_port") or "",
        domains=text.get("dest_domains") or "",
        action=text.get("action") or "",
        policies=next((trace for trace in traces if trace is not None), ""),
        stated_left_out=_sampled(flow),
        distinction=_mark(_whole(flow.get("source_port")), *(text.get(f"process_{name}") for name in _PROCESS)),
        connections=_whole(flow.get("num_flows")) if started is None else started,
        **numbers,
    )


_PROCESS: Final = ("name", "id", "args")


def _calico_side(text: Mapping[str, str | None], side: str) -> SightingText:
    names = ("type", "namespace", "name", "name_aggr", "labels")
    found = {name: text.get(f"{side}_{name}") or "" for name in names}
    return SightingText(**found, address=text.get(f"{side}_ip") or "")


# Goldmane

_KINDS: Final = (*("", "np", "gnp", "snp", "sgnp", "sknp", "knp", "", "", "pro", "eot", "kcnp"),)
_KIND_NAMES: Final = (
    *("KindUnspecified", "CalicoNetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy"),
    *("StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy", "NetworkPolicy", "AdminNetworkPolicy"),
    *("BaselineAdminNetworkPolicy", "Profile", "EndOfTier", "ClusterNetworkPolicy"),
)
_ACTIONS: Final = ("ActionUnspecified", "Allow", "Deny", "Pass")
_TYPES: Final = ("EndpointTypeUnspecified", "WorkloadEndpoint", "HostEndpoint", "NetworkSet", "Network")
_REPORTERS: Final = ("ReporterUnspecified", "Src", "Dst")


def _enum(value: Any, names: Sequence[str]) -> int | None:
    """Return the number of an enum's value, written by name or number; absent is zero."""
    text = _text(value) or "0"
    numbers = {name: number for number, name in enumerate(names)} | {
        str(number): number for number in range(len(names))
    }
    return numbers.get(text)


def _either(fields: Json, name: str) -> Any:
    """Return a field by its name or by protobuf's JSON name."""
    first, *others = name.split("_")
    camel = first + "".join(other.capitalize() for other in others)
    return fields.get(camel) if fields.get(name) is None else fields.get(name)


def pushed(line: bytes) -> Record | None:
    """Decode a line of Goldmane's emitter."""
    try:
        flow = _object(line)
        return _goldmane(flow, identity=None, stated=_sampled(flow))
    except Corrupt:
        return None


def result(line: bytes) -> Record | None:
    """Decode a ``FlowResult``."""
    try:
        whole = _object(line)
        return _goldmane(_part(whole.get("flow")), identity=_text(whole.get("id")), stated=_sampled(whole))
    except Corrupt:
        return None


def _goldmane(flow: Json, *, identity: str | None, stated: str) -> Record:
    key = flow.get("Key")
    if not isinstance(key, dict):
        raise Corrupt
    if all(_either(key, name) is None for name in ("proto", "source_name", "dest_name", "policies")):
        raise Corrupt
    start, end = (_seconds(_or_zero(_either(flow, name))) for name in ("start_time", "end_time"))
    if start and not end:
        raise Corrupt
    port_name, service_port = _text(_either(key, "dest_service_port_name")), _whole(_either(key, "dest_service_port"))
    port = str(service_port) if (service_port or 0) > 0 else ""
    return Record(
        source=_goldmane_side(key, flow, "source"),
        dest=_goldmane_side(key, flow, "dest"),
        protocol=_text(key.get("proto")) or "",
        dest_port=_whole(_either(key, "dest_port")) or 0,
        reporter=("", "src", "dst")[_enum(key.get("reporter"), _REPORTERS) or 0],
        node="",
        start_time=start,
        end_time=end,
        service_namespace=_text(_either(key, "dest_service_namespace")) or "",
        service_name=_text(_either(key, "dest_service_name")) or "",
        service_port=port if port_name in (None, "", "-") else port_name,
        action=_action(_enum(key.get("action"), _ACTIONS)),
        policies=_trace(_either(_part(key.get("policies")), "enforced_policies")),
        stated_left_out=stated,
        distinction=_mark(identity),
        connections=_whole(_or_zero(_either(flow, "num_connections_started"))),
        packets_in=_whole(_or_zero(_either(flow, "packets_in"))),
        packets_out=_whole(_or_zero(_either(flow, "packets_out"))),
        bytes_in=_whole(_or_zero(_either(flow, "bytes_in"))),
        bytes_out=_whole(_or_zero(_either(flow, "bytes_out"))),
    )


def _or_zero(value: Any) -> Any:
    return 0 if value is None else value


def _action(number: int | None) -> str:
    return ("", "allow", "deny", "pass")[number or 0]


def _goldmane_side(key: Json, flow: Json, side: str) -> SightingText:
    return SightingText(
        type=("", "wep", "hep", "ns", "net")[_enum(_either(key, f"{side}_type"), _TYPES) or 0],
        namespace=_text(_either(key, f"{side}_namespace")) or "",
        name=_text(_either(key, f"{side}_name")) or "",
        labels=_text(_either(flow, f"{side}_labels") or None) or "",
    )


def _trace(hits: Any) -> str:
    """Return hits as the strings that open-source Calico writes, by index; what it could not write has no meaning."""
    placed = [_hit(_part(hit)) for hit in hits] if isinstance(hits, list) else []
    return json.dumps([text for _, text in sorted(placed)], separators=(",", ":"), ensure_ascii=False)


def _hit(hit: Json) -> tuple[int, str]:
    index = _whole(_or_zero(_either(hit, "policy_index")))
    kind, action = _enum(hit.get("kind"), _KIND_NAMES), _action(_enum(hit.get("action"), _ACTIONS))
    named = _part(hit.get("trigger")) if kind == _KIND_NAMES.index("EndOfTier") else hit
    of, name, namespace = _enum(named.get("kind"), _KIND_NAMES), _text(named.get("name")), named.get("namespace")
    rule: Any = _whole(_or_zero(_either(hit, "rule_index")))
    tier = "__PROFILE__" if kind == _KIND_NAMES.index("Profile") else _text(hit.get("tier")) or ""
    policy = f"{'' if of is None else _KINDS[of]}:{'' if namespace in (None, '', '-') else f'{namespace}/'}{name or ''}"
    if named is not hit:
        rule, policy = -1, "eot:" if not of and not name else policy
    if policy.startswith(":") or not action or index is None or rule is None:
        return 0, "without meaning"
    return index, f"{index}|{tier}|{policy}|{action}|{rule}"


# Whisker


def whisker(line: bytes) -> Record | None:
    """Decode an item of Whisker's list."""
    try:
        return _whisker(_object(line))
    except Corrupt:
        return None


def _whisker(item: Json) -> Record:
    text = {name: _text(value) for name, value in item.items()}
    _needed(*(text.get(name) for name in ("source_name", "dest_name", "protocol", "start_time", "end_time")))
    reporter = {"Src": "src", "Dst": "dst"}.get(text.get("reporter") or "", "")
    return Record(
        source=_whisker_side(text, "source", reports=reporter == "src"),
        dest=_whisker_side(text, "dest", reports=reporter == "dst"),
        protocol=text["protocol"] or "",
        dest_port=_whole(item.get("dest_port")),
        reporter=reporter,
        node="",
        start_time=_moment(text["start_time"]),
        end_time=_moment(text["end_time"]),
        action={"Allow": "allow", "Deny": "deny", "Pass": "pass"}.get(text.get("action") or "", ""),
        policies=_trace(_part(item.get("policies")).get("enforced")),
        stated_left_out=_sampled(item),
        packets_in=_whole(item.get("packets_in")),
        packets_out=_whole(item.get("packets_out")),
        bytes_in=_whole(item.get("bytes_in")),
        bytes_out=_whole(item.get("bytes_out")),
    )


def _whisker_side(text: Mapping[str, str | None], side: str, *, reports: bool) -> SightingText:
    """Return a side; Whisker tells no types, so only what reports or is aggregated is known to be a workload."""
    name, namespace = text.get(f"{side}_name") or "", text.get(f"{side}_namespace") or ""
    labels = text.get(f"{side}_labels")
    network = {"PUBLIC NETWORK": "pub", "PRIVATE NETWORK": "pvt"}.get(name)
    pod = namespace not in ("", "-") and (reports or name.endswith("*"))
    return SightingText(
        type="net" if network else "wep" if pod else "",
        namespace=namespace,
        name=network or name,
        labels=json.dumps(labels.split(" | "), separators=(",", ":"), ensure_ascii=False) if labels else "",
    )


# Hubble

_CONTROL: Final = ("node_status", "lost_events", "agent_event", "debug_event")
_PROTOCOLS: Final = ("TCP", "UDP", "SCTP", "ICMPv4", "ICMPv6", "VRRP", "IGMP")
_NODES: Final = (1, 6, 7)


def hubble(line: bytes) -> Record | None:
    """Decode a line of Hubble's exporter or of ``hubble observe``."""
    try:
        event = _object(line)
        return _hubble(_part(event.get("flow")), event)
    except Corrupt:
        return None


def bare(line: bytes) -> Record | None:
    """Decode a flow without an envelope."""
    try:
        event = _object(line)
        return _hubble(event, event)
    except Corrupt:
        return None


def _hubble(flow: Json, event: Json) -> Record:
    control = any(event.get(name) is not None for name in _CONTROL)
    layer = _part(flow.get("l4"))
    protocol = next((name for name in _PROTOCOLS if layer.get(name) is not None), None)
    ports = _part(layer.get(protocol)) if protocol else {}
    if control:
        start, end = 1, 2
    else:
        _needed(_text(flow.get("verdict")))
        start = _moment(flow.get("time"))
        end = start + 1
    is_reply = flow.get("is_reply")
    reply = is_reply if isinstance(is_reply, bool) else True if flow.get("reply") is True else None
    sampled = _sampled(event) or ("sampled" if _part(flow.get("l7")).get("type") == "SAMPLE" else "")
    address, service = _part(flow.get("IP")), _part(flow.get("destination_service"))
    uuid = _text(flow.get("uuid"))
    told = _mark(flow.get("time"), address, layer, _part(flow.get("event_type"))) if uuid is None else _mark(uuid)
    return Record(
        source=_hubble_side(flow, "source", _text(address.get("source"))),
        dest=_hubble_side(flow, "destination", _text(address.get("destination"))),
        protocol={"ICMPv4": "icmp", "ICMPv6": "icmp6"}.get(protocol or "", (protocol or "").lower()),
        dest_port=_hubble_port(protocol or "", ports),
        reporter={"EGRESS": "src", "INGRESS": "dst"}.get(_text(flow.get("traffic_direction")) or "", ""),
        node=_text(flow.get("node_name")) or "",
        start_time=start,
        end_time=end,
        service_namespace=_text(service.get("namespace")) or "",
        service_name=_text(service.get("name")) or "",
        domains=_text(flow.get("destination_names")) or "",
        action=_text(flow.get("verdict")) or "",
        stated_outcome=_outcome(flow, reply=reply),
        stated_left_out="control-message" if control else "reply" if reply else sampled,
        distinction=told,
    )


def _outcome(flow: Json, *, reply: bool | None) -> str:
    """Return what a verdict says; a flow that may be a reply says nothing of who may call whom."""
    match flow.get("verdict"):
        case "FORWARDED" | "REDIRECTED" | "AUDIT" if reply is False:
            return "Allowed"
        case "DROPPED":
            denied = flow.get("drop_reason_desc") in ("POLICY_DENIED", "POLICY_DENY")
            return "Denied" if denied or _whole(flow.get("drop_reason")) in (133, 181) else "Unknown"
        case _:
            return "Unknown"


def _hubble_port(protocol: str, ports: Json) -> int | None:
    """Return the port, or type·256+code of an ICMP message, where absent is zero."""
    if protocol in ("ICMPv4", "ICMPv6"):
        return (_whole(ports.get("type")) or 0) * 256 + (_whole(ports.get("code")) or 0)
    return _whole(ports.get("destination_port"))


def _hubble_side(flow: Json, side: str, address: str | None) -> SightingText:
    """Return a side: a pod has a namespace and a name, identities 1, 6 and 7 are nodes, the rest is outside."""
    end = _part(flow.get(side))
    identity, namespace, pod = _whole(end.get("identity")), _text(end.get("namespace")), _text(end.get("pod_name"))
    listed = end.get("workloads")
    workloads = [_part(each) for each in listed] if isinstance(listed, list) else []
    kind, name = (_text(workloads[0].get(part)) for part in ("kind", "name")) if len(workloads) == 1 else (None, None)
    here = (_text(flow.get("node_name")) or "").rpartition("/")[2] if identity == 1 else ""
    is_pod = bool(namespace and pod)
    return SightingText(
        type="wep" if is_pod else "hep" if identity in _NODES else "net",
        namespace=namespace or "",
        name=(pod or "") if is_pod else here,
        owner=f"{kind}/{name}" if kind is not None and name is not None else "",
        labels=(_text(end.get("labels")) or "").replace('"k8s:', '"'),
        address=address or "",
    )


DECODERS: Final[Mapping[str, Decoder]] = {
    "calico": calico,
    "calico in _source": wrapped,
    "goldmane push": pushed,
    "goldmane results": result,
    "whisker": whisker,
    "hubble": hubble,
    "hubble bare": bare,
}
