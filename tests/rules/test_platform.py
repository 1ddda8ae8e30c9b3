"""What all others stand on is found by objects, labels and names, and each finding says why."""

from pathlib import Path

import pytest

from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Workload
from ringfence.model.policy import ServiceRef
from ringfence.model.service import Callback, ServicePort
from ringfence.rules.backends import Backends
from ringfence.rules.callbacks import called
from ringfence.rules.cluster_resolvers import cluster_resolvers
from ringfence.rules.platform import Platform, namespace_role, platform
from ringfence.rules.resolver import Resolvers
from tests.platform.components import read
from tests.rules.clusters import controller
from tests.rules.declared_world import pods_of, service, workload, world

WEB = controller("Deployment", "web", "app=web")
OPERATOR = controller("Deployment", "operator", "app=operator", namespace="team")
DNS = controller("Deployment", "resolver", "app=resolver", namespace="infra")


def found(cluster: Cluster) -> Platform:
    """Return the platform of a cluster."""
    inventory, backends = cluster.inventory, Backends(cluster.inventory)
    resolvers = cluster_resolvers(inventory, backends, seen=Resolvers((), node_local=False))
    return platform(inventory, called=called(inventory, backends), resolvers=resolvers)


def test_what_the_api_server_calls_is_the_platform() -> None:
    """Wherever it runs, and whatever it is called."""
    hook = service("operator", ServicePort("https", "TCP", 443, 9443), selects="app=operator", namespace="team")
    webhook = Callback("ValidatingWebhookConfiguration", "team-rules", ServiceRef("team", "operator"), 443)
    platform_ = found(
        world(WEB, OPERATOR, pods=pods_of(OPERATOR, "10.244.1.9"), services=(hook,), callbacks=(webhook,))
    )

    assert platform_.of_workload(workload(OPERATOR)) == ("backend of ValidatingWebhookConfiguration team-rules",)
    assert platform_.of_namespace("team") == ("operator: backend of ValidatingWebhookConfiguration team-rules",)
    assert platform_.of_namespace("shop") == ()
    assert platform_.of_workload(workload(WEB)) == ()


def test_what_answers_dns_is_the_platform() -> None:
    """By the Service that it stands behind."""
    ports = (ServicePort("dns", "UDP", 53, 53), ServicePort("dns-tcp", "TCP", 53, 53))
    asked = service("dns", *ports, selects="app=resolver", namespace="infra", address="10.96.0.10")

    assert found(world(DNS, services=(asked,))).of_workload(workload(DNS)) == ("DNS",)


@pytest.mark.parametrize(
    ("labels", "role"),
    [
        ("k8s-app=calico-node", "network plugin"),
        ("k8s-app=kube-proxy", "node proxy"),
        ("app.kubernetes.io/name=aws-ebs-csi-driver", "storage driver"),
        ("app.kubernetes.io/name=ingress-nginx", "ingress"),
        ("app=istiod", "service mesh"),
        ("linkerd.io/control-plane-component=identity", "service mesh"),
        ("app.kubernetes.io/instance=cert-manager", "certificates"),
        ("app.kubernetes.io/name=ringfence", "Ringfence itself"),
    ],
)
def test_projects_are_known_by_what_they_label_their_pods_with(labels: str, role: str) -> None:
    """In any namespace."""
    each = controller("Deployment", "any", labels, namespace="anywhere")

    assert found(world(each)).of_workload(workload(each)) == (role,)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("kube-system", "Kubernetes' own"),
        ("openshift-ingress", "OpenShift's own"),
        ("calico-apiserver", "network plugin"),
        ("istio-system", "service mesh"),
        ("openshiftish", None),
        ("shop", None),
    ],
)
def test_namespaces_of_well_known_names(name: str, role: str | None) -> None:
    """A whole namespace, whatever runs in it."""
    assert namespace_role(name) == role


@pytest.mark.shared
@pytest.mark.parametrize(
    ("component", "namespace"),
    [
        ("calico", "kube-system"),
        ("calico", "calico-system"),
        ("calico-apiserver", "calico-apiserver"),
        ("canal", "kube-system"),
        ("cert-manager", "cert-manager"),
        ("cloudnative-pg", "cnpg-system"),
        ("contour", "projectcontour"),
        ("gatekeeper", "gatekeeper-system"),
        ("istio", "istio-system"),
        ("knative-serving", "knative-serving"),
        ("kube-prometheus", "monitoring"),
        ("linkerd", "linkerd"),
        ("linkerd-viz", "linkerd-viz"),
        ("longhorn", "longhorn-system"),
        ("metallb", "metallb-system"),
        ("tigera-operator", "tigera-operator"),
    ],
)
def test_components_of_the_samples_are_the_platform(
    component: str, namespace: str, shared: Path, tmp_path: Path
) -> None:
    """Read from their own manifests."""
    assert found(read(shared, component, "all", tmp_path).cluster).of_namespace(namespace)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("component", "namespace", "kind", "name"),
    [
        ("aws-ebs-csi-driver", "default", "Deployment", "ebs-csi-controller"),
        ("aws-ebs-csi-driver", "default", "DaemonSet", "ebs-csi-node"),
        ("antrea", "kube-system", "DaemonSet", "antrea-agent"),
        ("argo-cd", "default", "Deployment", "argocd-server"),
        ("gatekeeper", "gatekeeper-system", "Deployment", "gatekeeper-controller-manager"),
        ("kube-prometheus", "monitoring", "Deployment", "prometheus-adapter"),
        ("metrics-server", "kube-system", "Deployment", "metrics-server"),
    ],
)
def test_workloads_of_the_samples_are_the_platform(
    component: str, namespace: str, kind: str, name: str, shared: Path, tmp_path: Path
) -> None:
    """By what they are, not only by where they were installed."""
    workloads = found(read(shared, component, "all", tmp_path).cluster).workloads

    assert workloads.get(Workload(namespace, kind, name))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("component", "namespaces"),
    [("sock-shop", ("sock-shop", "loadtest", "monitoring")), ("podtato-head", ("podtato-kubectl",))],
)
def test_applications_are_not_the_platform(
    component: str, namespaces: tuple[str, ...], shared: Path, tmp_path: Path
) -> None:
    """Though they have load balancers, databases and a host-network exporter."""
    platform_ = found(read(shared, component, "all", tmp_path).cluster)

    assert [platform_.of_namespace(each) for each in namespaces] == [()] * len(namespaces)
