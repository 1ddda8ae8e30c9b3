"""What a person should know of a scope beside its rules.

Promises: each remark is a sentence with the names it is about; total order, so the same scope says the same. Nothing
here changes a rule.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from ringfence.learning.baseline import Disagreement
from ringfence.model.endpoint import endpoint_text
from ringfence.model.trace import Hit
from ringfence.rules.declare_allows import unseen_allows
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.surroundings import Surroundings
from ringfence.semantics.words import hit_words, policy_words

RemarkKind = Literal["Disagreement", "Kept", "Narrowed", "Tightens", "Shared"]


class Remark(Struct, frozen=True, order=True):
    """A finding in words.

    Disagreement: the newest record and the policies enforced now decide differently. Kept, Narrowed: a rule of a later
    policy that nobody used. Tightens: an earlier policy allows it, so the rule is reached only without that. Shared:
    no label tells the scope's workloads apart.
    """

    kind: RemarkKind
    words: str


def remarks(
    scope: ScopeBaseline, disagreements: Iterable[Disagreement], *, earlier: Iterable[Hit] = ()
) -> tuple[Remark, ...]:
    """Return the remarks of a scope. ``disagreements`` are all of the run, ``earlier`` the hits before our tier."""
    found = [*_disagreements(scope, disagreements), *_declared(scope), *_tightens(earlier), *_shared(scope)]
    return tuple(sorted(dict.fromkeys(found)))


def cluster_remarks(surroundings: Surroundings) -> tuple[str, ...]:
    """Return what the snapshot could not tell of whom the API server calls, as sentences."""
    called = surroundings.declared.called
    unresolved = (
        f"{each.kind} {each.name} calls service {each.service.namespace}/{each.service.name}, and nothing is behind it"
        for each in called.unresolved
    )
    missing = (f"the snapshot holds no {kind}, so callbacks that it registers are not known" for kind in called.missing)
    return tuple(sorted({*unresolved, *missing}))


def _disagreements(scope: ScopeBaseline, disagreements: Iterable[Disagreement]) -> Iterator[Remark]:
    for each in disagreements:
        own = each.edge.client if each.direction == "Egress" else each.edge.server
        if scope.covers(own):
            ends = f"{endpoint_text(each.edge.client)} -> {endpoint_text(each.edge.server)}"
            port = "" if each.edge.port is None else f" {each.edge.port}"
            yield Remark(
                "Disagreement",
                f"{each.direction.lower()} of {ends} {each.edge.protocol}{port}: recorded {hit_words(each.recorded)}, "
                f"today {hit_words(each.judged)}",
            )


def _declared(scope: ScopeBaseline) -> Iterator[Remark]:
    for each in unseen_allows(scope):
        rule = f"{each.direction.lower()} rule {each.rule_index} of {policy_words(each.policy)}"
        if each.state == "kept":
            yield Remark("Kept", f"{rule}: declared, nobody used it yet")
        else:
            why = f" ({each.obstacle})" if each.obstacle else ""
            yield Remark("Narrowed", f"{rule}: nobody used it, and this recommendation takes it away{why}")


def _tightens(earlier: Iterable[Hit]) -> Iterator[Remark]:
    for hit in earlier:
        yield Remark("Tightens", f"{hit_words(hit)}: our rule is reached only once that allow is gone")


def _shared(scope: ScopeBaseline) -> Iterator[Remark]:
    if scope.workloads is not None and len(scope.workloads) > 1:
        names = ", ".join(sorted(endpoint_text(each) for each in scope.workloads))
        yield Remark("Shared", f"one policy for {names}: no label tells their pods apart")
