"""A directory of object files as an inventory and a policy set.

Promises: every object is taken, or told as a problem with its file and document, or counted by the name of its kind;
what one file spoils does not spoil the others. Equal objects in two places are one; different ones of one name are a
problem that names both places, and the later file counts. Order of files changes nothing else.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct

from ringfence.cluster.addresses import with_addresses_only
from ringfence.cluster.documents import SUFFIXES, EmptyList, Found, Place, Unreadable, documents
from ringfence.cluster.kinds import (
    CLUSTER_POLICY_RESOURCES,
    CLUSTER_SCOPED,
    OPTIONAL,
    POLICY_KINDS,
    RESOURCES,
    kind_of,
    kind_of_file,
)
from ringfence.cluster.kubernetes_objects import DEFAULT_NAMESPACE, READERS, NotUnderstoodError, Value
from ringfence.cluster.plain_json import NotJsonError, plain_object
from ringfence.dialects.calico.read import read_host_endpoint, read_network_set, read_policy, read_tier
from ringfence.dialects.clusterpolicy.read import read_cluster_policy
from ringfence.dialects.kubernetes.read import read_network_policy
from ringfence.dialects.members import record_of, text_of
from ringfence.dialects.object_reading import ObjectReading
from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.controller import Controller
from ringfence.model.inventory import Inventory
from ringfence.model.kubernetes_object import KubernetesObject
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Pod, ServiceAccount
from ringfence.model.policy import Policy, Tier
from ringfence.model.policy_set import PolicySet, Regime, Rejected
from ringfence.model.service import Callback, EndpointSlice, Service

CalicoValue = Policy | KubernetesPolicy | ClusterPolicy | Tier | NetworkSetObject | HostEndpoint
C = TypeVar("C", bound=CalicoValue)

_OLD_TIERS: Final = frozenset({"adminnetworkpolicy", "baselineadminnetworkpolicy"})
_NEW_TIERS: Final = frozenset({"kube-admin", "kube-baseline"})
_LONGEST_SHOWN: Final = 120


class NoObjectsError(Exception):
    """There is nothing that could be read; the message says what to do next."""


class ObjectProblem(Struct, frozen=True, order=True):
    """An object, or a document that is none, that could not be taken as it stands. Names are empty where unknown."""

    place: Place
    kind: str
    namespace: str
    name: str
    reason: str


class Snapshot(Struct, frozen=True):
    """What a directory held. ``unknown_kinds`` counts objects of kinds we do not model, by version and kind."""

    inventory: Inventory
    policies: PolicySet
    problems: tuple[ObjectProblem, ...]
    unknown_kinds: tuple[tuple[str, int], ...]
    objects: int


def read_snapshot(folder: Path, *, regime: Regime | None = None) -> Snapshot:
    """Read a directory of object files, or one file. Raises NoObjectsError.

    Without a regime, built-in tiers tell it; without those, kinds of policy that only Calico up to 3.31 takes; else it
    is that of 3.32 and later.
    """
    reading = _Reading()
    for file, name in _files(folder):
        for each in documents(file, name):
            reading.take(each, kind_of_file(file.name))
    if not reading.objects and not reading.supplied:
        reasons = "".join(f"\n  {each.place}: {each.reason}" for each in reading.problems[:10])
        raise NoObjectsError(
            f"'{folder}' holds no Kubernetes objects; docs/snapshot.md shows how to take some{reasons}"
        )
    return reading.snapshot(regime)


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that may hold objects, sorted, with the names that people know them by."""
    if folder.is_file():
        yield folder, folder.name
        return
    if not folder.is_dir():
        raise NoObjectsError(f"'{folder}' is neither a directory nor a file; give the place of a snapshot")
    files = [each for each in folder.rglob("*") if each.name.removesuffix(".gz").endswith(SUFFIXES) and each.is_file()]
    if not files:
        raise NoObjectsError(f"'{folder}' holds no .yaml, .yml or .json file; docs/snapshot.md shows how to take some")
    for each in sorted(files):
        yield each, str(each.relative_to(folder))


class _Taken(Struct, frozen=True):
    """What became of an object. The dataplane may act on a rejected one, or on none of it."""

    place: Place
    values: tuple[Value | CalicoValue, ...]
    rejected: Rejected | None = None


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.objects = 0
        self.problems: list[ObjectProblem] = []
        self.supplied: set[str] = set()
        self._unknown: Counter[str] = Counter()
        self._taken: dict[tuple[str, str, str], _Taken] = {}

    def take(self, each: Found | EmptyList | Unreadable, named: str | None) -> None:
        """Take a document. ``named`` is the kind that its file is named for."""
        match each:
            case Unreadable(place, reason):
                self.problems.append(ObjectProblem(place, "", "", "", reason))
            case EmptyList(_, version, kind):
                known = named if kind == "List" else kind_of(version, kind.removesuffix("List"))
                if known is not None:
                    self.supplied.add(known)
            case Found(place, obj):
                self.objects += 1
                self._object(place, obj)

    def _object(self, place: Place, obj: KubernetesObject) -> None:
        version, kind = str(obj["apiVersion"]), str(obj["kind"])
        known = kind_of(version, kind)
        if known is None:
            self._unknown[f"{version} {kind}"[:_LONGEST_SHOWN]] += 1
            return
        self.supplied.add(known)
        identity = _identity(known, obj)
        try:
            taken = self._inventory(place, identity, obj) if known in READERS else self._calico(place, identity, obj)
        except (NotUnderstoodError, NotJsonError, RecursionError) as error:
            reason = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
            self._problem(place, identity, reason)
            if known not in POLICY_KINDS:
                return
            taken = _Taken(place, (), Rejected(*identity, (reason,), absent=True))
        before = self._taken.get(identity)
        if before is not None and (before.values, before.rejected) != (taken.values, taken.rejected):
            self._problem(place, identity, f"stands in {before.place} as well, with other content; this one counts")
        self._taken[identity] = taken

    def _inventory(self, place: Place, identity: tuple[str, str, str], obj: KubernetesObject) -> _Taken:
        values = []
        for each in READERS[identity[0]](obj):
            value, reasons = with_addresses_only(each)
            values.append(value)
            for reason in reasons:
                self._problem(place, identity, reason)
        return _Taken(place, tuple(values))

    def _calico(self, place: Place, identity: tuple[str, str, str], obj: KubernetesObject) -> _Taken:
        reading = _read(identity[0], plain_object(obj))
        reasons = tuple(f"{each.path}: {each.reason}" if each.path else each.reason for each in reading.problems)
        for reason in reasons:
            self._problem(place, identity, reason)
        is_rejected = bool(reasons) and identity[0] in POLICY_KINDS
        return _Taken(
            place,
            () if reading.value is None else (reading.value,),
            Rejected(*identity, reasons, absent=reading.value is None) if is_rejected else None,
        )

    def _problem(self, place: Place, identity: tuple[str, str, str], reason: str) -> None:
        kind, namespace, name = identity
        self.problems.append(ObjectProblem(place, kind, namespace[:_LONGEST_SHOWN], name[:_LONGEST_SHOWN], reason))

    def snapshot(self, regime: Regime | None) -> Snapshot:
        """Return all of it, sorted."""
        taken = [each for _, each in sorted(self._taken.items(), key=lambda item: item[0])]
        values = [value for each in taken for value in each.values]
        tiers = tuple(each for each in values if isinstance(each, Tier))
        names = {each.name for each in tiers}
        old_policies = any(isinstance(each, ClusterPolicy) and each.version == "v1alpha1" for each in values)
        old = bool(names & _OLD_TIERS) or (old_policies and not names & _NEW_TIERS)
        inventory = Inventory(
            namespaces=tuple(each for each in values if isinstance(each, Namespace)),
            service_accounts=tuple(each for each in values if isinstance(each, ServiceAccount)),
            pods=tuple(each for each in values if isinstance(each, Pod)),
            controllers=tuple(each for each in values if isinstance(each, Controller)),
            services=tuple(each for each in values if isinstance(each, Service)),
            slices=tuple(each for each in values if isinstance(each, EndpointSlice)),
            callbacks=tuple(each for each in values if isinstance(each, Callback)),
            nodes=tuple(each for each in values if isinstance(each, Node)),
            network_sets=tuple(each for each in values if isinstance(each, NetworkSetObject)),
            host_endpoints=tuple(each for each in values if isinstance(each, HostEndpoint)),
            missing=frozenset(RESOURCES) - OPTIONAL - self.supplied,
        )
        policies = PolicySet(
            tiers=tiers,
            policies=tuple(each for each in values if isinstance(each, Policy | KubernetesPolicy | ClusterPolicy)),
            regime=regime or ("<=3.31" if old else ">=3.32"),
            rejected=tuple(sorted(each.rejected for each in taken if each.rejected is not None)),
        )
        return Snapshot(
            inventory, policies, tuple(sorted(self.problems)), tuple(sorted(self._unknown.items())), self.objects
        )


def _read(kind: str, obj: KubernetesObject) -> ObjectReading[CalicoValue]:
    if kind == "KubernetesNetworkPolicy":
        return _as_any(read_network_policy(obj))
    if kind in CLUSTER_POLICY_RESOURCES:
        return _as_any(read_cluster_policy(obj))
    match kind:
        case "Tier":
            return _as_any(read_tier(obj))
        case "NetworkSet" | "GlobalNetworkSet":
            return _as_any(read_network_set(obj))
        case "HostEndpoint":
            return _as_any(read_host_endpoint(obj))
        case _:
            return _as_any(read_policy(obj))


def _as_any(reading: ObjectReading[C]) -> ObjectReading[CalicoValue]:
    return ObjectReading(reading.value, reading.problems)


def _identity(kind: str, obj: KubernetesObject) -> tuple[str, str, str]:
    metadata = record_of(obj, "metadata")
    namespace = "" if kind in CLUSTER_SCOPED else text_of(metadata, "namespace") or DEFAULT_NAMESPACE
    return kind, namespace, text_of(metadata, "name") or text_of(metadata, "generateName").rstrip("-")
