"""Whisker's flows as JSON lines, one item of its answer a line.

Promises: a SQL projection onto the columns of `batch`. Whisker tells no endpoint types, so a side is a workload where
it reports or where its name is an aggregated one, a network where Whisker says so, and of unknown type otherwise: a
name without an end could as well be a network set or a host. It tells no services and no connections. A record is
corrupt when it has no name of a side, no protocol, or a time that is none. Source: Calico whisker-backend, pkg/apis/v1.
"""

from collections.abc import Sequence
from typing import Final

from ringfence.sources.json_lines import json_lines
from ringfence.sources.policy_hits import hits, policy_strings
from ringfence.sources.required_field import Holds, RequiredField
from ringfence.sources.sampling import SAMPLING_FIELDS, STATED_LEFT_OUT

REQUIRED: Final = (
    RequiredField("start_time", Holds.TIME),
    RequiredField("end_time", Holds.TIME),
    RequiredField("source_name", Holds.TEXT),
    RequiredField("dest_name", Holds.TEXT),
    RequiredField("protocol", Holds.TEXT),
)

_FIELDS: Final = {
    "start_time": "VARCHAR",
    "end_time": "VARCHAR",
    "action": "VARCHAR",
    "source_name": "VARCHAR",
    "source_namespace": "VARCHAR",
    "source_labels": "VARCHAR",
    "dest_name": "VARCHAR",
    "dest_namespace": "VARCHAR",
    "dest_labels": "VARCHAR",
    "protocol": "VARCHAR",
    "dest_port": "BIGINT",
    "reporter": "VARCHAR",
    "policies": f"STRUCT(enforced {hits(camel=False)})",
    "packets_in": "BIGINT",
    "packets_out": "BIGINT",
    "bytes_in": "BIGINT",
    "bytes_out": "BIGINT",
    **SAMPLING_FIELDS,
}
_NETWORKS: Final = {"PUBLIC NETWORK": "pub", "PRIVATE NETWORK": "pvt"}


def relation(files: Sequence[str]) -> str:
    """Return SQL that reads the files onto the columns of `batch`."""
    started, ended = (f"floor(epoch(try_cast({name} AS TIMESTAMPTZ)))::BIGINT" for name in ("start_time", "end_time"))
    missing = " OR ".join(f"{field.name} IS NULL" for field in REQUIRED)
    return f"""
SELECT
  {_side("source", "Src")},
  {_side("dest", "Dst")},
  protocol, dest_port, '' AS service_namespace, '' AS service_name, '' AS service_port, '' AS domains,
  CASE reporter WHEN 'Src' THEN 'src' WHEN 'Dst' THEN 'dst' ELSE '' END AS reporter,
  CASE action WHEN 'Allow' THEN 'allow' WHEN 'Deny' THEN 'deny' WHEN 'Pass' THEN 'pass' ELSE '' END AS action,
  {policy_strings("policies.enforced", camel=False)} AS policies,
  '' AS stated_outcome, {STATED_LEFT_OUT} AS stated_left_out,
  '' AS node, {started} AS start_time, {ended} AS end_time, 0::UBIGINT AS distinction,
  NULL::BIGINT AS connections, packets_in, packets_out, bytes_in, bytes_out,
  {missing} OR {started} IS NULL OR {ended} IS NULL AS corrupt, filename AS file
FROM {json_lines(files, _FIELDS)}"""


def _side(side: str, reports: str) -> str:
    name = f"{side}_name"
    networks = ", ".join(f"'{network}'" for network in _NETWORKS)
    named = " ".join(f"WHEN '{network}' THEN '{short}'" for network, short in _NETWORKS.items())
    return f"""CASE WHEN {name} IN ({networks}) THEN 'net'
    WHEN coalesce({side}_namespace, '') IN ('', '-') THEN ''
    WHEN coalesce(reporter, '') = '{reports}' OR ends_with({name}, '*') THEN 'wep' ELSE '' END AS {side}_type,
  {side}_namespace, CASE {name} {named} ELSE {name} END AS {name}, '' AS {side}_name_aggr, '' AS {side}_owner,
  CASE WHEN coalesce({side}_labels, '') = '' THEN ''
    ELSE CAST(to_json(string_split({side}_labels, ' | ')) AS VARCHAR) END AS {side}_labels,
  '' AS {side}_address"""
