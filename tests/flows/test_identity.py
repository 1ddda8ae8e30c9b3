"""Who a sighting is, by what it proves."""

import pytest

from ringfence.flows.batch import SightingText
from ringfence.flows.identity import identify
from ringfence.flows.left_out import LeftOut
from ringfence.model.endpoint import Host, Network, NetworkSet, Workload


def pod(name_aggr: str, *labels: str, name: str = "-", owner: str = "") -> SightingText:
    """Return a pod's sighting in namespace shop."""
    text = '{"labels":[' + ",".join(f'"{label}"' for label in labels) + "]}" if labels else "-"
    return SightingText("wep", "shop", name, name_aggr, owner, text, "")


@pytest.mark.parametrize(
    ("sighting", "workload", "owner_known"),
    [
        (pod("web-7d9f6c4b8-*", "pod-template-hash=7d9f6c4b8"), Workload("shop", "Deployment", "web"), True),
        (pod("web-7d9f6c4b8-*"), Workload("shop", None, "web-7d9f6c4b8"), False),
        (pod("web-7d9f6c4b8-*", "pod-template-hash=other"), Workload("shop", None, "web-7d9f6c4b8"), False),
        (pod("db-*", "controller-revision-hash=db-6d5f7c"), Workload("shop", "StatefulSet", "db"), True),
        (pod("agent-*", "controller-revision-hash=6d5f7c"), Workload("shop", "DaemonSet", "agent"), True),
        (
            pod("-", "controller-revision-hash=db-6d5f", "statefulset.kubernetes.io/pod-name=db-0", name="db-0"),
            Workload("shop", "StatefulSet", "db"),
            True,
        ),
        (pod("-", name="db-0"), Workload("shop", None, "db-0"), False),
        (pod("backup-28391-*", "job-name=backup-28391"), Workload("shop", "Job", "backup-28391"), True),
        (pod("web-x-*", owner="ReplicaSet/web"), Workload("shop", "ReplicaSet", "web"), True),
        (pod("naked"), Workload("shop", None, "naked"), False),
    ],
)
def test_an_owner_is_named_only_where_the_sighting_proves_it(
    sighting: SightingText, workload: Workload, *, owner_known: bool
) -> None:
    """The last segment goes only when a label says that it is a hash."""
    identity = identify(sighting)

    assert identity.endpoint == workload
    assert identity.owner_known is owner_known


def test_a_rollout_changes_no_identity() -> None:
    """Two ReplicaSets of one Deployment are one workload."""
    before = identify(pod("web-7d9f6c4b8-*", "pod-template-hash=7d9f6c4b8"))
    after = identify(pod("web-55c8d7b99-*", "pod-template-hash=55c8d7b99"))

    assert before.endpoint == after.endpoint


@pytest.mark.parametrize(
    ("sighting", "endpoint"),
    [
        (SightingText("net", "-", "-", "pub"), Network("public")),
        (SightingText("net", "-", "-", "pvt", address="192.0.2.1"), Network("private")),
        (SightingText("net", address="10.1.2.3"), Network("private")),
        (SightingText("net", address="::ffff:10.1.2.3"), Network("private")),
        (SightingText("net", address="100.64.0.1"), Network("public")),
        (SightingText("net"), Network("public")),
        (SightingText("ns", "-", "-", "public-ips"), NetworkSet(None, "public-ips")),
        (SightingText("ns", "shop", "partners", "-"), NetworkSet("shop", "partners")),
        (SightingText("hep", "-", "-", "node-a.example.org"), Host("node-a.example.org")),
        (SightingText("hep", address="10.0.0.7"), Host("10.0.0.7")),
    ],
)
def test_sides_that_are_no_pods(sighting: SightingText, endpoint: object) -> None:
    """Hosts, network sets and networks by type, name and address."""
    assert identify(sighting).endpoint == endpoint


@pytest.mark.parametrize(
    "sighting",
    [
        SightingText("wep", "Shop", "-", "web"),
        SightingText("wep", "-", "-", "web"),
        SightingText("wep", "shop", "-", "../../etc/passwd"),
        SightingText("wep", "shop", "-", "web\x1b[31m"),
        SightingText("wep", "shop", "-", "-"),
        SightingText("ns", "-", "-", "a b"),
        SightingText("hep", "-", "-", "-"),
    ],
)
def test_a_name_that_kubernetes_cannot_have_is_left_out(sighting: SightingText) -> None:
    """Such names would become files, YAML and terminal text."""
    identity = identify(sighting)

    assert identity.endpoint is None
    assert identity.left_out is LeftOut.INVALID_NAME


def test_an_unknown_type_is_left_out_by_its_own_name() -> None:
    """A side that is nothing we know is never guessed."""
    assert identify(SightingText("ghost", "shop", "a", "a")).left_out is LeftOut.UNKNOWN_ENDPOINT_TYPE


@pytest.mark.parametrize("labels", ["[1]", '{"labels":"x"}', "[[", '["=v"]', '["novalue"]', "\udcff", "[" * 5000])
def test_hostile_labels_are_no_labels(labels: str) -> None:
    """Nothing raises, nothing is invented."""
    assert identify(SightingText("wep", "shop", "-", "web", labels=labels)).labels is None
