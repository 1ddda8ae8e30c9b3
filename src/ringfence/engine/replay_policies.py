"""A directory of policies that a replay lays over a snapshot.

Promises: an object of the directory that cannot be taken as it stands is an error that names its place, because a
replay without it would answer for other policies than those that were written. Objects of other kinds are passed over.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ringfence.cluster.kinds import POLICY_KINDS
from ringfence.cluster.snapshot import NoObjectsError, ObjectProblem, read_snapshot
from ringfence.model.policy_set import Regime
from ringfence.verify.overlay import CompletePart, Written

_TAKEN: Final = POLICY_KINDS | {"", "Tier", "NetworkSet", "GlobalNetworkSet"}
_TOLD: Final = 10


class WrittenPoliciesError(Exception):
    """A directory of policies that cannot be taken whole; the message says what, where and what to do next."""


def read_policies(folder: Path, *, regime: Regime, complete: Iterable[CompletePart] = ()) -> Written:
    """Return the policies, tiers and network sets of a directory or file. Raises WrittenPoliciesError."""
    try:
        snapshot = read_snapshot(folder, regime=regime)
    except NoObjectsError as problem:
        raise WrittenPoliciesError(str(problem)) from problem
    problems = [each for each in snapshot.problems if each.kind in _TAKEN]
    if problems:
        raise WrittenPoliciesError(_told(folder, problems))
    return Written(
        policies=snapshot.policies.policies,
        tiers=snapshot.policies.tiers,
        network_sets=snapshot.inventory.network_sets,
        rejected=snapshot.policies.rejected,
        complete=tuple(sorted(set(complete))),
    )


def _told(folder: Path, problems: Sequence[ObjectProblem]) -> str:
    lines = [f"'{folder}' cannot be used, because not all of it can be taken:"]
    for each in problems[:_TOLD]:
        name = "/".join(part for part in (each.kind, each.namespace, each.name) if part)
        lines.append(f"  {each.place}: {name}{': ' if name else ''}{each.reason}")
    if len(problems) > _TOLD:
        lines.append(f"  and {len(problems) - _TOLD} more")
    return "\n".join(lines)
