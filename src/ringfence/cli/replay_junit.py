"""A replay as JUnit XML, which every CI system shows: one test case for each edge that was seen.

Promises: a case fails for the kinds of change that fail the run; an edge that could not be judged is skipped with its
reason; other changes stand in the case's output. Nothing of the input can be markup.
"""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ringfence.cli.cells import endpoint_cell
from ringfence.cli.replay_report import (
    CHANGE_WORDS,
    ReplayReport,
    edge_words,
    partly_words,
    side_lines,
    summary_words,
    use_words,
)
from ringfence.cli.report import reason_words
from ringfence.cli.terminal import safe_text
from ringfence.model.edge import edge_key
from ringfence.model.endpoint import Workload
from ringfence.verify.observed import ObservedEdge
from ringfence.verify.replay import Change, NotJudged

_Case = ObservedEdge | Change | NotJudged


def replay_junit(report: ReplayReport) -> str:
    """Write a replay as a JUnit document; a suite for each namespace, that of the server where it has one."""
    replayed = report.replayed
    cases: list[_Case] = [*replayed.changes, *replayed.not_judged]
    told = {change.seen.edge for change in replayed.changes}
    cases += [seen for seen in replayed.unchanged if seen.edge not in told]
    suites: dict[str, list[_Case]] = {}
    for case in sorted(cases, key=lambda each: edge_key(_seen(each).edge)):
        suites.setdefault(_suite(_seen(case)), []).append(case)
    root = Element("testsuites", name="ringfence replay")
    properties = SubElement(root, "properties")
    SubElement(properties, "property", name="summary", value=safe_text(summary_words(replayed)))
    for name in sorted(suites):
        root.append(_suite_element(name, suites[name], report))
    for count in ("tests", "failures", "skipped"):
        root.set(count, str(sum(int(each.get(count, "0")) for each in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite_element(name: str, cases: Iterable[_Case], report: ReplayReport) -> Element:
    suite = Element("testsuite", name=name)
    for case in cases:
        suite.append(_case(case, name, report))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return suite


def _case(case: _Case, suite: str, report: ReplayReport) -> Element:
    seen = _seen(case)
    element = Element("testcase", classname=suite, name=safe_text(edge_words(seen.edge)))
    match case:
        case NotJudged(_, reason, ends):
            who = ", ".join(endpoint_cell(end) for end in ends)
            SubElement(element, "skipped", message=safe_text(f"{reason_words(reason)}{f': {who}' if who else ''}"))
        case Change():
            text = _lines(case)
            if case.change in report.fails:
                failure = SubElement(element, "failure", type=case.change, message=text[0])
                failure.text = "\n".join(text[1:])
            else:
                SubElement(element, "system-out").text = "\n".join(text)
        case ObservedEdge():
            pass
    return element


def _lines(change: Change) -> list[str]:
    """Return what becomes of an edge, a line each for what it is, what decides, and what decided before."""
    partly = partly_words(change)
    lines = [f"{CHANGE_WORDS[change.change]}{f', {partly}' if partly else ''}; {use_words(change.seen)}"]
    for direction, after, before in side_lines(change):
        lines += [f"{direction} {after}", f"before: {before}"]
    return [safe_text(line) for line in lines]


def _seen(case: _Case) -> ObservedEdge:
    return case if isinstance(case, ObservedEdge) else case.seen


def _suite(seen: ObservedEdge) -> str:
    ends = (seen.edge.server, seen.edge.client)
    return next((end.namespace for end in ends if isinstance(end, Workload)), "outside")
