"""The argument that names a snapshot of the cluster.

Promises: every verb that takes one takes it alike; what the snapshot could not tell goes to standard error.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from ringfence.cli.terminal import safe_text
from ringfence.cluster.snapshot import NoObjectsError, ObjectProblem, read_snapshot
from ringfence.model.cluster import Cluster

_PROBLEMS_SHOWN: Final = 10

Command = TypeVar("Command", bound=Callable[..., Any])


def takes_snapshot(*, required: bool) -> Callable[[Command], Command]:
    """Give a verb ``--snapshot``; it receives the directory as ``folder``."""
    return click.option(
        "--snapshot",
        "folder",
        type=click.Path(path_type=Path),
        required=required,
        metavar="DIR",
        help="Directory with the cluster's objects as kubectl prints them (YAML or JSON).",
    )


def read_cluster(folder: Path) -> tuple[Cluster, tuple[ObjectProblem, ...]]:
    """Return the cluster and what could not be taken. Raises click.ClickException where there is nothing to read."""
    try:
        snapshot = read_snapshot(folder)
    except NoObjectsError as problem:
        raise click.ClickException("\n".join(safe_text(line) for line in str(problem).split("\n"))) from problem
    return Cluster(snapshot.inventory, snapshot.policies), snapshot.problems


def say_problems(problems: Sequence[ObjectProblem]) -> None:
    """Write what could not be taken to standard error, the first few in full."""
    for each in problems[:_PROBLEMS_SHOWN]:
        name = "/".join(part for part in (each.kind, each.namespace, each.name) if part)
        sys.stderr.write(safe_text(f"note: {each.place}: {name}{': ' if name else ''}{each.reason}") + "\n")
    if len(problems) > _PROBLEMS_SHOWN:
        sys.stderr.write(f"note: and {len(problems) - _PROBLEMS_SHOWN} more problems in the snapshot\n")
