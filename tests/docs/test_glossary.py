"""The glossary is law: each term that is built names its place, and each that is not is not built."""

import pkgutil
import re
from typing import Final

import pytest

from tests.architecture.repository import ROOT, modules

ROW: Final = re.compile(r"^\| ([a-z ]+) \| (.+) \| (—|`[\w.]+`) \|$", re.MULTILINE)
TEXT: Final = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
TERMS: Final = {match[1]: match[3].strip("`") for match in ROW.finditer(TEXT) if match[1] != "term"}
BUILT: Final = {term: place for term, place in TERMS.items() if place != "—"}
FEWEST_TERMS: Final = 45


def test_every_row_is_read() -> None:
    """A row that these tests cannot read would not be tested."""
    rows = [line for line in TEXT.splitlines() if line.startswith("|") and not line.startswith(("|---", "| term "))]

    assert len(rows) == len(TERMS) >= FEWEST_TERMS


@pytest.mark.parametrize(("term", "place"), BUILT.items(), ids=BUILT)
def test_a_term_that_is_built_is_where_it_says(term: str, place: str) -> None:
    """A module, a type or a field."""
    found = pkgutil.resolve_name(place)

    assert found is not None, term


@pytest.mark.parametrize("term", sorted(TERMS.keys() - BUILT.keys()))
def test_a_term_that_is_not_built_has_no_type_of_its_name(term: str) -> None:
    """When it is built, its row says where."""
    name = "".join(word.capitalize() for word in term.split())

    defined = [
        path.name
        for path in modules()
        if re.search(rf"^(?:class {name}\b|{name}(?::[^=]+)? = )", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert defined == []
