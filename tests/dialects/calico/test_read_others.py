"""Tiers, network sets and host endpoints as they are read, and objects in the form in which Calico stores them."""

import json
from typing import Any

import pytest

from ringfence.dialects.calico.read import read_host_endpoint, read_network_set, read_policy, read_tier
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, HostPort
from ringfence.model.policy import Policy, Tier
from tests.dialects.calico.refused import Fields, an_object, api, felix


@pytest.mark.parametrize(
    ("spec", "tier", "problems"),
    [
        ({}, Tier("a", 1_000_000.0, "Deny"), set()),
        (None, Tier("a", 1_000_000.0, "Deny"), api("spec")),
        ({"order": None, "defaultAction": None}, Tier("a", 1_000_000.0, "Deny"), set()),
        ({"order": 0, "defaultAction": "Pass"}, Tier("a", 0.0, "Pass"), set()),
        ({"order": -1.5, "defaultAction": "Deny"}, Tier("a", -1.5, "Deny"), set()),
        ({"defaultAction": "Allow"}, Tier("a", 1_000_000.0, "Deny"), api("spec.defaultAction")),
        ({"order": "first"}, None, api("spec.order")),
        ({"order": float("inf")}, None, api("spec.order")),
    ],
)
def test_a_tier_without_an_order_is_beside_the_default_one(spec: Any, tier: Tier | None, problems: Any) -> None:
    """Not last, as the API's documentation says; and it ends in Deny unless it says Pass."""
    reading = read_tier(an_object("Tier", spec))

    assert reading.value == tier
    assert {(each.path, each.refused_by) for each in reading.problems} == problems


def test_a_network_set_keeps_its_nets_as_written_without_those_that_are_none() -> None:
    """Its labels are what rules select."""
    spec = {"nets": ["10.0.0.1/8", "corp", "192.0.2.1", "fd00::/8"]}

    reading = read_network_set(an_object("NetworkSet", spec, namespace="shop", labels={"b": "1", "a": "2"}))

    nets = ("10.0.0.1/8", "192.0.2.1", "fd00::/8")
    assert reading.value == NetworkSetObject("shop", "a", Labels((("a", "2"), ("b", "1"))), nets)
    assert [problem.path for problem in reading.problems] == ["spec.nets[1]"]


def test_a_global_network_set_is_in_no_namespace() -> None:
    """Even if something wrote one."""
    reading = read_network_set(an_object("GlobalNetworkSet", {}, namespace="shop", annotations={"c": "d"}))

    assert reading.value == NetworkSetObject(None, "a", annotations=(("c", "d"),))


def test_everything_of_a_host_endpoint_is_read() -> None:
    """Protocols by one name each."""
    spec = {
        "node": "n",
        "interfaceName": "*",
        "expectedIPs": ["10.0.0.1", "fd00::1"],
        "profiles": ["p"],
        "ports": [{"name": "ssh", "protocol": 6, "port": 22}],
    }

    reading = read_host_endpoint(an_object("HostEndpoint", spec, labels={"a": "b"}))

    ips, ports = ("10.0.0.1", "fd00::1"), (HostPort("ssh", "TCP", 22),)
    assert reading.problems == ()
    assert reading.value == HostEndpoint("a", "n", "*", ips, Labels((("a", "b"),)), ("p",), ports)


def test_a_host_endpoint_loses_what_is_no_address_or_port_and_needs_a_node() -> None:
    """What remains of it still protects the node."""
    spec = {"expectedIPs": ["10.0.0.0/8", "10.0.0.1"], "ports": [{"name": "a", "protocol": "x", "port": 1}]}

    on_node, nowhere = (read_host_endpoint(an_object("HostEndpoint", spec | each)) for each in ({"node": "n"}, {}))

    assert on_node.value == HostEndpoint("a", "n", None, ("10.0.0.1",))
    assert [problem.path for problem in on_node.problems] == ["spec.expectedIPs[0]", "spec.ports[0].protocol"]
    assert nowhere.value is None
    assert "spec.node" in {problem.path for problem in nowhere.problems}


def stored(annotation: str | None, **metadata: Any) -> Fields:
    """Return a policy as Calico stores it."""
    annotations = {} if annotation is None else {"projectcalico.org/metadata": annotation}
    obj = an_object("NetworkPolicy", {}, name="default.foo", namespace="shop", annotations=annotations, **metadata)
    return obj | {"apiVersion": "crd.projectcalico.org/v1"}


def test_a_stored_object_has_the_metadata_of_its_annotation() -> None:
    """The stored labels and annotations are Calico's own bookkeeping."""
    metadata = {"name": "foo", "labels": {"a": "b"}, "annotations": {"c": "d"}, "uid": "1", "creationTimestamp": None}

    reading = read_policy(stored(json.dumps(metadata), labels={"stored": "label"}))

    assert reading.problems == ()
    assert reading.value == Policy("default", "shop", "foo", None, labels=(("a", "b"),), annotations=(("c", "d"),))


def test_a_stored_object_has_no_labels_but_those_of_its_annotation() -> None:
    """An annotation that names none says that there are none."""
    reading = read_policy(stored('{"namespace": "pay"}', labels={"stored": "label"}))

    assert reading.value == Policy("default", "pay", "default.foo", None)


def test_a_stored_object_without_the_annotation_stands_as_it_is() -> None:
    """Its name too: flow logs call it so."""
    reading = read_policy(stored(None, labels={"stored": "label"}))

    assert reading.problems == ()
    assert reading.value == Policy("default", "shop", "default.foo", None, labels=(("stored", "label"),))


@pytest.mark.parametrize("annotation", ["", "{", "[]", "null", '"a"', "[" * 100_000, "\ud800"])
def test_a_stored_object_whose_metadata_cannot_be_read_is_not_there(annotation: str) -> None:
    """Nobody knows its name."""
    reading = read_policy(stored(annotation))

    assert reading.value is None
    assert {(each.path, each.refused_by) for each in reading.problems} == felix(
        "metadata.annotations['projectcalico.org/metadata']"
    )


def test_an_object_of_the_api_keeps_an_annotation_that_only_looks_like_the_stored_metadata() -> None:
    """Anyone may write it; only stored objects are read by it."""
    annotations = {"projectcalico.org/metadata": '{"name": "b"}'}

    reading = read_policy(an_object("NetworkPolicy", {}, annotations=annotations))

    assert reading.value is not None
    assert (reading.value.name, reading.value.annotations) == ("a", tuple(annotations.items()))
