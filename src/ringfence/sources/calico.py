"""Calico Enterprise and Cloud flow logs: JSON lines, as they are or wrapped in Elasticsearch's ``_source``.

Promises: a SQL projection from such files onto the columns of `batch`; every textual field is passed on as written.
A record is corrupt when it is no JSON object of this format, or when one of REQUIRED is absent, null or not what it
must hold. Connections are those started in the record's window, so that a connection over two windows counts once.
Source: Calico Enterprise, flow-log data types.
"""

from collections.abc import Sequence
from typing import Final

from ringfence.sources.json_lines import json_lines
from ringfence.sources.required_field import Holds, RequiredField
from ringfence.sources.sampling import SAMPLING_FIELDS, STATED_LEFT_OUT

REQUIRED: Final = (
    RequiredField("start_time", Holds.SECONDS),
    RequiredField("end_time", Holds.SECONDS),
    RequiredField("reporter", Holds.TEXT),
    RequiredField("proto", Holds.TEXT),
    RequiredField("source_type", Holds.TEXT),
    RequiredField("dest_type", Holds.TEXT),
)

_FIELDS: Final = {
    "host": "VARCHAR",
    "start_time": "BIGINT",
    "end_time": "BIGINT",
    "action": "VARCHAR",
    "bytes_in": "BIGINT",
    "bytes_out": "BIGINT",
    "packets_in": "BIGINT",
    "packets_out": "BIGINT",
    "source_ip": "VARCHAR",
    "source_name": "VARCHAR",
    "source_name_aggr": "VARCHAR",
    "source_namespace": "VARCHAR",
    "source_port": "BIGINT",
    "source_type": "VARCHAR",
    "source_labels": "VARCHAR",
    "dest_ip": "VARCHAR",
    "dest_name": "VARCHAR",
    "dest_name_aggr": "VARCHAR",
    "dest_namespace": "VARCHAR",
    "dest_port": "BIGINT",
    "dest_type": "VARCHAR",
    "dest_labels": "VARCHAR",
    "dest_service_namespace": "VARCHAR",
    "dest_service_name": "VARCHAR",
    "dest_service_port": "VARCHAR",
    "dest_domains": "VARCHAR",
    "reporter": "VARCHAR",
    "num_flows": "BIGINT",
    "num_flows_started": "BIGINT",
    "proto": "VARCHAR",
    "policies": "STRUCT(enforced_policies VARCHAR, all_policies VARCHAR)",
    "process_name": "VARCHAR",
    "process_id": "VARCHAR",
    "process_args": "VARCHAR",
    **SAMPLING_FIELDS,
}


def relation(files: Sequence[str], *, wrapped: bool) -> str:
    """Return SQL that reads the files onto the columns of `batch`. ``wrapped``: each record stands in ``_source``."""
    if wrapped:
        struct = ", ".join(f'"{name}" {kind}' for name, kind in _FIELDS.items())
        scan = f"(SELECT filename, unnest(_source) FROM {json_lines(files, {'_source': f'STRUCT({struct})'})})"
    else:
        scan = json_lines(files, _FIELDS)
    missing = " OR ".join(f"{field.name} IS NULL" for field in REQUIRED)
    return f"""
SELECT
  source_type, source_namespace, source_name, source_name_aggr, '' AS source_owner, source_labels,
  source_ip AS source_address,
  dest_type, dest_namespace, dest_name, dest_name_aggr, '' AS dest_owner, dest_labels, dest_ip AS dest_address,
  proto AS protocol, dest_port,
  dest_service_namespace AS service_namespace, dest_service_name AS service_name, dest_service_port AS service_port,
  dest_domains AS domains, reporter, action,
  coalesce(policies.enforced_policies, policies.all_policies) AS policies,
  '' AS stated_outcome, {STATED_LEFT_OUT} AS stated_left_out,
  host AS node, start_time, end_time, hash(source_port, process_name, process_id, process_args) AS distinction,
  coalesce(num_flows_started, num_flows) AS connections, packets_in, packets_out, bytes_in, bytes_out,
  {missing} AS corrupt, filename AS file
FROM {scan}"""
