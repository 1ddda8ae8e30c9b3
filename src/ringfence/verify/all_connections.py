"""Clusters asked about all possible connections, and everything that keeps the answer from being a proof.

Promises: an answer that is not proved says why: what was assumed, what is not known, and what could not be read.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from ringfence.model.cluster import Cluster
from ringfence.semantics.matching import family_space
from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import Scope
from ringfence.verify.assumed import assumed
from ringfence.verify.connectivity import Connectivity, connectivity
from ringfence.verify.endpoint_classes import EndpointClass, workload_text
from ringfence.verify.members import Situation
from ringfence.verify.rule_tables import named_nets

_FAMILIES: Final = (family_space(4), family_space(6), family_space(4) | family_space(6))


class AllConnections(Struct, frozen=True):
    """The answers of clusters with the same objects, over the same classes, and why they are no proof."""

    answers: tuple[Connectivity, ...]
    not_proved: tuple[str, ...]


def all_connections(clusters: Sequence[Cluster], mode: Scope, unread: Iterable[str] = ()) -> AllConnections:
    """Return what the policies of each cluster allow in a mode. ``unread`` says in words what could not be read."""
    reasons = dict.fromkeys(unread)
    situations = []
    for cluster in clusters:
        known, assumptions = assumed(cluster, mode)
        reasons.update(dict.fromkeys(assumptions))
        situations.append(Situation(known.inventory, resolve(known.policies, known.inventory, mode)))
    answers = connectivity(*situations)
    reasons.update(dict.fromkeys(_unplaced(answers[0].classes, situations)))
    reasons.update(dict.fromkeys(reason for each in answers for reason in each.reasons))
    return AllConnections(answers, tuple(sorted(reasons)))


def _unplaced(classes: Sequence[EndpointClass], situations: Sequence[Situation]) -> Iterator[str]:
    """Say who has no address yet, where some rule asks for addresses."""
    waiting = [name for each in classes if each.assumed for name in (*map(workload_text, each.workloads), *each.pods)]
    asked = any(nets not in _FAMILIES for one in situations for nets in named_nets(one.tiers))
    if waiting and asked:
        others = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        verb = "are" if others else "is"
        yield (
            f"{waiting[0]}{others} {verb} without an address in the snapshot, and taken to be outside of every block "
            "that policies name"
        )
