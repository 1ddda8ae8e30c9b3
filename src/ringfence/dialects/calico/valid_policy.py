"""Judge how the fields of a policy's spec fit each other, and each of its rules.

Promises: the same for staged and enforced policies, apart from ``stagedAction``.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from ringfence.dialects.calico.valid_rule import RuleList, rule_problems
from ringfence.dialects.calico.valid_selector import selector_problems
from ringfence.dialects.members import flag_of, items_of, records_of, text_of
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import Json

_RULE_LISTS: Final[tuple[RuleList, ...]] = ("ingress", "egress")
_STAYS_ON_DELETE: Final = frozenset({"stagedAction", "tier"})


def policy_problems(spec: Mapping[str, Json], *, global_policy: bool) -> Iterator[Problem]:
    """Yield why Calico would refuse the spec of a NetworkPolicy or GlobalNetworkPolicy, staged or enforced."""
    for name in ("selector", "serviceAccountSelector", "namespaceSelector"):
        yield from selector_problems(text_of(spec, name), path=f"spec.{name}")
    yield from _host_problems(spec)
    yield from delete_problems(spec, stays=_STAYS_ON_DELETE)
    for rule_list in _RULE_LISTS:
        for index, rule in records_of(spec, rule_list):
            place = f"spec.{rule_list}[{index}]"
            yield from rule_problems(rule, rule_list=rule_list, global_policy=global_policy, path=place)


def delete_problems(spec: Mapping[str, Json], *, stays: frozenset[str]) -> Iterator[Problem]:
    """Yield the fields that a policy staged for deletion may not hold. Empty values count as absent."""
    if spec.get("stagedAction") != "Delete":
        return
    for name, value in spec.items():
        empty = value is None or value is False or value in ("", [], {}, ())
        if name not in stays and not empty:
            yield Problem(f"spec.{name}", "stagedAction Delete stands alone; remove every other field but the tier")


def _host_problems(spec: Mapping[str, Json]) -> Iterator[Problem]:
    """Yield misuse of the three fields that concern host endpoints."""
    early = [name for name in ("preDNAT", "doNotTrack") if flag_of(spec, name)]
    if len(early) > 1:
        yield Problem("spec.doNotTrack", "cannot stand beside preDNAT; use one of them")
    if early and not flag_of(spec, "applyOnForward"):
        yield Problem("spec.applyOnForward", f"{early[0]} needs applyOnForward: true")
    if "preDNAT" in early:
        if items_of(spec, "egress"):
            yield Problem("spec.egress", "a preDNAT policy has no egress rules; remove them")
        if "Egress" in items_of(spec, "types"):
            yield Problem("spec.types", "a preDNAT policy is for Ingress only")
