"""Read policy strings: what the dataplane recorded of who decided.

Promises: every syntax that Calico writes is read — Enterprise (``0|tier|ns/tier.name|allow|2`` with ``staged:`` before
the name or before the tier), open source 3.32 and later with kind tokens (``0|tier|np:ns/name|allow|2``) and its short
form without index and rule, and the older key names (``knp.default.x``, ``__PROFILE__.kns.x``). The order of a list is
never trusted; hits are sorted by index. A string that cannot be read makes the whole trace unknown, never a guess.
Sources: Calico Enterprise flow-log documentation; calico felix/collector policy strings.
"""

from typing import Final

import msgspec
from msgspec import Struct

from ringfence.flows.evidence import Outcome
from ringfence.model.trace import END_OF_TIER, UNKNOWN_RULE, Action, Hit, PolicyKind, Trace

NOT_RECORDED: Final = -3
"""Rule index of a syntax that has none."""

_KIND_TOKENS: Final[dict[str, PolicyKind]] = {
    "np": "NetworkPolicy",
    "gnp": "GlobalNetworkPolicy",
    "snp": "StagedNetworkPolicy",
    "sgnp": "StagedGlobalNetworkPolicy",
    "sknp": "StagedKubernetesNetworkPolicy",
    "knp": "KubernetesNetworkPolicy",
    "kcnp": "KubernetesClusterNetworkPolicy",
    "pro": "Profile",
}
_STAGED: Final[dict[PolicyKind, PolicyKind]] = {
    "NetworkPolicy": "StagedNetworkPolicy",
    "GlobalNetworkPolicy": "StagedGlobalNetworkPolicy",
    "KubernetesNetworkPolicy": "StagedKubernetesNetworkPolicy",
}
_ADMIN_PREFIXES: Final = ("kcnp.", "kanp.", "kbanp.")
_ACTIONS: Final[dict[str, Action]] = {"allow": "Allow", "deny": "Deny", "pass": "Pass"}
_PROFILE_TIER: Final = "__PROFILE__"
_FULL_FIELDS: Final = 5
_SHORT_FIELDS: Final = 3
_DECODER: Final = msgspec.json.Decoder(list[str])


class TraceWord(Struct, frozen=True):
    """The outcome of a trace and its enforced hits. ``trace`` is None where the source recorded none or it cannot be
    read.
    """

    outcome: Outcome
    trace: Trace | None


def read_trace(policies: str) -> TraceWord:
    """Return what a record's list of policy strings (JSON) says. Never raises.

    The last hit decides. A staged last hit, an empty list, a rule index of -2 or an unreadable string is Unknown.
    """
    try:
        found = (_hit(text, position) for position, text in enumerate(_DECODER.decode(policies or "[]")))
        hits = tuple(sorted(found, key=_place))
    except (msgspec.DecodeError, ValueError):
        return TraceWord("Unknown", None)
    enforced = tuple(hit for hit in hits if not hit.staged)
    if not hits or hits[-1].staged or hits[-1].rule_index == UNKNOWN_RULE:
        return TraceWord("Unknown", enforced or None)
    match hits[-1].action:
        case "Allow":
            return TraceWord("Allowed", enforced)
        case "Deny":
            return TraceWord("Denied", enforced)
        case "Pass":
            return TraceWord("Unknown", enforced)


def _place(hit: Hit) -> tuple[int, str, str, str, str, str, int]:
    """Return what hits are sorted by; a kind that is not told is comparable so."""
    return hit.index, hit.tier, hit.kind or "", hit.namespace, hit.name, hit.action, hit.rule_index


def _hit(text: str, position: int) -> Hit:
    """Read one policy string. Raises ValueError when it follows no syntax we know."""
    fields = text.split("|")
    match len(fields):
        case _ if len(fields) == _FULL_FIELDS:
            index, tier, policy, action, rule = fields
        case _ if len(fields) == _SHORT_FIELDS:
            tier, policy, action = fields
            index, rule = str(position), str(END_OF_TIER if policy.startswith("eot:") else NOT_RECORDED)
        case _:
            raise ValueError(f"policy string {text!r} has {len(fields)} fields, not {_FULL_FIELDS} or {_SHORT_FIELDS}")
    if action not in _ACTIONS:
        raise ValueError(f"policy string {text!r} has the unknown action {action!r}")
    kind, namespace, name = _policy(policy.removeprefix("eot:"), tier)
    return Hit(int(index), "" if tier == _PROFILE_TIER else tier, kind, namespace, name, _ACTIONS[action], int(rule))


def _policy(text: str, tier: str) -> tuple[PolicyKind | None, str, str]:
    """Return kind, namespace and name of the policy part of a string. The end of a tier may name none."""
    if not text:
        return None, "", ""
    token, colon, rest = text.partition(":")
    if colon and token in _KIND_TOKENS:
        kind = _KIND_TOKENS[token]
        namespace, _, name = rest.rpartition("/")
        return kind, namespace, name
    namespace, _, name = text.rpartition("/")
    if tier == _PROFILE_TIER or name.startswith(f"{_PROFILE_TIER}."):
        return "Profile", "", name.removeprefix(f"{_PROFILE_TIER}.")
    staged = "staged:" in name
    name = name.replace("staged:", "", 1)
    if name.startswith("knp.default."):
        enforced: PolicyKind = "KubernetesNetworkPolicy"
        name = name.removeprefix("knp.default.")
    elif name.startswith(_ADMIN_PREFIXES):
        enforced = "KubernetesClusterNetworkPolicy"
        name = name.partition(".")[2].removeprefix(f"{tier}.")
    else:
        enforced = "NetworkPolicy" if namespace else "GlobalNetworkPolicy"
        name = name.removeprefix("default.") if tier == "default" else name
    if staged and enforced not in _STAGED:
        raise ValueError(f"policy {text!r} is staged, but its kind has no staged form")
    return (_STAGED[enforced] if staged else enforced), namespace, name
