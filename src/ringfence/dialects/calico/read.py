"""Read Calico objects, in the form of its API or as it stores them.

Promises: never raises, whatever the JSON. Problems are those of `valid`. An object that only the API would refuse is
still read, as Calico acts upon it once it is stored; one that Felix refuses is not, nor one that cannot be understood:
of another kind, without a name, of other JSON types, or with words of no meaning, such as an unknown action, protocol
or network in a rule. To read half of such a rule would make it wider than what was written.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from ringfence.dialects.calico.read_policy import calico_policy, namespace_of, spec_of, staged_kubernetes_policy
from ringfence.dialects.calico.read_rule import read_protocol_of
from ringfence.dialects.calico.render import API_VERSION
from ringfence.dialects.calico.shape import shown
from ringfence.dialects.calico.stored import is_stored, v3_form
from ringfence.dialects.calico.valid import problems
from ringfence.dialects.calico.valid_net import address_problem, set_net_problem
from ringfence.dialects.decoded import (
    NotUnderstoodError,
    entry,
    integer,
    items,
    number,
    pairs,
    record,
    text,
    texts,
)
from ringfence.dialects.members import text_of
from ringfence.dialects.object_reading import ObjectReading
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import Json, KubernetesObject
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, HostPort
from ringfence.model.policy import Policy, Tier
from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT

T = TypeVar("T")

POLICY_KINDS: Final = frozenset(
    {
        "NetworkPolicy",
        "GlobalNetworkPolicy",
        "StagedNetworkPolicy",
        "StagedGlobalNetworkPolicy",
        "StagedKubernetesNetworkPolicy",
    }
)
NETWORK_SET_KINDS: Final = frozenset({"NetworkSet", "GlobalNetworkSet"})
KINDS: Final = POLICY_KINDS | NETWORK_SET_KINDS | {"Tier", "HostEndpoint"}
"""The kinds that are read here."""

DEFAULT_TIER_ORDER: Final = 1_000_000.0


def read_policy(obj: KubernetesObject) -> ObjectReading[Policy | KubernetesPolicy]:
    """Read a policy of any of Calico's five kinds."""

    def convert(metadata: Mapping[str, Json], spec: Mapping[str, Json]) -> Policy | KubernetesPolicy:
        kind = text(obj, "kind")
        if kind == "StagedKubernetesNetworkPolicy":
            return staged_kubernetes_policy(metadata, spec, infer_egress=not is_stored(obj))
        return calico_policy(metadata, spec, kind=kind)

    return _reading(obj, POLICY_KINDS, convert)


def read_tier(obj: KubernetesObject) -> ObjectReading[Tier]:
    """Read a tier. Without an order it has 1,000,000; whatever its default action is, if not Pass, is Deny."""
    return _reading(obj, frozenset({"Tier"}), _tier)


def read_network_set(obj: KubernetesObject) -> ObjectReading[NetworkSetObject]:
    """Read a NetworkSet or a GlobalNetworkSet. Nets that are none are left out."""

    def convert(metadata: Mapping[str, Json], spec: Mapping[str, Json]) -> NetworkSetObject:
        return NetworkSetObject(
            None if obj.get("kind") == "GlobalNetworkSet" else namespace_of(metadata),
            text(metadata, "name"),
            Labels(pairs(metadata, "labels")),
            tuple(net for net in texts(spec, "nets") if set_net_problem(net) is None),
            pairs(metadata, "annotations"),
        )

    return _reading(obj, NETWORK_SET_KINDS, convert)


def read_host_endpoint(obj: KubernetesObject) -> ObjectReading[HostEndpoint]:
    """Read a host endpoint. Addresses and ports that are none are left out; one without a node is on no node."""
    return _reading(obj, frozenset({"HostEndpoint"}), _host_endpoint)


def _reading(
    obj: KubernetesObject,
    kinds: frozenset[str],
    convert: Callable[[Mapping[str, Json], Mapping[str, Json]], T],
) -> ObjectReading[T]:
    if text_of(obj, "kind") not in kinds:
        wanted = " or ".join(sorted(kinds))
        return ObjectReading(None, (Problem("kind", f"expected {wanted}, found {shown(obj.get('kind'))}"),))
    form = v3_form(obj)
    if isinstance(form, Problem):
        return ObjectReading(None, (form,))
    found = problems(form)
    if form.get("apiVersion") != API_VERSION or any(each.refused_by == "Felix" for each in found):
        return ObjectReading(None, found)
    try:
        metadata = record(form.get("metadata"))
        value = convert(metadata, spec_of(form)) if text(metadata, "name") else None
    except NotUnderstoodError:
        value = None
    return ObjectReading(value, found)


def _tier(metadata: Mapping[str, Json], spec: Mapping[str, Json]) -> Tier:
    order = number(spec, "order")
    return Tier(
        text(metadata, "name"),
        DEFAULT_TIER_ORDER if order is None else order,
        "Pass" if text(spec, "defaultAction") == "Pass" else "Deny",
        pairs(metadata, "labels"),
    )


def _host_endpoint(metadata: Mapping[str, Json], spec: Mapping[str, Json]) -> HostEndpoint:
    node = text(spec, "node")
    if not node:
        raise NotUnderstoodError
    ports = (_host_port(entry(each)) for each in items(spec, "ports"))
    return HostEndpoint(
        text(metadata, "name"),
        node,
        text(spec, "interfaceName") or None,
        tuple(each for each in texts(spec, "expectedIPs") if address_problem(each) is None),
        Labels(pairs(metadata, "labels")),
        texts(spec, "profiles"),
        tuple(port for port in ports if port is not None),
    )


def _host_port(fields: Mapping[str, Json]) -> HostPort | None:
    name, port = text(fields, "name"), integer(fields, "port")
    try:
        protocol = read_protocol_of(fields.get("protocol"))
    except NotUnderstoodError:
        return None
    return HostPort(name, protocol, port) if name and port and LOWEST_PORT <= port <= HIGHEST_PORT else None
