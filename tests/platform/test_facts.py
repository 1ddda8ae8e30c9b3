"""Every fact of the platform samples that cluster objects alone can tell, read by our readers and rules.

The rest is listed with the reason, and counted, so that no fact is dropped silently.
"""

from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from ringfence.cluster.snapshot import read_snapshot
from ringfence.rules.backends import Backends
from ringfence.rules.callbacks import called
from tests.platform.components import Component, Row, read, samples, table
from tests.platform.told import normal, told

FACTS: Final = 310
NOT_MODELLED: Final = {
    "CSIDriver": "a storage driver's registration says nothing of connections",
    "ServiceMonitor": "what an operator's object asks to scrape is a wish of that operator",
    "Alertmanager": "pods of a custom resource exist once its operator made them",
    "Prometheus": "pods of a custom resource exist once its operator made them",
    "Installation": "pods of a custom resource exist once its operator made them",
    "APIServer": "pods of a custom resource exist once its operator made them",
    "Goldmane": "pods of a custom resource exist once its operator made them",
    "Whisker": "pods of a custom resource exist once its operator made them",
}
"""Kinds that the inventory does not hold, and why; the reading counts them by name."""

KINDS_PASSED_OVER: Final = {
    "CSIDriver": 3,
    "ServiceMonitor": 13,
    "Alertmanager": 1,
    "Prometheus": 1,
    "Installation": 2,
    "APIServer": 2,
    "Goldmane": 2,
    "Whisker": 2,
}
"""How many facts are about objects of each of these kinds."""
PARTS_PASSED_OVER: Final = {
    "probes are the node's own traffic and not in the inventory": 19,
    "policies follow every address, ready or not": 3,
    "written or not, it is the default": 2,
    "the API fills in its default": 1,
    "no address; the reading tells it as a problem": 1,
}
"""How many of the other facts are told but for one of these parts."""
TOLD_WHOLLY: Final = 259


def kind_of(fact: Row) -> str:
    """Return the kind of the object that a fact is about."""
    return fact.text.lstrip("`").split(" ")[0]


@pytest.fixture(scope="module")
def facts(shared: Path) -> list[Row]:
    """Return all facts of the table."""
    return table(shared, "Facts to assert")


@pytest.fixture(scope="module")
def components(
    facts: list[Row], shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Component]:
    """Return what was read of each component, by its name and choice of files."""
    wanted = sorted({(fact.component, fact.files) for fact in facts})
    return {key: read(shared, *key, tmp_path_factory.mktemp("chosen")) for key in wanted}


@pytest.mark.shared
def test_every_fact_that_objects_tell_is_told(
    facts: list[Row], components: dict[tuple[str, str], Component], shared: Path
) -> None:
    """By kind, name, ports as written and as resolved, and the workloads behind."""
    assert shared.is_dir()
    known = {key: told(component.cluster) for key, component in components.items()}

    untold = [
        str(fact)
        for fact in facts
        if kind_of(fact) not in NOT_MODELLED and normal(fact.text).text not in known[fact.component, fact.files]
    ]

    assert untold == []


@pytest.mark.shared
def test_kinds_that_are_not_modelled_are_counted_by_name(
    facts: list[Row], components: dict[tuple[str, str], Component], shared: Path
) -> None:
    """They are passed over by name, never silently."""
    assert shared.is_dir()
    for fact in (fact for fact in facts if kind_of(fact) in NOT_MODELLED):
        counted = components[fact.component, fact.files].unknown_kinds

        assert any(name.endswith(f" {kind_of(fact)}") for name in counted), str(fact)


@pytest.mark.shared
def test_no_fact_is_dropped(facts: list[Row], shared: Path) -> None:
    """Each is told wholly, told but for a named part, or of a kind that is not modelled."""
    assert shared.is_dir()
    modelled = [fact for fact in facts if kind_of(fact) not in NOT_MODELLED]
    beside = [normal(fact.text).beside for fact in modelled]

    assert len(facts) == FACTS
    assert Counter(kind_of(fact) for fact in facts if kind_of(fact) in NOT_MODELLED) == KINDS_PASSED_OVER
    assert Counter(reason for reasons in beside for reason in reasons) == PARTS_PASSED_OVER
    assert sum(not reasons for reasons in beside) == TOLD_WHOLLY


@pytest.mark.shared
def test_an_address_that_is_none_is_told(components: dict[tuple[str, str], Component], shared: Path) -> None:
    """The DNS Service's placeholder."""
    assert shared.is_dir()
    problems = components["coredns", "all"].problems

    assert ["CLUSTER_DNS_IP" in each.reason for each in problems if each.name == "kube-dns"] == [True]


@pytest.mark.shared
def test_a_callback_to_a_service_without_a_selector_is_told(shared: Path) -> None:
    """Metrics-server's Service, as it is written before its kustomization gives it one."""
    inventory = read_snapshot(samples(shared) / "metrics-server").inventory

    assert [each.name for each in called(inventory, Backends(inventory)).unresolved] == ["v1beta1.metrics.k8s.io"]
