"""One world in every format: the same edges where the format can say them, and the defects that truth counts."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ringfence_lab.formats import FORMAT_NAMES, FormatName
from tests.lab.worlds import EDGE_OF, Edge, Item, calico_edge, items

WINDOW = 300
LEAST_WINDOWS_LATE = 2

FORCED: Mapping[str, Mapping[str, int]] = {
    "hubble": {"a network set is addresses": 2},
}
"""What a format cannot say, by name, and in how many edges of the small world."""

Spoiled = Mapping[FormatName, Path]


def truth_of(world: Path) -> dict[str, Any]:
    """Return a world's truth."""
    truth: dict[str, Any] = json.loads((world / "truth.json").read_text(encoding="utf-8"))
    return truth


def named(world: Path, name: str) -> set[Edge]:
    """Return the edges that a world's files name."""
    return {EDGE_OF[name](item) for item in items(world) if item is not None and not is_ghost(item)}


def is_ghost(item: Item) -> bool:
    """Say whether an item is a flow of an unfinished window."""
    return "flow" in item and item["flow"].get("start_time") == "0"


@pytest.mark.parametrize("name", [name for name in FORMAT_NAMES if name not in {"calico", "hubble"}])
def test_formats_of_calico_name_the_same_edges(spoiled: Spoiled, name: FormatName) -> None:
    """No difference is forced between them: owners, classes, ports, actions and reporters are the same."""
    assert named(spoiled[name], name) == named(spoiled["calico"], "calico")


def test_hubble_names_the_same_edges_but_knows_no_network_sets(spoiled: Spoiled) -> None:
    """What it cannot say is listed with its number."""
    calico, hubble = named(spoiled["calico"], "calico"), named(spoiled["hubble"], "hubble")

    of_sets = {edge for edge in calico if is_set(edge[0]) or is_set(edge[1])}
    as_addresses = {
        (*(("-", "pub") if is_set(end) else end for end in edge[:2]), *edge[2:])  # type: ignore[misc]
        for edge in of_sets
    }

    assert len(of_sets) == FORCED["hubble"]["a network set is addresses"]
    assert hubble == calico - of_sets | as_addresses


def is_set(end: object) -> bool:
    """Say whether an end is one of the world's network sets."""
    return isinstance(end, tuple) and end[1] in {"partners", "metrics-collectors", "payment-gateways"}


def start(item: Item) -> int:
    """Return the start of an item's window in Unix seconds."""
    flow = item.get("flow", item)
    text = flow.get("start_time", flow.get("time"))
    return int(datetime.fromisoformat(text).timestamp()) if isinstance(text, str) and "T" in text else int(text)


def lags(found: Sequence[Item]) -> list[int]:
    """Return how far each item is behind the newest before it; overlapping windows are left out."""
    behind, newest = [], 0
    for item in found:
        behind.append(max(0, newest - start(item)))
        newest = max(newest, start(item))
    return behind


def node_of(item: Item) -> str | None:
    """Return who wrote an item, where the format says so."""
    node: str | None = item.get("host", item.get("node_name"))
    return node


def phases(found: Sequence[Item]) -> dict[str | None, int]:
    """Return at which second of a window each node flushes."""
    counted: dict[str | None, Counter[int]] = {}
    for item in found:
        counted.setdefault(node_of(item), Counter())[start(item) % WINDOW] += 1
    return {node: counts.most_common(1)[0][0] for node, counts in counted.items()}


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_defects_are_as_many_as_truth_says(spoiled: Spoiled, name: FormatName) -> None:
    """Counted again in the files, by what the files alone show."""
    truth = truth_of(spoiled[name])
    told = truth["defects"]
    found = list(items(spoiled[name]))
    whole = [item for item in found if item is not None and not is_ghost(item)]
    counted = {
        "corrupt": sum(1 for item in found if item is None),
        "ghosts": sum(1 for item in found if item is not None and is_ghost(item)),
    }
    skewed = truth.get("skewedNode")
    if skewed is not None:
        since = datetime.fromisoformat(skewed["since"]).timestamp()
        ours = [item for item in whole if node_of(item) == skewed["name"]]
        counted["clockSkew"] = sum(1 for item in ours if start(item) >= since + skewed["seconds"])
        whole = [item for item in whole if node_of(item) != skewed["name"]]
    if name != "hubble":
        usual = phases(whole)
        shifted = [item for item in whole if start(item) % WINDOW != usual[node_of(item)]]
        counted["overlapping"] = len(shifted)
        whole = [item for item in whole if start(item) % WINDOW == usual[node_of(item)]]
    repeats = Counter(json.dumps(item, sort_keys=True) for item in whole)
    counted["repeated"] = sum(count - 1 for count in repeats.values())
    late = lags(whole)
    counted["late"] = sum(1 for lag in late if lag >= LEAST_WINDOWS_LATE * WINDOW)
    counted["outOfOrder"] = sum(1 for lag in late if 0 < lag < LEAST_WINDOWS_LATE * WINDOW)

    assert {key: told[key] for key in counted if key in told} == {key: counted[key] for key in counted if key in told}
    assert {"corrupt", "repeated", "late", "outOfOrder"} <= told.keys()
    assert sum(told.values()) > 10


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_replies_and_stale_rows_are_as_many_as_truth_says(spoiled: Spoiled, name: FormatName) -> None:
    """A reply goes to a port that no server has; a stale row is denied and counts nothing."""
    told = truth_of(spoiled[name])["defects"]
    whole = [item for item in items(spoiled[name]) if item is not None and not is_ghost(item)]

    replies = {
        EDGE_OF[name](item) for item in whole if isinstance(port := EDGE_OF[name](item)[3], int) and port > 50_099
    }
    stale = {json.dumps(item, sort_keys=True) for item in whole if name != "hubble" and packets(item) == 0}

    assert len(replies) == told["replies"] > 0
    assert len(stale) == told.get("stale", 0)
    assert all(EDGE_OF[name](json.loads(text))[4] == "deny" for text in stale)


def packets(item: Item) -> int:
    """Return the packets of an item, both ways."""
    flow = item.get("flow", item)
    return int(flow.get("packets_in", 0)) + int(flow.get("packets_out", 0))


def in_their_windows(world: Path) -> Iterator[Item]:
    """Yield a Calico world's lines by a clock that is right, without windows that overlap."""
    skewed = truth_of(world)["skewedNode"]
    since = datetime.fromisoformat(skewed["since"]).timestamp() + skewed["seconds"]
    whole = [item for item in items(world) if item is not None]
    usual = phases([item for item in whole if start(item) < since])
    for item in whole:
        wrong = skewed["seconds"] if item["host"] == skewed["name"] and start(item) >= since else 0
        if (start(item) - wrong) % WINDOW == usual[item["host"]]:
            yield {**item, "start_time": start(item) - wrong}


def test_lost_lines_are_as_many_as_truth_says(spoiled: Spoiled) -> None:
    """Pod by pod, each lost line leaves its twin alone, where both ends are pods and nothing is denied."""
    sides: dict[tuple[object, ...], set[str]] = {}
    denied = set()
    for item in in_their_windows(spoiled["calico-addresses"]):
        if not item["source_type"] == item["dest_type"] == "wep" or (item["dest_port"] or 0) > 50_099:
            continue
        client, server, protocol, port, action, reporter = calico_edge(item)
        denied |= {(client, server, protocol, port)} if action == "deny" else set()
        key = (start(item) // WINDOW, client, server, protocol, port, item["source_name"], item["dest_name"])
        sides.setdefault(key, set()).add(str(reporter))

    alone = [key for key, written in sides.items() if len(written) == 1 and key[1:5] not in denied]

    told = truth_of(spoiled["calico-addresses"])["defects"]["missingReporters"]
    assert len(alone) == told


def test_finished_pods_whose_address_is_another_s(truth: Mapping[str, Any], objects: Sequence[dict[str, Any]]) -> None:
    """The cluster's snapshot has as many as truth says."""
    pods = [each for each in objects if each["kind"] == "Pod"]
    running = {pod["status"]["podIP"] for pod in pods if pod["status"]["phase"] == "Running"}

    recycled = [pod for pod in pods if pod["status"]["phase"] == "Succeeded" and pod["status"]["podIP"] in running]

    assert len(recycled) == truth["defects"]["recycledAddresses"] > 0


def test_formats_have_no_defects_that_they_cannot_have(spoiled: Spoiled) -> None:
    """Absent, never zero by nature."""
    told = {name: set(truth_of(spoiled[name])["defects"]) for name in FORMAT_NAMES}

    assert {name for name, names in told.items() if "ghosts" in names} == {"goldmane"}
    assert {name for name, names in told.items() if "overlapping" not in names} == {"hubble"}
    assert {name for name, names in told.items() if "clockSkew" not in names} == {
        "goldmane",
        "goldmane-push",
        "whisker",
    }


def test_attacks_are_indistinguishable_only_where_the_format_shows_no_address(spoiled: Spoiled) -> None:
    """A new public address at a known port looks like the old one without addresses."""
    alike = {
        name: {edge["id"] for edge in truth_of(spoiled[name])["attack"] if edge["indistinguishable"]}
        for name in FORMAT_NAMES
    }

    assert alike["calico"] == alike["goldmane"] == alike["whisker"] >= alike["calico-addresses"] == alike["hubble"]
