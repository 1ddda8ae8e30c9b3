"""Which namespaces and workloads are the platform that all others stand on.

Promises: found by the cluster's objects first (what the API server calls, what answers DNS), then by labels that the
projects themselves put on their pods, then by well-known names of namespaces. Each finding says why. A rule cut wrong
there breaks more than its own scope, so nothing of it is governed unless a person asks; whoever is missed here is a
scope like any other.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from ringfence.model.endpoint import Workload, endpoint_key
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.rules.callbacks import Called
from ringfence.rules.resolver import Resolvers
from ringfence.semantics.workloads import Workloads

ROLE_LABELS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "network plugin": (
        ("app", "antrea"),
        ("app", "flannel"),
        ("k8s-app", "aws-node"),
        ("k8s-app", "calico-kube-controllers"),
        ("k8s-app", "calico-node"),
        ("k8s-app", "calico-typha"),
        ("k8s-app", "canal"),
        ("k8s-app", "cilium"),
        ("k8s-app", "flannel"),
        ("k8s-app", "istio-cni-node"),
        ("k8s-app", "kube-router"),
        ("k8s-app", "linkerd-cni"),
        ("k8s-app", "tigera-operator"),
        ("name", "weave-net"),
    ),
    "Calico's API": (("k8s-app", "calico-apiserver"), ("k8s-app", "goldmane"), ("k8s-app", "whisker")),
    "node proxy": (("k8s-app", "kube-proxy"),),
    "storage driver": (
        ("app", "csi-nfs-controller"),
        ("app", "csi-nfs-node"),
        ("app.kubernetes.io/name", "aws-ebs-csi-driver"),
        ("app.kubernetes.io/name", "longhorn"),
        ("app.kubernetes.io/name", "snapshot-controller"),
        ("app", "rook-ceph-operator"),
        ("app", "snapshot-controller"),
        ("name", "csi-node-driver"),
    ),
    "DNS": (("k8s-app", "kube-dns"), ("k8s-app", "node-local-dns"), ("k8s-app", "nodelocaldns")),
    "ingress": (
        ("app.kubernetes.io/name", "contour"),
        ("app.kubernetes.io/name", "haproxy-ingress"),
        ("app.kubernetes.io/name", "ingress-nginx"),
        ("app.kubernetes.io/name", "kubernetes-ingress"),
        ("app.kubernetes.io/name", "nginx-ingress"),
        ("app.kubernetes.io/name", "traefik"),
        ("istio", "ingressgateway"),
    ),
    "load balancer": (("app", "metallb"), ("app.kubernetes.io/name", "metallb")),
    "service mesh": (
        ("app", "istiod"),
        ("app", "ztunnel"),
        ("app.kubernetes.io/name", "knative-serving"),
        ("app.kubernetes.io/part-of", "istio"),
        ("istio", "pilot"),
        ("linkerd.io/extension", "viz"),
    ),
    "certificates": (("app.kubernetes.io/instance", "cert-manager"), ("app.kubernetes.io/name", "cert-manager")),
    "admission policy": (("gatekeeper.sh/system", "yes"), ("app.kubernetes.io/part-of", "kyverno")),
    "delivery by Git": (
        ("app.kubernetes.io/name", "argocd-application-controller"),
        ("app.kubernetes.io/name", "argocd-applicationset-controller"),
        ("app.kubernetes.io/name", "argocd-repo-server"),
        ("app.kubernetes.io/name", "argocd-server"),
        ("app.kubernetes.io/part-of", "argocd"),
        ("app.kubernetes.io/part-of", "flux"),
    ),
    "Ringfence itself": (("app.kubernetes.io/name", "ringfence"),),
}
"""What the projects label their own pods with, by the role that they have. Read from their manifests."""
ROLE_KEYS: Final[Mapping[str, str]] = {"linkerd.io/control-plane-component": "service mesh"}
"""Labels whose presence tells, whatever their value."""
NAMESPACE_NAMES: Final[Mapping[str, str]] = {
    "argocd": "delivery by Git",
    "cert-manager": "certificates",
    "cnpg-system": "database operator",
    "flux-system": "delivery by Git",
    "gatekeeper-system": "admission policy",
    "ingress-nginx": "ingress",
    "istio-system": "service mesh",
    "knative-serving": "service mesh",
    "kube-flannel": "network plugin",
    "kyverno": "admission policy",
    "linkerd": "service mesh",
    "linkerd-cni": "network plugin",
    "linkerd-viz": "service mesh",
    "longhorn-system": "storage driver",
    "metallb-system": "load balancer",
    "projectcontour": "ingress",
    "ringfence": "Ringfence itself",
    "ringfence-system": "Ringfence itself",
    "rook-ceph": "storage driver",
}
"""Namespaces in which projects install themselves."""
NAMESPACE_PREFIXES: Final[Mapping[str, str]] = {
    "calico-": "network plugin",
    "kube-": "Kubernetes' own",
    "openshift-": "OpenShift's own",
    "tigera-": "network plugin",
}


class Platform(Struct, frozen=True):
    """Why namespaces and workloads are the platform, each reason once, sorted."""

    namespaces: Mapping[str, tuple[str, ...]]
    workloads: Mapping[Workload, tuple[str, ...]]

    def of_namespace(self, namespace: str) -> tuple[str, ...]:
        """Return why a namespace as a whole is the platform: itself, or what runs in it. None: it is not."""
        inside = (
            f"{workload.name}: {reason}"
            for workload, reasons in self.workloads.items()
            if workload.namespace == namespace
            for reason in reasons
        )
        return (*self.namespaces.get(namespace, ()), *inside)

    def of_workload(self, workload: Workload) -> tuple[str, ...]:
        """Return why a workload is the platform: its namespace, or itself. None: it is not."""
        return (*self.namespaces.get(workload.namespace, ()), *self.workloads.get(workload, ()))


def platform(inventory: Inventory, *, called: Called, resolvers: Resolvers) -> Platform:
    """Return what of the cluster is the platform."""
    found: dict[Workload, set[str]] = {}
    for workload, reason in _workloads(inventory, called, resolvers):
        found.setdefault(workload, set()).add(reason)
    names = {
        *(each.name for each in inventory.namespaces),
        *(each.namespace for each in inventory.pods),
        *(each.namespace for each in inventory.controllers),
    }
    return Platform(
        namespaces={name: (role,) for name in sorted(names) if (role := namespace_role(name)) is not None},
        workloads={each: tuple(sorted(found[each])) for each in sorted(found, key=endpoint_key)},
    )


def namespace_role(name: str) -> str | None:
    """Return what a namespace of a well-known name is for, None for any other."""
    known = NAMESPACE_NAMES.get(name)
    return known or next((role for prefix, role in NAMESPACE_PREFIXES.items() if name.startswith(prefix)), None)


def _workloads(inventory: Inventory, called: Called, resolvers: Resolvers) -> Iterator[tuple[Workload, str]]:
    for workload, callbacks in called.callbacks.items():
        for callback in callbacks:
            yield workload, f"backend of {callback.kind} {callback.name}"
    for resolver in resolvers.known:
        for server in resolver.servers:
            yield server, "DNS"
    workloads = Workloads(inventory)
    for pod in inventory.pods:
        if not pod.finished:
            yield from ((workloads.of(pod), role) for role in _roles(pod.spec.labels))
    for each in inventory.controllers:
        if each.owner is None:
            name = Workload(each.namespace, each.kind, each.name)
            yield from ((name, role) for role in _roles(each.template.labels))


def _roles(labels: Labels) -> Iterator[str]:
    own = frozenset(labels.pairs)
    for role, pairs in ROLE_LABELS.items():
        if not own.isdisjoint(pairs):
            yield role
    for key, _ in labels.pairs:
        if key in ROLE_KEYS:
            yield ROLE_KEYS[key]
