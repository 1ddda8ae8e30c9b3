"""The bundled capture is small, whole and always the same."""

import gzip
import json
import re
from pathlib import Path

from ringfence_lab.capture import capture_lines, main
from tests.lab.conftest import one_sided


def test_the_file_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    """No time stands in the gzip header."""
    first, second = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"

    codes = main([str(first)]), main([str(second)])

    assert codes == (0, 0)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes()[4:8] == bytes(4)
    assert first.stat().st_size < 400_000
    assert gzip.decompress(first.read_bytes()) == capture_lines()


def test_a_day_of_a_small_cluster_is_in_it() -> None:
    """Denied rows, rows of one side and a rollout among three to five thousand lines of 26 hours."""
    lines = [json.loads(line) for line in capture_lines().splitlines()]

    hours = (max(line["end_time"] for line in lines) - min(line["start_time"] for line in lines)) / 3600
    hashes: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        found = re.fullmatch(r"(.*)-([a-z0-9]{8,10})-\*", line["source_name_aggr"])
        if found and not found[2].isdigit():
            hashes.setdefault((line["source_namespace"], found[1]), set()).add(found[2])

    assert 3_000 <= len(lines) <= 5_000
    assert 25 < hours <= 26.1
    assert {"shop", "messaging", "batch", "monitoring", "kube-system"} <= {
        line["source_namespace"] for line in lines
    } | {line["dest_namespace"] for line in lines}
    assert any(line["action"] == "deny" for line in lines)
    assert any(len(found) > 1 for found in hashes.values())
    assert 0 < one_sided(lines) < 100
