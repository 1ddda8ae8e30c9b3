"""The platform samples: their README's tables, and each component's manifests as the cluster it would be.

Nothing of the samples is copied here: tables and manifests are read where they are shared.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ringfence.cluster.snapshot import ObjectProblem, read_snapshot
from ringfence.model.cluster import Cluster
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels

ALL: Final = "all"
_PLAIN: Final = "plain"
"""Of a component with alternatives: the files of its folder itself, without those below it."""
_ROW: Final = re.compile(r"^\| ([^|]+) \| ([^|]+) \| (.+) \|$")


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """A row of a table: the component, which of its files, and what it says."""

    component: str
    files: str
    text: str

    def __str__(self) -> str:
        return f"{self.component} | {self.files} | {self.text}"


@dataclass(frozen=True, slots=True)
class Component:
    """What was read of a component."""

    cluster: Cluster
    problems: tuple[ObjectProblem, ...]
    unknown_kinds: dict[str, int]


def samples(shared: Path) -> Path:
    """Return the folder of the platform samples."""
    return shared / "data" / "platform"


def table(shared: Path, title: str) -> list[Row]:
    """Return the rows of the README's table under a title."""
    lines = (samples(shared) / "README.md").read_text(encoding="utf-8").splitlines()
    start = lines.index(f"## {title}") + 1
    end = next((number for number in range(start, len(lines)) if lines[number].startswith("## ")), len(lines))
    rows = [match for line in lines[start:end] if (match := _ROW.match(line)) is not None]
    return [Row(*row.groups()) for row in rows if row.group(1) not in {"component", "---"}]


def read(shared: Path, component: str, files: str, folder: Path) -> Component:
    """Read some of a component's files; ``folder`` is an empty one for a choice of them."""
    whole = samples(shared) / component
    place = whole
    if files == _PLAIN:
        for each in whole.glob("*.yaml"):
            (folder / each.name).symlink_to(each)
        place = folder
    elif files != ALL:
        place = whole / files
    found = read_snapshot(place)
    cluster = Cluster(found.inventory, found.policies)
    if component == "metrics-server":
        cluster = Cluster(_with_common_labels(found.inventory, k8s_app="metrics-server"), found.policies)
    return Component(cluster, found.problems, dict(found.unknown_kinds))


def _with_common_labels(inventory: Inventory, *, k8s_app: str) -> Inventory:
    """Return the objects as their kustomization makes them: one label on all, selectors included."""
    pair = ("k8s-app", k8s_app)
    return replace(
        inventory,
        controllers=tuple(
            replace(each, template=replace(each.template, labels=Labels((*each.template.labels.pairs, pair))))
            for each in inventory.controllers
        ),
        services=tuple(replace(each, selector=(*(each.selector or ()), pair)) for each in inventory.services),
    )
