"""Say Goldmane's policy hits as Calico's policy strings.

Promises: SQL that turns a list of hits (Goldmane's `PolicyHit`, in Whisker's words too) into the JSON list of policy
strings that Calico 3.32 and later writes, sorted by index: ``0|default|np:shop/allow-web|allow|2``; the end of a tier
is its trigger with rule -1. Enum values may be names or numbers, an absent field is its default. A hit of a kind or an
action that is not known becomes a string that `traces` cannot read, so the whole trace is unknown.
Source: Calico goldmane/proto/api.proto, felix/collector policy strings.
"""

from collections.abc import Mapping
from typing import Final

from ringfence.sources.json_lines import quoted

Spellings = Mapping[tuple[str, ...], str]
"""What a value means, by its spellings: an enum's number and its name."""

_TOKENS: Final[Spellings] = {
    ("1", "CalicoNetworkPolicy"): "np",
    ("2", "GlobalNetworkPolicy"): "gnp",
    ("3", "StagedNetworkPolicy"): "snp",
    ("4", "StagedGlobalNetworkPolicy"): "sgnp",
    ("5", "StagedKubernetesNetworkPolicy"): "sknp",
    ("6", "NetworkPolicy"): "knp",
    ("9", "Profile"): "pro",
    ("11", "ClusterNetworkPolicy"): "kcnp",
}
_END_OF_TIER: Final = ("10", "EndOfTier")
ACTIONS: Final[Spellings] = {("1", "Allow"): "allow", ("2", "Deny"): "deny", ("3", "Pass"): "pass"}
_UNSPECIFIED: Final = ("", "0", "KindUnspecified")
_PROFILE_TIER: Final = "__PROFILE__"


def hits(*, camel: bool) -> str:
    """Return the SQL type of a list of hits. ``camel``: fields may also stand in protobuf's JSON names."""
    text = ("kind", "namespace", "name", "tier", "action", "policy_index", "rule_index")
    fields = [f'"{name}" VARCHAR' for name in text]
    fields += ['"policyIndex" VARCHAR', '"ruleIndex" VARCHAR'] if camel else []
    trigger = 'trigger STRUCT(kind VARCHAR, namespace VARCHAR, "name" VARCHAR)'
    return f"STRUCT({', '.join([*fields, trigger])})[]"


def policy_strings(enforced: str, *, camel: bool) -> str:
    """Return SQL of the policy strings of the list that ``enforced`` names, as JSON text."""
    policy_index = _index("policy_index", "policyIndex", camel=camel)
    rule_index = _index("rule_index", "ruleIndex", camel=camel)
    at_end = f"coalesce(hit.kind, '') IN ({_listed(_END_OF_TIER)})"
    profile = f"coalesce(hit.kind, '') IN ({_listed(('9', 'Profile'))})"
    tier = f"CASE WHEN {profile} THEN '{_PROFILE_TIER}' ELSE coalesce(hit.tier, '') END"
    text = f"""concat({policy_index}, '|', {tier}, '|',
      CASE WHEN {at_end} THEN {_trigger()} ELSE {_policy("hit")} END, '|',
      {case("coalesce(hit.action, '')", ACTIONS)}, '|', CASE WHEN {at_end} THEN '-1' ELSE {rule_index} END)"""
    placed = f"list_transform({enforced}, lambda hit: {{'index': try_cast({policy_index} AS BIGINT), 'text': {text}}})"
    return f"CAST(to_json(list_transform(list_sort({placed}), lambda placed: placed.text)) AS VARCHAR)"


def case(value: str, meanings: Spellings, otherwise: str = "unknown") -> str:
    """Return SQL that gives the meaning of a value, by any of its spellings."""
    whens = " ".join(f"WHEN {value} IN ({_listed(spelt)}) THEN '{meaning}'" for spelt, meaning in meanings.items())
    return f"CASE {whens} ELSE '{otherwise}' END"


def _policy(hit: str) -> str:
    """Return SQL of the policy part of a string; an unknown kind adds a field, which no syntax has."""
    token = case(f"coalesce({hit}.kind, '')", _TOKENS, otherwise="unknown|kind")
    return (
        f"concat({token}, ':', CASE WHEN coalesce({hit}.namespace, '') IN ('', '-') THEN '' "
        f"ELSE concat({hit}.namespace, '/') END, coalesce({hit}.name, ''))"
    )


def _trigger() -> str:
    none = f"coalesce(hit.trigger.kind, '') IN ({_listed(_UNSPECIFIED)}) AND coalesce(hit.trigger.name, '') = ''"
    return f"CASE WHEN {none} THEN 'eot:' ELSE {_policy('hit.trigger')} END"


def _index(snake: str, camel_case: str, *, camel: bool) -> str:
    spelt = [f"hit.{snake}", f'hit."{camel_case}"'] if camel else [f"hit.{snake}"]
    return f"coalesce({', '.join(spelt)}, '0')"


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(quoted(word) for word in words)
