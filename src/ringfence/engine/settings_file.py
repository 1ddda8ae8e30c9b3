"""The settings object as people write it: ``kind: PolicyRecommendationScope``.

Promises: the vendor's keys where they exist, with its spelling (``recStatus`` for namespaces,
``recommendationStatus`` for hosts); what is not written has its documented default; unknown keys, wrong types and
values out of range are errors that name the key. ``policiesLearningCutOff`` is accepted and told to have no effect.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal

import msgspec

from ringfence.dialects.calico.names import is_label
from ringfence.dialects.selector import SelectorError, parse_selector
from ringfence.engine.duration import seconds_of
from ringfence.engine.written_file import Written, WrittenFileError, read_written
from ringfence.learning.guard_settings import GuardSettings
from ringfence.model.selector import Selector
from ringfence.recommend.settings import HostSettings, RareEvent, Settings
from ringfence.rules.rule_settings import RuleSettings

KIND: Final = "PolicyRecommendationScope"
_STATUS = Literal["Enabled", "Disabled"]
_PERCENT: Final = 100.0


Threshold = bool | int | float | str | list[str | int]
"""What a threshold of the guard may be, before its own field judges it."""


class _Metadata(Written, frozen=True):
    name: Literal["default"] = "default"


class _NamespaceForm(Written, frozen=True):
    rec_status: _STATUS = "Disabled"
    selector: str | None = None
    intra_namespace_pass_through_traffic: bool = False
    tier_name: str | None = None
    platform: bool = False


class _HostForm(Written, frozen=True):
    recommendation_status: _STATUS = "Disabled"
    selector: str = ""
    tier_name: str | None = None


class _EventForm(Written, frozen=True):
    name: str
    exercised: bool = False


class _Spec(Written, frozen=True):
    interval: str | None = None
    initial_lookback: str | None = None
    stabilization_period: str | None = None
    max_rules: int | None = None
    policies_learning_cut_off: int | None = None
    namespace_spec: _NamespaceForm = _NamespaceForm()
    host_endpoint_spec: _HostForm = _HostForm()
    granularity: Literal["Namespace", "Workload"] = "Namespace"
    action: Literal["Auto", "Allow"] = "Auto"
    quiet_workloads: Literal["Confirm", "Exclude"] = "Confirm"
    declared_allows: Literal["Keep", "Narrow"] = "Keep"
    new_workloads: Literal["Isolate", "Exempt"] = "Isolate"
    brownfield: bool = False
    false_allow_budget: int = 0
    risk_horizon: str | None = None
    risk_budget: str | float | None = None
    soft_window: str | None = None
    rollback: Literal["Auto", "Never"] = "Auto"
    managed_by: Literal["Cluster", "Git"] = "Cluster"
    events: tuple[_EventForm, ...] = ()
    guard: dict[str, Threshold] = msgspec.field(default_factory=dict)


class _Form(Written, frozen=True):
    kind: Literal["PolicyRecommendationScope"]
    api_version: Literal["ringfence.io/v1alpha1", "projectcalico.org/v3"] = "ringfence.io/v1alpha1"
    metadata: _Metadata = _Metadata()
    spec: _Spec = _Spec()


class WrittenSettings(msgspec.Struct, frozen=True):
    """Settings, and what a person should know of keys that have no effect here."""

    settings: Settings
    notes: tuple[str, ...] = ()


def setting_keys() -> tuple[str, ...]:
    """Return every key below ``spec`` but the guard's, nested ones with a dot."""
    nested: dict[str, type[Written]] = {"namespaceSpec": _NamespaceForm, "hostEndpointSpec": _HostForm}
    keys: list[str] = []
    for field in msgspec.structs.fields(_Spec):
        name = field.encode_name
        inner = nested.get(name)
        if inner is not None:
            keys += [f"{name}.{each.encode_name}" for each in msgspec.structs.fields(inner)]
        elif name != "guard":
            keys.append(name)
    return tuple(keys)


def read_settings(file: Path) -> WrittenSettings:
    """Return the settings of a file. Raises WrittenFileError."""
    form = read_written(file, KIND, _Form)
    spec = form.spec
    try:
        settings = _settings(spec)
    except ValueError as error:
        raise WrittenFileError(f"{file}: {error}") from error
    unused = "spec.policiesLearningCutOff has no effect: every selected namespace is learnt"
    return WrittenSettings(settings, () if spec.policies_learning_cut_off is None else (unused,))


def _settings(spec: _Spec) -> Settings:
    default = Settings()
    namespaces, hosts = spec.namespace_spec, spec.host_endpoint_spec
    return Settings(
        interval=_seconds("interval", spec.interval, default.interval),
        initial_lookback=_seconds("initialLookback", spec.initial_lookback, default.initial_lookback),
        stabilization_period=_seconds("stabilizationPeriod", spec.stabilization_period, default.stabilization_period),
        enabled=namespaces.rec_status == "Enabled",
        tier_name=_tier("namespaceSpec.tierName", namespaces.tier_name, default.tier_name),
        namespaces=_selector("namespaceSpec.selector", namespaces.selector, default.namespaces),
        platform=namespaces.platform,
        brownfield=spec.brownfield,
        risk_horizon=_seconds("riskHorizon", spec.risk_horizon, default.risk_horizon),
        risk_budget=_share("riskBudget", spec.risk_budget, default.risk_budget),
        soft_window=_seconds("softWindow", spec.soft_window, default.soft_window),
        rollback=spec.rollback,
        managed_by=spec.managed_by,
        events=tuple(sorted(RareEvent(each.name, each.exercised) for each in spec.events)),
        rules=RuleSettings(
            granularity=spec.granularity,
            action=spec.action,
            intra_namespace_pass=namespaces.intra_namespace_pass_through_traffic,
            quiet_workloads=spec.quiet_workloads,
            declared_allows=spec.declared_allows,
            new_workloads=spec.new_workloads,
            max_rules=_count("maxRules", spec.max_rules or 0),
            false_allow_budget=_count("falseAllowBudget", spec.false_allow_budget),
        ),
        guard=_guard(spec.guard),
        hosts=HostSettings(
            enabled=hosts.recommendation_status == "Enabled",
            selector=_selector("hostEndpointSpec.selector", hosts.selector or None, default.hosts.selector),
            tier_name=_tier("hostEndpointSpec.tierName", hosts.tier_name, default.hosts.tier_name),
        ),
    )


def _seconds(key: str, text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        seconds = seconds_of(text)
    except ValueError as error:
        raise ValueError(f"spec.{key}: {error}") from error
    if seconds == 0:
        raise ValueError(f"spec.{key}: must be longer than nothing")
    return seconds


def _share(key: str, written: str | float | None, default: float) -> float:
    """Return a share from ``0.2`` or ``20%``."""
    if written is None:
        return default
    try:
        share = written if isinstance(written, float) else float(written.removesuffix("%")) / _PERCENT
    except ValueError as error:
        raise ValueError(f"spec.{key}: {written!r} is no share; write it like 20% or 0.2") from error
    if not 0 <= share <= 1:
        raise ValueError(f"spec.{key}: {written} is not between 0% and 100%")
    return share


def _count(key: str, number: int) -> int:
    if number < 0:
        raise ValueError(f"spec.{key}: {number} is below 0")
    return number


def _tier(key: str, name: str | None, default: str) -> str:
    if name is not None and not is_label(name):
        raise ValueError(f"spec.{key}: {name!r} is no name of a tier; use lower-case letters, digits and dashes")
    return name or default


def _selector(key: str, text: str | None, default: Selector) -> Selector:
    try:
        return default if text is None else parse_selector(text)
    except SelectorError as error:
        raise ValueError(f"spec.{key}: {error}") from error


def _guard(written: Mapping[str, Threshold]) -> GuardSettings:
    """Return the thresholds, those that are not written as documented."""
    fields = {_camel(field.name): field for field in msgspec.structs.fields(GuardSettings)}
    given: dict[str, object] = {}
    for key, value in written.items():
        if key not in fields:
            near = get_close_matches(key, sorted(fields), n=1)
            raise ValueError(f"spec.guard.{key}: is no key we know" + (f"; did you mean {near[0]}?" if near else ""))
        try:
            given[fields[key].name] = msgspec.convert(value, fields[key].type)
        except msgspec.ValidationError as error:
            raise ValueError(f"spec.guard.{key}: {error}") from error
    return msgspec.convert(given, GuardSettings)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
