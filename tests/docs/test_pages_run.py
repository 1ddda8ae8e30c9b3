"""Every command in the documents runs, and prints what the page says. ``make docs`` writes the outputs."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.repository import ROOT
from tests.docs.console import blocks, fences, only_shown, with_outputs
from tests.docs.pages import page_names, pages

FEWEST_BLOCKS: Final = 8
"""Of all pages; raised with the documents, so that blocks cannot get lost."""
WIDTH: Final = "100"


def environment_in(home: Path) -> dict[str, str]:
    """Return what a reader's shell has: our commands first, a home of its own, and nothing of this machine's."""
    return {
        "COLUMNS": WIDTH,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "TMPDIR": str(home),
        "TZ": "UTC",
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
    }


@pytest.mark.parametrize("name", page_names())
def test_a_page_shows_what_its_commands_print(name: str, *, tmp_path: Path, regenerate: bool) -> None:
    """Pasted from top to bottom in a directory that holds ``examples/``."""
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    if (ROOT / "examples").is_dir():
        shutil.copytree(ROOT / "examples", folder / "examples")

    written = with_outputs(text, folder=folder, environment=environment_in(home))

    if regenerate and written != text:
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8"), "write the outputs anew with `make docs` and read the change"


def test_no_console_block_is_missed() -> None:
    """A block that is indented or fenced otherwise would be shown without being run."""
    missed = {
        path.name: text
        for path in pages()
        if fences(text := path.read_text(encoding="utf-8")) != len(blocks(text)) + only_shown(text)
    }

    assert missed == {}


def test_the_documents_have_their_commands() -> None:
    """The tests above see what they are for."""
    found = sum(len(blocks(path.read_text(encoding="utf-8"))) for path in pages())

    assert found >= FEWEST_BLOCKS
