"""Every row of a table stands on a sentence that can be looked up."""

from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from tests.semantics.worlds import Case

FOLDER: Final = Path(__file__).parent
TABLES: Final = sorted(
    path.stem for path in FOLDER.glob("test_*.py") if "\nCASES: Final = (" in path.read_text(encoding="utf-8")
)


def test_the_tables_are_found() -> None:
    """A table that nobody looks at would be right."""
    assert len(TABLES) >= 9


@pytest.mark.shared
@pytest.mark.parametrize("table", TABLES)
def test_every_sentence_is_in_the_reference(table: str, shared: Path) -> None:
    """Sentences are quoted as they stand, but for the ends of lines."""
    text = " ".join((shared / "reference" / "calico-semantics.md").read_text(encoding="utf-8").split())
    module = import_module(f"tests.semantics.{table}")
    rows = [*module.CASES, *getattr(module, "ROWS", ())]

    assert all(isinstance(row, Case) for row in module.CASES)
    assert {row.says for row in rows if " ".join(row.says.split()) not in text} == set()
