"""Streams are as long as asked, and longer ones only go on."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.draw import draw_blueprint
from ringfence_lab.moment import unix_seconds
from ringfence_lab.pace import FULL_PACE
from ringfence_lab.simulation import Simulation
from ringfence_lab.stream import main, write_events, write_stream


def stream(lines: int, *, seed: int = 1) -> bytes:
    """Return a stream of the smallest cluster."""
    clock = Clock(unix_seconds(DEFAULT_START))
    blueprint = draw_blueprint(seed=seed, size=1)
    simulation = Simulation(blueprint, seed=seed, clock=clock, log_format="calico", pace=FULL_PACE)
    out = io.BytesIO()
    write_stream(out, simulation=simulation, lines=lines)
    return out.getvalue()


def events(lines: int) -> bytes:
    """Return a stream of the smallest cluster as Hubble's exporter writes it."""
    clock = Clock(unix_seconds(DEFAULT_START))
    simulation = Simulation(
        draw_blueprint(seed=1, size=1), seed=1, clock=clock, log_format="everything", pace=FULL_PACE
    )
    out = io.BytesIO()
    write_events(out, simulation=simulation, lines=lines)
    return out.getvalue()


@pytest.mark.parametrize("count", [0, 1, 999, 5_000])
def test_a_stream_has_exactly_the_lines_asked_for(count: int) -> None:
    """Also when a window would have had more."""
    written = stream(count).splitlines()

    assert len(written) == count
    assert all(json.loads(line)["start_time"] for line in written)


def test_a_longer_stream_goes_on_where_a_shorter_one_ends() -> None:
    """More lines are more time, never more workloads."""
    short, long = stream(2_000), stream(20_000)

    assert long.startswith(short)
    names = [
        {json.loads(line)["source_name_aggr"].rpartition("-")[0] for line in text.splitlines()}
        for text in (short, long)
    ]
    assert len(names[1]) < 2 * len(names[0])


@pytest.mark.parametrize("count", [0, 1, 999])
def test_a_stream_of_events_has_exactly_the_lines_asked_for(count: int) -> None:
    """And a longer one goes on where a shorter one ends."""
    written = events(count)

    assert [set(json.loads(line)) for line in written.splitlines()] == [{"flow", "node_name", "time"}] * count
    assert events(2_000).startswith(written)


def test_events_tell_of_the_same_traffic(tmp_path: Path) -> None:
    """Who called whom between pods by TCP is the same in both formats, so their readers have the same to learn."""
    lines: dict[str, list[dict[str, Any]]] = {}
    for log_format in ("calico", "hubble"):
        out = tmp_path / log_format
        options = ["--seed", "1", "--lines", "6000", "--size", "3", "--format", log_format]
        assert main([*options, "--out", str(out)]) == 0
        lines[log_format] = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]

    calico = {
        (line["source_namespace"], line["dest_namespace"], line["dest_port"])
        for line in lines["calico"]
        if line["proto"] == "tcp" and line["source_type"] == line["dest_type"] == "wep"
    }
    hubble = {
        (
            flow["source"]["namespace"],
            flow["destination"]["namespace"],
            flow["l4"]["TCP"]["destination_port"],
        )
        for flow in (line["flow"] for line in lines["hubble"])
        if "TCP" in flow["l4"] and "namespace" in flow["source"] and "namespace" in flow["destination"]
    }
    assert len(calico) > 40
    assert hubble == calico


def test_another_seed_is_another_world() -> None:
    """Seeds matter."""
    assert stream(100, seed=1) != stream(100, seed=2)


def test_the_command_writes_to_standard_output() -> None:
    """As a pipe would read it."""
    command = [
        sys.executable,
        "-m",
        "ringfence_lab.stream",
        "--seed",
        "1",
        "--lines",
        "300",
        "--size",
        "1",
        "--out",
        "-",
    ]

    finished = subprocess.run(command, check=True, capture_output=True)

    assert finished.stdout == stream(300)


def test_a_start_that_is_no_midnight_is_refused() -> None:
    """Days would not be days."""
    with pytest.raises(ValueError, match="no UTC midnight"):
        Clock(unix_seconds("2026-03-02T00:05:00Z"))
