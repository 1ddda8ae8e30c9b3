"""What a person may set about the rules themselves.

Promises: a value with the documented defaults; names and meanings are those of the settings object.
"""

from typing import Final, Literal

from msgspec import Struct


class RuleSettings(Struct, frozen=True):
    """How permits become rules.

    ``action`` Auto is Pass for workloads, Allow is the vendor's. ``intra_namespace_pass`` writes the rule for the
    scope's own namespace as Pass also with Allow. ``quiet_workloads`` Exclude takes workloads without evidence in a
    direction out of the policy. ``declared_allows`` Keep copies what later policies allow and nobody used yet.
    ``max_rules`` is the most rules of one direction, 0 for no limit of ours. ``false_allow_budget`` is how many
    addresses a covering net may hold beside each address that was seen.
    """

    granularity: Literal["Namespace", "Workload"] = "Namespace"
    action: Literal["Auto", "Allow"] = "Auto"
    intra_namespace_pass: bool = False
    quiet_workloads: Literal["Confirm", "Exclude"] = "Confirm"
    declared_allows: Literal["Keep", "Narrow"] = "Keep"
    new_workloads: Literal["Isolate", "Exempt"] = "Isolate"
    max_rules: int = 0
    false_allow_budget: int = 0


DEFAULT_RULES: Final = RuleSettings()
