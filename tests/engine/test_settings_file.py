"""Settings and decisions as people write them, and what they are told when they slip."""

from pathlib import Path

import pytest

from ringfence.dialects.selector import parse_selector
from ringfence.engine.decisions_file import read_decisions
from ringfence.engine.settings_file import read_settings
from ringfence.engine.written_file import WrittenFileError
from ringfence.learning.decisions import EdgeDecision
from ringfence.recommend.settings import RareEvent, Settings

SETTINGS = """\
apiVersion: ringfence.io/v1alpha1
kind: PolicyRecommendationScope
metadata: {name: default}
spec:
  interval: 5m
  initialLookback: 7d
  stabilizationPeriod: 1h30m
  maxRules: 20
  namespaceSpec:
    recStatus: Enabled
    selector: projectcalico.org/name == 'shop'
    intraNamespacePassThroughTraffic: true
    tierName: apps
  hostEndpointSpec: {recommendationStatus: Enabled, selector: has(role)}
  granularity: Workload
  riskBudget: 10%
  events: [{name: month end}]
  guard: {scanHours: 4}
"""


def written(folder: Path, text: str) -> Path:
    """Write a file and return it."""
    file = folder / "written.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_written_key_takes_effect(tmp_path: Path) -> None:
    """Durations become seconds, shares numbers, selectors values."""
    settings = read_settings(written(tmp_path, SETTINGS)).settings
    assert (settings.interval, settings.initial_lookback, settings.stabilization_period) == (300, 604_800, 5_400)
    assert (settings.enabled, settings.tier_name) == (True, "apps")
    assert settings.namespaces == parse_selector("projectcalico.org/name == 'shop'")
    assert (settings.rules.max_rules, settings.rules.granularity) == (20, "Workload")
    assert settings.rules.intra_namespace_pass
    assert (settings.hosts.enabled, settings.hosts.selector) == (True, parse_selector("has(role)"))
    assert (settings.risk_budget, settings.guard.scan_hours) == (0.1, 4)
    assert settings.events == (RareEvent("month end"),)


def test_what_is_not_written_has_its_documented_default(tmp_path: Path) -> None:
    """Only the vendor's default status is another one than that of a value made by hand."""
    settings = read_settings(written(tmp_path, "kind: PolicyRecommendationScope")).settings
    assert settings == Settings(enabled=False)


def test_a_key_without_effect_is_told(tmp_path: Path) -> None:
    """The vendor's object is taken as it is."""
    text = "{kind: PolicyRecommendationScope, apiVersion: projectcalico.org/v3, spec: {policiesLearningCutOff: 20}}"
    assert "policiesLearningCutOff has no effect" in read_settings(written(tmp_path, text)).notes[0]


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("interval: 5m", "intervall: 5m", "spec.intervall: is no key we know; did you mean interval?"),
        ("interval: 5m", "interval: five", "spec.interval: 'five' is no duration; write it like 2m30s, 24h or 7d"),
        ("interval: 5m", "interval: 0s", "spec.interval: must be longer than nothing"),
        ("interval: 5m", "interval: 5", "spec.interval: expected `str | null`, got `int`"),
        ("10%", "300%", "spec.riskBudget: 300% is not between 0% and 100%"),
        ("10%", "low", "spec.riskBudget: 'low' is no share; write it like 20% or 0.2"),
        ("maxRules: 20", "maxRules: -1", "spec.maxRules: -1 is below 0"),
        ("tierName: apps", "tierName: Apps", "spec.namespaceSpec.tierName: 'Apps' is no name of a tier"),
        ("scanHours: 4", "scanHour: 4", "spec.guard.scanHour: is no key we know; did you mean scanHours?"),
        ("scanHours: 4", "scanHours: x", "spec.guard.scanHours: Expected `int`, got `str`"),
        ("== 'shop'", "=== 'shop'", "spec.namespaceSpec.selector: selector, character 26"),
        ("name: default", "name: other", "metadata.name: invalid enum value 'other'"),
        ("kind: Policy", "kind: Polity", "write kind: PolicyRecommendationScope"),
        ("granularity: Workload", "granularity: Pod", "spec.granularity: invalid enum value 'Pod'"),
    ],
)
def test_a_slip_is_told_with_its_key(tmp_path: Path, good: str, bad: str, told: str) -> None:
    """The message names the file and the key, and what would be right."""
    assert good in SETTINGS
    file = written(tmp_path, SETTINGS.replace(good, bad))
    with pytest.raises(WrittenFileError) as raised:
        read_settings(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    "text", ["", "kind: [", "kind: PolicyRecommendationScope\n---\nkind: PolicyRecommendationScope"]
)
def test_a_file_that_holds_no_object_or_two_is_refused(tmp_path: Path, text: str) -> None:
    """The message names the file."""
    with pytest.raises(WrittenFileError, match=r"written\.yaml"):
        read_settings(written(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A wrong path is no empty object."""
    with pytest.raises(WrittenFileError, match="cannot be read"):
        read_settings(tmp_path / "none.yaml")


def test_decisions_are_read_by_edge(tmp_path: Path) -> None:
    """In order of the edges, whatever the file's."""
    text = "{kind: Decisions, edges: [{id: b, decision: Reject, reason: r}, {id: a, decision: Accept}]}"
    decisions = read_decisions(written(tmp_path, text))
    assert decisions.edges == (EdgeDecision("a", "Accept"), EdgeDecision("b", "Reject", "r"))


def test_two_words_on_one_edge_are_refused(tmp_path: Path) -> None:
    """Neither is lost silently."""
    text = "{kind: Decisions, edges: [{id: a, decision: Reject}, {id: a, decision: Accept}]}"
    with pytest.raises(WrittenFileError, match="edge a has more than one decision"):
        read_decisions(written(tmp_path, text))
