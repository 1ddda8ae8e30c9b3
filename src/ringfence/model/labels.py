"""Labels of an endpoint, as sorted pairs.

Promises: equal label sets compare, hash and print equal. Does not say which labels are stable; `dialects` and `rules`
choose what a selector may name.
"""

from collections.abc import Iterable, Mapping
from typing import Self

from msgspec import Struct


class Labels(Struct, frozen=True, order=True):
    """Label pairs sorted by key. Build with `of`; a repeated key keeps its last value, as Kubernetes maps do."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> Self:
        """Return the labels of a mapping or of pairs."""
        return cls(tuple(sorted(dict(pairs).items())))

    def get(self, key: str) -> str | None:
        """Return the value of a key, or None when the label is absent."""
        return next((value for name, value in self.pairs if name == key), None)

    def __and__(self, other: "Labels") -> "Labels":
        """Return the pairs that both hold."""
        theirs = set(other.pairs)
        return Labels(tuple(pair for pair in self.pairs if pair in theirs))

    def as_dict(self) -> dict[str, str]:
        """Return a new mapping of the pairs."""
        return dict(self.pairs)
