"""Nodes and what runs on their own network: agents, the control plane and its static pod.

Promises: each node has the annotations that Calico writes, with its tunnel's address inside the pod network.
"""

from collections.abc import Sequence
from typing import Final

from ringfence_lab.endpoint import Workload
from ringfence_lab.metadata import CREATED, Object, metadata
from ringfence_lab.outside import CONTROL_PLANE_ADDRESS, CONTROL_PLANE_TUNNEL, node_address, node_tunnel

CONTROL_PLANE_NODE: Final = "control-plane-0"


def node_objects(joined: Sequence[str]) -> list[Object]:
    """Return the control-plane node and the workers, given by when they joined."""
    workers = [
        _node(
            f"node-{index:03d}",
            node_address(index),
            node_tunnel(index),
            f"{node_tunnel(index).rpartition('.')[0]}.0/24",
            created=moment,
        )
        for index, moment in enumerate(joined)
    ]
    return [
        _node(CONTROL_PLANE_NODE, CONTROL_PLANE_ADDRESS, CONTROL_PLANE_TUNNEL, "10.247.255.0/24", control_plane=True),
        *workers,
    ]


def host_pods(agents: Sequence[Workload], *, nodes: int) -> list[Object]:
    """Return the pods that share a node's network: one of each agent on each node, and the API server."""
    pods = [_api_server()]
    for agent in agents:
        for index in range(nodes):
            name = f"{agent.name}-{index:05d}".replace("0", "x").replace("1", "z")
            owner = ("apps/v1", "DaemonSet", agent.name)
            labels = {**dict(agent.labels), "pod-template-generation": "1"}
            meta = metadata("Pod", agent.namespace, name, labels=labels, owner=owner)
            pods.append(_pod(meta, node=f"node-{index:03d}", address=node_address(index), program=agent.name))
    return pods


def _api_server() -> Object:
    meta = metadata(
        "Pod",
        "kube-system",
        f"kube-apiserver-{CONTROL_PLANE_NODE}",
        labels={"component": "kube-apiserver", "tier": "control-plane"},
        annotations={"kubernetes.io/config.source": "file"},
        owner=("v1", "Node", CONTROL_PLANE_NODE),
    )
    return _pod(meta, node=CONTROL_PLANE_NODE, address=CONTROL_PLANE_ADDRESS, program="kube-apiserver")


def _pod(meta: Object, *, node: str, address: str, program: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": {
            "nodeName": node,
            "hostNetwork": True,
            "serviceAccountName": "default",
            "containers": [{"name": program, "image": f"registry.example/{program}:1"}],
        },
        "status": {"phase": "Running", "hostIP": address, "podIP": address, "podIPs": [{"ip": address}]},
    }


def _node(
    name: str, address: str, tunnel: str, pod_range: str, *, control_plane: bool = False, created: str = CREATED
) -> Object:
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
    if control_plane:
        labels["node-role.kubernetes.io/control-plane"] = ""
    annotations = {"projectcalico.org/IPv4Address": f"{address}/16", "projectcalico.org/IPv4VXLANTunnelAddr": tunnel}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata("Node", None, name, labels=labels, annotations=annotations, created=created),
        "spec": {"podCIDR": pod_range, "podCIDRs": [pod_range]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }
