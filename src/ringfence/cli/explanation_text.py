"""An explanation in words: one sentence on top, then both ends tier by tier.

Promises: the first line answers the question; below it every policy that had a say is named in the order in which it
was asked, and ``wide`` also names those that had none. Whatever the snapshot holds, no control character is printed.
"""

from collections.abc import Iterator
from typing import Final

from ringfence.cli.terminal import Terminal, heading, sentence, warning
from ringfence.engine.explain import Explained, ExplainedSide, Explanation
from ringfence.engine.named_end import NamedEnd
from ringfence.model.trace import Hit
from ringfence.semantics.words import (
    connection_words,
    hit_words,
    policy_words,
    side_words,
    trace_words,
    verdict_words,
)

_PODS_SHOWN: Final = 3


def explanation_text(explanation: Explanation, *, terminal: Terminal, wide: bool) -> str:
    """Write an explanation for people."""
    return "".join(f"{line}\n" for line in _lines(explanation, terminal=terminal, wide=wide))


def _lines(explanation: Explanation, *, terminal: Terminal, wide: bool) -> Iterator[str]:
    for number, item in enumerate(explanation.items):
        if number:
            yield ""
        yield from _item(item, alone=len(explanation.items) == 1, terminal=terminal, wide=wide)


def _item(item: Explained, *, alone: bool, terminal: Terminal, wide: bool) -> Iterator[str]:
    answer = answer_words(item, alone=alone)
    if item.judgement.verdict == "Allow":
        yield from heading(answer, terminal=terminal)
    else:
        yield from warning(answer, terminal=terminal)
    for direction, named, side in (
        ("Egress", item.source, item.egress),
        ("Ingress", item.destination, item.ingress),
    ):
        yield ""
        if side is None:
            of = f"{direction} of {named.shown}: nothing is evaluated, as no policy of Calico's is asked there"
            yield from sentence(of, terminal=terminal)
        else:
            yield from _side(f"{direction} of {_with_pods(named)}", side, terminal=terminal, wide=wide)
    if item.notes:
        yield ""
        yield from heading("Notes", terminal=terminal)
        for note in item.notes:
            yield from sentence(note, terminal=terminal, indent=2, mark="- ")


def answer_words(item: Explained, *, alone: bool = True) -> str:
    """Return the answer in one sentence; one of several says which pods it is of."""
    ends = (item.source, item.destination)
    source, destination = (each.shown if alone else _with_pods(each) for each in ends)
    on = connection_words(item.connection)
    sides = (("egress", item.source, item.egress), ("ingress", item.destination, item.ingress))
    told = [(direction, named, each.side) for direction, named, each in sides if each is not None]
    match item.judgement.verdict:
        case "Allow":
            because = " and ".join(f"{direction} is {side_words(side)}" for direction, _, side in told)
            because = because or "no policy is asked at either end"
            return f"{source} may reach {destination} on {on}: {because}"
        case "Deny":
            direction, side = next((word, side) for word, _, side in told if side.verdict == "Deny")
            return f"{source} may not reach {destination} on {on}: {direction} is {side_words(side)}"
        case "Uncertain":
            reasons = "; ".join(
                dict.fromkeys(reason for _, _, side in told if side.verdict == "Uncertain" for reason in side.unknown)
            )
            return f"whether {source} may reach {destination} on {on} is not known: {reasons}"


def _with_pods(named: NamedEnd) -> str:
    if not named.pods or named.pods == (named.shown,):
        return named.shown
    names = ", ".join(pod.rpartition("/")[2] for pod in named.pods[:_PODS_SHOWN])
    more = "" if len(named.pods) <= _PODS_SHOWN else f" and {len(named.pods) - _PODS_SHOWN} more"
    return f"{named.shown} ({'pod' if len(named.pods) == 1 else f'{len(named.pods)} pods'}: {names}{more})"


def _side(title: str, explained: ExplainedSide, *, terminal: Terminal, wide: bool) -> Iterator[str]:
    side = explained.side
    yield from heading(f"{title}: {verdict_words(side.verdict)}", terminal=terminal)
    if side.verdict == "Uncertain":
        for reason in side.unknown:
            yield from warning(reason, terminal=terminal, indent=2, mark="? ")
        for outcome in side.outcomes:
            yield from sentence(f"may be {trace_words(outcome)[-1]}", terminal=terminal, indent=2)
    perhaps = "perhaps " if side.verdict == "Uncertain" else ""
    shown = [each for each in explained.considered if wide or each.near]
    hits = {hit.tier: hit for hit in side.trace if not hit.profile}
    for tier in (name for name in explained.tiers if name in hits or any(each.tier == name for each in shown)):
        yield from sentence(f"tier {tier}", terminal=terminal, indent=2)
        for each in shown:
            if each.tier == tier:
                words = f"{policy_words(each.considered.policy)}: {each.considered.reason}"
                yield from sentence(words, terminal=terminal, indent=4, mark="- ")
        if tier in hits:
            yield from sentence(f"{perhaps}{_hit(hits[tier])}", terminal=terminal, indent=4, mark="=> ")
    last = side.trace[-1] if side.trace else None
    if last is None or last.profile or last.action == "Pass":
        ending = f"{perhaps}{trace_words(side.outcomes[0])[-1]}"
        yield from sentence(ending, terminal=terminal, indent=2, mark="=> ")
    hidden = len(explained.considered) - len(shown)
    if hidden:
        noun = "policy that has" if hidden == 1 else "policies that have"
        yield from sentence(f"{hidden} {noun} no say here: shown with -o wide", terminal=terminal, indent=2)


def _hit(hit: Hit) -> str:
    words = hit_words(hit)
    if hit.dataplane_trigger is None:
        return words
    return f"{words} (flow logs name the last of them, {policy_words(hit.dataplane_trigger)})"
