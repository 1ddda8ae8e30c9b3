"""Where a host endpoint's policies are asked, and what it means that none matches.

Promises: calico-semantics 4.9, in the order of the packet's path: untracked, preDNAT (ingress only), then what is local
to the host or what it forwards. Failsafe ports bypass all of them. A hook that decides is the last; one that does not
hands on to the next.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, Literal

from msgspec import Struct

from ringfence.model.address_set import Family
from ringfence.model.policy import Direction
from ringfence.model.trace import Trace
from ringfence.model.verdict import Outcome, Side
from ringfence.semantics.connection import Connection, Subject
from ringfence.semantics.effective import EffectivePolicy, EffectiveTier
from ringfence.semantics.reference import Walk, over_families

_COMMON: Final = frozenset(("TCP", port) for port in (179, 2379, 2380, 5473, 6443, 6666, 6667))
FAILSAFE_INBOUND: Final = _COMMON | {("TCP", 22), ("UDP", 68)}
FAILSAFE_OUTBOUND: Final = _COMMON | {("UDP", 53), ("UDP", 67)}

Place = Literal["untracked", "preDNAT", "local", "forwarded"]


class _Hook(Struct, frozen=True):
    """A place on the packet's path: which policies it asks, and whether the end of a tier decides there."""

    place: Place
    tiers_end: bool

    def asks(self, policy: EffectivePolicy) -> bool:
        """Say whether a policy is asked here. Only global ones are, whatever labels a host endpoint has."""
        if policy.ref.namespace:
            return False
        match self.place:
            case "untracked" | "preDNAT":
                return policy.hook == self.place
            case "local":
                return policy.hook == "normal"
            case "forwarded":
                return policy.hook == "normal" and policy.forward


def judge_host(
    tiers: Sequence[EffectiveTier],
    subject: Subject,
    direction: Direction,
    connection: Connection,
    *,
    forwarded: bool = False,
) -> Side:
    """Evaluate one direction of a host endpoint for traffic of the host itself, or for what it forwards."""
    failsafe = FAILSAFE_INBOUND if direction == "Ingress" else FAILSAFE_OUTBOUND
    ports = {port for protocol, port in failsafe if protocol == connection.protocol}
    if connection.port in ports:
        return Side((Outcome("Allow", ()),))
    doubts = ("the port is not known",) if ports and connection.port is None else ()
    bypassed = [Outcome("Allow", (), doubts)] if doubts else []
    path = hooks(direction, forwarded=forwarded)
    return over_families(
        connection,
        lambda family: chain(bypassed, _along(path, tiers, subject, direction, connection, family, (), doubts)),
    )


def hooks(direction: Direction, *, forwarded: bool) -> tuple[_Hook, ...]:
    """Return the places a packet passes, in order."""
    before: tuple[_Hook, ...] = (_Hook("untracked", tiers_end=False),)
    if direction == "Ingress":
        before += (_Hook("preDNAT", tiers_end=False),)
    return (*before, _Hook("forwarded" if forwarded else "local", tiers_end=True))


def _along(
    path: Sequence[_Hook],
    tiers: Sequence[EffectiveTier],
    subject: Subject,
    direction: Direction,
    connection: Connection,
    family: Family,
    trace: Trace,
    unknown: tuple[str, ...],
) -> Iterator[Outcome]:
    hook, later = path[0], path[1:]

    def onward(trace: Trace, unknown: tuple[str, ...]) -> Iterator[Outcome]:
        return _along(later, tiers, subject, direction, connection, family, trace, unknown)

    def let_through(trace: Trace, unknown: tuple[str, ...]) -> Iterator[Outcome]:
        yield Outcome("Allow", trace, unknown)

    walk = Walk(
        tiers,
        subject,
        direction,
        connection,
        family,
        asked=hook.asks,
        tiers_end=hook.tiers_end,
        undecided=onward if later else let_through if hook.place == "forwarded" else None,
    )
    return walk.outcomes(trace, unknown)
