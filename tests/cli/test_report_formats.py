"""What ``recommend`` prints, format by format.

The expected texts stand in ``golden/``; ``make cases`` writes them anew, to be read in review.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from ringfence.cli.report import Report
from ringfence.cli.report_text import ReportFormat, report_text
from ringfence.cli.terminal import Terminal
from ringfence.recommend.recommendation import Recommendation

GOLDEN: Final = Path(__file__).parent / "golden"
FORMATS: Final[tuple[tuple[str, ReportFormat, Terminal], ...]] = (
    ("table-80.txt", "table", Terminal(80)),
    ("table-40.txt", "table", Terminal(40)),
    ("table-200.txt", "table", Terminal(200)),
    ("table.txt", "table", Terminal()),
    ("table-colour.txt", "table", Terminal(80, colour=True)),
    ("wide.txt", "wide", Terminal(80)),
    ("policies.yaml", "yaml", Terminal()),
    ("names.txt", "name", Terminal()),
    ("list.json", "json", Terminal()),
)

MakeReport = Callable[..., Report]


def golden(name: str, *, text: str, regenerate: bool) -> str:
    """Return the expected text, after writing it when it is to be regenerated."""
    path = GOLDEN / name
    if regenerate:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "output", "terminal"), FORMATS, ids=[name for name, _, _ in FORMATS])
def test_every_format_prints_what_was_reviewed(
    make_report: MakeReport, name: str, output: ReportFormat, terminal: Terminal, *, regenerate: bool
) -> None:
    """One run, every format and width, byte for byte."""
    text = report_text(make_report(), output=output, terminal=terminal)

    assert text == golden(name, text=text, regenerate=regenerate)


@pytest.mark.parametrize("width", [40, 80])
def test_many_namespaces_are_a_line_each(
    make_report: MakeReport, many_namespaces: tuple[Recommendation, ...], width: int, *, regenerate: bool
) -> None:
    """More than a screen of details becomes a table, with the command that shows the details of one."""
    text = report_text(make_report(*many_namespaces), output="table", terminal=Terminal(width))

    assert text == golden(f"many-{width}.txt", text=text, regenerate=regenerate)


def test_a_named_namespace_shows_details_however_many_there_are(
    make_report: MakeReport, many_namespaces: tuple[Recommendation, ...]
) -> None:
    """Asking for a namespace is asking for its details."""
    report = make_report(*many_namespaces, namespaces=frozenset({"team-00", "team-49"}))

    text = report_text(report, output="table", terminal=Terminal(80))

    assert text.count("Ingress lets through") == len(many_namespaces)
    assert "NAMESPACE" not in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_but_a_command_or_a_long_word_is_wider_than_the_terminal(make_report: MakeReport, width: int) -> None:
    """Sentences break between words; what can be pasted never breaks."""
    text = report_text(make_report(), output="wide", terminal=Terminal(width))

    too_long = [line for line in text.splitlines() if len(line) > width and " " in line.strip()]

    assert all(line.strip().startswith(("ringfence ", "kubectl ")) for line in too_long)


def test_after_writing_a_directory_the_next_step_is_to_stage_it(make_report: MakeReport) -> None:
    """The command applies the tier first, and survives a space in the name."""
    text = report_text(make_report(output_directory="my policies"), output="table", terminal=Terminal())

    assert "kubectl apply -f 'my policies'/tiers && kubectl apply -R -f 'my policies'" in text


def test_a_long_list_of_inputs_is_not_repeated_in_every_command(make_report: MakeReport) -> None:
    """A shell's glob may be thousands of paths."""
    report = make_report(flows=tuple(f"flows/day-{day:03}.jsonl" for day in range(100)))

    text = report_text(report, output="table", terminal=Terminal())

    assert "ringfence get edges FLOWS -n shop --left-out denied" in text


def test_without_any_recommendation_the_report_says_so_and_accounts_for_the_records(make_report: MakeReport) -> None:
    """An empty result is a result."""
    report = make_report()
    empty = Report(
        report.inputs,
        report.reading,
        report.baseline,
        type(report.recommendations)(items=(), tiers=(), skipped=report.recommendations.skipped),
    )

    text = report_text(empty, output="table", terminal=Terminal())

    assert text.startswith("No recommendation: no evidence was admitted for any namespace.\n")
    assert "read 105 = admitted 30 + left out 72" in text


def test_the_document_refers_only_to_edges_that_it_holds(make_report: MakeReport) -> None:
    """Permits and left-out entries name edges by id, and every id resolves."""
    item = json.loads(report_text(make_report(), output="json", terminal=Terminal()))["items"][0]
    known = {edge["id"] for edge in item["edges"]}

    named = {edge for permit in item["permits"] for edge in permit["edges"]} | {
        each["edge"] for each in item["leftOut"]
    }

    assert named <= known
    assert len(known) == len(item["edges"])


def test_the_document_has_the_keys_that_programs_rely_on(make_report: MakeReport) -> None:
    """Parts that are not built yet are absent, not empty."""
    document = json.loads(report_text(make_report(), output="json", terminal=Terminal()))
    item = document["items"][0]

    assert list(document) == ["apiVersion", "kind", "records", "objects", "skipped", "items", "remarks"]
    assert document["apiVersion"] == "ringfence.io/v1alpha1"
    assert document["records"]["leftOut"] == {"denied": 30, "invalid-name": 5, "repeated": 7, "reply": 30}
    assert set(item) == {
        *("kind", "metadata", "scope", "contentID", "policies", "permits", "edges", "leftOut", "held", "quiet"),
        *("readiness", "confidence", "gates", "remarks"),
    }
    assert item["metadata"] == {"namespace": "shop", "name": "shop"}
    assert item["permits"][0]["ports"] == ["8080:8081"]
