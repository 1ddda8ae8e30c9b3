"""A record that says it is one of a sample is counted and left out, in every form."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest
from ringfence.flows.evidence import EvidenceTable
from ringfence.flows.left_out import LeftOut
from tests.engine.forms import FORMS, Form, encoded

each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def read(form: Form, records: Sequence[dict[str, Any]]) -> EvidenceTable:
    """Read a file of these records."""
    with tempfile.TemporaryDirectory() as folder:
        file, workspace = Path(folder) / "flows", Path(folder) / "workspace"
        workspace.mkdir()
        file.write_bytes(form.file([encoded(record) for record in records]))
        return read_flows(FlowRequest((str(file),), workspace, Path(folder) / "aside"), report=lambda _: None).table


def with_rate(form: Form, number: int, rate: object) -> dict[str, Any]:
    """Return the n-th record as a collector hands it on that kept one in so many."""
    record = form.record(number)
    within = record.get("_source", record)
    within["sample_rate"] = rate
    return record


@each_form
def test_sampled_records_are_left_out_by_name(form: Form) -> None:
    """One in ten as a number or as a text, a share, and a rate that cannot be read."""
    rates = (10, "10", 0.5, "0.1", "often")

    table = read(form, [form.record(0), *(with_rate(form, number, rate) for number, rate in enumerate(rates, start=1))])

    counted = {each.left_out: each.records for each in table.evidence}
    assert counted == {None: 1, LeftOut.SAMPLED: len(rates)}
    assert (table.records.read, table.records.corrupt) == (6, 0)


@each_form
@pytest.mark.parametrize("rate", [1, "1", None], ids=["number", "text", "none"])
def test_a_rate_of_one_keeps_everything(form: Form, rate: object) -> None:
    """It says that nothing was dropped, so the record is evidence; so does no rate at all."""
    table = read(form, [with_rate(form, 0, rate), form.record(1)])

    assert [(each.left_out, each.records) for each in table.evidence] == [(None, 2)]


def test_a_packet_sample_of_hubble_is_sampled() -> None:
    """An L7 record of type SAMPLE says so itself; a request does not, nor do counts of an aggregate."""
    form = FORMS["hubble"]
    records = [form.record(number) for number in range(3)]
    records[0]["flow"]["l7"] = {"type": "SAMPLE"}
    records[1]["flow"]["l7"] = {"type": "REQUEST"}
    records[2]["flow"]["aggregate"] = {"ingress_flow_count": 7}

    table = read(form, records)

    assert {each.left_out: each.records for each in table.evidence} == {None: 2, LeftOut.SAMPLED: 1}


def test_confidence_says_how_many(tmp_path: Path) -> None:
    """On the command line, beside the recommendation; what is rare may be missing."""
    form = FORMS["calico"]
    records = [form.record(0), with_rate(form, 1, 10), with_rate(form, 2, 10)]
    (tmp_path / "flows").write_bytes(form.file([encoded(record) for record in records]))
    command = [str(Path(sys.executable).parent / "ringfence"), "recommend", "flows", "-o", "json"]

    ran = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, env={**os.environ})

    document = json.loads(ran.stdout)
    assert document["records"]["leftOut"] == {"sampled": 2}
    reasons = {reason for item in document["items"] for reason in item["confidence"]["reasons"]}
    assert "2 records come from a sample of a log, so what is rare may be missing" in reasons
