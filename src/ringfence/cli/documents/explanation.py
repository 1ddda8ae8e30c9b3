"""``explain -o json``: the Explanation.

Promises: an item for each answer; a side that is no endpoint of Calico's is absent. ``trace`` is that of the first
outcome where a side is uncertain, and ``uncertain`` then tells why and every outcome.
"""

from typing import Literal

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import API_VERSION, Part
from ringfence.cli.documents.hit_part import HitPart, hit_part
from ringfence.engine.explain import Explained, ExplainedSide, Explanation
from ringfence.engine.named_end import NamedEnd
from ringfence.model.edge import Icmp
from ringfence.model.trace import PolicyKind
from ringfence.model.verdict import Verdict
from ringfence.semantics.scopes import Scope


class EndPart(Part, frozen=True, kw_only=True):
    """Who stands at an end (ENDPOINT). ``pods`` are those that this answer is true of."""

    kind: Literal["Workload", "Host", "Public", "Address"]
    namespace: str | UnsetType = UNSET
    workload_kind: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    pods: tuple[str, ...] | UnsetType = UNSET


class ConsideredPart(Part, frozen=True, kw_only=True):
    """A policy that did not decide, and why."""

    kind: PolicyKind
    namespace: str
    name: str
    tier: str
    reason: str


class UncertainPart(Part, frozen=True, kw_only=True):
    """What is not known, and how it may end."""

    reason: str
    outcomes: tuple[Literal["Allow", "Deny"], ...]


class SidePart(Part, frozen=True, kw_only=True):
    """The answer at one end (SIDE)."""

    verdict: Verdict
    trace: tuple[HitPart, ...]
    considered: tuple[ConsideredPart, ...]
    uncertain: UncertainPart | UnsetType = UNSET


class ExplainedPart(Part, frozen=True, kw_only=True):
    """One answer."""

    source: EndPart
    destination: EndPart
    protocol: str
    port: str | UnsetType = UNSET
    icmp: Icmp | UnsetType = UNSET
    verdict: Verdict
    egress: SidePart | UnsetType = UNSET
    ingress: SidePart | UnsetType = UNSET
    notes: tuple[str, ...] | UnsetType = UNSET


class ExplanationDocument(Part, frozen=True, kw_only=True):
    """The document."""

    api_version: str = API_VERSION
    kind: Literal["Explanation"] = "Explanation"
    mode: Scope
    items: tuple[ExplainedPart, ...]


def explanation_document(explanation: Explanation) -> ExplanationDocument:
    """Return the document form of an explanation."""
    return ExplanationDocument(mode=explanation.mode, items=tuple(_item(each) for each in explanation.items))


def _item(item: Explained) -> ExplainedPart:
    connection = item.connection
    return ExplainedPart(
        source=_end(item.source),
        destination=_end(item.destination),
        protocol=connection.protocol,
        port=UNSET if connection.port is None else str(connection.port),
        icmp=connection.icmp or UNSET,
        verdict=item.judgement.verdict,
        egress=UNSET if item.egress is None else _side(item.egress),
        ingress=UNSET if item.ingress is None else _side(item.ingress),
        notes=item.notes or UNSET,
    )


def _end(end: NamedEnd) -> EndPart:
    alone = len(end.pods) <= 1
    return EndPart(
        kind=end.kind,
        namespace=end.namespace or UNSET,
        workload_kind=end.workload_kind or UNSET,
        name=end.name or UNSET,
        address=end.address if alone and end.address else UNSET,
        pods=end.pods or UNSET,
    )


def _side(explained: ExplainedSide) -> SidePart:
    side = explained.side
    outcomes = tuple(outcome.verdict for outcome in side.outcomes)
    return SidePart(
        verdict=side.verdict,
        trace=tuple(hit_part(hit) for hit in side.trace),
        considered=tuple(
            ConsideredPart(
                kind=each.considered.policy.kind,
                namespace=each.considered.policy.namespace,
                name=each.considered.policy.name,
                tier=each.tier,
                reason=each.considered.reason,
            )
            for each in explained.considered
        ),
        uncertain=UNSET
        if side.verdict != "Uncertain"
        else UncertainPart(reason="; ".join(side.unknown), outcomes=outcomes),
    )
