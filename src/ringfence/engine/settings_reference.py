"""Every setting with its default, unit, effect and reason: what the documents' table is made of.

Promises: one row a key of the settings file, defaults taken from the values themselves, so the table cannot say other
than what happens. A test holds the rows to the keys.
"""

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import msgspec
from msgspec import Struct

from ringfence.dialects.selector import selector_text
from ringfence.engine.duration import duration_text
from ringfence.learning.guard_settings import GuardSettings
from ringfence.recommend.settings import Settings

_S: Final = Settings()


class SettingRow(Struct, frozen=True):
    """One key under ``spec``; ``unit`` says what may be written."""

    key: str
    default: str
    unit: str
    effect: str
    reason: str


ROWS: Final[tuple[SettingRow, ...]] = (
    SettingRow(
        "interval",
        duration_text(_S.interval),
        "duration",
        "how often rules are refined; rules that changed at most twice this long ago are Learning",
        "the vendor's default",
    ),
    SettingRow(
        "initialLookback",
        duration_text(_S.initial_lookback),
        "duration",
        "how far back a first reading of a live source goes; files are read whole",
        "the vendor's default",
    ),
    SettingRow(
        "stabilizationPeriod",
        duration_text(_S.stabilization_period),
        "duration",
        "rules unchanged for longer are Stable",
        "the vendor's default; Stable says nothing of what was not seen, which is what risk is for",
    ),
    SettingRow(
        "maxRules", "0", "number", "most rules of one direction; 0 is no limit of ours", "Calico's own is 1,024"
    ),
    SettingRow("policiesLearningCutOff", "", "number", "none", "accepted because the vendor's object has it"),
    SettingRow(
        "namespaceSpec.recStatus",
        "Disabled",
        "Enabled, Disabled",
        "whether a running engine learns; the command line learns always",
        "the vendor's default",
    ),
    SettingRow(
        "namespaceSpec.selector",
        selector_text(_S.namespaces),
        "selector",
        "which namespaces get a recommendation",
        "the vendor's default",
    ),
    SettingRow(
        "namespaceSpec.intraNamespacePassThroughTraffic",
        "false",
        "true, false",
        "with action Allow, rules for the own namespace are Pass",
        "the vendor's default",
    ),
    SettingRow("namespaceSpec.tierName", _S.tier_name, "name", "the tier of our policies", "the vendor's default"),
    SettingRow(
        "namespaceSpec.platform",
        "false",
        "true, false",
        "govern platform namespaces too",
        "an error there stops the whole cluster",
    ),
    SettingRow(
        "hostEndpointSpec.recommendationStatus",
        "Disabled",
        "Enabled, Disabled",
        "whether host endpoints get recommendations",
        "the vendor's default",
    ),
    SettingRow(
        "hostEndpointSpec.selector", "", "selector", "which host endpoints; empty is all", "the vendor's default"
    ),
    SettingRow(
        "hostEndpointSpec.tierName", _S.hosts.tier_name, "name", "the tier of host policies", "the vendor's default"
    ),
    SettingRow(
        "granularity",
        _S.rules.granularity,
        "Namespace, Workload",
        "one policy a namespace, or one a workload",
        "a namespace is what teams own and review",
    ),
    SettingRow(
        "action",
        _S.rules.action,
        "Auto, Allow",
        "Auto passes on to later tiers, Allow decides as the vendor's rules do",
        "Pass can open nothing that someone denies",
    ),
    SettingRow(
        "quietWorkloads",
        _S.rules.quiet_workloads,
        "Confirm, Exclude",
        "a workload without evidence is listed until confirmed, or taken out of the policy",
        "nothing is isolated because it was quiet",
    ),
    SettingRow(
        "declaredAllows",
        _S.rules.declared_allows,
        "Keep, Narrow",
        "what a later policy allows and nobody used is kept, or narrowed away",
        "a team's declared intent outlives a quiet week",
    ),
    SettingRow(
        "newWorkloads",
        _S.rules.new_workloads,
        "Isolate, Exempt",
        "workloads that come later are governed, or not",
        "an isolated namespace stays isolated",
    ),
    SettingRow(
        "brownfield",
        "false",
        "true, false",
        "learn also what an earlier tier allows, to tighten it",
        "our rule is reached only once that allow is gone",
    ),
    SettingRow(
        "falseAllowBudget",
        str(_S.rules.false_allow_budget),
        "number",
        "addresses nobody was seen at that a covering net may hold",
        "0 is exactly what was seen",
    ),
    SettingRow(
        "riskHorizon",
        duration_text(_S.risk_horizon),
        "duration",
        "for how long ahead risk is estimated",
        "a week has every hour once",
    ),
    SettingRow(
        "riskBudget",
        f"{_S.risk_budget:.0%}",
        "share",
        "most risk that is Ready",
        "until an evaluation on held-out days shows a better one",
    ),
    SettingRow(
        "softWindow",
        duration_text(_S.soft_window),
        "duration",
        "how long a policy is enforced with a final Pass before it denies",
        "one day sees every daily job",
    ),
    SettingRow("rollback", _S.rollback, "Auto, Never", "whether a denial of known traffic rolls back", "safety first"),
    SettingRow(
        "managedBy",
        _S.managed_by,
        "Cluster, Git",
        "who owns decided policies",
        "a cluster that Git owns is never written to",
    ),
    SettingRow(
        "events",
        "none",
        "list of {name, exercised}",
        "rare events that owners declare; each must be exercised before Ready",
        "no flow tells that a month ends",
    ),
)


def guard_rows() -> Iterator[SettingRow]:
    """Yield a row for each threshold of the guard, its effect as its own docstring says it."""
    told = _field_docstrings()
    for field in msgspec.structs.fields(GuardSettings):
        first, *rest = field.name.split("_")
        key = first + "".join(word.capitalize() for word in rest)
        default = field.default if field.default is not msgspec.NODEFAULT else ()
        shown = ", ".join(map(str, default)) or "none" if isinstance(default, tuple) else str(default)
        yield SettingRow(f"guard.{key}", shown, _unit(default), told.get(field.name, ""), "")


def _unit(default: object) -> str:
    return "list" if isinstance(default, tuple) else "share or factor" if isinstance(default, float) else "number"


def _field_docstrings() -> dict[str, str]:
    """Return the text that follows each field in the source, as documentation tools read it."""
    (body,) = (each.body for each in ast.parse(inspect.getsource(GuardSettings)).body if isinstance(each, ast.ClassDef))
    found: dict[str, str] = {}
    for field, after in pairwise(body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
            case _:
                continue
    return found
