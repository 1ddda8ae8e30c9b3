"""Read Calico's five kinds of policy.

Promises: raises NotUnderstoodError and nothing else. What the API would default is filled in.
"""

from collections.abc import Mapping
from typing import Final

from ringfence.dialects.calico.read_match import selector_or_none
from ringfence.dialects.calico.read_rule import read_rule
from ringfence.dialects.decoded import NotUnderstoodError, flag, items, number, pairs, record, text, texts
from ringfence.dialects.kubernetes_parts import read_kubernetes_spec
from ringfence.model.kubernetes_object import Json
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.policy import Direction, Policy, StagedAction

DEFAULT_TIER: Final = "default"

_DEFAULT_NAMESPACE: Final = "default"
_DIRECTIONS: Final[tuple[Direction, ...]] = ("Ingress", "Egress")
_STAGED_ACTIONS: Final[Mapping[str, StagedAction]] = {
    "": "Set",
    "Set": "Set",
    "Delete": "Delete",
    "Learn": "Learn",
    "Ignore": "Ignore",
}


def calico_policy(metadata: Mapping[str, Json], spec: Mapping[str, Json], *, kind: str) -> Policy:
    """Return a NetworkPolicy or GlobalNetworkPolicy, staged or enforced. One staged ``Delete`` holds its tier only."""
    of_all = "Global" in kind
    policy = Policy(
        tier=text(spec, "tier") or DEFAULT_TIER,
        namespace=None if of_all else namespace_of(metadata),
        name=text(metadata, "name"),
        order=number(spec, "order"),
        selector=selector_or_none(spec, "selector"),
        types=_types(spec),
        ingress=tuple(read_rule(each) for each in items(spec, "ingress")),
        egress=tuple(read_rule(each) for each in items(spec, "egress")),
        staged=_staged_action(spec) if kind.startswith("Staged") else None,
        labels=pairs(metadata, "labels"),
        annotations=pairs(metadata, "annotations"),
        namespace_selector=selector_or_none(spec, "namespaceSelector") if of_all else None,
        service_account_selector=selector_or_none(spec, "serviceAccountSelector"),
        do_not_track=of_all and flag(spec, "doNotTrack"),
        pre_dnat=of_all and flag(spec, "preDNAT"),
        apply_on_forward=of_all and flag(spec, "applyOnForward"),
        performance_hints=texts(spec, "performanceHints"),
    )
    if policy.staged != "Delete":
        return policy
    return Policy(
        policy.tier,
        policy.namespace,
        policy.name,
        None,
        staged="Delete",
        labels=policy.labels,
        annotations=policy.annotations,
    )


def staged_kubernetes_policy(
    metadata: Mapping[str, Json], spec: Mapping[str, Json], *, infer_egress: bool
) -> KubernetesPolicy:
    """Return a StagedKubernetesNetworkPolicy. One staged ``Delete`` holds nothing else.

    ``infer_egress``: without ``policyTypes``, egress rules make it govern egress. Classic resource definitions do not
    infer that; those of ``projectcalico.org/v3`` do.
    """
    action = _staged_action(spec)
    named = KubernetesPolicy(
        namespace_of(metadata),
        text(metadata, "name"),
        staged=action,
        labels=pairs(metadata, "labels"),
        annotations=pairs(metadata, "annotations"),
    )
    read = read_kubernetes_spec(spec, infer_egress=infer_egress)
    if read is None:
        raise NotUnderstoodError
    if action == "Delete":
        return named
    return KubernetesPolicy(
        named.namespace,
        named.name,
        read.pod_selector,
        read.types,
        read.ingress,
        read.egress,
        action,
        named.labels,
        named.annotations,
    )


def namespace_of(metadata: Mapping[str, Json]) -> str:
    """Return the namespace of an object that has one: ``default`` where none is written, as calicoctl takes it."""
    return text(metadata, "namespace") or _DEFAULT_NAMESPACE


def _types(spec: Mapping[str, Json]) -> tuple[Direction, ...]:
    """Return the directions that are written, else those that have rules, else ingress."""
    given = texts(spec, "types")
    if given:
        known = tuple(direction for direction in _DIRECTIONS if direction in given)
        if not known:
            raise NotUnderstoodError
        return known
    if not items(spec, "egress"):
        return ("Ingress",)
    return _DIRECTIONS if items(spec, "ingress") else ("Egress",)


def _staged_action(spec: Mapping[str, Json]) -> StagedAction:
    action = _STAGED_ACTIONS.get(text(spec, "stagedAction"))
    if action is None:
        raise NotUnderstoodError
    return action


def spec_of(obj: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return an object's spec, empty where it is null or absent."""
    return record(obj.get("spec"))
