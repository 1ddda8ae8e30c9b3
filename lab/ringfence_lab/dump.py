"""Write pods as kubectl prints them, managed fields, environment and all: what reading a snapshot costs.

``python -m ringfence_lab.dump OUT [--pods N] [--format json|yaml] [--seed S]`` writes ``pods.FORMAT`` and
``namespaces.FORMAT`` into OUT. Promises: the same arguments give the same bytes.
"""

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

NAMESPACE_PODS: Final = 50
"""How many pods a namespace has."""
_PER_WORKLOAD: Final = 10
_CREATED: Final = "2026-03-01T08:00:00Z"


def pod(number: int, draw: random.Random) -> dict[str, Any]:
    """Return a pod as the API server returns it."""
    place, app = f"team-{number // NAMESPACE_PODS:03d}", f"app-{number // _PER_WORKLOAD % 5}"
    template = f"b{number // _PER_WORKLOAD * 7919 % 0xFFFFFFF:07x}"
    name = f"{app}-{template}-{number:05d}"
    labels = {"app": app, "app.kubernetes.io/part-of": place, "pod-template-hash": template}
    address = f"10.{64 + number // 65536}.{number // 256 % 256}.{number % 256}"
    node = f"node-{number % 250:03d}"
    container = {
        "name": app,
        "image": f"registry.example.com/{place}/{app}:1.{number % 9}.0",
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": f"SETTING_{each}", "value": f"{draw.getrandbits(64):016x}"} for each in range(12)],
        "ports": [
            {"containerPort": 8080, "name": "http", "protocol": "TCP"},
            {"containerPort": 9090, "name": "metrics", "protocol": "TCP"},
        ],
        "readinessProbe": {"failureThreshold": 3, "httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}},
        "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [
            {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "token", "readOnly": True}
        ],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "annotations": {
                "cni.projectcalico.org/containerID": f"{draw.getrandbits(256):064x}",
                "cni.projectcalico.org/podIP": f"{address}/32",
                "cni.projectcalico.org/podIPs": f"{address}/32",
            },
            "creationTimestamp": _CREATED,
            "generateName": f"{app}-{template}-",
            "labels": labels,
            "managedFields": _managed(labels),
            "name": name,
            "namespace": place,
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "blockOwnerDeletion": True,
                    "controller": True,
                    "kind": "ReplicaSet",
                    "name": f"{app}-{template}",
                    "uid": _uid(draw),
                }
            ],
            "resourceVersion": str(100_000 + number),
            "uid": _uid(draw),
        },
        "spec": {
            "containers": [container],
            "dnsPolicy": "ClusterFirst",
            "enableServiceLinks": True,
            "nodeName": node,
            "preemptionPolicy": "PreemptLowerPriority",
            "priority": 0,
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "securityContext": {"runAsNonRoot": True},
            "serviceAccount": app,
            "serviceAccountName": app,
            "terminationGracePeriodSeconds": 30,
            "tolerations": [
                {"effect": "NoExecute", "key": f"node.kubernetes.io/{each}", "operator": "Exists"}
                for each in ("not-ready", "unreachable")
            ],
            "volumes": [{"name": "token", "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {}}]}}],
        },
        "status": {
            "conditions": [
                {"lastProbeTime": None, "lastTransitionTime": _CREATED, "status": "True", "type": each}
                for each in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
            ],
            "containerStatuses": [
                {
                    "containerID": f"containerd://{draw.getrandbits(256):064x}",
                    "imageID": f"registry.example.com/{app}@sha256:{draw.getrandbits(256):064x}",
                    "name": app,
                    "ready": True,
                    "restartCount": 0,
                    "started": True,
                    "state": {"running": {"startedAt": _CREATED}},
                }
            ],
            "hostIP": f"192.168.{number % 250}.1",
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "qosClass": "Burstable",
            "startTime": _CREATED,
        },
    }


def _managed(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    metadata: dict[str, Any] = {"f:generateName": {}, "f:labels": {".": {}} | {f"f:{key}": {} for key in labels}}
    container = {
        ".": {},
        "f:env": {".": {}}
        | {f'k:{{"name":"SETTING_{each}"}}': {".": {}, "f:name": {}, "f:value": {}} for each in range(12)},
        "f:image": {},
        "f:ports": {".": {}},
        "f:resources": {".": {}, "f:limits": {".": {}, "f:memory": {}}, "f:requests": {".": {}, "f:cpu": {}}},
    }
    fields = {"f:metadata": metadata, "f:spec": {"f:containers": {'k:{"name":"app"}': container}, "f:dnsPolicy": {}}}
    status = {
        "f:status": {
            "f:conditions": {f'k:{{"type":"{each}"}}': {".": {}, "f:status": {}} for each in ("Ready", "Initialized")},
            "f:podIP": {},
            "f:podIPs": {".": {}},
        }
    }
    return [
        {
            "apiVersion": "v1",
            "fieldsType": "FieldsV1",
            "fieldsV1": each,
            "manager": manager,
            "operation": "Update",
            "time": _CREATED,
        }
        for manager, each in (("kube-controller-manager", fields), ("calico", fields), ("kubelet", status))
    ]


def _uid(draw: random.Random) -> str:
    text = f"{draw.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def namespace(number: int) -> dict[str, Any]:
    """Return a namespace of such pods."""
    name = f"team-{number:03d}"
    labels = {"kubernetes.io/metadata.name": name, "team": name}
    metadata = {"creationTimestamp": _CREATED, "labels": labels, "name": name}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "spec": {"finalizers": ["kubernetes"]}}


def write(folder: Path, *, pods: int, form: str, seed: int) -> None:
    """Write the lists."""
    draw = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    lists = {
        "pods": [pod(number, draw) for number in range(pods)],
        "namespaces": [namespace(number) for number in range(-(-pods // NAMESPACE_PODS))],
    }
    for name, items in lists.items():
        with (folder / f"{name}.{form}").open("w", encoding="utf-8") as out:
            whole = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
            if form == "json":
                json.dump(whole, out, indent=4)
            else:
                yaml.dump(whole, out, Dumper=_dumper(), default_flow_style=False)


def _dumper() -> type[yaml.CSafeDumper]:
    class Plain(yaml.CSafeDumper):
        def ignore_aliases(self, _data: object) -> bool:
            return True

    return Plain


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.dump", description="Write pods as kubectl prints them.")
    parser.add_argument("out", type=Path, metavar="OUT", help="where to write")
    parser.add_argument("--pods", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--format", choices=("json", "yaml"), default="json", help="how kubectl was asked (json)")
    parser.add_argument("--seed", type=int, default=1, help="another cluster (1)")
    given = parser.parse_args(arguments)
    write(given.out, pods=given.pods, form=given.format, seed=given.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
