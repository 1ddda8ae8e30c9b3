"""The hours in which a scope could be seen."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.pod import Pod, PodSpec
from ringfence.recommend.healthy_hours import health_of, healthy_hours, hosts_of
from tests.learning.evidence_rows import HOUR
from tests.recommend.watched import ALL_SLOTS, ENOUGH, TOO_FEW, slots_of, watched


def healthy(nodes: Mapping[str, Mapping[int, int]], **hosts: int) -> list[int]:
    """Return the healthy hours of a scope on these nodes, counted from HOUR as the hours since which they host are."""
    since = {f"node-{name}": HOUR + hour for name, hour in hosts.items()}
    return sorted(hour - HOUR for hour in healthy_hours(health_of(watched(nodes=nodes)), hosts=since))


@pytest.mark.parametrize(("mask", "expected"), [(ALL_SLOTS, [0]), (ENOUGH, [0]), (TOO_FEW, []), (0, [])])
def test_ten_of_twelve_slots_make_an_hour(mask: int, expected: list[int]) -> None:
    """Which ten does not matter."""
    assert healthy({"node-a": slots_of([0], mask)}, a=0) == expected


def test_every_node_that_hosts_the_scope_must_be_healthy() -> None:
    """A node of others need not be."""
    nodes = {"node-a": slots_of([0, 1]), "node-b": slots_of([1, 2]), "node-c": slots_of([2])}

    assert healthy(nodes, a=0, b=0) == [1]


def test_a_node_that_never_reported_is_not_healthy() -> None:
    """Although its pods are there."""
    assert healthy({"node-a": slots_of([0, 1])}, a=0, z=0) == []


def test_a_node_counts_since_it_hosts() -> None:
    """What hosted the scope before is unknown, and then the whole input stands for it."""
    assert healthy({"node-a": slots_of([0, 1, 2]), "node-b": slots_of([2])}, b=2) == [0, 1, 2]


def test_without_node_names_the_input_as_a_whole_counts() -> None:
    """The hosts of the snapshot cannot be told apart in it."""
    assert healthy({"": slots_of([0, 1])}, a=0) == [0, 1]


def test_all_nodes_together_fill_the_slots_of_the_whole() -> None:
    """Half an hour each."""
    nodes = {"node-a": slots_of([0], 0b111111), "node-b": slots_of([0], 0b111111000000)}

    assert healthy(nodes) == [0]


def test_nothing_read_is_never_healthy() -> None:
    """Nor unhealthy by accident."""
    assert healthy({}) == []


def pod(node: str | None, *, created: int | None = None, host_network: bool = False) -> Pod:
    """Return a pod on a node."""
    return Pod("shop", "web-1", PodSpec(host_network=host_network), node=node, created=created)


def test_a_node_hosts_since_its_oldest_pod_came() -> None:
    """A pod that does not tell when was always there."""
    pods = [pod("b", created=3 * 3600 + 5), pod("b", created=7200), pod("a"), pod("a", created=3600)]

    assert hosts_of(pods) == {"a": 0, "b": 2}


def test_pods_without_a_node_or_in_its_own_network_are_not_hosted() -> None:
    """The first is nowhere yet, the second is the node's."""
    assert hosts_of([pod(None), pod("a", host_network=True)]) == {}


MASKS = st.dictionaries(st.integers(0, 5).map(lambda hour: HOUR + hour), st.integers(0, ALL_SLOTS))


@given(st.dictionaries(st.sampled_from(["node-a", "node-b", "node-c"]), MASKS), st.integers(0, 5))
def test_one_more_host_never_adds_a_healthy_hour(nodes: dict[str, dict[int, int]], since: int) -> None:
    """A law: what a scope needs only grows with the nodes it is on."""
    assert set(healthy(nodes, a=0, b=since)) <= set(healthy(nodes, a=0)) <= set(healthy(nodes))
