"""Truth says what is in the evidence, and what is there to be learnt."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.conftest import DAYS, LEARN_DAYS, make_world

Truth = Mapping[str, Any]
HASHED = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{8,10}$|-\d{8}$")


def owner(namespace: str, aggregated: str) -> tuple[str, str]:
    """Return namespace and owner of an aggregated pod name."""
    return namespace, HASHED.sub("", aggregated.removesuffix("-*"))


def told(truth: dict[str, Any]) -> dict[str, Any]:
    """Return a truth without what a format hides: which attacks look honest."""
    for attack in truth["attack"]:
        del attack["indistinguishable"]
    return {key: value for key, value in truth.items() if key not in {"format", "defects"}}


def crossing(edge: Mapping[str, Any]) -> tuple[str, str, str, str | None]:
    """Return what a policy per namespace can tell of an edge."""
    client, server = (end.get("namespace", end["name"]) for end in (edge["client"], edge["server"]))
    return client, server, edge["protocol"], edge.get("port")


def test_truth_is_the_same_whatever_is_shown(world: Path, world_with_addresses: Path) -> None:
    """A format hides; it does not change what happened."""
    shown, hidden = (told(json.loads((place / "truth.json").read_text())) for place in (world, world_with_addresses))

    assert shown == hidden


def test_the_same_arguments_make_the_same_bytes(world: Path, tmp_path: Path) -> None:
    """A world can be made again anywhere."""
    again = make_world(tmp_path, "calico")

    files = sorted(path.relative_to(world) for path in world.rglob("*") if path.is_file())

    assert sum(1 for file in files if file.parent.name == "flows") == DAYS
    assert sum(1 for file in files if file.parent.name == "cluster") > 20
    assert all((world / file).read_bytes() == (again / file).read_bytes() for file in files)


def test_days_seen_are_the_days_of_the_lines(truth: Truth, lines: list[dict[str, Any]]) -> None:
    """Worked out again from the lines alone, for all traffic between workloads that has ports."""
    seen: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for line in lines:
        if line["source_type"] == line["dest_type"] == "wep":
            client = owner(line["source_namespace"], line["source_name_aggr"])
            server = owner(line["dest_namespace"], line["dest_name_aggr"])
            seen[*client, *server, line["proto"].upper(), str(line["dest_port"])].add(line["day"])

    for edge in [*truth["legitimate"], *truth["denied"]]:
        ends = [(end.get("namespace"), end["name"]) for end in (edge["client"], edge["server"])]
        if "port" in edge and edge["client"]["kind"] == edge["server"]["kind"] == "Workload":
            key = (*ends[0], *ends[1], edge["protocol"], edge["port"])
            assert edge["daysSeen"] == sorted(seen[key]), key
            assert edge["daysSeenLearn"] == [day for day in sorted(seen[key]) if day < LEARN_DAYS], key


def test_every_allowed_line_between_workloads_belongs_to_an_edge(truth: Truth, lines: list[dict[str, Any]]) -> None:
    """Nothing is in the evidence that truth does not know."""
    known = {
        (
            edge["client"].get("namespace"),
            edge["client"]["name"],
            edge["server"].get("namespace"),
            edge["server"]["name"],
        )
        for kind in ("legitimate", "denied", "ephemeral", "attack")
        for edge in truth[kind]
    }
    spoken = {
        (
            *owner(line["source_namespace"], line["source_name_aggr"]),
            *owner(line["dest_namespace"], line["dest_name_aggr"]),
        )
        for line in lines
        if line["source_type"] == line["dest_type"] == "wep"
    }

    assert spoken <= known


def test_addresses_outside_are_those_of_the_lines(truth: Truth, lines_with_addresses: list[dict[str, Any]]) -> None:
    """A judge may ask for each address that was seen, and for no pod's."""
    outside = {line["dest_ip"] for line in lines_with_addresses if line["dest_type"] in {"net", "ns"}} | {
        line["source_ip"] for line in lines_with_addresses if line["source_type"] == "net"
    }

    told = {
        address
        for kind in ("legitimate", "denied", "attack")
        for edge in truth[kind]
        for end in (edge["client"], edge["server"])
        for address in end.get("addresses", ())
        if edge["daysSeen"]
    }

    assert told == outside


def test_addresses_of_a_software_service_change(truth: Truth) -> None:
    """A name with changing addresses is no list of addresses."""
    services = [edge["server"] for edge in truth["legitimate"] if edge["server"].get("domains")]

    assert any(set(server["addresses"]) > set(server["addressesLearn"]) for server in services)


def test_labels_outlive_rollouts(truth: Truth) -> None:
    """No hash, ordinal or job name is worth a selector."""
    keys = {key for workload in truth["workloads"] for key in workload["labels"]}

    assert keys <= {"app", "tier", "k8s-app", "app.kubernetes.io/name", "app.kubernetes.io/instance"}


def test_a_quiet_namespace_never_speaks_and_a_locked_one_only_tries(truth: Truth, lines: list[dict[str, Any]]) -> None:
    """Neither may get a policy from its silence."""
    speakers = {line["source_namespace"] for line in lines} | {line["dest_namespace"] for line in lines}
    locked = {line["action"] for line in lines if "sandbox" in {line["source_namespace"], line["dest_namespace"]}}

    assert "archive" in {workload["namespace"] for workload in truth["workloads"]}
    assert "archive" not in speakers
    assert locked == {"deny"}


def test_no_denied_edge_can_be_excused_by_a_legitimate_one(truth: Truth) -> None:
    """A policy per namespace that opens a denied edge is wider than anything legitimate."""
    legitimate, denied = ({crossing(edge) for edge in truth[kind]} for kind in ("legitimate", "denied"))

    assert denied
    assert not denied & legitimate
    assert all(client != server for client, server, _, _ in denied)


def test_every_rhythm_and_every_kind_of_end_occurs(truth: Truth) -> None:
    """The smallest world of three namespaces has all that a recommendation must cope with."""
    legitimate = truth["legitimate"]

    rhythms = {edge["rhythm"] for edge in legitimate}
    ends = {end["kind"] for edge in legitimate for end in (edge["client"], edge["server"])}
    protocols = {edge["protocol"] for edge in legitimate}
    kinds = {workload["workloadKind"] for workload in truth["workloads"]}

    assert rhythms == {"constant", "sporadic", "hourly", "nightly", "weekly", "monthly"}
    assert ends == {"Workload", "NetworkSet", "Public", "Private"}
    assert protocols == {"TCP", "UDP", "SCTP", "ICMP"}
    assert kinds == {"Deployment", "StatefulSet", "DaemonSet", "CronJob"}
    assert {edge["port"] for edge in truth["ephemeral"]} == {"40000:40999"}
