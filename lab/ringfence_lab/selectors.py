"""The few selector forms that the judge knows.

Promises: a conjunction of ``key == 'value'`` and ``has(key)``, or an error that quotes the text; nothing is guessed.
Not Calico's selector language: that is the engine's, and a judge that shared it could not contradict it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_KEY: Final = r"[A-Za-z0-9][A-Za-z0-9_./-]*"
_TERM: Final = re.compile(
    rf"(?:has\((?P<has>{_KEY})\)|(?P<key>{_KEY})\s*==\s*(?P<quote>['\"])(?P<value>[^'\"]*)(?P=quote))\Z"
)
_HASH_KEYS: Final = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "controller-uid",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
    }
)
_HASH_VALUE: Final = re.compile(
    r"(?:\A|-)(?=[a-z0-9]*[0-9])[bcdfghjklmnpqrstvwxz2456789]{8,10}(?:-[bcdfghjklmnpqrstvwxz2456789]{5})?\Z"
)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on a label; ``value`` is None for ``has(key)``."""

    key: str
    value: str | None

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Say whether labels fulfil the condition."""
        return self.key in labels if self.value is None else labels.get(self.key) == self.value

    def names_hash(self) -> bool:
        """Say whether the condition ties a policy to one rollout, one pod or one job run."""
        return self.key in _HASH_KEYS or (self.value is not None and _HASH_VALUE.search(self.value) is not None)


@dataclass(frozen=True, slots=True)
class Selector:
    """All terms must hold."""

    terms: tuple[Term, ...]

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Say whether labels fulfil every term."""
        return all(term.holds(labels) for term in self.terms)

    def names_hash(self) -> bool:
        """Say whether any term does."""
        return any(term.names_hash() for term in self.terms)


def parse_selector(text: str) -> Selector:
    """Return the selector. Raises ValueError for every other form."""
    terms = []
    for part in text.split("&&"):
        found = _TERM.match(part.strip())
        if found is None:
            raise ValueError(f"selector {text!r} is no conjunction of key == 'value' and has(key)")
        terms.append(Term(found["has"] or found["key"], found["value"]))
    return Selector(tuple(terms))
