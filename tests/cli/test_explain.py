"""``ringfence explain`` over the example snapshot, as a person and as a script run it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ringfence.cli.main import main

SNAPSHOT = str(Path(__file__).parents[2] / "examples/snapshot")
ESCAPE = "\x1b"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _without_a_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def printed(capsys: Captured, *arguments: str, snapshot: str = SNAPSHOT) -> str:
    """Run a question that has an answer and return what it prints."""
    assert main(["explain", *arguments, "--snapshot", snapshot]) == 0
    found = capsys.readouterr()
    assert found.err == ""
    return found.out


def items(capsys: Captured, *arguments: str) -> list[dict[str, Any]]:
    """Return the items of the document."""
    document: dict[str, Any] = json.loads(printed(capsys, *arguments, "-o", "json"))
    assert (document["apiVersion"], document["kind"]) == ("ringfence.io/v1alpha1", "Explanation")
    found: list[dict[str, Any]] = document["items"]
    return found


def test_one_sentence_stands_on_top(capsys: Captured) -> None:
    """Then both ends, tier by tier."""
    lines = printed(capsys, "shop/cart", "shop/redis:6379/tcp").splitlines()

    assert lines[0] == (
        "shop/cart may reach shop/redis on TCP 6379: egress is allowed by profile kns.shop, as no policy decides "
        "and ingress is allowed by rule 0 of NetworkPolicy shop/redis-from-cart (tier default)"
    )
    assert lines[2] == "Egress of shop/cart (2 pods: cart-7c9f8d5b4f-9rjtl, cart-7c9f8d5b4f-wq6sd): allowed"
    assert lines[3:5] == [
        "  tier security",
        "    => passed on by rule 1 of GlobalNetworkPolicy security.no-metadata (tier security)",
    ]


def test_a_denial_says_what_the_nearest_rule_wanted(capsys: Captured) -> None:
    """And the exit code is 0: the question was answered."""
    text = printed(capsys, "shop/web", "shop/redis:6379")

    assert text.startswith(
        "shop/web may not reach shop/redis on TCP 6379: ingress is denied at the end of tier default"
    )
    assert 'NetworkPolicy shop/redis-from-cart: rule 0 wants a source with (app == "cart" && ' in text


def test_the_document_holds_the_agreed_keys(capsys: Captured) -> None:
    """With those of a hit as the conformance vectors have them; ports are text."""
    (item,) = items(capsys, "shop/web", "payments/ledger:8443/tcp")

    assert {key: item[key] for key in ("protocol", "port", "verdict")} == {
        "protocol": "TCP",
        "port": "8443",
        "verdict": "Allow",
    }
    assert item["source"]["kind"] == "Workload"
    assert item["source"]["pods"] == ["shop/web-6b8f9c7d45-4kgzn", "shop/web-6b8f9c7d45-t2xbh"]
    assert item["ingress"] == {
        "verdict": "Allow",
        "trace": [
            {
                "tier": "security",
                "kind": "NetworkPolicy",
                "namespace": "payments",
                "name": "security.billing-callers",
                "action": "Pass",
                "ruleIndex": 0,
            },
            {
                "tier": "default",
                "kind": "KubernetesNetworkPolicy",
                "namespace": "payments",
                "name": "ledger-from-web",
                "action": "Allow",
                "ruleIndex": 0,
            },
        ],
        "considered": [
            {
                "kind": "GlobalNetworkPolicy",
                "namespace": "",
                "name": "security.no-metadata",
                "tier": "security",
                "reason": "does not govern ingress",
            }
        ],
    }
    assert "uncertain" not in item["egress"]


@pytest.mark.parametrize(("mode", "verdict"), [("enforced", "Allow"), ("pending", "Deny"), ("what-if", "Deny")])
def test_staged_policies_count_as_the_mode_says(capsys: Captured, mode: str, verdict: str) -> None:
    """The staged isolation of the shop knows nothing of payments."""
    (item,) = items(capsys, "shop/web", "payments/ledger:8443", "--mode", mode)

    assert item["verdict"] == verdict


def test_a_deviation_of_the_preview_is_a_note(capsys: Captured) -> None:
    """By its id; the enforced answer has none."""
    (pending,) = items(capsys, "shop/web", "payments/ledger:8443", "--mode", "pending")
    (enforced,) = items(capsys, "shop/web", "payments/ledger:8443")

    assert [note.partition(":")[0] for note in pending["notes"]] == ["staged-tier-end"]
    assert "notes" not in enforced


def test_an_end_outside_the_cluster_has_no_side(capsys: Captured) -> None:
    """Its key is absent, not empty."""
    (inbound,) = items(capsys, "internet", "svc/shop/web:80")
    (outbound,) = items(capsys, "shop/cart", "192.0.2.99:443")

    assert ("egress" in inbound, "ingress" in inbound) == (False, True)
    assert ("egress" in outbound, "ingress" in outbound) == (True, False)
    assert (inbound["port"], inbound["source"]["kind"]) == ("8080", "Public")
    assert outbound["destination"] == {"kind": "Address", "address": "192.0.2.99"}


def test_icmp_has_a_type_and_no_port(capsys: Captured) -> None:
    """As edges have it."""
    (item,) = items(capsys, "shop/web", "shop/cart:8.0/icmp")

    assert (item["protocol"], item["icmp"]) == ("ICMP", {"type": 8, "code": 0})
    assert "port" not in item


POD = """
apiVersion: v1
kind: Pod
metadata: {name: NAME, namespace: shop, labels: {app: NAME}}
spec: {containers: [{name: main}], nodeName: NODE}
status: {phase: Running, podIP: ADDRESS, podIPs: [{ip: ADDRESS}]}
---"""
POLICY = """
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress: [{action: Allow, source: {selector: app == 'web', namespaceSelector: team == 'a'}}]
"""


def six(name: str, address: str) -> str:
    """Return a pod with an IPv6 address."""
    return POD.replace("NAME", name).replace("ADDRESS", f'"{address}"').replace("NODE", f"node-{name}")


def test_what_a_small_snapshot_lacks_makes_the_answer_uncertain(tmp_path: Path, capsys: Captured) -> None:
    """The namespace's labels and other kinds of policies were not supplied; IPv6 needs no brackets."""
    (tmp_path / "all.yaml").write_text(six("web", "fd00::1") + six("db", "fd00::2") + POLICY)

    assert main(["explain", "fd00::1", "fd00::2:5432/tcp", "--snapshot", str(tmp_path), "-o", "json"]) == 0

    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert item["verdict"] == item["ingress"]["verdict"] == "Uncertain"
    assert item["ingress"]["uncertain"]["outcomes"] == ["Allow", "Deny"]
    assert "the label pcns.team of" in item["ingress"]["uncertain"]["reason"]
    assert item["egress"]["uncertain"]["reason"].startswith("the snapshot holds no GlobalNetworkPolicy")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["shop/crat", "shop/redis:6379"], "no workload shop/crat; did you mean shop/cart?"),
        (["shop/cart", "shop/redis"], "names no port"),
        (["shop/cart", "fd00::5:443/tcp"], "no IP family in common"),
        (["shop/cart", "shop/redis:6379", "--mode", "later"], "Invalid value for '--mode'"),
        (["shop/cart"], "Missing argument"),
    ],
)
def test_an_error_is_one_clear_message(capsys: Captured, arguments: list[str], error: str) -> None:
    """With exit code 2, and nothing on standard output."""
    code = main(["explain", *arguments, "--snapshot", SNAPSHOT])

    found = capsys.readouterr()
    assert (code, found.out) == (2, "")
    assert error in found.err


def test_a_snapshot_that_is_not_there_is_an_error(tmp_path: Path, capsys: Captured) -> None:
    """Never an empty cluster."""
    assert main(["explain", "a/b", "c/d:80", "--snapshot", str(tmp_path / "none")]) == 2
    assert "neither a directory nor a file" in capsys.readouterr().err


def test_objects_that_could_not_be_read_are_told(tmp_path: Path, capsys: Captured) -> None:
    """An answer without them might be another."""
    (tmp_path / "all.yaml").write_text(six("web", "fd00::1") + six("db", "fd00::2") + POLICY)
    (tmp_path / "broken.yaml").write_text("a: [\n")

    assert main(["explain", "shop/web", "shop/db:5432", "--snapshot", str(tmp_path)]) == 0
    assert "note: broken.yaml" in capsys.readouterr().err


def test_a_narrow_terminal_breaks_between_words(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider, unless one word is; the text stays the same and has no colour."""
    wide = printed(capsys, "shop/web", "shop/redis:6379", "-o", "wide")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")

    narrow = printed(capsys, "shop/web", "shop/redis:6379", "-o", "wide")

    assert [line for line in narrow.splitlines() if len(line) > 60 and len(line.split()) > 1] == []
    assert narrow.split() == wide.split()
    assert ESCAPE not in narrow


def test_wide_names_the_policies_without_a_say(capsys: Captured) -> None:
    """The default counts them."""
    short = printed(capsys, "shop/cart", "shop/redis:6379")
    wide = printed(capsys, "shop/cart", "shop/redis:6379", "-o", "wide")

    assert "KubernetesNetworkPolicy shop/web-http: does not select this endpoint" in wide
    assert "web-http" not in short
    assert re.search(r"3 policies that have no say here: shown with -o wide", short)
