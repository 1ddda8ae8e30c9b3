"""Laws of reading and writing: nothing is lost on the way, and nothing that is no Calico object is taken for one."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.dialects.calico.read import KINDS, read_host_endpoint, read_network_set, read_policy, read_tier
from ringfence.dialects.calico.render import (
    render_host_endpoint,
    render_network_set,
    render_policy,
    render_staged_kubernetes_policy,
    render_tier,
)
from ringfence.dialects.object_reading import ObjectReading
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint
from ringfence.model.policy import Policy, Tier
from tests.dialects.calico.strategies import host_endpoints, kubernetes_policies, network_sets, policies, tiers

VECTORS = Path(__file__).parents[2] / "conformance" / "policy"
READERS: tuple[Callable[[Mapping[str, Any]], ObjectReading[Any]], ...] = (
    read_policy,
    read_tier,
    read_network_set,
    read_host_endpoint,
)

staged_kubernetes_policies = kubernetes_policies.map(lambda policy: replace(policy, staged=policy.staged or "Set"))


@given(policies)
def test_a_policy_is_read_as_it_was_written(policy: Policy) -> None:
    """Every field, even where the API would refuse the whole."""
    rendered = render_policy(policy)

    assert rendered["kind"] == policy.kind
    assert read_policy(json.loads(json.dumps(rendered))).value == policy


@given(staged_kubernetes_policies)
def test_a_staged_kubernetes_policy_is_read_as_it_was_written(policy: KubernetesPolicy) -> None:
    """Rules are Kubernetes' own, so none is left out."""
    rendered = render_staged_kubernetes_policy(policy)

    assert read_policy(json.loads(json.dumps(rendered))).value == policy


@given(tiers)
def test_a_tier_is_read_as_it_was_written(tier: Tier) -> None:
    """Its place among the tiers is exact."""
    assert read_tier(json.loads(json.dumps(render_tier(tier)))).value == tier


@given(network_sets)
def test_a_network_set_is_read_as_it_was_written(network_set: NetworkSetObject) -> None:
    """Nets stay as people wrote them."""
    assert read_network_set(json.loads(json.dumps(render_network_set(network_set)))).value == network_set


@given(host_endpoints)
def test_a_host_endpoint_is_read_as_it_was_written(endpoint: HostEndpoint) -> None:
    """With its named ports and profiles."""
    assert read_host_endpoint(json.loads(json.dumps(render_host_endpoint(endpoint)))).value == endpoint


def vector_objects() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the Calico policies and tiers of all worlds, with the name of their world."""
    for path in sorted(VECTORS.glob("*.json")):
        for world in json.loads(path.read_bytes())["worlds"]:
            yield from ((world["id"], obj) for obj in world["policies"] if obj["apiVersion"] == "projectcalico.org/v3")
            for tier in world["tiers"]:
                spec = {"order": tier["order"], "defaultAction": tier["defaultAction"]}
                metadata = {"name": tier["name"]}
                yield (
                    world["id"],
                    {"apiVersion": "projectcalico.org/v3", "kind": "Tier", "metadata": metadata, "spec": spec},
                )


def test_what_calico_computed_with_is_read_without_problems_and_written_without_loss() -> None:
    """Thousands of objects that Calico's own code took."""
    counts = dict.fromkeys(["Tier", "policy"], 0)

    for world, obj in vector_objects():
        if obj["kind"] == "Tier":
            tier = read_tier(obj)
            assert tier.value is not None, world
            assert tier.problems == (), world
            assert read_tier(render_tier(tier.value)) == tier, world
            counts["Tier"] += 1
            continue
        policy = read_policy(obj)
        assert policy.value is not None, (world, policy.problems)
        assert policy.problems == (), (world, obj["metadata"])
        rendered = (
            render_policy(policy.value)
            if isinstance(policy.value, Policy)
            else render_staged_kubernetes_policy(policy.value)
        )
        assert read_policy(rendered) == policy, (world, obj["metadata"])
        counts["policy"] += 1

    assert counts["Tier"] > 500
    assert counts["policy"] > 1000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["80", "Allow"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def mutated(draw: st.DrawFn, value: Any) -> Any:
    """Return a value with one part, at some depth, replaced, removed or added."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        return value | {key: mutated(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], mutated(draw, value[index]), *value[index + 1 :]]
    if isinstance(value, dict):
        return value | draw(st.dictionaries(st.text(max_size=5), json_values, max_size=1)) or draw(json_values)
    return draw(json_values)


@st.composite
def mutants(draw: st.DrawFn) -> dict[str, Any]:
    """Return objects of which up to three parts are not what they should be."""
    rendered = draw(
        st.one_of(
            policies.map(render_policy),
            staged_kubernetes_policies.map(render_staged_kubernetes_policy),
            tiers.map(render_tier),
            network_sets.map(render_network_set),
            host_endpoints.map(render_host_endpoint),
        )
    )
    obj = json.loads(json.dumps(rendered))
    obj["apiVersion"] = draw(st.sampled_from(["projectcalico.org/v3", "crd.projectcalico.org/v1"]))
    if draw(st.booleans()):
        annotation = draw(st.text(max_size=5) | json_values.map(json.dumps))
        obj["metadata"].setdefault("annotations", {})["projectcalico.org/metadata"] = annotation
    for _ in range(draw(st.integers(0, 3))):
        obj = mutated(draw, obj)
        if not isinstance(obj, dict):
            return {}
    return obj


@pytest.mark.parametrize("read", READERS)
@given(obj=mutants() | st.dictionaries(st.text(max_size=5), json_values))
def test_any_json_is_read_or_refused_with_a_reason(
    read: Callable[[Mapping[str, Any]], ObjectReading[Any]], obj: dict[str, Any]
) -> None:
    """Law: reading never raises, and what is not there has a problem that says why."""
    reading = read(obj)

    assert reading.value is not None or reading.problems
    assert reading.value is None or obj["kind"] in KINDS


@given(mutants())
def test_what_was_read_of_a_mutant_is_read_again_as_the_same(obj: dict[str, Any]) -> None:
    """Law: what could be converted of an invalid policy is a policy like any other."""
    value = read_policy(obj).value

    if isinstance(value, Policy):
        assert read_policy(render_policy(value)).value == value
    elif value is not None:
        assert read_policy(render_staged_kubernetes_policy(value)).value == value
