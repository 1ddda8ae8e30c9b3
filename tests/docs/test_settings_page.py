"""``docs/settings.md`` knows every key of the settings file. ``make docs`` writes its tables."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import msgspec
import pytest

from ringfence.engine.decisions_file import read_decisions
from ringfence.engine.settings_file import read_settings, setting_keys
from ringfence.engine.settings_reference import ROWS, SettingRow, guard_rows
from ringfence.learning.guard_settings import GuardSettings
from tests.architecture.repository import ROOT
from tests.docs.pages import generated_parts, with_generated_part

PAGE: Final = ROOT / "docs/settings.md"


def table(rows: Iterable[SettingRow], *, reasons: bool) -> str:
    """Return rows as a Markdown table."""
    titles = ["key", "default", "written as", "effect", *(["reason"] if reasons else [])]
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    for row in rows:
        default = "" if row.default in {"", "none"} else f"`{row.default}`"
        cells = [f"`{row.key}`", default.replace("|", "\\|"), row.unit, row.effect, *([row.reason] if reasons else [])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


PARTS: Final = {"settings": table(ROWS, reasons=True), "guard": table(guard_rows(), reasons=False)}


@pytest.fixture(scope="module", autouse=True)
def _written(*, regenerate: bool) -> None:
    if regenerate:
        text = PAGE.read_text(encoding="utf-8")
        for name, part in PARTS.items():
            text = with_generated_part(text, name=name, part=part)
        PAGE.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", PARTS)
def test_a_generated_part_is_current(name: str) -> None:
    """The page shows the defaults that the program has now."""
    assert generated_parts(PAGE.read_text(encoding="utf-8")).get(name) == PARTS[name], "write it anew with `make docs`"


def test_every_key_has_a_row_and_every_row_a_key() -> None:
    """What may be written is documented, and nothing else."""
    assert sorted(row.key for row in ROWS) == sorted(setting_keys())


def test_every_threshold_says_its_effect() -> None:
    """The text below the field is what people read."""
    rows = list(guard_rows())
    assert len(rows) == len(msgspec.structs.fields(GuardSettings))
    assert [row.key for row in rows if not row.effect] == []


@pytest.mark.parametrize(("number", "read"), [(0, read_settings), (1, read_decisions)])
def test_the_examples_of_the_page_are_taken(number: int, read: Callable[[Path], object], tmp_path: Path) -> None:
    """As they stand."""
    examples = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1:]
    file = tmp_path / "example.yaml"
    file.write_text(examples[number].partition("```")[0], encoding="utf-8")
    assert read(file)
