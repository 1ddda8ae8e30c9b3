"""Goldmane flows as JSON lines: what its push emitter sends, and ``FlowResult`` in protobuf's JSON mapping.

Promises: a SQL projection onto the columns of `batch`. Fields may be spelt as in the proto file or in camelCase, enums
are names or numbers, 64-bit integers numbers or text; an absent field is its default, so an absent counter is 0. A
record is corrupt when its key is no object or says nothing, or when a time is no number. Two flows of one window with
equal texts are the same record unless their ``id`` differs.
Sources: Calico goldmane/proto/api.proto and goldmane/pkg/emitter.
"""

from collections.abc import Sequence
from typing import Final

from ringfence.sources.json_lines import json_lines
from ringfence.sources.policy_hits import ACTIONS, Spellings, case, hits, policy_strings
from ringfence.sources.required_field import Holds, RequiredField
from ringfence.sources.sampling import SAMPLING_FIELDS, STATED_LEFT_OUT

_TYPES: Final[Spellings] = {
    ("1", "WorkloadEndpoint"): "wep",
    ("2", "HostEndpoint"): "hep",
    ("3", "NetworkSet"): "ns",
    ("4", "Network"): "net",
}
_REPORTERS: Final[Spellings] = {("1", "Src"): "src", ("2", "Dst"): "dst"}
_KEY_FIELDS: Final = {
    "source_name": "VARCHAR",
    "source_namespace": "VARCHAR",
    "source_type": "VARCHAR",
    "dest_name": "VARCHAR",
    "dest_namespace": "VARCHAR",
    "dest_type": "VARCHAR",
    "dest_port": "BIGINT",
    "dest_service_name": "VARCHAR",
    "dest_service_namespace": "VARCHAR",
    "dest_service_port_name": "VARCHAR",
    "dest_service_port": "BIGINT",
    "proto": "VARCHAR",
    "reporter": "VARCHAR",
    "action": "VARCHAR",
    "policies": f'STRUCT(enforced_policies {hits(camel=True)}, "enforcedPolicies" {hits(camel=True)})',
}
_FLOW_FIELDS: Final = {
    "start_time": "VARCHAR",
    "end_time": "VARCHAR",
    "source_labels": "VARCHAR",
    "dest_labels": "VARCHAR",
    "packets_in": "VARCHAR",
    "packets_out": "VARCHAR",
    "bytes_in": "VARCHAR",
    "bytes_out": "VARCHAR",
    "num_connections_started": "VARCHAR",
}


def required(key: str) -> Sequence[RequiredField]:
    """Return the fields without which a flow is corrupt, where its key object is spelt so."""
    return (
        RequiredField(key, Holds.OBJECT),
        RequiredField("end_time", Holds.SECONDS),
        RequiredField("start_time", Holds.SECONDS, absent=True),
    )


def relation(files: Sequence[str], *, enveloped: bool, key: str) -> str:
    """Return SQL that reads the files onto the columns of `batch`.

    ``enveloped``: each flow stands in ``flow``, beside its ``id``. ``key`` is how the key object is spelt: DuckDB has
    no two columns that differ in case only.
    """
    flow_fields = {key: _struct(_KEY_FIELDS), **_spelt(_FLOW_FIELDS)}
    if enveloped:
        lines = json_lines(files, {"id": "VARCHAR", "flow": _struct(flow_fields), **SAMPLING_FIELDS})
        scan = f"(SELECT filename, id, sample_rate, unnest(flow) FROM {lines})"
    else:
        scan = f"(SELECT NULL::VARCHAR AS id, * FROM {json_lines(files, {**flow_fields, **SAMPLING_FIELDS})})"
    start, end = (f"coalesce({_either(name)}, '0')" for name in ("start_time", "end_time"))
    started, ended = f"try_cast({start} AS BIGINT)", f"try_cast({end} AS BIGINT)"
    in_key = {name: _either(name, f'"{key}".') for name in _KEY_FIELDS}
    enforced = f'coalesce("{key}".policies.enforced_policies, "{key}".policies."enforcedPolicies")'
    says_nothing = " AND ".join(f"{in_key[name]} IS NULL" for name in ("proto", "source_name", "dest_name", "policies"))
    return f"""
SELECT
  {_side("source", in_key)},
  {_side("dest", in_key)},
  {in_key["proto"]} AS protocol, coalesce({in_key["dest_port"]}, 0) AS dest_port,
  {in_key["dest_service_namespace"]} AS service_namespace, {in_key["dest_service_name"]} AS service_name,
  CASE WHEN coalesce({in_key["dest_service_port_name"]}, '') NOT IN ('', '-') THEN {in_key["dest_service_port_name"]}
    WHEN {in_key["dest_service_port"]} > 0 THEN CAST({in_key["dest_service_port"]} AS VARCHAR) ELSE '' END
    AS service_port,
  '' AS domains,
  {case(in_key["reporter"], _REPORTERS, otherwise="")} AS reporter,
  {case(in_key["action"], ACTIONS, otherwise="")} AS action,
  {policy_strings(enforced, camel=True)} AS policies,
  '' AS stated_outcome, {STATED_LEFT_OUT} AS stated_left_out,
  '' AS node, {started} AS start_time, {ended} AS end_time, hash(id) AS distinction,
  {_counter("num_connections_started")} AS connections,
  {_counter("packets_in")} AS packets_in, {_counter("packets_out")} AS packets_out,
  {_counter("bytes_in")} AS bytes_in, {_counter("bytes_out")} AS bytes_out,
  ({says_nothing}) OR {started} IS NULL OR {ended} IS NULL OR ({started} <> 0 AND {ended} = 0) AS corrupt,
  filename AS file
FROM {scan}"""


def _side(side: str, in_key: dict[str, str]) -> str:
    return f"""{case(in_key[f"{side}_type"], _TYPES, otherwise="")} AS {side}_type,
  {in_key[f"{side}_namespace"]} AS {side}_namespace, {in_key[f"{side}_name"]} AS {side}_name, '' AS {side}_name_aggr,
  '' AS {side}_owner, nullif({_either(f"{side}_labels")}, '[]') AS {side}_labels, '' AS {side}_address"""


def _counter(name: str) -> str:
    """Return SQL of a counter: 0 where it is absent, unknown where it is no number."""
    return f"try_cast(coalesce({_either(name)}, '0') AS BIGINT)"


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _either(name: str, within: str = "") -> str:
    """Return SQL of a field in either spelling."""
    return f'coalesce({within}"{name}", {within}"{_camel(name)}")' if "_" in name else f'{within}"{name}"'


def _spelt(fields: dict[str, str]) -> dict[str, str]:
    """Return the fields in both spellings."""
    return {spelling: kind for name, kind in fields.items() for spelling in dict.fromkeys((name, _camel(name)))}


def _struct(fields: dict[str, str]) -> str:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in _spelt(fields).items())
    return f"STRUCT({columns})"
