"""``ringfence recommend`` from flow logs to files, as a person runs it."""

import json
from pathlib import Path

import pytest

from ringfence.cli.main import main
from tests.cli.flow_logs import records, written_flows

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def yaml_files(directory: Path) -> set[str]:
    """Return the files below a directory."""
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*.yaml")}


def test_the_report_tells_rules_reasons_and_every_record(tmp_path: Path, capsys: Captured) -> None:
    """One screen: what is let through, what was left out, the way to list it, and the sum."""
    written_flows(tmp_path)

    code = main(["recommend", "flows.jsonl", "-n", "shop"])

    printed = capsys.readouterr()
    assert code == 0
    assert printed.err == ""
    assert "shop: " in printed.out
    assert "ringfence get edges flows.jsonl -n shop --left-out denied" in printed.out
    assert f"read {len(records())} = admitted " in printed.out
    assert "\x1b" not in printed.out


def test_a_machine_format_keeps_standard_output_to_itself(tmp_path: Path, capsys: Captured) -> None:
    """The account of the records goes to standard error."""
    written_flows(tmp_path)

    code = main(["recommend", "flows.jsonl", "-o", "json"])

    printed = capsys.readouterr()
    document = json.loads(printed.out)
    counts = document["records"]
    assert code == 0
    assert counts["read"] == counts["admitted"] + sum(counts["leftOut"].values()) + counts["corrupt"]
    assert {item["metadata"]["name"] for item in document["items"]} == {"edge", "shop"}
    assert printed.err.startswith("read ")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, capsys: Captured) -> None:
    """In every machine format."""
    written_flows(tmp_path)
    for output in ("json", "yaml", "name"):
        main(["recommend", "flows.jsonl", "-o", output])
        first = capsys.readouterr().out

        main(["recommend", "flows.jsonl", "-o", output])

        assert capsys.readouterr().out == first


def test_the_output_directory_holds_one_object_a_file_and_the_report_still_goes_to_standard_output(
    tmp_path: Path, capsys: Captured
) -> None:
    """Each file is told on standard error as kubectl tells objects."""
    written_flows(tmp_path)

    code = main(["recommend", "flows.jsonl", "-o", "name", "--output-dir", "out"])

    printed = capsys.readouterr()
    assert code == 0
    assert yaml_files(tmp_path / "out") == {
        "edge/namespace-isolation.edge.yaml",
        "shop/namespace-isolation.shop.yaml",
        "tiers/namespace-isolation.yaml",
    }
    assert printed.out.splitlines() == [
        "tier.projectcalico.org/namespace-isolation",
        "stagednetworkpolicy.projectcalico.org/namespace-isolation.edge",
        "stagednetworkpolicy.projectcalico.org/namespace-isolation.shop",
    ]
    assert "out/shop/namespace-isolation.shop.yaml created\n" in printed.err


def test_running_again_prunes_what_is_no_longer_recommended(tmp_path: Path, capsys: Captured) -> None:
    """With ``-n`` only that namespace's files; what Ringfence wrote is known as its own again."""
    path = written_flows(tmp_path)
    main(["recommend", "flows.jsonl", "--output-dir", "out"])
    path.write_bytes(b"\n".join(line for line in path.read_bytes().splitlines() if b'"gateway' not in line))
    capsys.readouterr()

    main(["recommend", "flows.jsonl", "-n", "shop", "--output-dir", "out"])
    kept = yaml_files(tmp_path / "out")
    main(["recommend", "flows.jsonl", "--output-dir", "out"])

    printed = capsys.readouterr()
    assert "edge/namespace-isolation.edge.yaml" in kept
    assert yaml_files(tmp_path / "out") == {"shop/namespace-isolation.shop.yaml", "tiers/namespace-isolation.yaml"}
    assert "out/shop/namespace-isolation.shop.yaml configured\n" in printed.err
    assert "out/edge/namespace-isolation.edge.yaml pruned\n" in printed.err
    assert "out/tiers/namespace-isolation.yaml unchanged\n" in printed.err


def test_a_file_of_another_in_a_place_of_ours_is_refused_by_name(tmp_path: Path, capsys: Captured) -> None:
    """Nothing is written, and the exit code says that nothing was done."""
    written_flows(tmp_path)
    theirs = tmp_path / "out/shop/namespace-isolation.shop.yaml"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("kind: StagedNetworkPolicy\n")

    code = main(["recommend", "flows.jsonl", "--output-dir", "out"])

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert "out/shop/namespace-isolation.shop.yaml: without the label" in printed.err
    assert yaml_files(tmp_path / "out") == {"shop/namespace-isolation.shop.yaml"}
    assert theirs.read_text() == "kind: StagedNetworkPolicy\n"


@pytest.mark.parametrize(
    ("conditions", "corrupt", "code"),
    [([], 1, 0), (["--fail-on", "corrupt"], 0, 0), (["--fail-on", "corrupt"], 1, 1), (["--fail-on", "held"], 1, 0)],
)
def test_corrupt_records_fail_a_run_only_when_asked(
    tmp_path: Path, capsys: Captured, conditions: list[str], corrupt: int, code: int
) -> None:
    """A run over a million lines survives one that is broken."""
    written_flows(tmp_path, corrupt=corrupt)

    assert main(["recommend", "flows.jsonl", *conditions]) == code
    assert f" + corrupt {corrupt}\n" in capsys.readouterr().out


def test_corrupt_records_are_named_counted_and_kept(tmp_path: Path, capsys: Captured) -> None:
    """The first ten by file and line, the rest by number, all of them on disk."""
    written_flows(tmp_path, corrupt=12)

    main(["recommend", "flows.jsonl", "--set-aside", "aside"])

    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"flows.jsonl:{len(records()) + 1} ")
    assert said[10].startswith("and 2 more corrupt; all kept in aside/")
    kept = [path.read_bytes() for path in (tmp_path / "aside").iterdir()]
    assert b"".join(kept).count(b"{broken") == 12


def test_conditions_that_are_not_computed_say_so(tmp_path: Path, capsys: Captured) -> None:
    """A gate that cannot fail must not look like one that passed."""
    written_flows(tmp_path)

    main(["recommend", "flows.jsonl", "--fail-on", "conflict"])

    assert "--fail-on conflict has no effect" in capsys.readouterr().err


def test_nothing_is_left_behind_where_the_command_ran(tmp_path: Path) -> None:
    """Temporary files are gone; a folder for corrupt records appears only when there are any."""
    written_flows(tmp_path)

    main(["recommend", "flows.jsonl"])

    assert [path.name for path in tmp_path.iterdir()] == ["flows.jsonl"]
