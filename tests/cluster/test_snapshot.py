"""What a directory of object files gives: values, problems that name their place, and what is missing."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.cluster.kinds import OPTIONAL, RESOURCES
from ringfence.cluster.snapshot import NoObjectsError, Snapshot, read_snapshot
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.pod import ContainerPort, Owner

Read = Callable[[dict[str, str | bytes]], Snapshot]

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {team: red}\n"
POLICY = """apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: allow-web, namespace: shop}
spec:
  selector: app == 'web'
  ingress: [{action: Allow}]
"""
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-1",
        "namespace": "shop",
        "labels": {"app": "web"},
        "creationTimestamp": "2026-03-01T00:00:00Z",
        "ownerReferences": [
            {"apiVersion": "v1", "kind": "Node", "name": "n"},
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-66", "controller": True},
        ],
        "managedFields": [{"fieldsV1": {"f:spec": {}}}],
    },
    "spec": {
        "nodeName": "node-a",
        "serviceAccountName": "web",
        "containers": [
            {
                "name": "web",
                "env": [{"name": "TOKEN", "value": "s3cret"}],
                "ports": [{"containerPort": 80, "name": "http"}],
            }
        ],
        "initContainers": [
            {"name": "mesh", "restartPolicy": "Always", "ports": [{"containerPort": 15001}]},
            {"name": "once", "ports": [{"containerPort": 1}]},
        ],
    },
    "status": {"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]},
}


def reasons(snapshot: Snapshot) -> list[str]:
    """Return each problem as people read it."""
    return [f"{each.place}: {each.kind} {each.name}: {each.reason}" for each in snapshot.problems]


def test_lists_documents_and_files_of_both_kinds_are_one_snapshot(read: Read) -> None:
    """A JSON list, a YAML file of two documents and a packed YAML list stand side by side."""
    snapshot = read(
        {
            "pods.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": [POD]}),
            "apps/all.yaml": f"{NAMESPACE}---\n{POLICY}",
            "nodes.yaml.gz": gzip.compress(
                b"apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Node\n  metadata:\n    name: node-a\n"
                b"- apiVersion: v1\n  kind: Node\n  metadata:\n    name: node-b\nkind: List\nmetadata:\n  x: ''\n"
            ),
        }
    )

    assert reasons(snapshot) == []
    labels = Labels.of({"team": "red", "kubernetes.io/metadata.name": "shop"})
    assert snapshot.inventory.namespaces == (Namespace("shop", labels),)
    assert [each.name for each in snapshot.inventory.nodes] == ["node-a", "node-b"]
    assert [(each.kind, each.name) for each in snapshot.policies.policies] == [("NetworkPolicy", "allow-web")]
    assert snapshot.objects == 5


def test_a_pod_is_read_without_what_it_hides(read: Read) -> None:
    """Addresses, owner, account and ports, sidecars too; no environment."""
    pod = read({"pods.json": json.dumps(POD)}).inventory.pods[0]

    assert pod.addresses == ("10.0.0.1", "fd00::1")
    assert (pod.owner, pod.node, pod.finished, pod.created) == (
        Owner("ReplicaSet", "web-66"),
        "node-a",
        False,
        1772323200,
    )
    assert pod.spec.service_account == "web"
    assert pod.spec.ports == (ContainerPort("http", "TCP", 80), ContainerPort("", "TCP", 15001))
    assert "s3cret" not in repr(pod)


def test_a_pod_without_status_has_the_addresses_that_calico_wrote(read: Read) -> None:
    """Calico's annotation is there before the kubelet reports an address."""
    pod = POD | {
        "status": {},
        "metadata": POD["metadata"] | {"annotations": {"cni.projectcalico.org/podIPs": "10.0.0.9/32"}},
    }

    assert read({"pod.json": json.dumps(pod)}).inventory.pods[0].addresses == ("10.0.0.9",)


def test_what_nobody_supplied_is_missing_and_an_empty_list_is_not(read: Read) -> None:
    """``kubectl get pods -o json`` of an empty cluster says ``List``; the file's name says of what."""
    snapshot = read(
        {
            "namespaces.yaml": NAMESPACE,
            "pods.json": '{"apiVersion": "v1", "kind": "List", "items": []}',
            "other.json": '{"apiVersion": "v1", "kind": "ServiceList", "items": []}',
            "networkpolicies.projectcalico.org.json": '{"apiVersion": "v1", "kind": "List", "items": []}',
        }
    )

    missing = snapshot.inventory.missing
    assert missing == frozenset(RESOURCES) - OPTIONAL - {"Namespace", "Pod", "Service", "NetworkPolicy"}
    assert "KubernetesNetworkPolicy" in missing


def test_items_of_a_typed_list_need_no_kind(read: Read) -> None:
    """``kubectl get --raw`` answers a PodList whose items repeat neither kind nor version."""
    item = {key: value for key, value in POD.items() if key not in {"apiVersion", "kind"}}
    for suffix in ("json", "yaml"):
        snapshot = read({f"raw.{suffix}": json.dumps({"apiVersion": "v1", "kind": "PodList", "items": [item]})})
        assert [pod.name for pod in snapshot.inventory.pods] == ["web-1"], suffix


def test_unknown_kinds_are_counted_by_name(read: Read) -> None:
    """A custom resource is no error; another group's kind of the same name is not ours."""
    snapshot = read(
        {
            "a.yaml": NAMESPACE
            + "---\napiVersion: example.com/v1\nkind: Pod\nmetadata: {name: x}\n"
            + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\n" * 2
        }
    )

    assert snapshot.unknown_kinds == (("example.com/v1 Pod", 1), ("v1 ConfigMap", 2))


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("kind: [Pod\n", "is not YAML", id="malformed"),
        pytest.param(BOMB, "is not YAML: alias", id="bomb"),
        pytest.param("a: &a [*a]\n", "is no object", id="an alias of itself"),
        pytest.param("kind: Pod\nkind: Node\n", "duplicate mapping key", id="a key twice"),
        pytest.param("[" * 10_000, "is not YAML", id="deep"),
        pytest.param("just text\n", "is no object", id="text"),
        pytest.param("kind: Pod\n", "is no object with apiVersion and kind", id="no version"),
        pytest.param("!!python/object:os.system {}\n", "is no object", id="a tag runs nothing"),
        pytest.param(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: 7}\n", "Expected `str | null`, got `int`", id="a number"
        ),
        pytest.param("apiVersion: v1\nkind: Pod\nmetadata: {}\n", "metadata.name is required", id="no name"),
        pytest.param(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, creationTimestamp: yesterday}\n",
            "no RFC 3339",
            id="no time",
        ),
        pytest.param(b"kind: \xff\n", "is not UTF-8", id="no text"),
        pytest.param(b"kind: a\0b\n", "NUL bytes", id="nul"),
    ],
)
def test_a_bad_document_is_told_and_the_rest_is_read(text: str | bytes, reason: str, read: Read) -> None:
    """One problem with file and document; the good file beside it is taken."""
    snapshot = read({"bad.yaml": text, "good.yaml": NAMESPACE})

    assert [each for each in reasons(snapshot) if reason in each and each.startswith("bad.yaml, document 1")]
    assert [each.name for each in snapshot.inventory.namespaces] == ["shop"]


def test_a_bad_document_spoils_no_other_of_its_file(read: Read) -> None:
    """Documents are decoded one by one."""
    snapshot = read({"mixed.yaml": f"{NAMESPACE}---\nkind: [\n---\n{POLICY}"})

    assert [str(each.place) for each in snapshot.problems] == ["mixed.yaml, document 2"]
    assert (len(snapshot.inventory.namespaces), len(snapshot.policies.policies)) == (1, 1)


def test_a_bad_item_spoils_no_other_of_its_list(read: Read) -> None:
    """A list that kubectl wrote is decoded item by item, in both formats."""
    item = "- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: a\n"
    listed = f"apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: [\n{item}kind: List\n"
    snapshot = read({"a.yaml": listed, "b.json": json.dumps({"kind": "List", "items": [7, POD]})})

    assert [str(each.place) for each in snapshot.problems] == [
        "a.yaml, document 1, item 1",
        "b.json, document 1, item 1",
    ]
    assert (len(snapshot.inventory.namespaces), len(snapshot.inventory.pods)) == (1, 1)


def test_a_truncated_pack_is_told(read: Read) -> None:
    """Half a gzip is no snapshot, and says so."""
    snapshot = read({"a.yaml.gz": gzip.compress(NAMESPACE.encode())[:20], "good.yaml": NAMESPACE})

    assert reasons(snapshot)[0].startswith("a.yaml.gz, document 1: ")
    assert "cannot be read" in snapshot.problems[0].reason


@pytest.mark.parametrize(
    ("change", "reason", "absent"),
    [
        pytest.param({"selector": "app == 'web'\n"}, "spec.selector: selector", True, id="a line break in a selector"),
        pytest.param({"selektor": "all()"}, "spec['selektor']", False, id="an unknown field"),
        pytest.param({"types": ["Sideways"]}, "spec.types", True, id="no direction"),
    ],
)
def test_a_policy_that_calico_would_refuse_says_why(
    change: dict[str, str],
    reason: str,
    absent: bool,  # noqa: FBT001 - a column of the table
    read: Read,
) -> None:
    """It is among the rejected ones with its reasons; what Felix refuses as well counts as absent."""
    policy = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"ingress": [{"action": "Allow"}]} | change,
    }
    snapshot = read({"p.json": json.dumps(policy)})

    rejected = snapshot.policies.rejected[0]
    assert (rejected.kind, rejected.namespace, rejected.name) == ("NetworkPolicy", "shop", "p")
    assert rejected.reasons[0].startswith(reason)
    assert rejected.absent is absent
    assert len(snapshot.policies.policies) == (0 if absent else 1)


def test_two_objects_of_one_name_are_told_where_they_differ(read: Read) -> None:
    """Equal ones are one; of different ones the later file counts, and the problem names both."""
    other = NAMESPACE.replace("red", "blue")
    snapshot = read({"a.yaml": NAMESPACE, "b.yaml": NAMESPACE, "c.yaml": other})

    assert reasons(snapshot) == [
        "c.yaml, document 1: Namespace shop: stands in b.yaml, document 1 as well, with other content; this one counts"
    ]
    assert snapshot.inventory.namespaces[0].labels.get("team") == "blue"


def test_calico_and_kubernetes_policies_of_one_name_are_two(read: Read) -> None:
    """The group tells whose NetworkPolicy it is."""
    kubernetes = POLICY.replace("projectcalico.org/v3", "networking.k8s.io/v1").replace(
        "  selector: app == 'web'\n  ingress: [{action: Allow}]\n", "  podSelector: {}\n"
    )
    snapshot = read({"a.yaml": POLICY, "b.yaml": kubernetes})

    assert reasons(snapshot) == []
    assert [each.kind for each in snapshot.policies.policies] == ["KubernetesNetworkPolicy", "NetworkPolicy"]


def test_the_regime_is_told_by_tiers_that_only_older_calico_has(read: Read) -> None:
    """Equal orders are broken otherwise up to 3.31."""
    tier = "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: adminnetworkpolicy}\nspec: {order: 1000}\n"

    assert read({"a.yaml": NAMESPACE}).policies.regime == ">=3.32"
    assert read({"tier.yaml": tier}).policies.regime == "<=3.31"


def test_each_webhook_of_a_configuration_is_a_callback(read: Read) -> None:
    """Two webhooks of one configuration call two services."""
    text = """apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: check}
webhooks:
- name: a.example.com
  clientConfig: {service: {name: a, namespace: sys, port: 8443}}
- name: b.example.com
  clientConfig: {service: {name: b, namespace: sys}}
- name: c.example.com
  clientConfig: {url: "https://example.com"}
"""
    snapshot = read({"w.yaml": text})

    assert reasons(snapshot) == []
    assert sorted((each.service.name, each.port) for each in snapshot.inventory.callbacks) == [("a", 8443), ("b", 443)]


@pytest.mark.parametrize("make", ["nothing", "no files", "no objects", "only text"])
def test_a_place_without_objects_says_what_to_do(make: str, tmp_path: Path) -> None:
    """A path that is not there, a folder without files and one without objects are three messages."""
    folder = tmp_path / "snap"
    wanted = {"nothing": "neither a directory", "no files": "no .yaml", "no objects": "no Kubernetes objects"}
    if make != "nothing":
        folder.mkdir()
    if make in {"no objects", "only text"}:
        (folder / "a.yaml").write_text("" if make == "no objects" else "text\n")

    with pytest.raises(NoObjectsError, match=wanted.get(make, "is no object")):
        read_snapshot(folder)


@pytest.mark.shared
def test_every_component_of_the_platform_samples_is_read(shared: Path) -> None:
    """Real manifests: each file of each component is taken, counted by kind, or refused with a reason."""
    components = [each for each in sorted((shared / "data" / "platform").iterdir()) if each.is_dir()]
    assert len(components) == 33

    for component in components:
        snapshot = read_snapshot(component)
        counted = sum(count for _, count in snapshot.unknown_kinds)
        assert snapshot.objects > counted or component.name == "descheduler", component.name
        for problem in snapshot.problems:
            assert problem.kind, f"{component.name}: {problem}"
            assert not problem.reason.startswith("is not YAML"), f"{component.name}: {problem}"
