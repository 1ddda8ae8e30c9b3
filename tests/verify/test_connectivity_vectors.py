"""Every query point of every conformance world: what the algebra allows is what Calico's own code decided."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import conformance

from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import Scope
from ringfence.verify.connectivity import Connectivity, connectivity
from ringfence.verify.members import Situation
from ringfence.verify.traffic import TrafficSet

FOLDER = Path(__file__).parents[1] / "conformance/policy"
POINTS = {"random-1.json": 2023, "random-2.json": 2106, "random-3.json": 2021, "scenarios.json": 1213}
AVOIDED = {"scenario/unknown-tier-sorts-last"}
"""Worlds with a feature that an implementation may treat differently. They are asked all the same."""


@pytest.mark.parametrize("scope", ["enforced", "pending"])
@pytest.mark.parametrize("name", POINTS)
def test_every_point_is_what_calico_decided(name: str, scope: Scope) -> None:
    """Both ends of every query, in both scopes, none uncertain."""
    worlds: list[Any] = json.loads((FOLDER / name).read_text())["worlds"]
    points, wrong = 0, []
    for world in worlds:
        inventory, policies = conformance._inventory(world), conformance._policies(world)
        (found,) = connectivity(Situation(inventory, resolve(policies, inventory, scope)))
        for query in world["queries"]:
            sides = query["expect"].values()
            wanted = "Deny" if any(side[scope]["action"] == "Deny" for side in sides) else "Allow"
            got = asked(found, world, query)
            points += 1
            if got != wanted:
                wrong.append((world["id"], query["id"], wanted, got))
    assert wrong == []
    assert points == POINTS[name]


def test_the_worlds_to_avoid_are_known() -> None:
    """None hides among those that are asked."""
    avoided = {
        world["id"] for name in POINTS for world in json.loads((FOLDER / name).read_text())["worlds"] if world["avoid"]
    }
    assert avoided == AVOIDED


def asked(found: Connectivity, world: Mapping[str, Any], query: Mapping[str, Any]) -> str:
    """Return what is said of one query, in the IP family of its addresses."""
    of_pod = {pod: place for place, each in enumerate(found.classes) for pod in each.pods}
    ends = [
        of_pod[end["pod"]]
        if "pod" in end
        else next(place for place, each in enumerate(found.classes) if end["ip"] in each.nets)
        for end in (query["src"], query["dst"])
    ]
    addresses = {f"{pod['namespace']}/{pod['name']}": pod["ip"] for pod in world["pods"]}
    source = query["src"].get("ip") or addresses[query["src"]["pod"]]
    family = 6 if ":" in source else 4
    (allowed,) = (each for each in found.reach(*ends) if each.family == family)
    protocol = conformance.protocol_named(query["proto"])
    assert protocol is not None
    port = query.get("port")
    wanted = TrafficSet.of(protocol, *(((45678, 45678), (port, port)) if port is not None else ()))
    if wanted & allowed.uncertain:
        return "Uncertain"
    return "Allow" if wanted <= allowed.surely else "Deny"
