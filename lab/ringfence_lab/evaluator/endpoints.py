"""What has an address and labels: pods and network sets, with all labels that exist when policies are evaluated.

Promises: own labels, those that Calico adds, and those inherited from namespace (``pcns.``) and service account
(``pcsa.``), own labels first; a pod can neither claim an inherited label nor another namespace.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from ringfence_lab.evaluator.fields import KubernetesObject, Network, ObjectError, network
from ringfence_lab.evaluator.protocols import protocol_number
from ringfence_lab.evaluator.selectors import Labels

Address = IPv4Address | IPv6Address

NAMESPACE_LABEL = "projectcalico.org/namespace"
SERVICE_ACCOUNT_LABEL = "projectcalico.org/serviceaccount"
NAMESPACE_PREFIX = "pcns."
SERVICE_ACCOUNT_PREFIX = "pcsa."
_NAME = "projectcalico.org/name"
_FINISHED = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True, eq=False)
class Pod:
    """One pod. ``ports`` are (name, protocol number, port)."""

    namespace: str
    name: str
    labels: Labels
    addresses: tuple[Address, ...]
    ports: frozenset[tuple[str, int, int]] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class NetworkSet:
    """A NetworkSet, or a GlobalNetworkSet where ``namespace`` is empty."""

    namespace: str
    name: str
    labels: Labels
    nets: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Inherited:
    """Labels of namespaces by name, and of service accounts by namespace and name."""

    namespaces: Mapping[str, Labels]
    service_accounts: Mapping[tuple[str, str], Labels]

    def of_namespace(self, name: str) -> dict[str, str]:
        """Return what everything in a namespace inherits."""
        own = dict(self.namespaces.get(name, {})) | {_NAME: name}
        return {NAMESPACE_PREFIX + key: value for key, value in own.items()}

    def of_service_account(self, namespace: str, name: str) -> dict[str, str]:
        """Return what a pod inherits from its service account."""
        own = dict(self.service_accounts.get((namespace, name), {})) | {_NAME: name}
        return {SERVICE_ACCOUNT_PREFIX + key: value for key, value in own.items()}


def read_pod(document: KubernetesObject, inherited: Inherited) -> Pod | None:
    """Return a pod, or None for one that is no endpoint: on the host's network, finished, or without address."""
    spec, status = document.get("spec") or {}, document.get("status") or {}
    written = [each["ip"] for each in status.get("podIPs") or () if each.get("ip")] or [status.get("podIP")]
    if spec.get("hostNetwork") or status.get("phase") in _FINISHED or not all(written):
        return None
    metadata = document["metadata"]
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or ""
    containers = spec.get("containers") or ()
    return Pod(
        metadata["namespace"],
        metadata["name"],
        pod_labels(metadata.get("labels") or {}, metadata["namespace"], account, inherited),
        tuple(ip_address(address) for address in written),
        frozenset(
            (port["name"], protocol_number(port.get("protocol") or "TCP"), int(port["containerPort"]))
            for container in containers
            for port in container.get("ports") or ()
            if port.get("name")
        ),
    )


def pod_labels(own: Labels, namespace: str, service_account: str, inherited: Inherited) -> Labels:
    """Return all labels of a pod; ``service_account`` may be empty."""
    kept = {key: value for key, value in own.items() if not key.startswith((NAMESPACE_PREFIX, SERVICE_ACCOUNT_PREFIX))}
    added = {NAMESPACE_LABEL: namespace, "projectcalico.org/orchestrator": "k8s"}
    from_account: dict[str, str] = {}
    if service_account:
        added[SERVICE_ACCOUNT_LABEL] = service_account
        from_account = inherited.of_service_account(namespace, service_account)
    return inherited.of_namespace(namespace) | from_account | kept | added


def read_network_set(document: KubernetesObject, inherited: Inherited) -> NetworkSet:
    """Return a network set of either kind. Raises ObjectError for a net that is none."""
    metadata = document["metadata"]
    own, name = metadata.get("labels") or {}, metadata["name"]
    namespace = metadata.get("namespace") or "" if document["kind"] == "NetworkSet" else ""
    if document["kind"] == "NetworkSet" and not namespace:
        raise ObjectError(f"NetworkSet {name}: metadata.namespace: is missing")
    labels = inherited.of_namespace(namespace) | own | {NAMESPACE_LABEL: namespace} if namespace else own
    written = (document.get("spec") or {}).get("nets") or ()
    return NetworkSet(namespace, name, labels, tuple(network(net, f"{document['kind']} {name}") for net in written))
