"""Read policies of every kind that Calico evaluates on pods.

Promises: defaults filled in as Calico fills them in; what is not known is an ObjectError with its path.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ringfence_lab.evaluator.fields import KubernetesObject, ObjectError, choice, each, mapping, number, text
from ringfence_lab.evaluator.kubernetes import calico_spec
from ringfence_lab.evaluator.rules import Rule, read_rule
from ringfence_lab.evaluator.scoping import policy_scope
from ringfence_lab.evaluator.selectors import Selector

Direction = Literal["Egress", "Ingress"]

DIRECTIONS: Final[tuple[Direction, ...]] = ("Egress", "Ingress")
DEFAULT_TIER: Final = "default"
CALICO: Final = "projectcalico.org/v3"

_KUBERNETES_API: Final = "networking.k8s.io/v1"
_BOTH: Final = frozenset(
    {"tier", "order", "selector", "types", "ingress", "egress", "serviceAccountSelector", "performanceHints"}
)
_GLOBAL: Final = frozenset({"namespaceSelector", "doNotTrack", "preDNAT", "applyOnForward"})
_STAGED: Final = frozenset({"stagedAction"})
_KUBERNETES: Final = frozenset({"podSelector", "policyTypes", "ingress", "egress"})
_FIELDS: Final = {
    "NetworkPolicy": _BOTH,
    "GlobalNetworkPolicy": _BOTH | _GLOBAL,
    "StagedNetworkPolicy": _BOTH | _STAGED,
    "StagedGlobalNetworkPolicy": _BOTH | _GLOBAL | _STAGED,
    "KubernetesNetworkPolicy": _KUBERNETES,
    "StagedKubernetesNetworkPolicy": _KUBERNETES | _STAGED,
}
_STAGED_ACTIONS: Final = frozenset({"Set", "Delete", "Learn", "Ignore"})
_KUBERNETES_ORDER: Final = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """One policy. ``kind`` is Calico's own: ``KubernetesNetworkPolicy`` is that of networking.k8s.io.

    ``order`` is infinite where none is set. ``rules`` are those of each direction that the policy governs. ``deletes``
    is a staged deletion, ``on_pods`` is false for untracked and pre-DNAT policies: neither is ever evaluated.
    """

    kind: str
    namespace: str
    name: str
    tier: str
    order: float
    selector: Selector
    rules: Mapping[Direction, tuple[Rule, ...]]
    deletes: bool = False
    on_pods: bool = True

    @property
    def staged(self) -> bool:
        """True where the policy only previews."""
        return self.kind.startswith("Staged")

    @property
    def identity(self) -> tuple[str, str, str]:
        """Kind, namespace and name."""
        return self.kind, self.namespace, self.name


def policy_kind(document: KubernetesObject) -> str | None:
    """Return Calico's kind of a policy object, or None for what is no policy that is known here."""
    api, kind = document.get("apiVersion"), str(document.get("kind"))
    if api == _KUBERNETES_API and kind == "NetworkPolicy":
        return "KubernetesNetworkPolicy"
    return kind if api == CALICO and kind in _FIELDS and kind != "KubernetesNetworkPolicy" else None


def read_policy(document: KubernetesObject) -> Policy:
    """Return the policy. Raises ObjectError for what is not known."""
    kind = policy_kind(document)
    if kind is None:
        raise ObjectError(f"kind: {document.get('apiVersion')!r} {document.get('kind')!r} is no policy")
    metadata = document.get("metadata") or {}
    name = text(metadata.get("name"), "metadata.name")
    namespace = "" if "Global" in kind else text(metadata.get("namespace"), "metadata.namespace")
    if not name or not (namespace or "Global" in kind):
        raise ObjectError("metadata: name and namespace are missing")
    spec = mapping(document.get("spec"), "spec", _FIELDS[kind])
    staged_action = choice(spec.get("stagedAction") or "Set", "spec.stagedAction", _STAGED_ACTIONS)
    order, tier = number(spec.get("order"), "spec.order"), text(spec.get("tier"), "spec.tier") or DEFAULT_TIER
    if "Kubernetes" in kind:
        spec, order = calico_spec(spec, "spec"), _KUBERNETES_ORDER
    return Policy(
        kind=kind,
        namespace=namespace,
        name=name,
        tier=tier,
        order=math.inf if order is None else order,
        selector=policy_scope(spec, namespace, "spec"),
        rules=_rules(spec, namespace),
        deletes=staged_action == "Delete",
        on_pods=not (spec.get("doNotTrack") or spec.get("preDNAT")),
    )


def _rules(spec: KubernetesObject, namespace: str) -> Mapping[Direction, tuple[Rule, ...]]:
    def direction(value: object, where: str) -> str:
        return choice(value, where, DIRECTIONS)

    types = each(spec.get("types"), "spec.types", direction)
    if not types:
        types = ("Ingress", "Egress") if spec.get("ingress") and spec.get("egress") else ("Ingress",)
        types = ("Egress",) if spec.get("egress") and not spec.get("ingress") else types
    found: dict[Direction, tuple[Rule, ...]] = {}
    for kind in DIRECTIONS:
        key = kind.lower()
        rules = each(spec.get(key), f"spec.{key}", lambda rule, where: read_rule(rule, namespace, where))
        if kind in types:
            found[kind] = rules
    return found
