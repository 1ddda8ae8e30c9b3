"""Lines look as Calico Enterprise writes them."""

from collections import Counter
from typing import Any

import pytest

from tests.lab.conftest import exchange, one_sided

Lines = list[dict[str, Any]]

COUNTERS = ("bytes_", "packets_", "num_flows", "tcp_", "http_")
SIDE = ("ip", "name", "name_aggr", "namespace", "type", "labels")


def identity(line: dict[str, Any]) -> str:
    """Return what makes a record the one it is: node, window and every column that does not count."""
    return repr([value for key, value in line.items() if not key.startswith(COUNTERS)])


def between(lines: Lines, client: str, server: str) -> Lines:
    """Return the lines from one name prefix of namespace shop to another."""
    return [
        line
        for line in lines
        if line["source_namespace"] == line["dest_namespace"] == "shop"
        and line["source_name_aggr"].startswith(client)
        and line["dest_name_aggr"].startswith(server)
    ]


@pytest.mark.parametrize("shown", ["lines", "lines_with_addresses"])
def test_no_two_lines_are_the_same_record(shown: str, request: pytest.FixtureRequest) -> None:
    """Calico writes one line per node, window and key; a second one would be a repeat with other counters."""
    lines: Lines = request.getfixturevalue(shown)

    repeated = [key for key, count in Counter(map(identity, lines)).items() if count > 1]

    assert repeated == []


def test_every_line_has_the_columns_of_both_sides(lines: Lines) -> None:
    """A missing column would be a corrupt record."""
    columns = {f"{side}_{column}" for side in ("source", "dest") for column in SIDE}
    columns |= {"host", "start_time", "end_time", "reporter", "action", "proto", "dest_port", "policies", "num_flows"}

    lacking = [columns - line.keys() for line in lines if columns - line.keys()]

    assert lacking == []


def test_windows_are_five_minutes_and_start_at_another_second_on_each_node(lines: Lines) -> None:
    """Nodes flush on their own; a record belongs to the day its window starts in."""
    first = min(line["start_time"] for line in lines) // 86_400 * 86_400

    phases = {(line["host"], (line["start_time"] - first) % 300) for line in lines}

    assert all(line["end_time"] - line["start_time"] == 300 for line in lines)
    assert all((line["start_time"] - first) // 86_400 == line["day"] for line in lines)
    assert len(phases) == len({host for host, _ in phases}) > 1


def test_allowed_lines_show_prefixes_and_no_addresses_by_default(lines: Lines) -> None:
    """Aggregation kind 2 hides addresses, source ports and pod names."""
    allowed = [line for line in lines if line["action"] == "allow"]

    shown = {(line["source_ip"], line["dest_ip"], line["source_port"], line["source_name"]) for line in allowed}

    assert shown == {(None, None, None, "-")}


def test_denied_lines_show_pods_and_addresses_by_default(lines: Lines) -> None:
    """Aggregation kind 1 is the default for denied traffic."""
    denied = [line for line in lines if line["action"] == "deny" and line["source_type"] == "wep"]

    assert denied
    assert all(line["source_ip"].startswith("10.24") and line["source_port"] is None for line in denied)
    assert all(line["source_name"].startswith(line["source_name_aggr"].removesuffix("*")) for line in denied)


def test_with_addresses_names_stand_beside_their_prefixes(lines_with_addresses: Lines) -> None:
    """Kind 1 for allowed, kind 0 (with source ports) for denied."""
    pods = [line for line in lines_with_addresses if line["source_type"] == "wep"]

    assert all(line["source_name"].startswith(line["source_name_aggr"].removesuffix("*")) for line in pods)
    assert all((line["source_port"] is not None) == (line["action"] == "deny") for line in pods)
    assert all(line["dest_ip"] for line in lines_with_addresses)


def test_the_service_stands_in_source_rows_only(lines: Lines) -> None:
    """Address translation is seen on the source's node."""
    services = {
        line["reporter"]: (line["dest_service_namespace"], line["dest_service_name"], line["dest_service_port"])
        for line in between(lines, "api-", "pricing-")
    }

    assert services == {"src": ("shop", "pricing", "grpc"), "dst": ("-", "-", "-")}


def test_counters_are_relative_to_the_reporter(lines_with_addresses: Lines) -> None:
    """What the source sends is what the destination receives."""
    written = {
        side: {
            (*exchange(line), line["source_name"], line["dest_name"], line["proto"]): line
            for line in lines_with_addresses
            if line["reporter"] == side and line["action"] == "allow"
        }
        for side in ("src", "dst")
    }
    both = written["src"].keys() & written["dst"].keys()

    assert len(both) > len(lines_with_addresses) // 3
    for source, destination in ((written["src"][key], written["dst"][key]) for key in both):
        assert (source["bytes_out"], source["packets_in"]) == (destination["bytes_in"], destination["packets_out"])


def test_profile_and_team_policies_decide_as_written(lines: Lines) -> None:
    """Policy strings follow the Enterprise syntax, and a team's policy decides all traffic of what it selects."""
    hits = {hit for line in lines for hit in line["policies"]["enforced_policies"]}
    subjects = {
        (line["dest_namespace"], line["dest_name_aggr"].split("-")[0]): hits_of
        for line in lines
        if line["reporter"] == "dst"
        and (hits_of := line["policies"]["enforced_policies"][-1].split("|")[1]) == "default"
    }

    mixed = [
        line
        for line in lines
        if line["reporter"] == "dst"
        and (line["dest_namespace"], line["dest_name_aggr"].split("-")[0]) in subjects
        and "__PROFILE__" in line["policies"]["enforced_policies"][-1]
    ]

    assert "1|__PROFILE__|__PROFILE__.kns.shop|allow|0" in hits
    assert "0|security|security.blocked-egress|pass|1" in hits
    assert any("/knp.default." in hit and hit.endswith("|allow|0") for hit in hits)
    assert any(hit.endswith(("|deny|-1", "|deny|0")) for hit in hits)
    assert mixed == []


def test_the_last_hit_says_the_action(lines: Lines) -> None:
    """A line never contradicts its own trace."""
    contradictions = [
        line for line in lines if line["policies"]["enforced_policies"][-1].split("|")[3] != line["action"]
    ]

    assert contradictions == []


def test_denied_rows_linger_without_counters(lines: Lines) -> None:
    """Calico repeats denied flows with zero counters; only denied ones."""
    stale = [line for line in lines if line["packets_in"] + line["packets_out"] == 0]

    assert stale
    assert {line["action"] for line in stale} == {"deny"}


def test_no_rows_get_lost_where_nothing_goes_wrong(lines: Lines) -> None:
    """A world without defects has both reporters wherever both exist."""
    assert one_sided(lines) == 0


def test_protocols_without_ports_write_calico_s_oddities(lines: Lines) -> None:
    """SCTP is 0, ICMP is type times 256 plus code inside and nothing outside."""
    ports = {
        (line["proto"], line["dest_type"], line["dest_port"]) for line in lines if line["proto"] in {"sctp", "icmp"}
    }

    assert ports == {("sctp", "wep", 0), ("icmp", "wep", 2048), ("icmp", "net", None)}


def test_owners_can_be_told_from_names_and_labels(lines: Lines) -> None:
    """ReplicaSet hash, StatefulSet revision and Job name stand in names and labels alike."""
    sides = {
        (line["source_name_aggr"], tuple(line["source_labels"]["labels"]))
        for line in lines
        if line["source_type"] == "wep"
    }

    for name, pairs in sides:
        labels = dict(pair.split("=", 1) for pair in pairs)
        base = name.removesuffix("-*")
        owned = (
            base.endswith("-" + labels.get("pod-template-hash", "?"))
            or labels.get("controller-revision-hash", "").startswith(base + "-")
            or labels.get("batch.kubernetes.io/job-name") == base
            or name == "fluent-bit-*"
        )
        assert owned, (name, labels)


def test_a_passive_server_opens_many_ports(lines: Lines) -> None:
    """Each transfer has a port of its own in the server's range."""
    ports = {line["dest_port"] for line in lines if line["dest_name_aggr"].startswith("ftp-drop")} - {21, 9102}

    assert len(ports) > 10
    assert all(40_000 <= port <= 40_999 for port in ports)
