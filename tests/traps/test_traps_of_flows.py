"""What flow logs say and must not be taken for: each a trap that a tool of this kind once fell into."""

from pathlib import Path
from typing import Final

import pytest

from ringfence.model.endpoint import Workload
from tests.engine.flow_lines import START
from tests.engine.test_hubble import flow
from tests.learning.evidence_rows import tcp
from tests.learning.guarded import WEB, guarded, held, table_with
from tests.learning.test_guard_scans import probes
from tests.traps.small_shop import Json, line, pair, recommended, traced

_PROFILE: Final = "__PROFILE__|__PROFILE__.kns.shop|allow|0"


def test_trap_01_reply_flows_make_no_ephemeral_ports(tmp_path: Path) -> None:
    """A reply that says so, one that does not, and one that Calico writes as a connection of its own."""
    back: Json = {
        "l4": {"TCP": {"source_port": 5432, "destination_port": 43122}},
        "source": flow()["destination"],
        "destination": flow()["source"],
    }
    hubble = [flow(), flow(**back, is_reply=True), flow(**back, is_reply=None)]
    calico = [*pair("shop/web", "payments/ledger", 5432), *pair("payments/ledger", "shop/web", 43122)]

    assert recommended(tmp_path, *hubble, options=["--dialect", "calico"]).policies
    assert "43122" not in recommended(tmp_path, *hubble, options=["--dialect", "calico"]).text
    assert recommended(tmp_path, *calico).ports == {"5432"}


def test_trap_02_both_reporters_count_once_and_one_is_enough(tmp_path: Path) -> None:
    """Connections are not added up over reporters, and rules do not need both."""
    both = [*pair("shop/web", "payments/ledger", 5432)]

    found = [recommended(tmp_path, *records) for records in (both, both[:1], both[1:])]

    assert [found[0].report["items"][0]["edges"][0]["evidence"]["connections"]] == [2]
    assert found[0].policies == found[1].policies == found[2].policies


@pytest.mark.parametrize("fields", [{"traffic_direction": None}, {"verdict": "REDIRECTED"}])
def test_trap_03_hubble_without_a_direction_or_redirected_is_evidence(tmp_path: Path, fields: Json) -> None:
    """A layer-7 proxy redirects what it lets through."""
    found = recommended(tmp_path, flow(**fields), options=["--dialect", "calico"])

    assert [each["spec"]["types"] for each in found.policies] == [["Ingress", "Egress"]]


def test_trap_15_denied_flows_are_not_learnt_and_what_other_policies_allow_is(tmp_path: Path) -> None:
    """An allow behind our tier would be starved if it were no evidence."""
    allowed, denied = "0|default|payments/default.team|allow|0", "0|default|payments/default.team|deny|-1"
    found = recommended(
        tmp_path,
        *pair("shop/web", "payments/ledger", 5432, policies=traced(allowed)),
        line("shop/web", "payments/ledger", 22),
        line("shop/web", "payments/ledger", 22, reporter="dst", action="deny", policies=traced(denied)),
    )

    assert found.passes("shop/web", "payments/ledger", 5432)
    assert not found.passes("shop/web", "payments/ledger", 22)


def test_trap_16_a_scan_in_the_learning_period_makes_no_rule() -> None:
    """Every probe is held for a person; being new alone holds nothing."""
    scan, honest = probes(WEB), tcp(WEB, Workload("billing", "Deployment", "billing"), 8080)

    baseline = guarded(table_with(*scan))

    assert {each.edge for each in scan} == set(held(baseline))
    assert honest not in held(baseline)
    assert not {each.edge for each in scan} & {each.summary.edge for each in baseline.admitted}


@pytest.mark.parametrize(
    ("policies", "learnt"),
    [
        (traced(f"0|{_PROFILE}"), True),
        (traced("0|security|security.all|pass|0", f"1|{_PROFILE}"), True),
        (traced("0|security|security.all|pass|-1", f"1|{_PROFILE}"), True),
        (traced("0|default|shop/default.team|deny|-1"), False),
        (traced(f"0|{_PROFILE}", pending=["0|default|shop/staged:default.draft|deny|-1"]), True),
        (traced(f"0|{_PROFILE}", everything=["0|default|shop/staged:default.draft|deny|0", f"1|{_PROFILE}"]), True),
    ],
    ids=["profile", "pass", "pass at the end of a tier", "end of a tier", "pending", "staged among all"],
)
def test_trap_17_the_last_enforced_hit_decides(tmp_path: Path, policies: Json, *, learnt: bool) -> None:
    """Staged policies decide nothing, a Pass goes on, the end of a tier is an answer."""
    action = "allow" if learnt else "deny"

    found = recommended(tmp_path, line("shop/web", "payments/ledger", 5432, policies=policies, action=action))

    assert found.ports == ({"5432"} if learnt else set())


def test_trap_18_a_side_without_a_namespace_is_no_namespace(tmp_path: Path) -> None:
    """``-`` and the empty text are not names; ``pub`` and ``pvt`` are not workloads."""
    sets = {"dest_type": "ns", "dest_name": "-", "dest_labels": {"labels": ["site=corp"]}, "dest_name_aggr": "corp"}
    found = recommended(
        tmp_path,
        line("shop/web", "203.0.113.7", 443),
        line("192.168.0.9", "shop/web", 8080, reporter="dst", source_namespace=""),
        line("shop/web", "203.0.113.8", 8443) | sets,
    )

    assert [each["metadata"]["namespace"] for each in found.policies] == ["shop"]
    assert sorted(each["peer"]["kind"] for each in found.permits if each["source"] == "Observed") == [
        "Nets",
        "Nets",
        "NetworkSet",
    ]
    assert not {"-", "", "pub", "pvt"} & {each["peer"].get("namespace", "none") for each in found.permits}


def test_trap_19_protocols_without_ports_get_no_port(tmp_path: Path) -> None:
    """Calico reports SCTP's port as 0 and ICMP's type and code in its place; neither is a port."""
    found = recommended(
        tmp_path,
        *pair("shop/web", "payments/ledger", 0, proto="sctp"),
        *pair("shop/web", "payments/ledger", 2048, proto="icmp"),
    )

    assert found.ports == set()
    assert found.passes("shop/web", "payments/ledger", 3868, "SCTP")
    assert not found.passes("shop/web", "payments/ledger", 2048)


def test_trap_20_each_ip_family_has_rules_of_its_own(tmp_path: Path) -> None:
    """Calico takes one family in a rule; what was seen in one opens nothing in the other."""
    found = recommended(
        tmp_path, line("shop/web", "203.0.113.7", 443), line("shop/web", "2001:db8::7", 443, source_ip="fd44::1")
    )
    nets = [rule["destination"]["nets"] for rule in found.rules if "nets" in rule.get("destination", {})]

    assert found.passes("shop/web", "203.0.113.7", 443)
    assert found.passes("shop/web", "2001:db8::7", 443)
    assert not found.passes("shop/web", "203.0.113.8", 443)
    assert not found.passes("shop/web", "2001:db8::8", 443)
    assert all(len({":" in net for net in each}) == 1 for each in nets)


def test_trap_21_an_address_that_two_pods_had_mixes_nothing(tmp_path: Path) -> None:
    """Names tell whose a record is; a late line and a fast clock change no rule."""
    early = [*pair("shop/web", "payments/ledger", 5432)]
    reused = [*pair("shop/db", "payments/ledger", 8080, source_ip="10.244.1.1", start_time=START + 60)]
    late = [each | {"start_time": START - 900, "end_time": START - 600} for each in early]
    fast = [each | {"start_time": START + 1800, "end_time": START + 2100} for each in early]

    usual = recommended(tmp_path, *early, *reused, options=["--by", "workload"])
    mixed = recommended(tmp_path, *reused, *fast, *early, *late, options=["--by", "workload"])

    assert usual.passes("shop/web", "payments/ledger", 5432)
    assert not usual.passes("shop/web", "payments/ledger", 8080)
    assert mixed.policies == usual.policies


def test_trap_24_a_sampled_source_teaches_nothing(tmp_path: Path) -> None:
    """A sample shows what is frequent; a policy cuts what is rare."""
    sampled = [each | {"sample_rate": 50} for each in pair("shop/web", "payments/ledger", 5432)]

    found = recommended(tmp_path, *sampled, *pair("shop/web", "payments/ledger", 8080))

    assert found.ports == {"8080"}
    assert found.report["records"]["leftOut"] == {"sampled": 2}
