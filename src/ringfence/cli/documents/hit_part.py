"""One policy's word as documents write it (HIT, with the keys of the conformance vectors).

Promises: ``tier`` and ``namespace`` are always there, empty for a profile and for a global policy; ``kind`` is absent
where the recorder's syntax did not tell it.
"""

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import Part
from ringfence.model.trace import Action, Hit, PolicyKind, PolicyRef


class PolicyPart(Part, frozen=True, kw_only=True):
    """A policy by kind, namespace (empty for a global one) and name."""

    kind: PolicyKind
    namespace: str
    name: str


class HitPart(Part, frozen=True, kw_only=True):
    """A policy that a connection met. ``rule_index`` is -1 at the end of a tier, -2 where the recorder did not know.

    ``dataplane_trigger`` is the policy that the dataplane records at the end of a tier, absent where it is this one.
    """

    tier: str
    kind: PolicyKind | UnsetType = UNSET
    namespace: str
    name: str
    action: Action
    rule_index: int
    dataplane_trigger: PolicyPart | UnsetType = UNSET


def hit_part(hit: Hit) -> HitPart:
    """Return the document form of a hit."""
    return HitPart(
        tier=hit.tier,
        kind=hit.kind or UNSET,
        namespace=hit.namespace,
        name=hit.name,
        action=hit.action,
        rule_index=hit.rule_index,
        dataplane_trigger=UNSET if hit.dataplane_trigger is None else policy_part(hit.dataplane_trigger),
    )


def policy_part(policy: PolicyRef) -> PolicyPart:
    """Return the document form of a policy's name."""
    return PolicyPart(kind=policy.kind, namespace=policy.namespace, name=policy.name)
