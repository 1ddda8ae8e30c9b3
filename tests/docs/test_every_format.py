"""One world in every format, read by Ringfence: the edges of its truth, and what each format cannot say of them.

What a format cannot say is named here, counted in ``docs/laboratory.md``, and nothing else may differ. ``make docs``
counts anew.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

import pytest

from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest, Reading
from ringfence.flows.evidence import EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence_lab.formats import FORMAT_NAMES, FormatName
from ringfence_lab.world import main as make_world
from tests.architecture.repository import ROOT
from tests.docs.pages import generated_parts, with_generated_part

PAGE: Final = ROOT / "docs/laboratory.md"
PART: Final = "formats"

RUN: Final = "each run of a CronJob is a Job of its own"
PASSIVE: Final = "each port of a passive server is an edge of its own"
ICMP: Final = "the type of an ICMP message is not told"
SET_UNTOLD: Final = "a network set is left out as `unknown-endpoint-type`"
SET_ADDRESSES: Final = "a network set is a network: public or private addresses"
NODE: Final = "a node is a host by its address, each address an edge, not a private network"
REPLY: Final = "defect: the way back of a connection stands as a connection"
GHOST: Final = "defect: a ghost tells no labels, so its workloads have no known owner"
DIFFERENCES: Final = (RUN, PASSIVE, ICMP, SET_UNTOLD, SET_ADDRESSES, NODE, REPLY, GHOST)

_JOB_OF_RUN: Final = re.compile(r"-\d{8}$")
_ADDRESS: Final = re.compile(r"[\d.]+|[\da-f]*:[\da-f:]*")
_FIRST_REPLY_PORT: Final = 50_100
_PRIVATE: Final = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

End = tuple[str, ...]
Edge = tuple[End, End, str, str, str]
"""Client, server, protocol, port or range, ICMP type."""
Case = tuple[FormatName, bool]
"""A format, and whether the world has defects."""

CASES: Final[tuple[Case, ...]] = tuple((name, defects) for name in FORMAT_NAMES for defects in (False, True))


class Compared:
    """What one format of one world says, put in the words of the truth, and how often words had to be changed."""

    def __init__(self, reading: Reading, truth: Mapping[str, Any], name: FormatName) -> None:
        self.reading = reading
        self.counts: Counter[str] = Counter()
        self.ranges = {
            (_true_end(edge["server"]), edge["protocol"]): edge["port"] for edge in truth["ephemeral"] if "port" in edge
        }
        self.truth = set(self._true_edges(truth, name))
        self.read = set(self._read_edges(reading.table))

    def _true_edges(self, truth: Mapping[str, Any], name: FormatName) -> Iterator[Edge]:
        """Yield the edges that lines show, as far as the format can say them."""
        for edge in (*truth["legitimate"], *truth["denied"], *truth["ephemeral"], *truth["attack"]):
            if not edge["daysSeen"]:
                continue
            ends = [_true_end(edge["client"]), _true_end(edge["server"])]
            if any(end[0] == "NetworkSet" for end in ends):
                if name == "whisker":
                    self.counts[SET_UNTOLD] += 1
                    continue
                if name == "hubble":
                    self.counts[SET_ADDRESSES] += 1
                    ends = [_by_address(end, edge[side]) for end, side in zip(ends, ("client", "server"), strict=True)]
            yield ends[0], ends[1], edge["protocol"], edge.get("port", ""), "8" if "icmp" in edge else ""

    def _read_edges(self, table: EvidenceTable) -> Iterator[Edge]:
        """Yield the edges that were read; no edge has two sides that differ in the same way."""
        ghosts = {each.edge for each in table.evidence if each.left_out is LeftOut.GHOST}
        for edge in {each.edge for each in table.evidence}:
            if edge in ghosts and edge.client in table.owner_unknown and edge.server in table.owner_unknown:
                self.counts[GHOST] += 1
                continue
            if (edge.port or 0) >= _FIRST_REPLY_PORT:
                self.counts[REPLY] += 1
                continue
            client, server = self._read_end(edge.client), self._read_end(edge.server)
            port, icmp = str(edge.port or ""), "" if edge.icmp is None else str(edge.icmp.type)
            passive = self.ranges.get((server, edge.protocol))
            if passive and _lies_in(edge.port, passive):
                self.counts[PASSIVE] += 1
                port = passive
            if edge.protocol == "ICMP" and edge.icmp is None:
                self.counts[ICMP] += 1
                icmp = "8"
            yield client, server, edge.protocol, port, icmp

    def _read_end(self, end: Endpoint) -> End:
        match end:
            case Workload(namespace, "Job", name) if _JOB_OF_RUN.search(name):
                self.counts[RUN] += 1
                return "Workload", namespace, "CronJob", _JOB_OF_RUN.sub("", name)
            case Workload(namespace, kind, name):
                return "Workload", namespace, kind or "", name
            case NetworkSet(of_namespace, name):
                return "NetworkSet", of_namespace or "", name
            case Network(scope):
                return "Network", scope
            case Host(name) if _ADDRESS.fullmatch(name):
                self.counts[NODE] += 1
                return "Network", "private"
            case Host(name):
                return "Host", name


def _true_end(end: Mapping[str, Any]) -> End:
    match end["kind"]:
        case "Workload":
            return "Workload", end["namespace"], end["workloadKind"], end["name"]
        case "NetworkSet":
            return "NetworkSet", end.get("namespace", ""), end["name"]
        case kind:
            return "Network", kind.lower()


def _by_address(end: End, true: Mapping[str, Any]) -> End:
    """Return the network that the addresses of a set lie in."""
    if end[0] != "NetworkSet":
        return end
    addresses = [IPv4Address(address) for address in true["addresses"]]
    (scope,) = {"private" if any(address in net for net in _PRIVATE) else "public" for address in addresses}
    return "Network", scope


def _lies_in(port: int | None, passive: str) -> bool:
    first, last = passive.split(":")
    return port is not None and int(first) <= port <= int(last)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Case], Compared]:
    """Return what makes a world in a format and reads it, once a case."""
    known: dict[Case, Compared] = {}

    def compare(case: Case) -> Compared:
        if case not in known:
            name, defects = case
            folder = tmp_path_factory.mktemp("world")
            (folder / "workspace").mkdir()
            asked = ["--seed", "5", "--size", "3", "--days", "2", "--learn-days", "1", "--lines-per-day", "1200"]
            make_world([str(folder), *asked, "--format", name, *([] if defects else ["--no-defects"])])
            request = FlowRequest((str(folder / "flows"),), folder / "workspace", folder / "aside")
            reading = read_flows(request, report=lambda _: None)
            known[case] = Compared(reading, json.loads((folder / "truth.json").read_text("utf-8")), name)
        return known[case]

    return compare


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}{'-with-defects' if case[1] else ''}")
def test_what_is_read_is_the_truth(compared: Callable[[Case], Compared], case: Case) -> None:
    """Client, server, protocol, port and ICMP type of every edge that the format can say, and no other edge."""
    found = compared(case)

    assert found.read == found.truth
    assert len(found.truth) > 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}{'-with-defects' if case[1] else ''}")
def test_every_record_is_accounted_for(compared: Callable[[Case], Compared], case: Case) -> None:
    """In evidence, without a place, read before, or corrupt and named."""
    reading = compared(case).reading
    records = reading.table.records

    placed = sum(each.records for each in (*reading.table.evidence, *reading.table.unplaced))

    assert records.read == placed + sum(records.repeats.values()) + records.corrupt
    assert records.corrupt == len(reading.corrupt)
    assert not reading.skipped


def test_the_page_counts_what_each_format_cannot_say(compared: Callable[[Case], Compared], *, regenerate: bool) -> None:
    """By name, format and number; where defects change the number, both stand there."""
    rows = [
        f"| {name} | {' | '.join(_cell(compared, form, name) for form in FORMAT_NAMES)} |\n" for name in DIFFERENCES
    ]
    head = f"| edges where | {' | '.join(f'`{name}`' for name in FORMAT_NAMES)} |\n|---|{'---:|' * len(FORMAT_NAMES)}\n"
    part = head + "".join(rows)

    if regenerate:
        PAGE.write_text(with_generated_part(PAGE.read_text("utf-8"), name=PART, part=part), encoding="utf-8")

    assert generated_parts(PAGE.read_text("utf-8"))[PART] == part


def _cell(compared: Callable[[Case], Compared], form: FormatName, name: str) -> str:
    plain, spoiled = (compared((form, defects)).counts[name] for defects in (False, True))
    return f"{plain or ''}" if plain == spoiled else f"{plain} / {spoiled}"
