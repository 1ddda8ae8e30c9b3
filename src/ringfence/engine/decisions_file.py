"""Decisions on held edges as people write them: ``kind: Decisions``.

Promises: each edge has one decision; two words on one edge are an error, so nobody's decision is lost silently.
"""

from collections import Counter
from pathlib import Path
from typing import Final, Literal

from ringfence.engine.written_file import Written, WrittenFileError, read_written
from ringfence.learning.decisions import Decisions, EdgeDecision

KIND: Final = "Decisions"


class _EdgeForm(Written, frozen=True):
    id: str
    decision: Literal["Accept", "Reject"]
    reason: str = ""


class _Form(Written, frozen=True):
    kind: Literal["Decisions"]
    api_version: Literal["ringfence.io/v1alpha1"] = "ringfence.io/v1alpha1"
    edges: tuple[_EdgeForm, ...] = ()


def read_decisions(file: Path) -> Decisions:
    """Return the decisions of a file. Raises WrittenFileError."""
    form = read_written(file, KIND, _Form)
    twice = [id_ for id_, count in Counter(each.id for each in form.edges).items() if count > 1]
    if twice:
        raise WrittenFileError(f"{file}: edge {twice[0]} has more than one decision; keep one")
    return Decisions(tuple(sorted(EdgeDecision(each.id, each.decision, each.reason) for each in form.edges)))
