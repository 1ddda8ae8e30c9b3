"""Goldmane flows: Calico's recorded answers, every spelling, and damaged input."""

import gzip
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldmane_flows import ENUMS, pushed, read_plainly, recorded_calls, recorded_results
from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest, NothingToReadError, Reading
from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.model.edge import Icmp
from ringfence.model.endpoint import Network, NetworkSet, Workload
from ringfence.model.policy import ServiceRef

CALLS = recorded_calls()
EVERYTHING, ALIGNED = CALLS[0]["response"], CALLS[1]["response"]
FLOWS = [result["flow"] for result in EVERYTHING["flows"]]
WEB = Workload("shop", "Deployment", "web")
CART = Workload("shop", None, "cart-5c9f8d7b8")
POSTGRES = Workload("data", None, "postgres")


def read(content: bytes, name: str = "flows.json", **words: Any) -> Reading:
    """Read one file of this content."""
    with tempfile.TemporaryDirectory() as folder:
        file, workspace = Path(folder) / name, Path(folder) / "workspace"
        workspace.mkdir()
        file.write_bytes(content)
        request = FlowRequest((str(file),), workspace, Path(folder) / "aside", **words)
        return read_flows(request, report=lambda _: None)


def encoded(value: object) -> bytes:
    """Return a value as compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def lines(*values: object) -> bytes:
    """Return values as JSON lines."""
    return b"".join(encoded(value) + b"\n" for value in values)


def evidence(table: EvidenceTable) -> tuple[object, ...]:
    """Return all that must not depend on how the input was written."""
    return table.evidence, table.unplaced, table.labels, table.hours, table.window_ends


def adds_up(reading: Reading) -> bool:
    """Say whether every record is counted once."""
    table = reading.table
    counted = sum(each.records for each in (*table.evidence, *table.unplaced))
    counted += sum(table.records.repeats.values()) + table.records.corrupt
    return counted == table.records.read and len(reading.corrupt) == table.records.corrupt


def rows(table: EvidenceTable, client: object, server: object) -> list[Evidence]:
    """Return the evidence of one pair."""
    return [each for each in table.evidence if (each.edge.client, each.edge.server) == (client, server)]


# The recorded answers


@pytest.fixture(scope="module")
def everything() -> EvidenceTable:
    """Return the evidence of the answer that holds all recorded flows and one ghost."""
    return read(encoded(EVERYTHING)).table


def test_every_recorded_flow_is_accounted_for(everything: EvidenceTable) -> None:
    """None is corrupt or repeated; the ghost of the unfinished bucket is left out by name."""
    assert (everything.records.read, everything.records.corrupt, everything.records.repeats) == (24, 0, {})
    ghosts = [each for each in everything.evidence if each.left_out is LeftOut.GHOST]
    assert [(each.edge.client, each.records) for each in ghosts] == [(Workload("shop", None, "ghost"), 1)]
    assert all(each.left_out is None for each in everything.evidence if each not in ghosts)


def test_an_allowed_flow_keeps_its_pass_chain_and_its_two_rows(everything: EvidenceTable) -> None:
    """The flow whose hits were sent in another order is a second row of the same key, and both count."""
    tcp, seen_by_source, icmp = sorted(rows(everything, WEB, CART), key=lambda each: (each.edge.protocol == "ICMP",))

    assert (tcp.edge.protocol, tcp.edge.port, tcp.reporter, tcp.outcome) == ("TCP", 8080, "Destination", "Allowed")
    assert [(hit.tier, hit.kind, hit.namespace, hit.name, hit.action, hit.rule_index) for hit in tcp.trace or ()] == [
        ("security", "GlobalNetworkPolicy", "", "security.baseline", "Pass", 2),
        ("default", "NetworkPolicy", "shop", "cart", "Allow", 0),
    ]
    assert (tcp.records, tcp.counters.connections, tcp.counters.packets_in) == (2, 36 + 4, 432 + 48)
    assert (seen_by_source.reporter, seen_by_source.service) == ("Source", ServiceRef("shop", "cart"))
    assert (icmp.edge.port, icmp.edge.icmp, icmp.outcome) == (None, None, "Allowed")


def test_the_end_of_a_tier_names_its_trigger(everything: EvidenceTable) -> None:
    """A denial by a tier's default action is the word of the policy that the trigger names."""
    by_port = {each.edge.port: each for each in rows(everything, WEB, POSTGRES)}

    assert {port: each.outcome for port, each in by_port.items()} == {22: "Denied", 5432: "Denied"}
    (hit,) = by_port[5432].trace or ()
    assert (hit.tier, hit.kind, hit.namespace, hit.name) == ("default", "KubernetesNetworkPolicy", "data", "postgres")
    assert (hit.action, hit.rule_index) == ("Deny", -1)
    (hit,) = by_port[22].trace or ()
    assert (hit.tier, hit.kind, hit.name, hit.rule_index) == ("security", "GlobalNetworkPolicy", "security.no-ssh", 0)


def test_sides_that_are_no_workloads(everything: EvidenceTable) -> None:
    """A global network set, public and private addresses; none of them has an address."""
    partner = rows(everything, Workload("pay", None, "payments-66b8f9"), NetworkSet(None, "partner-api"))
    public = rows(everything, Network("public"), WEB)
    private = rows(everything, Network("private"), POSTGRES)

    assert [(each.edge.port, each.outcome) for each in partner] == [(443, "Allowed")]
    assert [(each.edge.port, each.outcome) for each in public] == [(8080, "Allowed")]
    assert [(hit.kind, hit.tier, hit.name) for hit in public[0].trace or ()] == [
        ("GlobalNetworkPolicy", "security", "security.baseline"),
        ("Profile", "", "kns.shop"),
    ]
    assert [(each.edge.port, each.outcome) for each in private] == [(5432, "Denied")]
    assert not public[0].client_addresses.texts


def test_the_doubled_flow_counts_what_goldmane_says(everything: EvidenceTable) -> None:
    """A reconnecting collector doubles counters in one record; a record is still one record."""
    table = read(encoded({"flows": [*EVERYTHING["flows"], *EVERYTHING["flows"]]})).table

    assert table.records.repeats == {LeftOut.REPEATED: 23}
    assert [each for each in table.evidence if each.left_out is None] == [
        each for each in everything.evidence if each.left_out is None
    ]


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_every_recorded_answer_is_read_whole(number: int) -> None:
    """Pages, filters and sorts of List; an empty page holds no records, which is said."""
    response = CALLS[number]["response"]
    flows = response.get("flows", [])
    if not flows:
        with pytest.raises(NothingToReadError, match="holds no records"):
            read(encoded(response))
        return

    reading = read(encoded(response))

    assert reading.table.records.read == len(flows)
    assert adds_up(reading)
    assert not reading.corrupt


def test_the_recorded_stream_is_the_same_traffic_by_the_bucket(everything: EvidenceTable) -> None:
    """Stream gives a row per bucket; edges, outcomes and traces are those of List, ghosts apart."""
    reading = read(lines(*recorded_results()))

    def said(table: EvidenceTable) -> set[object]:
        return {
            (each.edge, each.reporter, each.outcome, each.trace) for each in table.evidence if each.left_out is None
        }

    assert adds_up(reading)
    assert said(reading.table) == said(everything)


# Spellings


def camel(name: str) -> str:
    """Return protobuf's JSON name of a field."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def spelt(value: Any, choose: random.Random, key: str, name: str = "") -> Any:
    """Return a recorded message with each field, enum, integer and default written one way or another."""
    match value:
        case dict():
            written = {}
            for field, inner in value.items():
                empty = inner in ("", "0", []) or inner in ("EndpointTypeUnspecified", "ActionUnspecified")
                if not (isinstance(inner, str | list) and empty and choose.random() < 0.5):
                    title = key if field == "Key" else choose.choice([field, camel(field)])
                    written[title] = spelt(inner, choose, key, field)
            return written
        case list():
            return [spelt(each, choose, key, name) for each in value]
        case str() if name in ENUMS:
            return choose.choice([value, ENUMS[name][value], str(ENUMS[name][value])])
        case str() if name in {"id", *INTEGERS}:
            return choose.choice([value, int(value)])
        case _:
            return value


INTEGERS = {name for name in FLOWS[0] if name not in {"Key", "source_labels", "dest_labels"}} | {
    "dest_port",
    "dest_service_port",
    "policy_index",
    "rule_index",
}


@settings(max_examples=8)
@given(
    seed=st.integers(0, 2**32), key=st.sampled_from(["Key", "key"]), form=st.sampled_from(["list", "pretty", "lines"])
)
def test_the_spelling_changes_nothing(seed: int, key: str, form: str) -> None:
    """Snake or camel case, names or numbers, numbers or text, absent or default, one document or lines."""
    results = [spelt(each, random.Random(seed + number), key) for number, each in enumerate(ALIGNED["flows"])]
    document = {"meta": ALIGNED["meta"], "flows": results}
    content = {
        "list": encoded(document),
        "pretty": json.dumps(document, indent=2).encode(),
        "lines": lines(*results),
    }[form]

    assert evidence(read(content).table) == evidence(read(encoded(ALIGNED)).table)


def test_pushed_lines_say_the_same_as_the_answer() -> None:
    """Without ids two rows of one key in one window are one record, so only counters of that one may differ."""
    flows = [flow for flow in FLOWS if not (flow["Key"]["dest_port"] == "8080" and flow["Key"]["reporter"] == "Dst")]
    results = [{"id": str(number), "flow": flow} for number, flow in enumerate(flows)]

    assert evidence(read(lines(*map(pushed, flows))).table) == evidence(read(encoded({"flows": results})).table)
    assert read(lines(*map(pushed, FLOWS))).table.records.read == len(FLOWS)


# A plain reader agrees

GOOD = [pushed(flow) for flow in FLOWS if flow["start_time"] != "0"]
BAD = [
    b"null",
    b"[1]",
    b"hello",
    b"{}",
    b'{"Key":7,"start_time":1795350270,"end_time":1795350285}',
    b'{"Key":{},"start_time":1795350270}',
    b'{"Key":{},"start_time":"soon","end_time":1795350285}',
    encoded(GOOD[0])[:200],
    encoded(GOOD[0]) * 2,
    encoded(GOOD[0]).replace(b"shop", b"sh\xffop"),
    encoded(GOOD[0]) + b"\x00",
]


@settings(max_examples=8)
@given(
    chosen=st.lists(st.tuples(st.sampled_from(GOOD), st.integers(0, 10**6), st.booleans()), min_size=1, max_size=20),
    bad=st.lists(st.sampled_from(BAD), max_size=6),
    seed=st.integers(0, 1000),
)
def test_a_plain_reader_agrees(chosen: list[tuple[dict[str, Any], int, bool]], bad: list[bytes], seed: int) -> None:
    """What a few lines of Python read from the same lines, corrupt ones among them, is what the program reads."""
    good = []
    for number, (flow, packets, swapped) in enumerate(chosen):
        key = dict(flow["Key"])
        hits = key["policies"].get("enforced_policies", [])
        key["policies"] = {"enforced_policies": hits[::-1] if swapped else hits}
        good.append(encoded({**flow, "Key": key, "start_time": 1795349000 + 15 * number, "packets_in": packets}))
    written = random.Random(seed).sample([*good, *bad], len(good) + len(bad))
    content = encoded(GOOD[0]) + b"\n" + b"\n".join(written) + b"\n"

    reading = read(content)

    said, corrupt = read_plainly(content)
    assert reading.table.records.corrupt == corrupt == len(bad)
    assert adds_up(reading)
    totals: dict[object, list[int]] = {}
    for port, reporter, outcome, trace, start, end, *counters in said:
        shown = port or None
        row = totals.setdefault((shown, reporter, outcome, trace), [0, start, end, 0, 0, 0, 0, 0])
        row[0], row[1], row[2] = row[0] + 1, min(row[1], start), max(row[2], end)
        row[3:] = [old + new for old, new in zip(row[3:], counters, strict=True)]
    read_totals: dict[object, list[int]] = {}
    for each in reading.table.evidence:
        trace = tuple(
            (hit.index, hit.tier, hit.kind, hit.namespace, hit.name, hit.action, hit.rule_index)
            for hit in each.trace or ()
        )
        counts = each.counters
        row = read_totals.setdefault(
            (each.edge.port, each.reporter, each.outcome, trace), [0, each.first, each.last, 0, 0, 0, 0, 0]
        )
        row[0], row[1], row[2] = row[0] + each.records, min(row[1], each.first), max(row[2], each.last)
        added = (counts.connections, counts.packets_in, counts.packets_out, counts.bytes_in, counts.bytes_out)
        row[3:] = [old + (new or 0) for old, new in zip(row[3:], added, strict=True)]
    assert read_totals == totals


# Oddities of the format


def only(**fields: Any) -> Evidence:
    """Return the evidence of one flow with these fields in its key."""
    flow = {**GOOD[0], "Key": {**GOOD[0]["Key"], **fields}}
    (found,) = read(lines(flow)).table.evidence
    return found


@pytest.mark.parametrize(
    "hits",
    [
        [],
        [{"kind": 3, "namespace": "shop", "name": "a", "tier": "default", "action": 1}],
        [{"kind": 12, "namespace": "shop", "name": "a", "tier": "default", "action": 1}],
        [{"namespace": "shop", "name": "a", "tier": "default", "action": 1}],
        [{"kind": 1, "namespace": "shop", "name": "a", "tier": "default", "action": 3}],
        [{"kind": 1, "namespace": "shop", "name": "a", "tier": "default", "action": 9}],
        [{"kind": 1, "namespace": "shop", "name": "a", "tier": "default", "action": 1, "rule_index": -2}],
        [{"kind": 1, "namespace": "shop", "name": "a|b", "tier": "default", "action": 1}],
        [{"kind": 1, "namespace": "shop", "name": "a", "tier": "default", "action": 1, "rule_index": "first"}],
        [None],
    ],
)
def test_a_trace_that_does_not_decide_is_unknown(hits: list[Any]) -> None:
    """Staged, of an unknown kind or action, without a verdict, or unreadable: the action beside it is not trusted."""
    found = only(policies={"enforced_policies": hits}, action=1)

    assert (found.outcome, found.left_out) == ("Unknown", LeftOut.OUTCOME_UNKNOWN)


@pytest.mark.parametrize("trigger", [None, {}])
def test_the_end_of_a_tier_without_a_trigger_still_decides(trigger: object) -> None:
    """Which policy it was stays untold."""
    found = only(policies={"enforcedPolicies": [{"kind": "10", "tier": "app", "action": 2, "trigger": trigger}]})

    assert found.outcome == "Denied"
    assert [(hit.kind, hit.name, hit.tier, hit.rule_index) for hit in found.trace or ()] == [(None, "", "app", -1)]


def test_an_icmp_type_is_no_port() -> None:
    """Calico writes type·256+code into the port."""
    found = only(proto="icmp", dest_port=2048)

    assert (found.edge.port, found.edge.icmp) == (None, Icmp(8, 0))


def test_names_that_goldmane_cannot_write_are_left_out() -> None:
    """A namespace or an endpoint type that is none is named, never guessed."""
    for field, value, reason in (
        ("source_type", 0, LeftOut.UNKNOWN_ENDPOINT_TYPE),
        ("dest_namespace", "../etc", LeftOut.INVALID_NAME),
        ("proto", "", LeftOut.UNKNOWN_PROTOCOL),
    ):
        flow = {**GOOD[0], "Key": {**GOOD[0]["Key"], field: value}}
        assert [each.left_out for each in read(lines(flow)).table.unplaced] == [reason]


# Damaged input

RESULTS = [{"id": str(number), "flow": flow} for number, flow in enumerate(FLOWS)]
DOCUMENT = encoded({"meta": {"totalPages": "1"}, "flows": RESULTS})
PRETTY = json.dumps({"flows": RESULTS}, indent=1).encode()


@pytest.mark.parametrize("document", [DOCUMENT, PRETTY], ids=["compact", "pretty"])
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_document_gives_its_complete_flows(document: bytes, kept: float) -> None:
    """What ends early is one corrupt record with the number of its element."""
    reading = read(document[: int(len(document) * kept)])

    admitted = reading.table.records.read - 1
    assert 0 < admitted < len(FLOWS)
    assert adds_up(reading)
    assert [(place.line, place.reason) for place in reading.corrupt] == [(admitted + 1, "stream ends early")]


@pytest.mark.parametrize("content", [DOCUMENT, lines(*map(pushed, FLOWS))], ids=["document", "lines"])
def test_a_truncated_gzip_gives_its_complete_flows(content: bytes) -> None:
    """The same as for every other format."""
    reading = read(gzip.compress(content)[:-60])

    assert adds_up(reading)
    assert 0 < reading.table.records.read - 1 < len(FLOWS)
    assert [place.reason for place in reading.corrupt] == ["stream ends early"]


DAMAGES = {
    "invalid UTF-8": (encoded(RESULTS[2]).replace(b"shop", b"s\xff"), "invalid UTF-8"),
    "NUL": (encoded(RESULTS[2]).replace(b"shop", b"s\x00"), "NUL byte"),
    "wrong type of key": (b'{"id":"3","flow":{"Key":"a","start_time":"1","end_time":"2"}}', 'Key is "a"'),
    "wrong type of time": (b'{"flow":{"Key":{},"startTime":"now","endTime":"2"}}', 'start_time is "now"'),
    "nothing in the key": (b'{"flow":{"Key":{},"startTime":"5","endTime":"6"}}', "Key is {}"),
    "no end": (b'{"flow":{"Key":{},"startTime":"5"}}', "no end_time"),
    "no flow": (b'{"id":"3"}', "no Key"),
    "null": (b"null", "not a JSON object"),
    "number": (b"3", "not a JSON object"),
    "text": (b'"a, b"', "not a JSON object"),
    "list": (b'[{"id":"3"}]', "not a JSON object"),
    "two objects": (b'{"id":"3"}{"id":"4"}', "more than one JSON value"),
    "line end in a text": (b'{"flow":{"Key":{"proto":"t\ncp"}}}', "not JSON"),
    "no JSON": (b"{flow}", "not JSON"),
    "nothing": (b"", "not JSON"),
    "20 MB": (b'{"id":"' + b"x" * 20_000_000 + b'"}', "too long"),
}


@pytest.mark.parametrize("title", DAMAGES)
def test_a_corrupt_element_costs_only_itself(title: str) -> None:
    """It is counted and named by file and number of the element, and the rest is the same as without it."""
    bad, reason = DAMAGES[title]
    elements = [encoded(result) for result in RESULTS]
    whole = b'{"flows":[' + b",".join([*elements[:2], bad, *elements[2:]]) + b"]}"

    reading = read(whole)

    assert adds_up(reading)
    assert evidence(reading.table) == evidence(read(DOCUMENT).table)
    assert [place.line for place in reading.corrupt] == [3]
    assert reason in reading.corrupt[0].reason


def test_a_line_that_is_too_long_costs_only_itself() -> None:
    """20 MB on one line, in a file that is read in place."""
    elements = [encoded(result) for result in RESULTS]

    reading = read(b"\n".join([*elements[:2], DAMAGES["20 MB"][0], *elements[2:]]))

    assert adds_up(reading)
    assert [place.line for place in reading.corrupt] == [3]
    assert evidence(reading.table) == evidence(read(DOCUMENT).table)


@pytest.mark.parametrize(
    "title", [title for title in DAMAGES if title not in {"nothing", "line end in a text", "20 MB"}]
)
def test_a_corrupt_line_costs_only_itself(title: str) -> None:
    """The same among results written one a line."""
    bad, reason = DAMAGES[title]
    elements = [encoded(result) for result in RESULTS]

    reading = read(b"\n".join([*elements[:2], bad, *elements[2:]]))

    assert adds_up(reading)
    assert [(place.line, reason in place.reason) for place in reading.corrupt] == [(3, True)]
    assert evidence(reading.table) == evidence(read(DOCUMENT).table)


@pytest.mark.parametrize("content", [b"[]", b'{"flows":[]}', b'{"meta":{"totalPages":"0","totalResults":"0"}}'])
def test_an_empty_document_holds_no_records(content: bytes) -> None:
    """Which is said, as of an empty file."""
    with pytest.raises(NothingToReadError, match="holds no records"):
        read(content)


@pytest.mark.parametrize("content", [b'{"flows":[', b'{"flows":[{"id":'])
def test_a_document_without_one_whole_flow_ends_early(content: bytes) -> None:
    """It is not called empty."""
    with pytest.raises(NothingToReadError, match="ends early"):
        read(content)


def test_answers_one_after_another_are_read_on() -> None:
    """Polls appended to one file: repeated flows count once, and elements are numbered on."""
    reading = read(DOCUMENT + b"\n" + DOCUMENT + b'\n{"flows":[7]}')

    assert reading.table.records.read == 2 * len(FLOWS) + 1
    assert reading.table.records.repeats == {LeftOut.REPEATED: len(FLOWS) - 1}
    assert [place.line for place in reading.corrupt] == [2 * len(FLOWS) + 1]


def test_a_forced_format_is_settled_within_by_content() -> None:
    """Of another family nothing is readable, so every record is counted corrupt."""
    assert read(DOCUMENT, format="goldmane").table.records.corrupt == 0
    wrong = read(DOCUMENT, format="hubble")
    assert wrong.table.records.corrupt == wrong.table.records.read == len(FLOWS)


def test_formats_mixed_in_one_file_cost_the_lines_of_the_other(tmp_path: Path) -> None:
    """The first record settles the layout; in a directory each file has its own."""
    mixed = lines(pushed(FLOWS[0]), {"time": "2026-03-01T00:00:00Z", "verdict": "FORWARDED"})

    reading = read(mixed)

    assert (reading.table.records.read, reading.table.records.corrupt) == (2, 1)
    assert reading.corrupt[0].reason.startswith("no Key")
    assert not list(tmp_path.iterdir())
