"""Read the folder of policies that is to be judged.

Promises: Tiers, network sets and policies of every kind that the evaluator knows; a key, kind or form that it does not
know is an error with its file and path, never ignored. ``report.json``, where there is one, is the report of the run
that wrote the folder, read for its held edges only.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from ringfence_lab.evaluator.fields import KubernetesObject, ObjectError
from ringfence_lab.evaluator.order import read_tier
from ringfence_lab.evaluator.policies import CALICO, Policy, policy_kind, read_policy

_REPORT: Final = "report.json"
_SETS: Final = frozenset({"NetworkSet", "GlobalNetworkSet"})
_TOP: Final = frozenset({"apiVersion", "kind", "metadata", "spec"})


class PolicyError(ValueError):
    """A policy file holds something that the judge does not know."""


@dataclass(frozen=True, slots=True)
class PolicyFolder:
    """All policies of a folder, the objects as written, its size in bytes of YAML, and edges that the report holds."""

    policies: tuple[Policy, ...]
    objects: tuple[KubernetesObject, ...]
    size: int
    held: tuple[Mapping[str, Any], ...] = ()


def read_policies(folder: Path) -> PolicyFolder:
    """Read every YAML file below a folder. Raises PolicyError for what is not known, OSError where reading fails."""
    if not folder.is_dir():
        raise PolicyError(f"{folder}: no such folder; give the folder that holds the policies")
    policies: list[Policy] = []
    objects: list[KubernetesObject] = []
    size = 0
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / _REPORT):
        if file.suffix not in {".yaml", ".yml"}:
            raise PolicyError(f"{file}: is no YAML file; only policies may stand in the folder")
        content = file.read_bytes()
        size += len(content)
        for document in _documents(content, file):
            objects.append(document)
            policies += _policies(document, str(file))
    return PolicyFolder(tuple(policies), tuple(objects), size, _held(folder / _REPORT))


def as_enforced(document: KubernetesObject) -> KubernetesObject:
    """Return a staged policy as the one that it previews, every other object as it is."""
    kind = str(document.get("kind"))
    if policy_kind(document) is None or not kind.startswith("Staged"):
        return document
    spec = {key: value for key, value in (document.get("spec") or {}).items() if key != "stagedAction"}
    if kind == "StagedKubernetesNetworkPolicy":
        return {**document, "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": spec}
    return {**document, "kind": kind.removeprefix("Staged"), "spec": spec}


def deletes(document: KubernetesObject) -> bool:
    """Say whether an object is a staged deletion."""
    return policy_kind(document) is not None and (document.get("spec") or {}).get("stagedAction") == "Delete"


def _documents(content: bytes, file: Path) -> Sequence[KubernetesObject]:
    try:
        documents = list(yaml.load_all(content, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise PolicyError(f"{file}: is no YAML: {error}") from error
    for document in documents:
        if not isinstance(document, dict):
            raise PolicyError(f"{file}: {document!r} is no object")
    return documents


def _policies(document: KubernetesObject, where: str) -> list[Policy]:
    if unknown := sorted(set(document) - _TOP):
        raise PolicyError(f"{where}: key {unknown[0]!r} is not known to the judge")
    if not (document.get("metadata") or {}).get("name"):
        raise PolicyError(f"{where}: metadata.name: is missing")
    kind = document.get("kind")
    try:
        if policy_kind(document) is not None:
            return [read_policy(document)]
        if document.get("apiVersion") == CALICO and kind == "Tier":
            read_tier(document)
            return []
    except ObjectError as error:
        raise PolicyError(f"{where}: {error}") from error
    if document.get("apiVersion") == CALICO and kind in _SETS:
        return []
    raise PolicyError(f"{where}: kind: {kind!r} of {document.get('apiVersion')!r} is no policy, tier or network set")


def _held(report: Path) -> tuple[Mapping[str, Any], ...]:
    """Return the edges that a report holds, as it writes them."""
    if not report.is_file():
        return ()
    try:
        items = json.loads(report.read_text(encoding="utf-8"))["items"]
        edges = {edge["id"]: edge for item in items for edge in item.get("edges", ())}
        return tuple(edges[held["edge"]] for item in items for held in item.get("held", ()) if held["edge"] in edges)
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise PolicyError(f"{report}: is no report of a recommendation: {error!r}") from error
