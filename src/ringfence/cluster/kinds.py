"""The kinds of objects that a snapshot holds, and the resources that kubectl asks for them by.

Promises: one list, of which the reader, the recipe in the documents and what counts as missing are made.
"""

from collections.abc import Mapping
from typing import Final

KUBERNETES_RESOURCES: Final[Mapping[str, str]] = {
    "Namespace": "namespaces",
    "Node": "nodes",
    "Pod": "pods",
    "ServiceAccount": "serviceaccounts",
    "Service": "services",
    "EndpointSlice": "endpointslices.discovery.k8s.io",
    "Deployment": "deployments.apps",
    "StatefulSet": "statefulsets.apps",
    "DaemonSet": "daemonsets.apps",
    "ReplicaSet": "replicasets.apps",
    "ReplicationController": "replicationcontrollers",
    "Job": "jobs.batch",
    "CronJob": "cronjobs.batch",
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "APIService": "apiservices.apiregistration.k8s.io",
    "CustomResourceDefinition": "customresourcedefinitions.apiextensions.k8s.io",
    "KubernetesNetworkPolicy": "networkpolicies.networking.k8s.io",
}
CLUSTER_POLICY_RESOURCES: Final[Mapping[str, str]] = {
    "ClusterNetworkPolicy": "clusternetworkpolicies.policy.networking.k8s.io",
    "AdminNetworkPolicy": "adminnetworkpolicies.policy.networking.k8s.io",
    "BaselineAdminNetworkPolicy": "baselineadminnetworkpolicies.policy.networking.k8s.io",
}
CALICO_RESOURCES: Final[Mapping[str, str]] = {
    "Tier": "tiers.projectcalico.org",
    "NetworkPolicy": "networkpolicies.projectcalico.org",
    "GlobalNetworkPolicy": "globalnetworkpolicies.projectcalico.org",
    "StagedNetworkPolicy": "stagednetworkpolicies.projectcalico.org",
    "StagedGlobalNetworkPolicy": "stagedglobalnetworkpolicies.projectcalico.org",
    "StagedKubernetesNetworkPolicy": "stagedkubernetesnetworkpolicies.projectcalico.org",
    "NetworkSet": "networksets.projectcalico.org",
    "GlobalNetworkSet": "globalnetworksets.projectcalico.org",
    "HostEndpoint": "hostendpoints.projectcalico.org",
}
RESOURCES: Final[Mapping[str, str]] = {**KUBERNETES_RESOURCES, **CLUSTER_POLICY_RESOURCES, **CALICO_RESOURCES}
"""Resource by kind. Kubernetes' NetworkPolicy has the name that Calico gives it, because Calico has one of its own."""

POLICY_KINDS: Final = frozenset(
    {
        "KubernetesNetworkPolicy",
        *CLUSTER_POLICY_RESOURCES,
        *(CALICO_RESOURCES.keys() - {"Tier", "NetworkSet", "GlobalNetworkSet", "HostEndpoint"}),
    }
)
CLUSTER_SCOPED: Final = frozenset(
    {
        "Namespace",
        "Node",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
        "APIService",
        "CustomResourceDefinition",
        *CLUSTER_POLICY_RESOURCES,
        "Tier",
        "GlobalNetworkPolicy",
        "StagedGlobalNetworkPolicy",
        "GlobalNetworkSet",
        "HostEndpoint",
    }
)

OPTIONAL: Final = frozenset(CLUSTER_POLICY_RESOURCES) | {"ReplicationController"}
"""Kinds that few clusters have; their absence from a snapshot is no lack."""

CALICO_GROUPS: Final = ("projectcalico.org/v3", "crd.projectcalico.org/v1")
CLUSTER_POLICY_GROUP: Final = "policy.networking.k8s.io/"
KUBERNETES_POLICY_GROUP: Final = "networking.k8s.io/"
_FORMER: Final[Mapping[str, str]] = {"apps": "extensions"}
"""The group that Kubernetes before 1.16 had some kinds in, which manifests may still name."""
_SHORT: Final[Mapping[str, str]] = {
    resource.split(".")[0]: kind for kind, resource in RESOURCES.items() if kind != "NetworkPolicy"
}


def kind_of_file(name: str) -> str | None:
    """Return the kind whose objects a file is named for: ``pods.json``, ``networkpolicies.projectcalico.org.yaml``.

    ``networkpolicies`` alone is Kubernetes' own, as for kubectl.
    """
    stem = name.removesuffix(".gz").rsplit(".", 1)[0]
    stem = stem.replace(".crd.projectcalico.org", ".projectcalico.org")
    by_resource = {resource: kind for kind, resource in RESOURCES.items()}
    return by_resource.get(stem) or _SHORT.get(stem)


def kind_of(api_version: str, kind: str) -> str | None:
    """Return the name of a kind here, None for one we do not know. The group tells whose NetworkPolicy it is."""
    if api_version in CALICO_GROUPS:
        return kind if kind in CALICO_RESOURCES else None
    if api_version.startswith(CLUSTER_POLICY_GROUP):
        return kind if kind in CLUSTER_POLICY_RESOURCES else None
    if kind == "NetworkPolicy":
        return "KubernetesNetworkPolicy" if api_version.startswith(KUBERNETES_POLICY_GROUP) else None
    if kind not in KUBERNETES_RESOURCES:
        return None
    group = RESOURCES[kind].partition(".")[2]
    return kind if api_version.rpartition("/")[0] in {group, _FORMER.get(group, group)} else None
