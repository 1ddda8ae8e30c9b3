"""One policy's word as documents write it (HIT, with the keys of the conformance vectors).

Promises: ``tier`` and ``namespace`` are always there, empty for a profile and for a global policy; ``kind`` is absent
where the recorder's syntax did not tell it.
"""

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import Part
from ringfence.model.trace import Action, Hit, PolicyKind


class HitPart(Part, frozen=True, kw_only=True):
    """A policy that a connection met. ``rule_index`` is -1 at the end of a tier, -2 where the recorder did not know."""

    tier: str
    kind: PolicyKind | UnsetType = UNSET
    namespace: str
    name: str
    action: Action
    rule_index: int


def hit_part(hit: Hit) -> HitPart:
    """Return the document form of a hit."""
    return HitPart(
        tier=hit.tier,
        kind=hit.kind or UNSET,
        namespace=hit.namespace,
        name=hit.name,
        action=hit.action,
        rule_index=hit.rule_index,
    )
