"""Say why Calico would refuse an object.

Promises: any JSON is judged without an exception; every reason has a path and says who refuses. Judges one object by
itself, by the rules of Calico 3.32 and later: its resource definitions, their CEL rules and Calico's own validator.
Whether objects fit each other, such as a policy and its tier, is `verify`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ringfence.dialects.calico.names import is_global_policy_name, is_label, is_policy_name, is_subdomain
from ringfence.dialects.calico.schema import OBJECTS
from ringfence.dialects.calico.shape import shape_problems, shown
from ringfence.dialects.calico.valid_net import address_problem, set_net_problem
from ringfence.dialects.calico.valid_policy import delete_problems, policy_problems
from ringfence.dialects.calico.valid_protocol import protocol_problem
from ringfence.dialects.kubernetes_parts import read_kubernetes_spec
from ringfence.dialects.members import record_of, records_of, text_of, texts_of
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import Json, KubernetesObject

_LABEL_NAME: Final = (is_label, "a DNS label: at most 63 lower-case letters, digits and dashes")
_SUBDOMAIN_NAME: Final = (is_subdomain, "a DNS subdomain: lower-case letters, digits, dashes and dots")
_POLICY_NAME: Final = (is_policy_name, "a DNS label, or two with a dot between, each of at most 63 characters")
_GLOBAL_POLICY_NAME: Final = (is_global_policy_name, _POLICY_NAME[1])
_NAMES: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "NetworkPolicy": _POLICY_NAME,
    "StagedNetworkPolicy": _POLICY_NAME,
    "GlobalNetworkPolicy": _GLOBAL_POLICY_NAME,
    "StagedGlobalNetworkPolicy": _GLOBAL_POLICY_NAME,
    "StagedKubernetesNetworkPolicy": _SUBDOMAIN_NAME,
    "Tier": _LABEL_NAME,
    "NetworkSet": _SUBDOMAIN_NAME,
    "GlobalNetworkSet": _SUBDOMAIN_NAME,
    "HostEndpoint": _SUBDOMAIN_NAME,
}
_NAMESPACE_LABEL: Final = "projectcalico.org/namespace"
_DEFAULT_TIER_ORDER: Final = 1_000_000
_BUILT_IN_TIERS: Final = {
    "kube-admin": ("Pass", 1_000),
    "default": ("Deny", _DEFAULT_TIER_ORDER),
    "kube-baseline": ("Pass", 10_000_000),
}


def problems(obj: KubernetesObject) -> tuple[Problem, ...]:
    """Return why Calico would refuse the object; empty when it would not.

    A field that Calico does not have is a problem too: without it, a rule would be wider than what was written.
    """
    kind = text_of(obj, "kind")
    if kind not in OBJECTS:
        return (Problem("kind", f"expected one of {', '.join(OBJECTS)}, found {shown(obj.get('kind'))}"),)
    metadata = record_of(obj, "metadata")
    return (
        *shape_problems(obj, OBJECTS[kind], path=""),
        *_metadata_problems(metadata, kind=kind),
        *_spec_problems(record_of(obj, "spec"), kind=kind, name=text_of(metadata, "name")),
    )


def _metadata_problems(metadata: Mapping[str, Json], *, kind: str) -> Iterator[Problem]:
    name, namespace = text_of(metadata, "name"), text_of(metadata, "namespace")
    is_name, wanted = _NAMES[kind]
    if isinstance(metadata.get("name"), str) and not is_name(name):
        yield Problem("metadata.name", f"{shown(name)} is not {wanted}")
    if namespace and not is_label(namespace):
        yield Problem("metadata.namespace", f"{shown(namespace)} is not {_LABEL_NAME[1]}")
    if kind in {"NetworkSet", "GlobalNetworkSet"} and _NAMESPACE_LABEL in record_of(metadata, "labels"):
        yield Problem("metadata.labels", f"{_NAMESPACE_LABEL} is Calico's own; remove it")


def _spec_problems(spec: Mapping[str, Json], *, kind: str, name: str) -> Iterator[Problem]:
    match kind:
        case "NetworkPolicy" | "StagedNetworkPolicy":
            yield from policy_problems(spec, global_policy=False)
        case "GlobalNetworkPolicy" | "StagedGlobalNetworkPolicy":
            yield from policy_problems(spec, global_policy=True)
        case "StagedKubernetesNetworkPolicy":
            yield from delete_problems(spec, stays=frozenset({"stagedAction"}))
            read = read_kubernetes_spec(spec)
            yield from () if read is None else read.problems
        case "Tier":
            yield from _tier_problems(spec, name=name)
        case "HostEndpoint":
            yield from _host_endpoint_problems(spec)
        case _:
            for index, net in texts_of(spec, "nets"):
                reason = set_net_problem(net)
                if reason is not None:
                    yield Problem(f"spec.nets[{index}]", reason)


def _tier_problems(spec: Mapping[str, Json], *, name: str) -> Iterator[Problem]:
    """Yield what differs from the fixed values of a built-in tier. Unset is Deny, and 1,000,000 on read and write."""
    if name not in _BUILT_IN_TIERS:
        return
    action, order = _BUILT_IN_TIERS[name]
    if (spec.get("defaultAction") or "Deny") != action:
        yield Problem("spec.defaultAction", f"the tier {name} is built in; its default action is {action}")
    given = spec.get("order")
    if (_DEFAULT_TIER_ORDER if given is None else given) != order:
        yield Problem("spec.order", f"the tier {name} is built in; its order is {order}")


def _host_endpoint_problems(spec: Mapping[str, Json]) -> Iterator[Problem]:
    if not text_of(spec, "node"):
        yield Problem("spec.node", "is required")
    if not spec.get("interfaceName") and not spec.get("expectedIPs"):
        yield Problem("spec.interfaceName", "is required where expectedIPs are not given; * means every interface")
    for index, text in texts_of(spec, "expectedIPs"):
        reason = address_problem(text)
        if reason is not None:
            yield Problem(f"spec.expectedIPs[{index}]", reason)
    for index, port in records_of(spec, "ports"):
        reason = protocol_problem(port.get("protocol"))
        if reason is not None:
            yield Problem(f"spec.ports[{index}].protocol", reason)
