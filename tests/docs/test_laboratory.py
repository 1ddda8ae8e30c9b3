"""The picture in ``docs/laboratory.md`` shows edges of a real world. ``make docs`` draws it."""

from typing import Final

from ringfence_lab.defects import counts_written
from ringfence_lab.formats import FORMAT_NAMES
from ringfence_lab.picture import drawing
from tests.architecture.repository import ROOT
from tests.docs.pages import generated_parts, with_generated_part

PAGE: Final = ROOT / "docs/laboratory.md"


def test_the_picture_is_current(*, regenerate: bool) -> None:
    """Written by the laboratory, never by hand."""
    part = f"```mermaid\n{drawing()}```\n"

    if regenerate:
        PAGE.write_text(with_generated_part(PAGE.read_text("utf-8"), name="picture", part=part), encoding="utf-8")

    assert generated_parts(PAGE.read_text("utf-8"))["picture"] == part


def test_the_page_knows_every_format_and_defect() -> None:
    """A reader finds each by its name."""
    names = {*FORMAT_NAMES, *counts_written({}, missing=0)}
    names |= {"late", "outOfOrder", "repeated", "overlapping", "corrupt", "stale", "replies", "ghosts", "clockSkew"}

    text = PAGE.read_text("utf-8")

    assert {name for name in names if f"`{name}`" not in text} == set()
