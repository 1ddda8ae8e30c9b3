"""By which labels a rule or a policy means one workload."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.dialects.selector import written_selector
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.label_selector import LabelRequirement
from ringfence.model.labels import Labels
from ringfence.model.pod import Owner
from ringfence.model.selector import matches
from ringfence.rules.stable_labels import is_stable
from ringfence.rules.workload_selector import WorkloadSelectors
from tests.rules.clusters import bare, cluster, controller, labels_of, pods_of


def text_of(selectors: WorkloadSelectors, kind: str | None, name: str, namespace: str = "shop") -> str | None:
    """Return what means a workload, as text."""
    found = selectors.of(Workload(namespace, kind, name))
    return None if found is None else written_selector(found.selector)


OWN: Final = {
    "a Deployment by what it selects, not by all its template says": (
        controller("Deployment", "web", "app=web build=42", selects="app=web"),
        "app == 'web'",
    ),
    "never by a version, though its selector names one": (
        controller("Deployment", "reviews", "app=reviews version=v1"),
        "app == 'reviews'",
    ),
    "a StatefulSet without the names of its pods": (controller("StatefulSet", "db", "app=db"), "app == 'db'"),
    "a DaemonSet without its revision": (controller("DaemonSet", "agent", "app=agent"), "app == 'agent'"),
    "a CronJob by its template": (
        controller("CronJob", "report", "app=report team=a"),
        "app == 'report' && team == 'a'",
    ),
    "a Job by its template without the run's own": (
        controller("Job", "migrate", "app=migrate job-name=migrate controller-uid=c0ffee"),
        "app == 'migrate'",
    ),
    "expressions as Calico reads them": (
        controller(
            "Deployment",
            "api",
            "app=api tier=front",
            selects="app=api",
            expressions=[
                LabelRequirement("tier", "In", ("front", "back")),
                LabelRequirement("canary", "DoesNotExist"),
                LabelRequirement("pod-template-hash", "Exists"),
            ],
        ),
        "app == 'api' && tier in {'back', 'front'} && !has(canary)",
    ),
}


@pytest.mark.parametrize("says", OWN)
def test_a_controller_says_whom_it_means(says: str) -> None:
    """Each by what outlives a rollout and a run."""
    owner, wanted = OWN[says]
    selectors = WorkloadSelectors({}, cluster(owner, pods=pods_of(owner, "10.0.0.1")))

    assert text_of(selectors, owner.kind, owner.name) == wanted


def test_a_pod_that_nothing_owns_is_meant_by_its_declared_labels() -> None:
    """All that last."""
    selectors = WorkloadSelectors({}, cluster(pods=[bare("debug", "app=debug team=a version=3", "10.0.0.1")]))

    assert text_of(selectors, "Pod", "debug") == "app == 'debug' && team == 'a'"


def test_pods_of_an_owner_that_the_snapshot_lacks_are_meant_by_what_they_share() -> None:
    """An operator's own kind, whose template is not known."""
    pods = [
        bare("db-0", "app=db role=primary", "10.0.0.1"),
        bare("db-1", "app=db role=replica", "10.0.0.2"),
    ]
    owned = [Controller("X", "shop", each.name, each.spec) for each in pods]
    made = [pod for each in owned for pod in pods_of(each, "10.0.0.1", owner=Owner("Postgres", "db"))]

    assert text_of(WorkloadSelectors({}, cluster(pods=made)), "Postgres", "db") == "app == 'db'"


def test_nothing_means_a_workload_without_lasting_labels() -> None:
    """Better no selector than one that the next rollout breaks, or one that is true of every pod."""
    owner = controller("Deployment", "bare", "version=v1")
    selectors = WorkloadSelectors({}, cluster(owner, pods=pods_of(owner, "10.0.0.1")))

    assert text_of(selectors, "Deployment", "bare") is None
    assert selectors.of_group(Workload("shop", "Deployment", "bare")) is None


def test_a_workload_that_the_snapshot_lacks_is_unknown() -> None:
    """Its pods are gone."""
    selectors = WorkloadSelectors({Workload("shop", "Deployment", "old"): labels_of("app=old")}, cluster())

    assert text_of(selectors, "Deployment", "old") is None


def test_a_workload_whose_kind_the_flows_did_not_tell_is_found_by_its_name() -> None:
    """Unless two kinds have it."""
    web, db, other = (
        controller("Deployment", "web", "app=web"),
        controller("StatefulSet", "db", "app=db"),
        controller("Deployment", "db", "app=db-proxy"),
    )
    selectors = WorkloadSelectors({}, cluster(web, db, other))

    assert selectors.known(Workload("shop", None, "web")) == Workload("shop", "Deployment", "web")
    assert selectors.known(Workload("shop", None, "db")) is None


def test_pods_on_the_hosts_network_are_not_governed() -> None:
    """No policy of pods selects them."""
    agent = controller("DaemonSet", "agent", "app=agent", host_network=True)
    selectors = WorkloadSelectors({}, cluster(agent, pods=pods_of(agent, "192.168.0.1")))

    assert selectors.governed("shop") == ()
    assert text_of(selectors, "DaemonSet", "agent") is None


def test_the_same_labels_in_two_namespaces_are_two_workloads() -> None:
    """A selector is read within its namespace."""
    here, there = (controller("Deployment", "web", "app=web", namespace=name) for name in ("shop", "bank"))
    found = WorkloadSelectors({}, cluster(here, there)).of(Workload("shop", "Deployment", "web"))

    assert found is not None
    assert found.shared == ()


def test_without_a_snapshot_it_is_what_every_sighting_carried() -> None:
    """Without the template's hash."""
    web = Workload("shop", None, "web")
    selectors = WorkloadSelectors({web: labels_of("app=web pod-template-hash=7d9f")})

    assert text_of(selectors, None, "web") == "app == 'web'"
    assert text_of(selectors, None, "silent") is None


def test_a_label_that_says_what_a_workload_is_tells_two_apart() -> None:
    """One selects the other's pods too, but their templates differ."""
    server = controller("Deployment", "server", "app=x component=server", selects="app=x")
    worker = controller("Deployment", "worker", "app=x component=worker")
    selectors = WorkloadSelectors({}, cluster(server, worker))

    assert text_of(selectors, "Deployment", "server") == "app == 'x' && component == 'server'"
    assert selectors.together(Workload("shop", "Deployment", "server")) == (Workload("shop", "Deployment", "server"),)


def test_labels_that_change_with_a_deploy_tell_nothing_apart() -> None:
    """A commit is no identity: the workloads stand together, and each says so."""
    blue = controller("Deployment", "blue", "app=x commit=1", selects="app=x")
    green = controller("Deployment", "green", "app=x commit=2", selects="app=x")
    selectors = WorkloadSelectors({}, cluster(blue, green))
    names = (Workload("shop", "Deployment", "blue"), Workload("shop", "Deployment", "green"))

    assert [selectors.together(name) for name in names] == [names, names]
    found = selectors.of(names[0])
    assert found is not None
    assert found.shared == (names[1],)
    assert selectors.of_group(names[0]) == selectors.of_group(names[1])


def test_versions_of_one_application_stand_together() -> None:
    """As in bookinfo, where a version is all that tells three Deployments apart."""
    versions = [controller("Deployment", f"reviews-v{each}", f"app=reviews version=v{each}") for each in (1, 2, 3)]
    selectors = WorkloadSelectors({}, cluster(*versions))

    assert len(selectors.together(Workload("shop", "Deployment", "reviews-v2"))) == 3
    group = selectors.of_group(Workload("shop", "Deployment", "reviews-v2"))
    assert group is not None
    assert written_selector(group) == "app == 'reviews'"


label_sets = st.dictionaries(
    st.sampled_from(["app", "component", "team", "version", "pod-template-hash", "commit"]),
    st.sampled_from(["a", "b"]),
    max_size=4,
).map(Labels.of)


@st.composite
def controllers(draw: st.DrawFn) -> list[Controller]:
    """Draw controllers that select their own templates by some of its labels."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        template = draw(label_sets)
        chosen = draw(st.sets(st.sampled_from(template.pairs), min_size=1)) if template.pairs else set()
        words = (" ".join(f"{key}={value}" for key, value in pairs) for pairs in (template.pairs, sorted(chosen)))
        made.append(
            controller(
                draw(st.sampled_from(["Deployment", "CronJob"])), f"w{number}", *(next(words),), selects=next(words)
            )
        )
    return made


@given(controllers())
def test_a_selector_means_every_pod_of_its_workload_by_lasting_labels(made: list[Controller]) -> None:
    """The law: after the next rollout too, when the hash, the version and nothing else are new."""
    pods = [pod for number, each in enumerate(made) for pod in pods_of(each, f"10.0.0.{number}")]
    selectors = WorkloadSelectors({}, cluster(*made, pods=pods))
    for each in made:
        found = selectors.of(Workload("shop", each.kind, each.name))
        if found is None:
            continue
        next_rollout = {key: value if is_stable(key) else "next" for key, value in each.template.labels.pairs}
        assert matches(found.selector, each.template.labels.as_dict())
        assert matches(found.selector, next_rollout | {"pod-template-hash": "next"})


@given(controllers())
def test_workloads_stand_together_where_a_policy_of_one_would_select_pods_of_the_other(made: list[Controller]) -> None:
    """The law that keeps a shared selector from cutting: whose pods a group selects, stands in it."""
    selectors = WorkloadSelectors({}, cluster(*made))
    for each in made:
        name = Workload("shop", each.kind, each.name)
        group, selector = selectors.together(name), selectors.of_group(name)
        met = {
            Workload("shop", other.kind, other.name)
            for other in made
            if selector is not None and matches(selector, other.template.labels.as_dict())
        }
        assert name in group
        assert met <= set(group)
        assert all(selectors.together(other) == group for other in group)
