"""What changed policies would do to every edge that was seen.

Promises: an edge is judged before and after at both ends, between all parties that its ends stand for; one pair that
would be cut makes it cut, and where that is not known it is uncertain, never unchanged. An end that the snapshot lacks
is not judged and says so. Before are the policies enforced now; after are those of the mode.
"""

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Endpoint, Host
from ringfence.model.policy import Direction
from ringfence.model.verdict import Judgement, Outcome, Side, Verdict
from ringfence.semantics.address_classes import AddressClasses
from ringfence.semantics.asked import FEW, Asked, Question
from ringfence.semantics.connection import Connection
from ringfence.semantics.deviations import Deviation
from ringfence.semantics.parties import Parties, Party
from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import Scope
from ringfence.verify.observed import ObservedEdge
from ringfence.verify.preview import Preview
from ringfence.verify.touched import Touched

ChangeKind = Literal["Cut", "Uncertain", "Opened", "Unchanged"]
_WORST_FIRST: Final[tuple[ChangeKind, ...]] = ("Cut", "Uncertain", "Opened", "Unchanged")
_DIRECTIONS: Final[tuple[Direction, Direction]] = ("Egress", "Ingress")
NOT_IN_SNAPSHOT: Final = "gone"
NO_COMMON_FAMILY: Final = "no-common-ip-family"


class Change(Struct, frozen=True):
    """What becomes of an edge. The judgements are those of one connection of it that changes so; ``partly`` says that
    others of its pods or addresses do not, and ``addresses`` are those of its network that do. ``preview`` says where
    Calico's own preview of staged policies would mislead about that connection.
    """

    seen: ObservedEdge
    change: ChangeKind
    connection: Connection
    before: Judgement
    after: Judgement
    partly: bool = False
    addresses: tuple[str, ...] = ()
    preview: tuple[Deviation, ...] = ()

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Return the ends at which the verdict is another, or is not known to be the same."""
        return tuple(
            direction
            for direction in _DIRECTIONS
            if _differs(side_of(self.before, direction), side_of(self.after, direction))
        )


class NotJudged(Struct, frozen=True):
    """An edge that no policy can be asked about, and why; ``ends`` are those at fault."""

    seen: ObservedEdge
    reason: str
    ends: tuple[Endpoint, ...] = ()


class Replay(Struct, frozen=True):
    """The answer, in the order of the edges. ``changes`` hold unchanged edges only where they were asked for."""

    mode: Scope
    changes: tuple[Change, ...]
    unchanged: tuple[ObservedEdge, ...]
    not_judged: tuple[NotJudged, ...] = ()

    def of(self, kind: ChangeKind) -> tuple[Change, ...]:
        """Return the changes of a kind."""
        return tuple(each for each in self.changes if each.change == kind)

    @property
    def judged(self) -> int:
        """Return the number of edges that were judged."""
        return len(self.unchanged) + sum(each.change != "Unchanged" for each in self.changes)


def replay(
    edges: Iterable[ObservedEdge], before: Cluster, after: Cluster, mode: Scope, *, every: bool = False
) -> Replay:
    """Judge edges under the policies that are enforced before and those of the mode after.

    With ``every``, edges that do not change are judged and told as well.
    """
    player = _Player(before, after, mode, every=every)
    asked = [player.asked(seen) for seen in edges]
    player.judge(each for each in asked if isinstance(each, _Played))
    changes: list[Change] = []
    unchanged: list[ObservedEdge] = []
    for each in asked:
        if isinstance(each, NotJudged):
            continue
        change = player.change(each)
        if change is not None:
            changes.append(change)
        if change is None or change.change == "Unchanged":
            unchanged.append(each.seen)
    return Replay(mode, tuple(changes), tuple(unchanged), tuple(each for each in asked if isinstance(each, NotJudged)))


def side_of(judgement: Judgement, direction: Direction) -> Side | None:
    """Return one end of a judgement."""
    return judgement.egress if direction == "Egress" else judgement.ingress


class _Pair(Struct, frozen=True):
    """One pair of parties whose answer may change, as it is asked before and after."""

    before: Question
    after: Question


class _Played(Struct, frozen=True):
    """An edge, its pairs that may change, and how many pairs it stands for in all."""

    seen: ObservedEdge
    pairs: tuple[_Pair, ...]
    of: int


class _Player:
    """Both policy sets, asked about edges: all questions first, then all answers, then what becomes of each edge."""

    def __init__(self, before: Cluster, after: Cluster, mode: Scope, *, every: bool) -> None:
        self._old = resolve(before.policies, before.inventory, "enforced")
        self._new = resolve(after.policies, after.inventory, mode)
        every_set = (*before.inventory.network_sets, *after.inventory.network_sets)
        classes = AddressClasses((*self._old, *self._new), replace(before.inventory, network_sets=every_set))
        self._every = every
        self._before, self._after = Asked(self._old), Asked(self._new)
        self._parties = Parties(before.inventory, classes, with_host_endpoints=True)
        same = before.inventory.network_sets == after.inventory.network_sets
        self._parties_after = self._parties if same else Parties(after.inventory, classes, with_host_endpoints=True)
        self._touched = Touched(self._old, self._new) if same else None
        self._preview = None if mode == "enforced" else Preview(after)
        self._speak: dict[tuple[int, int], bool] = {}

    def asked(self, seen: ObservedEdge) -> _Played | NotJudged:
        """Return what must be asked to tell what becomes of an edge."""
        edge = seen.edge
        ends = ((edge.client, seen.client_addresses), (edge.server, seen.server_addresses))
        old = [self._parties.of(end, told.texts, complete=told.exhaustive) for end, told in ends]
        new = old
        if self._parties_after is not self._parties:
            new = [self._parties_after.of(end, told.texts, complete=told.exhaustive) for end, told in ends]
        gone = tuple(end for (end, _), was, will in zip(ends, old, new, strict=True) if not was or not will)
        if gone:
            return NotJudged(seen, NOT_IN_SNAPSHOT, gone)
        of = 0
        pairs: list[_Pair] = []
        for client, client_after in zip(old[0], new[0], strict=True):
            for server, server_after in zip(old[1], new[1], strict=True):
                if not self._may_speak(client, server):
                    continue
                of += 1
                if self._every or self._may_change(client, server):
                    question = Question.of(edge, client, server)
                    again = question if new is old else Question.of(edge, client_after, server_after)
                    pairs.append(_Pair(question, again))
        return _Played(seen, tuple(pairs), of) if of else NotJudged(seen, NO_COMMON_FAMILY)

    def judge(self, played: Iterable[_Played]) -> None:
        """Answer everything that is asked."""
        pairs = [pair for each in played for pair in each.pairs]
        self._before.ask((pair.before for pair in pairs), few=FEW)
        self._after.ask((pair.after for pair in pairs), few=FEW)

    def change(self, played: _Played) -> Change | None:
        """Return what becomes of an edge, None where nothing does and that was not asked."""
        answered = [(pair, *self._answers(played.seen, pair)) for pair in played.pairs]
        kinds = [self._kind(pair.before, before, after) for pair, before, after in answered]
        kind: ChangeKind = next((each for each in _WORST_FIRST if each in kinds), "Unchanged")
        if not answered or (kind == "Unchanged" and not self._every):
            return None
        same = [each for each, found in zip(answered, kinds, strict=True) if found == kind]
        pair, before, after = same[0]
        preview: tuple[Deviation, ...] = ()
        if self._preview is not None and kind != "Unchanged":
            preview = self._preview.deviations(pair.after)
        return Change(
            seen=played.seen,
            change=kind,
            connection=pair.before.connection,
            before=before,
            after=after,
            partly=len(same) < played.of,
            addresses=tuple(dict.fromkeys(address for each, _, _ in same for address in _addresses(each.before))),
            preview=preview,
        )

    def _answers(self, seen: ObservedEdge, pair: _Pair) -> tuple[Judgement, Judgement]:
        before, after = self._before.judgement(pair.before), self._after.judgement(pair.after)
        if before is None or after is None:
            raise ValueError("parties without a common IP family have no answer")
        if isinstance(seen.edge.client, Host) and _is_local(pair.before):
            return _let_in(before), _let_in(after)
        return before, after

    def _may_speak(self, client: Party, server: Party) -> bool:
        """Say whether two parties have an IP family in common."""
        key = (client.number, server.number)
        if key not in self._speak:
            self._speak[key] = bool(client.end.addresses.families & server.end.addresses.families)
        return self._speak[key]

    def _may_change(self, client: Party, server: Party) -> bool:
        touched = self._touched
        return touched is None or touched.touches(client, "Egress") or touched.touches(server, "Ingress")

    def _kind(self, question: Question, before: Judgement, after: Judgement) -> ChangeKind:
        same_egress = self._is_same(question.client, "Egress", before.egress, after.egress)
        same_ingress = self._is_same(question.server, "Ingress", before.ingress, after.ingress)
        if same_egress and same_ingress:
            return "Unchanged"
        return _kind_of(before.verdict, after.verdict)

    def _is_same(self, party: Party, direction: Direction, before: Side | None, after: Side | None) -> bool:
        untouched = self._touched is not None and not self._touched.touches(party, direction)
        return untouched or not _differs(before, after)


def _kind_of(before: Verdict, after: Verdict) -> ChangeKind:
    match before, after:
        case ("Allow", "Deny"):
            return "Cut"
        case ("Deny", "Allow"):
            return "Opened"
        case ("Allow", "Allow") | ("Deny", "Deny"):
            return "Unchanged"
        case _:
            return "Uncertain"


def _differs(before: Side | None, after: Side | None) -> bool:
    """Say whether a side may end otherwise: what is not known on either side may be two different things."""
    if before is None or after is None:
        return before is not after
    return before.verdict != after.verdict or before.verdict == "Uncertain"


def _is_local(question: Question) -> bool:
    """Say whether a node speaks to pods of which all are its own, which Felix lets through whatever policy says."""
    server = question.server
    return (
        server.end.subject is not None
        and not server.end.subject.host
        and bool(server.nodes)
        and server.nodes == question.client.nodes
    )


def _let_in(judgement: Judgement) -> Judgement:
    return Judgement(judgement.egress, Side((Outcome("Allow", ()),)))


def _addresses(question: Question) -> tuple[str, ...]:
    return tuple(each.address for each in (question.client, question.server) if each.address is not None)
