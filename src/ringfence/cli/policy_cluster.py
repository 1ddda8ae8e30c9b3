"""A snapshot with a directory of policies, as the verbs that compare policy sets take them.

Promises: a directory that cannot be taken as it stands is an error; what of the snapshot could not be taken and may
matter to an answer about all connections is said in words.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click

from ringfence.cli.terminal import safe_text
from ringfence.cluster.kinds import POLICY_KINDS
from ringfence.cluster.snapshot import ObjectProblem
from ringfence.engine.replay_policies import WrittenPoliciesError, read_policies
from ringfence.model.cluster import Cluster
from ringfence.verify.overlay import CompletePart, overlay

_MATTERING: Final = POLICY_KINDS | {"", "Tier", "NetworkSet", "GlobalNetworkSet", "Pod", "Namespace", "HostEndpoint"}


def with_policies(cluster: Cluster, folder: Path, *, complete: Iterable[CompletePart] = ()) -> Cluster:
    """Return the cluster with a directory's policies laid over its own. Raises click.ClickException."""
    try:
        written = read_policies(folder, regime=cluster.policies.regime, complete=complete)
    except WrittenPoliciesError as problem:
        raise click.ClickException("\n".join(safe_text(line) for line in str(problem).split("\n"))) from problem
    return overlay(cluster, written)


def unread(problems: Iterable[ObjectProblem]) -> Iterator[str]:
    """Yield what could not be taken of a snapshot, so that an answer about all connections may be another."""
    for each in problems:
        if each.kind in _MATTERING:
            name = "/".join(part for part in (each.kind, each.namespace, each.name) if part)
            yield safe_text(f"{each.place}: {name}{': ' if name else ''}{each.reason}")
