"""What a person may set, with the vendor's names and defaults where they exist.

Promises: a value; reading it from a file is the shell's. Durations are seconds, shares 0 to 1.
"""

from typing import Final, Literal

from msgspec import Struct

from ringfence.learning.guard_settings import GuardSettings
from ringfence.model.selector import All, And, Not, Selector, StartsWith
from ringfence.rules.rule_settings import RuleSettings

_NAME: Final = "projectcalico.org/name"
DEFAULT_NAMESPACES: Final = And(tuple(Not(StartsWith(_NAME, prefix)) for prefix in ("tigera-", "calico-", "kube-")))
"""Namespaces that get a recommendation by default (the vendor's ``namespaceSpec.selector``)."""


class HostSettings(Struct, frozen=True):
    """Scopes of host endpoints (the vendor's ``hostEndpointSpec``)."""

    enabled: bool = False
    selector: Selector = All()
    tier_name: str = "hostendpoint-isolation"


class RareEvent(Struct, frozen=True, order=True):
    """An event that owners declare (month end, certificate renewal, restore), and whether it was exercised."""

    name: str
    exercised: bool = False


class Settings(Struct, frozen=True):
    """All settings. ``platform`` governs platform namespaces too; ``brownfield`` proposes rules also for what an
    earlier tier allows broadly.
    """

    interval: int = 150
    initial_lookback: int = 86_400
    stabilization_period: int = 600
    enabled: bool = True
    tier_name: str = "namespace-isolation"
    namespaces: Selector = DEFAULT_NAMESPACES
    platform: bool = False
    brownfield: bool = False
    risk_horizon: int = 7 * 86_400
    risk_budget: float = 0.2
    soft_window: int = 86_400
    rollback: Literal["Auto", "Never"] = "Auto"
    managed_by: Literal["Cluster", "Git"] = "Cluster"
    events: tuple[RareEvent, ...] = ()
    rules: RuleSettings = RuleSettings()
    guard: GuardSettings = GuardSettings()
    hosts: HostSettings = HostSettings()
