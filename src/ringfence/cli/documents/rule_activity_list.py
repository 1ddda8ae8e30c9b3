"""``get unused-rules -o json``: the RuleActivityList.

Promises: every rule of the enforced policies once, in the order in which they are asked; a rule is ``Unused`` only with
the window that supports it, and ``Unknown`` only with a reason.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import API_VERSION, Part
from ringfence.cli.documents.hit_part import PolicyPart, policy_part
from ringfence.model.policy import Direction, RuleAction
from ringfence.model.window import rfc3339
from ringfence.verify.activity import RuleActivity, State, Use


class UsePart(Part, frozen=True, kw_only=True):
    """What a rule decided: of how many edges, with how many connections, and when last."""

    edges: int
    connections: int | UnsetType = UNSET
    last_seen: str


class SupportPart(Part, frozen=True, kw_only=True):
    """The flows of what the policy selects in the rule's direction: from when to when, and in how many hours."""

    start: str
    end: str
    hours: int


class SharePart(Part, frozen=True, kw_only=True):
    """Cells (client workload, server workload, protocol and served port) that were used, of those that are allowed.
    ``outside``: addresses outside the cluster are allowed as well.
    """

    used: int
    allowed: int
    outside: bool


class RuleActivityPart(Part, frozen=True, kw_only=True):
    """One rule. ``judged`` is its use by the edges that were seen, under today's policies; ``recorded`` that by the
    traces in the flows.
    """

    policy: PolicyPart
    tier: str
    direction: Direction
    rule_index: int
    action: RuleAction
    state: State
    too_broad: bool
    judged: UsePart | UnsetType = UNSET
    recorded: UsePart | UnsetType = UNSET
    window: SupportPart | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    share: SharePart | UnsetType = UNSET


class RuleActivityList(Part, frozen=True, kw_only=True):
    """The document."""

    api_version: str = API_VERSION
    kind: Literal["RuleActivityList"] = "RuleActivityList"
    items: tuple[RuleActivityPart, ...]


def rule_activity_list(rules: Iterable[RuleActivity]) -> RuleActivityList:
    """Return the document of these rules."""
    return RuleActivityList(items=tuple(_part(each) for each in rules))


def _part(rule: RuleActivity) -> RuleActivityPart:
    return RuleActivityPart(
        policy=policy_part(rule.policy),
        tier=rule.tier,
        direction=rule.direction,
        rule_index=rule.index,
        action=rule.action,
        state=rule.state,
        too_broad=rule.too_broad,
        judged=_use(rule.judged),
        recorded=_use(rule.recorded),
        window=UNSET
        if rule.window is None
        else SupportPart(start=rfc3339(rule.window.start), end=rfc3339(rule.window.end), hours=rule.hours),
        reason=rule.reason or UNSET,
        share=UNSET
        if rule.share is None
        else SharePart(used=rule.share.used, allowed=rule.share.allowed, outside=rule.share.outside),
    )


def _use(use: Use | None) -> UsePart | UnsetType:
    if use is None:
        return UNSET
    connections = UNSET if use.connections is None else use.connections
    return UsePart(edges=use.edges, connections=connections, last_seen=rfc3339(use.last))
