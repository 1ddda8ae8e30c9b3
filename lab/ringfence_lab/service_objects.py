"""Services, their EndpointSlices, and what the API server calls: webhooks and APIServices.

Promises: a Service for each that some edge was called through, a headless one for each StatefulSet, a NodePort, a
LoadBalancer, an ExternalName, and the selectorless ``kubernetes``; slices list the pods that stand.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import Workload
from ringfence_lab.metadata import Object, metadata
from ringfence_lab.outside import CONTROL_PLANE_ADDRESS
from ringfence_lab.roster import Pod, node_names
from ringfence_lab.surroundings import PLATFORM_NAMESPACE, SIP_PORT, TELEPHONY_NAMESPACE

SERVICE_NETWORK: Final = "10.96.0.0/12"
_KUBERNETES: Final = ("default", "kubernetes")
_NUMBERS: Final = {"dns": 53, "dns-tcp": 53}
_FIRST_ADDRESS: Final = 20
_WEBHOOK: Final = "operator-webhook"

_Pods = Mapping[Workload, Sequence[Pod]]


def service_objects(edges: Sequence[Edge], pods: _Pods) -> list[Object]:
    """Return the Services and their slices."""
    found: dict[tuple[str, str], tuple[Workload, dict[str, Object]]] = {}
    for edge in edges:
        if edge.service is None or not isinstance(edge.server, Workload) or edge.kind != "legitimate":
            continue
        _, ports = found.setdefault((edge.service.namespace, edge.service.name), (edge.server, {}))
        number = 443 if edge.service.name == _WEBHOOK else _NUMBERS.get(edge.service.port, edge.port)
        ports[edge.service.port] = {
            "name": edge.service.port,
            "protocol": edge.protocol,
            "port": number,
            "targetPort": edge.port,
        }
    objects: list[Object] = []
    for turn, ((namespace, name), (backend, ports)) in enumerate(sorted(found.items(), key=lambda item: item[0])):
        address = f"10.96.{turn // 200}.{_FIRST_ADDRESS + turn % 200}"
        kind: Object = {"type": "ClusterIP", "clusterIP": address, "clusterIPs": [address]}
        objects += _behind(namespace, name, backend, list(ports.values()), kind, pods)
    for known in sorted(pods, key=lambda each: (each.namespace, each.name)):
        if known.kind == "StatefulSet":
            headless: Object = {"type": "ClusterIP", "clusterIP": "None", "clusterIPs": ["None"]}
            objects += _behind(known.namespace, f"{known.name}-headless", known, [], headless, pods)
    return objects + _doors(pods) + _kubernetes() + [_external_name()]


def called_by_api_server() -> list[Object]:
    """Return the webhook configurations and APIServices."""
    admission = [_webhooks("ValidatingWebhookConfiguration"), _webhooks("MutatingWebhookConfiguration")]
    return [*admission, _metrics_service()]


def metrics_services(server: Workload, pods: _Pods) -> list[Object]:
    """Return the Service that the aggregation layer calls."""
    port = {"name": "https", "protocol": "TCP", "port": 443, "targetPort": 10251}
    address = "10.96.0.12"
    kind: Object = {"type": "ClusterIP", "clusterIP": address, "clusterIPs": [address]}
    return _behind("kube-system", "metrics-server", server, [port], kind, pods)


def _behind(
    namespace: str, name: str, backend: Workload, ports: list[Object], kind: Object, pods: _Pods
) -> list[Object]:
    spec = {**kind, "selector": dict(backend.labels), **({"ports": ports} if ports else {})}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata("Service", namespace, name), "spec": spec}
    targets = [{"name": port["name"], "protocol": port["protocol"], "port": port["targetPort"]} for port in ports]
    endpoints = [_endpoint(pod, backend.namespace) for pod in pods.get(backend, ())]
    return [service, _slice(namespace, name, targets, endpoints)]


def _endpoint(pod: Pod, namespace: str) -> Object:
    return {
        "addresses": [pod.address],
        "conditions": {"ready": True},
        "nodeName": node_names(pod.node + 1)[-1],
        "targetRef": {"kind": "Pod", "namespace": namespace, "name": pod.name},
    }


def _slice(namespace: str, name: str, ports: list[Object], endpoints: Iterable[Object]) -> Object:
    labels = {"kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller"}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata("EndpointSlice", namespace, f"{name}-x7k2p", labels=labels, owner=("v1", "Service", name)),
        "addressType": "IPv4",
        "ports": ports,
        "endpoints": list(endpoints),
    }


def _kubernetes() -> list[Object]:
    namespace, name = _KUBERNETES
    spec: Object = {
        "type": "ClusterIP",
        "clusterIP": "10.96.0.1",
        "clusterIPs": ["10.96.0.1"],
        "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}],
    }
    service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata("Service", namespace, name), "spec": spec}
    endpoint: dict[str, Any] = {"addresses": [CONTROL_PLANE_ADDRESS], "conditions": {"ready": True}}
    return [service, _slice(namespace, name, [{"name": "https", "protocol": "TCP", "port": 6443}], [endpoint])]


def _doors(pods: _Pods) -> list[Object]:
    """Return the Services through which the outside comes in."""
    objects: list[Object] = []
    turn = 0
    for known in pods:
        if known.name == "ingress-nginx-controller":
            ports = [_door("https", 443, 443, 30443), _door("http", 80, 80, 30080)]
            balanced = {"type": "LoadBalancer", "clusterIP": "10.96.0.5", "externalTrafficPolicy": "Local"}
            objects += _behind(known.namespace, known.name, known, ports, balanced, pods)
        if (known.namespace, known.name) == (TELEPHONY_NAMESPACE, "sip"):
            hidden = {"type": "LoadBalancer", "clusterIP": "10.96.0.9", "externalTrafficPolicy": "Cluster"}
            port = _door("sips", SIP_PORT, SIP_PORT, 30061)
            objects += _behind(known.namespace, "sip-balancer", known, [port], hidden, pods)
        if known.name in {"web", "viewer"} and known.namespace != "archive" and turn < 2:  # noqa: PLR2004 - as drawn
            door = {"type": "NodePort", "clusterIP": f"10.96.0.{6 + turn}", "externalTrafficPolicy": "Cluster"}
            port = _door("http", 80, 8080, 31080 + turn)
            objects += _behind(known.namespace, f"{known.name}-nodeport", known, [port], door, pods)
            turn += 1
    return objects


def _door(name: str, port: int, target: int, node_port: int) -> Object:
    return {"name": name, "protocol": "TCP", "port": port, "targetPort": target, "nodePort": node_port}


def _external_name() -> Object:
    spec = {"type": "ExternalName", "externalName": "mail.company.example"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata("Service", PLATFORM_NAMESPACE, "mail"),
        "spec": spec,
    }


def _webhooks(kind: str) -> Object:
    service = {"namespace": PLATFORM_NAMESPACE, "name": _WEBHOOK, "path": "/admit", "port": 443}
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["*"]}
    hook = {
        "name": "admit.platform.example",
        "clientConfig": {"service": service},
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail",
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": metadata(kind, None, "platform-operator"),
        "webhooks": [hook],
    }


def _metrics_service() -> Object:
    spec = {
        "group": "metrics.k8s.io",
        "version": "v1beta1",
        "service": {"namespace": "kube-system", "name": "metrics-server", "port": 443},
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
    }
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": metadata("APIService", None, "v1beta1.metrics.k8s.io"),
        "spec": spec,
    }
