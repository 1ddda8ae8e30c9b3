"""Verdicts, traces and rules in words for people.

Promises: a hit is a clause that begins with what happened (*allowed*, *denied*, *passed on*) and names rule, policy and
tier as their objects do; nothing is said that the value does not hold.
"""

import re
from collections.abc import Mapping
from typing import Final

from ringfence.dialects.selector import selector_text
from ringfence.model.address_set import AddressSet
from ringfence.model.policy import IcmpMatch
from ringfence.model.selector import Selector
from ringfence.model.trace import END_OF_TIER, UNKNOWN_RULE, Action, Hit, PolicyRef
from ringfence.model.verdict import Outcome, Side, Verdict
from ringfence.semantics.connection import Connection
from ringfence.semantics.effective import Ports
from ringfence.semantics.selectors import NAMESPACE_PREFIX, SERVICE_ACCOUNT_PREFIX

_DONE: Final[Mapping[Action, str]] = {"Allow": "allowed", "Deny": "denied", "Pass": "passed on"}
_VERDICTS: Final[Mapping[Verdict, str]] = {"Allow": "allowed", "Deny": "denied", "Uncertain": "not known"}
_PREFIXES: Final = {NAMESPACE_PREFIX: "namespace label ", SERVICE_ACCOUNT_PREFIX: "account label "}
_SHOWN_NETS: Final = 3


def policy_words(policy: PolicyRef) -> str:
    """Return a policy by kind and name, such as ``NetworkPolicy shop/allow-web``."""
    return f"{policy.kind} {policy.namespace}/{policy.name}" if policy.namespace else f"{policy.kind} {policy.name}"


def verdict_words(verdict: Verdict) -> str:
    """Return a verdict as a participle: allowed, denied, not known."""
    return _VERDICTS[verdict]


def hit_words(hit: Hit) -> str:
    """Return what a hit did, such as ``allowed by rule 2 of NetworkPolicy shop/allow-web (tier default)``."""
    done = _DONE[hit.action]
    if hit.profile:
        return f"{done} by profile {hit.name}, as no policy decides"
    if hit.rule_index == END_OF_TIER:
        return f"{done} at the end of tier {hit.tier}: policies select it and none matched"
    name = f"{hit.namespace}/{hit.name}" if hit.namespace else hit.name
    policy = f"{hit.kind or 'policy'} {name}"
    rule = "a rule" if hit.rule_index == UNKNOWN_RULE else f"rule {hit.rule_index}"
    return f"{done} by {rule} of {policy} (tier {hit.tier})"


def trace_words(outcome: Outcome) -> tuple[str, ...]:
    """Return a clause for each hit of an outcome, in the order they were met; the last says how it ended."""
    clauses = [hit_words(hit) for hit in outcome.trace]
    if not outcome.trace or outcome.trace[-1].action == "Pass":
        clauses.append(_undecided(outcome))
    return tuple(clauses)


def side_words(side: Side) -> str:
    """Return how one end decides: by its deciding hit, or what is not known."""
    if side.verdict == "Uncertain":
        return f"not known: {'; '.join(side.unknown)}"
    return trace_words(side.outcomes[0])[-1]


def connection_words(connection: Connection) -> str:
    """Return protocol and port, such as ``TCP 6379`` or ``ICMP type 8 code 0``."""
    if connection.icmp is not None:
        return f"{connection.protocol} type {connection.icmp.type} code {connection.icmp.code}"
    return connection.protocol if connection.port is None else f"{connection.protocol} {connection.port}"


def ports_words(ports: Ports) -> str:
    """Return ports by number and by name, such as ``80, 443 or the port named http``."""
    numbers = ", ".join(str(each) for each in ports.numbers)
    names = " or ".join(f"the port named {name}" for name in ports.names)
    return " or ".join(part for part in (numbers, names) if part)


def nets_words(nets: AddressSet) -> str:
    """Return addresses as CIDRs, the first few of many."""
    texts = list(nets.nets())
    shown = ", ".join(texts[:_SHOWN_NETS])
    return shown if len(texts) <= _SHOWN_NETS else f"{shown} and {len(texts) - _SHOWN_NETS} more"


def selector_words(selector: Selector) -> str:
    """Return a selector in its canonical text, with words for the prefixes of inherited labels."""
    text = selector_text(selector)
    for prefix, words in _PREFIXES.items():
        text = re.sub(rf"(?<![\w.\"-]){re.escape(prefix)}", words, text)
    return text


def icmp_words(match: IcmpMatch) -> str:
    """Return an ICMP condition, such as ``type 8`` or ``type 3 code 1``."""
    return f"type {match.type}" if match.code is None else f"type {match.type} code {match.code}"


def _undecided(outcome: Outcome) -> str:
    if outcome.unknown:
        return f"{_DONE[outcome.verdict]} by what is not known"
    if outcome.verdict == "Deny":
        return "denied: no policy decides and no profile allows it"
    return "allowed: no policy is asked"
