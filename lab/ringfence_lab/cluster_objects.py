"""The objects of a world's cluster, as ``kubectl get -o yaml`` prints them at its end.

Promises: one file a kind, each a ``List`` whose items have apiVersion, kind and metadata; what is in them agrees with
the lines of the world. Returns how many finished pods have an address that another pod has by now.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import yaml

from ringfence_lab.clock import Clock
from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import NetworkSet
from ringfence_lab.landscape import Landscape
from ringfence_lab.metadata import CREATED, Object, metadata
from ringfence_lab.moment import rfc3339
from ringfence_lab.node_objects import host_pods, node_objects
from ringfence_lab.policy_objects import CALICO, network_set_object, policy_objects, tier_objects
from ringfence_lab.service_objects import called_by_api_server, metrics_services, service_objects
from ringfence_lab.standing import Standing
from ringfence_lab.workload_objects import WorkloadObjects, service_accounts

_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_DAY: Final = 86_400
_PLURALS: Final = {"NetworkPolicy": "networkpolicies", "StagedNetworkPolicy": "stagednetworkpolicies"}

_NONE_THERE: Final = (
    "customresourcedefinitions.apiextensions.k8s.io",
    "hostendpoints.projectcalico.org",
    "stagedglobalnetworkpolicies.projectcalico.org",
)
"""Resources that were asked for and of which the cluster has none: their lists are empty, which is not the same as not
having asked.
"""


def write_cluster(out: Path, *, landscape: Landscape, standing: Standing, clock: Clock) -> int:
    """Write the objects under ``out``; ``clock`` says when what was new came."""
    out.mkdir(parents=True, exist_ok=True)
    objects, recycled = cluster_objects(landscape, standing, clock=clock)
    files: dict[str, list[Object]] = {name: [] for name in _NONE_THERE}
    for each in objects:
        files.setdefault(_file(each), []).append(each)
    for name, items in sorted(files.items()):
        document = {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items}
        with (out / f"{name}.yaml").open("w", encoding="utf-8") as file:
            yaml.dump(document, file, Dumper=_Plain, sort_keys=True, width=160)
    return recycled


def cluster_objects(landscape: Landscape, standing: Standing, *, clock: Clock) -> tuple[list[Object], int]:
    """Return all objects, and how many finished pods have an address that another pod has by now."""
    blueprint = landscape.blueprint
    joined = [rfc3339(clock.start + growth.day * _DAY) for growth in blueprint.growth if growth.workload is None]
    nodes = blueprint.nodes + len(joined)
    alive = standing.alive()
    templates = {
        known: [(prefix, rfc3339(clock.begin(since)) if since else CREATED) for since, prefix in history]
        for known, history in standing.templates.items()
    }
    workloads = WorkloadObjects(alive, templates, blueprint.edges)
    everyone = (*blueprint.workloads, *landscape.agents)
    objects = [_namespace(name) for name in sorted({known.namespace for known in everyone} | {"default"})]
    objects += node_objects([*[CREATED] * blueprint.nodes, *joined])
    objects += [each for known in everyone for each in workloads.of(known)]
    objects += host_pods(landscape.agents, nodes=nodes)
    objects += service_accounts(everyone)
    objects += service_objects(blueprint.edges, alive)
    for known in blueprint.workloads:
        if known.name == "metrics-server":
            objects += metrics_services(known, alive)
    objects += called_by_api_server()
    objects += tier_objects() + policy_objects(landscape.policies.all)
    objects += [network_set_object(known) for known in _network_sets(blueprint.edges)]
    return objects, workloads.recycled


def _namespace(name: str) -> Object:
    labels = {"kubernetes.io/metadata.name": name}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata("Namespace", None, name, labels=labels)}


def _network_sets(edges: Iterable[Edge]) -> list[NetworkSet]:
    found = {end: None for edge in edges for end in (edge.client, edge.server) if isinstance(end, NetworkSet)}
    return list(found)


def _file(document: Object) -> str:
    kind = str(document["kind"])
    plural = _PLURALS.get(kind, f"{kind.lower()}s" if not kind.endswith("y") else f"{kind.lower()[:-1]}ies")
    group = "calico-" if document["apiVersion"] == CALICO and kind == "NetworkPolicy" else ""
    return f"{group}{plural}"


class _Plain(_DUMPER):  # type: ignore[misc,valid-type]
    """A dumper that writes every value out, as kubectl does."""

    def ignore_aliases(self, data: object) -> bool:
        """Never write an alias."""
        del data
        return True
