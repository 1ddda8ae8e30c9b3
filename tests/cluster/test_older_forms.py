"""Forms of objects that today's Kubernetes does not print, and that manifests and tools still hold."""

from pathlib import Path

from ringfence.cluster.snapshot import read_snapshot

DEPLOYMENT = """
apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: c, ports: PORTS}]}
"""


def test_a_deployment_of_the_former_group_is_one(tmp_path: Path) -> None:
    """Kubernetes before 1.16 had Deployments, DaemonSets and ReplicaSets in ``extensions``."""
    (tmp_path / "web.yaml").write_text(DEPLOYMENT)

    snapshot = read_snapshot(tmp_path)

    assert [(each.kind, each.name) for each in snapshot.inventory.controllers] == [("Deployment", "web")]
    assert snapshot.unknown_kinds == ()


def test_an_empty_object_of_ports_is_no_ports(tmp_path: Path) -> None:
    """A pod is not lost for it; an object that says something is still refused."""
    (tmp_path / "web.yaml").write_text(POD.replace("PORTS", "{}"))
    (tmp_path / "other.yaml").write_text(
        POD.replace("PORTS", "{containerPort: 80}").replace("name: web", "name: other")
    )

    snapshot = read_snapshot(tmp_path)

    assert [(each.name, each.spec.ports) for each in snapshot.inventory.pods] == [("web", ())]
    assert [each.name for each in snapshot.problems] == ["other"]
