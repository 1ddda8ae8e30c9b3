"""A small shop in whose flow logs the traps are set: its lines, the command that learns from them, what passes then.

What passes is asked of the laboratory's evaluator, for pods that carry the labels of the lines and no others.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

import yaml

from ringfence.cli.main import main
from ringfence_lab.evaluator.cluster import Cluster
from ringfence_lab.evaluator.evaluate import evaluate
from tests.engine.flow_lines import calico_line

Json = dict[str, Any]

PODS: Final[Mapping[str, tuple[str, str]]] = {
    "shop/web": ("app=web", "10.244.1.1"),
    "shop/db": ("app=db", "10.244.1.2"),
    "payments/ledger": ("app=ledger", "10.244.2.1"),
    "staging/web": ("app=web", "10.244.3.1"),
    "kube-system/coredns": ("k8s-app=kube-dns", "10.244.4.1"),
}
"""Pods by namespace and name, with their lasting label and their address."""


@dataclass(frozen=True, slots=True)
class Recommended:
    """What the command printed, and what passes where it is enforced."""

    report: Json

    @property
    def policies(self) -> list[Json]:
        """All recommended policies."""
        return [policy for item in self.report["items"] for policy in item["policies"]]

    @property
    def text(self) -> str:
        """All recommended objects as YAML, without annotations."""
        return "---\n".join(yaml.safe_dump(_plain(each)) for each in self.policies)

    @property
    def ports(self) -> set[str]:
        """The ports of all permits that were learnt."""
        learnt = [each for each in self.permits if each["source"] == "Observed"]
        return {port for permit in learnt for port in permit.get("ports", ())}

    @property
    def permits(self) -> list[Json]:
        """All permits."""
        return [permit for item in self.report["items"] for permit in item["permits"]]

    @property
    def rules(self) -> list[Json]:
        """All rules."""
        return [
            rule for policy in self.policies for side in ("ingress", "egress") for rule in policy["spec"].get(side, ())
        ]

    def passes(
        self, source: str, destination: str, port: int | None, protocol: str = "TCP", *, beside: Iterable[Json] = ()
    ) -> bool:
        """Say whether a connection between pods (``namespace/name``) or addresses is let through, once enforced.

        ``beside`` are policies and tiers that the cluster has anyway.
        """
        objects = [*self.report["objects"], *self.policies, *beside, *_cluster()]
        verdict, _ = evaluate(Cluster.from_objects(objects), source, destination, protocol, port, scope="Pending")
        return verdict == "Allow"


def recommended(folder: Path, *records: Json, options: Sequence[str] = ()) -> Recommended:
    """Run the command on records, one a line."""
    flows = folder / "flows.jsonl"
    flows.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    with redirect_stdout(StringIO()) as printed:
        code = main(["recommend", str(flows), "-o", "json", "--set-aside", str(folder / "aside"), *options])
    assert code == 0
    return Recommended(json.loads(printed.getvalue()))


def line(source: str, destination: str, port: int | None, **fields: Any) -> Json:
    """Return a line between pods of the shop or addresses, allowed by the profile and told by the source."""
    service = {"dest_service_name": "-", "dest_service_namespace": "-", "dest_service_port": "-"}
    ends = {**_end("source", source), **_end("dest", destination), **service}
    return calico_line(dest_port=port) | ends | fields


def pair(source: str, destination: str, port: int | None, **fields: Any) -> Iterator[Json]:
    """Yield the line of each reporter."""
    for reporter in ("src", "dst"):
        yield line(source, destination, port, reporter=reporter, **fields)


def traced(*enforced: str, everything: Sequence[str] | None = None, pending: Sequence[str] = ()) -> Json:
    """Return the traces of a line."""
    every = enforced if everything is None else everything
    return {"all_policies": [*every], "enforced_policies": [*enforced], "pending_policies": [*pending]}


def _end(side: str, end: str) -> Json:
    if end in PODS:
        namespace, _, name = end.partition("/")
        label, address = PODS[end]
        return {
            f"{side}_type": "wep",
            f"{side}_namespace": namespace,
            f"{side}_name": f"{name}-7d9f-x",
            f"{side}_name_aggr": f"{name}-7d9f-*",
            f"{side}_labels": {"labels": [label, "pod-template-hash=7d9f"]},
            f"{side}_ip": address,
        }
    return {
        f"{side}_type": "net",
        f"{side}_namespace": "-",
        f"{side}_name": "-",
        f"{side}_name_aggr": "pvt" if end.startswith(("10.", "192.168.", "fd")) else "pub",
        f"{side}_labels": None,
        f"{side}_ip": end,
    }


def _cluster() -> Iterator[Json]:
    for namespace in sorted({name.partition("/")[0] for name in PODS}):
        labels = {"kubernetes.io/metadata.name": namespace, "name": "shop"}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}
    for number, (pod, (label, address)) in enumerate(PODS.items()):
        namespace, _, name = pod.partition("/")
        key, _, value = label.partition("=")
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"namespace": namespace, "name": name, "labels": {key: value}},
            "spec": {},
            "status": {"podIPs": [{"ip": address}, {"ip": f"fd44::{number + 1}"}]},
        }


def _plain(document: Json) -> Json:
    """Return a policy without what was learnt, which is for people and not for Calico."""
    spec = dict(document["spec"])
    for side in ("ingress", "egress"):
        if side in spec:
            spec[side] = [{key: value for key, value in rule.items() if key != "metadata"} for rule in spec[side]]
    return {**document, "metadata": {"name": document["metadata"]["name"]}, "spec": spec}
