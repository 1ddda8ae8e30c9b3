"""Objects to be refused, and how the tests speak of refusals."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from ringfence.dialects.calico.limits import MAX_NETS, MAX_SELECTOR
from ringfence.dialects.calico.valid import problems

Fields: TypeAlias = dict[str, Any]
Refusals: TypeAlias = set[tuple[str, str]]

POLICY_KINDS = ("NetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy", "StagedGlobalNetworkPolicy")
LONG_SELECTOR = f"a == '{'x' * (MAX_SELECTOR - 7)}'"
NETS = [f"10.0.{number}.0/24" for number in range(MAX_NETS)]


def an_object(kind: str, spec: Any, *, name: str = "a", **metadata: Any) -> Fields:
    """Return an object of a kind."""
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": kind,
        "metadata": {"name": name, **metadata},
        "spec": spec,
    }


def with_rule(rule: Any, *, rule_list: str = "ingress", kind: str = "NetworkPolicy") -> Fields:
    """Return a policy with one rule, which allows unless it says otherwise."""
    return an_object(kind, {rule_list: [{"action": "Allow", **rule} if isinstance(rule, dict) else rule]})


def refusals(obj: Mapping[str, Any]) -> Refusals:
    """Return where an object is refused, and by whom."""
    return {(each.path, each.refused_by) for each in problems(obj)}


def rule_refusals(rule: Any, *, rule_list: str = "ingress", kind: str = "NetworkPolicy") -> Refusals:
    """Return where a rule is refused, as paths below the rule, and by whom."""
    found = refusals(with_rule(rule, rule_list=rule_list, kind=kind))
    return {(path.removeprefix(f"spec.{rule_list}[0]."), refused_by) for path, refused_by in found}


def api(*paths: str) -> Refusals:
    """Return refusals by the API alone."""
    return {(path, "API") for path in paths}


def felix(*paths: str) -> Refusals:
    """Return refusals by Felix too."""
    return {(path, "Felix") for path in paths}
