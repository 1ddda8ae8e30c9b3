"""A cluster as policies see it: endpoints, network sets, Services, tiers and policies.

Promises: built from objects as people write them, in any order, lists included; objects that say nothing about
policies are passed over; policies that hold what is not known raise ObjectError. `unsupported` names what the cluster
has and this evaluator does not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final

from ringfence_lab.evaluator.connection import Members, Party
from ringfence_lab.evaluator.endpoints import Address, Inherited, NetworkSet, Pod, read_network_set, read_pod
from ringfence_lab.evaluator.fields import KubernetesObject, ObjectError
from ringfence_lab.evaluator.order import Tier, in_order, read_tier
from ringfence_lab.evaluator.policies import CALICO, Direction, Policy, policy_kind, read_policy
from ringfence_lab.evaluator.protocols import protocol_number

_SERVICE_NAME: Final = "kubernetes.io/service-name"
_UNSUPPORTED: Final = frozenset(
    {"HostEndpoint", "ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"}
)


@dataclass(frozen=True)
class Cluster:
    """One state of a cluster. ``features`` are kinds of objects that are not evaluated."""

    namespaces: frozenset[str]
    pods: Mapping[str, Pod]
    network_sets: Sequence[NetworkSet]
    services: Members
    tiers: Sequence[Tier]
    policies: Sequence[Policy]
    features: frozenset[str] = frozenset()
    _parties: dict[Address, tuple[Pod | NetworkSet, ...]] = field(default_factory=dict, repr=False)
    _governing: dict[tuple[int, Direction, bool], tuple[tuple[Tier, tuple[Policy, ...]], ...]] = field(
        default_factory=dict, repr=False
    )

    @classmethod
    def from_objects(cls, objects: Iterable[KubernetesObject]) -> "Cluster":
        """Build a cluster from its objects."""
        by_kind: dict[str, list[KubernetesObject]] = {}
        for document in _flat(objects):
            key = "Policy" if policy_kind(document) is not None else str(document.get("kind"))
            by_kind.setdefault(key, []).append(document)
        inherited = Inherited(
            {each["metadata"]["name"]: _labels(each) for each in by_kind.get("Namespace", ())},
            {_place(each): _labels(each) for each in by_kind.get("ServiceAccount", ())},
        )
        pods = (read_pod(each, inherited) for each in by_kind.get("Pod", ()))
        sets = (*by_kind.get("NetworkSet", ()), *by_kind.get("GlobalNetworkSet", ()))
        return cls(
            namespaces=frozenset(inherited.namespaces),
            pods={f"{pod.namespace}/{pod.name}": pod for pod in pods if pod is not None},
            network_sets=[read_network_set(each, inherited) for each in sets],
            services=_members(by_kind.get("EndpointSlice", ())),
            tiers=[read_tier(each) for each in by_kind.get("Tier", ()) if each.get("apiVersion") == CALICO],
            policies=[_named(each) for each in by_kind.get("Policy", ())],
            features=frozenset(_UNSUPPORTED & set(by_kind)),
        )

    def party(self, name: str, version: int | None = None) -> Party:
        """Return a pod, named as ``namespace/name``, or an address; ``version`` chooses among a pod's addresses.

        Raises KeyError for a pod that is not here and ValueError for what is no address.
        """
        if "/" not in name:
            return Party(ip_address(name), None, self._holders(ip_address(name)))
        pod = self.pods[name]
        fitting = [address for address in pod.addresses if version in {None, address.version}]
        address = (fitting or pod.addresses)[0]
        return Party(address, pod, self._holders(address))

    def governing(
        self, pod: Pod, direction: Direction, *, pending: bool
    ) -> tuple[tuple[Tier, tuple[Policy, ...]], ...]:
        """Return the tiers and policies that govern a pod, in order; staged ones only where ``pending``."""
        key = id(pod), direction, pending
        if key not in self._governing:
            self._governing[key] = in_order(
                self.tiers,
                (
                    policy
                    for policy in self.policies
                    if direction in policy.rules
                    and policy.on_pods
                    and not policy.deletes
                    and (pending or not policy.staged)
                    and policy.selector.holds(pod.labels)
                ),
            )
        return self._governing[key]

    def _holders(self, address: Address) -> tuple[Pod | NetworkSet, ...]:
        if not self._parties:
            for pod in self.pods.values():
                for own in pod.addresses:
                    self._parties[own] = (*self._parties.get(own, ()), pod)
            for own, pods in self._parties.items():
                self._parties[own] = (*pods, *self._sets_over(own))
        if address not in self._parties:
            self._parties[address] = tuple(self._sets_over(address))
        return self._parties[address]

    def _sets_over(self, address: Address) -> Iterator[NetworkSet]:
        yield from (each for each in self.network_sets if any(address in net for net in each.nets))


def unsupported(cluster: Cluster) -> tuple[str, ...]:
    """Return the features that a cluster has and this evaluator does not, in the order of their names."""
    found = set(cluster.features)
    tiers = {tier.name for tier, _ in in_order(cluster.tiers, cluster.policies) if not tier.exists}
    found.update(f"unknown tier {name}" for name in tiers)
    rules = (rule for policy in cluster.policies for rules in policy.rules.values() for rule in rules)
    if any(rule.http for rule in rules):
        found.add("http")
    return tuple(sorted(found))


def _flat(objects: Iterable[KubernetesObject]) -> Iterator[KubernetesObject]:
    for document in objects:
        if str(document.get("kind")).endswith("List") and isinstance(document.get("items"), list):
            kind, api = str(document["kind"]).removesuffix("List"), document.get("apiVersion")
            yield from _flat({"kind": kind, "apiVersion": api, **item} for item in document["items"])
        else:
            yield document


def _named(document: KubernetesObject) -> Policy:
    try:
        return read_policy(document)
    except ObjectError as error:
        metadata = document.get("metadata") or {}
        place = "/".join(str(metadata[key]) for key in ("namespace", "name") if metadata.get(key))
        raise ObjectError(f"{document.get('kind')} {place}: {error}") from error


def _members(slices: Iterable[KubernetesObject]) -> Members:
    found: dict[tuple[str, str], set[tuple[Address, int, int | None]]] = {}
    for document in slices:
        service = _labels(document).get(_SERVICE_NAME)
        if service is None:
            continue
        members = found.setdefault((_place(document)[0], service), set())
        addresses = [ip_address(own) for each in document.get("endpoints") or () for own in each.get("addresses") or ()]
        ports: Sequence[Mapping[str, Any]] = document.get("ports") or ()
        members.update(
            (address, protocol_number(port.get("protocol") or "TCP"), port.get("port"))
            for address in addresses
            for port in ports
        )
    return found


def _labels(document: KubernetesObject) -> Mapping[str, str]:
    labels: Mapping[str, str] = document["metadata"].get("labels") or {}
    return labels


def _place(document: KubernetesObject) -> tuple[str, str]:
    metadata = document["metadata"]
    return metadata.get("namespace") or "", metadata["name"]
