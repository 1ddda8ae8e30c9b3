"""A source that tells no types of endpoints names them, and the cluster knows the names."""

from typing import Final

import pytest

from ringfence.flows.batch import SightingText
from ringfence.flows.directory import Directory
from ringfence.flows.identity import identify
from ringfence.flows.left_out import LeftOut
from ringfence.model.endpoint import Endpoint, Host, NetworkSet, Workload
from ringfence.model.inventory import Inventory
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Owner, Pod, PodSpec

INVENTORY: Final = Inventory(
    pods=(
        Pod("shop", "db-0", PodSpec(), ("10.1.0.3",), owner=Owner("StatefulSet", "db")),
        Pod("shop", "twin", PodSpec(), ("10.1.0.4",)),
    ),
    nodes=(Node("node-a", addresses=("192.0.2.1",)), Node("corp", addresses=("192.0.2.2",))),
    host_endpoints=(HostEndpoint("eth0-of-a", "node-a", "eth0"),),
    network_sets=(
        NetworkSetObject(None, "corp"),
        NetworkSetObject(None, "partners"),
        NetworkSetObject("shop", "gateways"),
        NetworkSetObject("shop", "twin"),
    ),
)


def seen(namespace: str, name: str) -> SightingText:
    """Return a sighting without a type."""
    return SightingText("", namespace, name, "", "", "", "")


@pytest.mark.parametrize(
    ("namespace", "name", "endpoint"),
    [
        ("-", "partners", NetworkSet(None, "partners")),
        ("", "partners", NetworkSet(None, "partners")),
        ("shop", "gateways", NetworkSet("shop", "gateways")),
        ("shop", "db-0", Workload("shop", "StatefulSet", "db")),
        ("-", "node-a", Host("node-a")),
        ("-", "eth0-of-a", Host("node-a")),
    ],
)
def test_a_name_that_one_thing_has_is_that_thing(namespace: str, name: str, endpoint: Endpoint) -> None:
    """As if its type had been told."""
    found = identify(seen(namespace, name), Directory(INVENTORY))

    assert (found.endpoint, found.left_out) == (endpoint, None)


@pytest.mark.parametrize(
    ("namespace", "name"),
    [("-", "corp"), ("shop", "twin"), ("shop", "partners"), ("-", "gateways"), ("pay", "db-0"), ("shop", "")],
)
def test_a_name_of_two_things_or_of_none_stays_unknown(namespace: str, name: str) -> None:
    """Nobody guesses; a name belongs to its namespace."""
    found = identify(seen(namespace, name), Directory(INVENTORY))

    assert (found.endpoint, found.left_out) == (None, LeftOut.UNKNOWN_ENDPOINT_TYPE)


def test_without_a_cluster_a_name_tells_no_type() -> None:
    """It could be a pod, a set or a host."""
    assert identify(seen("-", "partners")).left_out is LeftOut.UNKNOWN_ENDPOINT_TYPE


def test_a_type_that_is_told_and_not_known_is_not_looked_up() -> None:
    """Only what is not told is asked of the cluster."""
    told = SightingText("cidr", "-", "partners", "", "", "", "")

    assert identify(told, Directory(INVENTORY)).left_out is LeftOut.UNKNOWN_ENDPOINT_TYPE
