"""The vendor's public tutorial, in the two forms of flow logs: the same kinds of rules, and files that were reviewed.

The expected files and reports stand in ``tutorial/``; ``REGENERATE=1`` writes them and the bundled flows anew, to be
read in review. Why a rule differs from the vendor's is told in ``docs/tutorial.md``.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from ringfence.cli.main import main
from ringfence_lab.standing import Format
from ringfence_lab.tutorial import tutorial_lines

ROOT: Final = Path(__file__).parents[2]
GOLDEN: Final = Path(__file__).parent / "tutorial"
CURL: Final = "curl-ns/namespace-isolation.curl-ns.yaml"
SERVICE: Final = "service-ns/namespace-isolation.service-ns.yaml"

Captured = pytest.CaptureFixture[str]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the tutorial's flow logs: what the laboratory calls it, and its place in the repository."""

    log_format: Format
    flows: str

    @property
    def golden(self) -> Path:
        """Return the folder of what was reviewed."""
        return GOLDEN / Path(self.flows).stem


AGGREGATED: Final = Form("calico", "examples/tutorial.jsonl")
WITH_ADDRESSES: Final = Form("calico-addresses", "examples/tutorial-addresses.jsonl")
each_form: Final = pytest.mark.parametrize("form", [AGGREGATED, WITH_ADDRESSES], ids=lambda form: form.log_format)


@pytest.fixture(autouse=True)
def _as_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


def texts(folder: Path) -> dict[str, str]:
    """Return the files below a folder."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}


def recommended(form: Form, capsys: Captured) -> dict[str, str]:
    """Return the files that the tutorial's flows give, and the report on them."""
    assert main(["recommend", form.flows, "--output-dir", "out"]) == 0
    return {"report.txt": capsys.readouterr().out} | texts(Path("out"))


def rules(text: str, direction: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rules of a policy, each with its kind."""
    for rule in yaml.safe_load(text)["spec"].get(direction, []):
        yield rule["metadata"]["annotations"]["ringfence.io/scope"], rule


@each_form
def test_the_bundled_flows_are_the_laboratorys(form: Form, *, regenerate: bool) -> None:
    """What the documents show is what anyone can make anew."""
    made = tutorial_lines(form.log_format)
    if regenerate:
        (ROOT / form.flows).write_bytes(made)

    assert (ROOT / form.flows).read_bytes() == made


@each_form
def test_files_and_report_are_what_was_reviewed(form: Form, capsys: Captured, *, regenerate: bool) -> None:
    """Byte for byte."""
    written = recommended(form, capsys)
    if regenerate:
        shutil.rmtree(form.golden, ignore_errors=True)
        for name, text in written.items():
            path = form.golden / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    assert written == texts(form.golden)


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        (AGGREGATED, {"DNS", "Namespace", "NetworkSet", "Private", "Public"}),
        (WITH_ADDRESSES, {"DNS", "Domains", "Namespace", "NetworkSet", "Nets"}),
    ],
    ids=lambda value: value.log_format if isinstance(value, Form) else "",
)
def test_every_call_of_the_tutorial_has_its_kind_of_rule(form: Form, kinds: set[str], capsys: Captured) -> None:
    """The vendor's kinds; known addresses take the place of Private and Public."""
    files = recommended(form, capsys)

    assert {kind for kind, _ in rules(files[CURL], "egress")} == kinds
    assert {kind for kind, _ in rules(files[SERVICE], "ingress")} == {"Namespace"}


@each_form
def test_the_differences_that_the_tutorial_tells_are_there(form: Form, capsys: Captured) -> None:
    """What ``docs/tutorial.md`` promises of every rule."""
    files = recommended(form, capsys)

    policy, tier = yaml.safe_load(files[CURL]), yaml.safe_load(files["tiers/namespace-isolation.yaml"])
    egress = list(rules(files[CURL], "egress"))
    resolver = [rule for kind, rule in egress if kind == "DNS"]
    assert policy["metadata"]["name"] == "namespace-isolation.curl-ns"
    assert policy["spec"]["types"] == ["Egress"]
    assert (policy["spec"]["order"], tier["spec"]["order"], tier["spec"]["defaultAction"]) == (1000, 999999, "Deny")
    assert {rule["action"] for _, rule in egress} == {"Pass"}
    assert {rule["protocol"] for rule in resolver} == {"TCP", "UDP"}
    assert all("k8s-app == 'kube-dns'" in rule["destination"]["selector"] for rule in resolver)
    assert all(
        rule["destination"]["selector"] == "projectcalico.org/orchestrator == 'k8s'"
        for kind, rule in egress
        if kind == "Namespace"
    )
    assert all(rule["destination"].keys() > {"ports"} for _, rule in egress), "a rule without a peer opens every pod"
    assert "domains" not in {key for _, rule in egress for key in rule["destination"]}


def test_without_addresses_public_is_coarse_and_keeps_out_every_pod(capsys: Captured) -> None:
    """The vendor's rule has no destination. No record tells the address, so the other IP family has a rule, too."""
    found = [each for each in rules(recommended(AGGREGATED, capsys)[CURL], "egress") if each[0] == "Public"]
    (_, public), (_, by_ipv6) = found

    assert by_ipv6["destination"]["nets"] == ["2000::/3"]
    assert public["destination"]["nets"] == ["0.0.0.0/0"]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= {*public["destination"]["notNets"]}
    assert public["metadata"]["annotations"]["ringfence.io/coarse"] == "addresses-not-reported"
    assert public["metadata"]["annotations"]["ringfence.io/domains"] == "www.tigera.io"


def test_with_addresses_only_the_domain_is_coarse(capsys: Captured) -> None:
    """Its addresses will go stale, and the rule says so."""
    egress = list(rules(recommended(WITH_ADDRESSES, capsys)[CURL], "egress"))

    coarse = {
        kind: rule["metadata"]["annotations"]["ringfence.io/coarse"]
        for kind, rule in egress
        if "ringfence.io/coarse" in rule["metadata"]["annotations"]
    }
    nets = {(kind, *rule["destination"]["nets"]) for kind, rule in egress if kind in {"Domains", "Nets"}}
    assert coarse == {"Domains": "addresses-will-go-stale"}
    assert nets == {("Domains", "203.0.113.10/32"), ("Nets", "10.10.10.10/32"), ("Nets", "192.0.1.0/32")}
