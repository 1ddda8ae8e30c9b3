"""The picture in the README is what the command prints."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "first-result.svg"
ARGUMENTS = [
    *("recommend", "examples/small-world/flows", "--snapshot", "examples/small-world/cluster"),
    *("-n", "messaging"),
]


def picture() -> str:
    """Return the command and its report as an SVG, the same on every machine."""
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100"}
    program = Path(sys.executable).with_name("ringfence")
    report = subprocess.run(
        [program, *ARGUMENTS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ ringfence {' '.join(ARGUMENTS)}", style="bold"))
    console.print(Text(report.rstrip()))
    drawn = console.export_svg(title="ringfence", unique_id="ringfence")
    # Some viewers trim lines, and with them the indentation.
    drawn = drawn.replace("<svg ", '<svg xml:space="preserve" ', 1)
    # The fonts of the drawing library would be fetched from elsewhere by whoever looks; the reader's own are as good.
    return re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)


def test_the_picture_is_current(*, regenerate: bool) -> None:
    """Written by ``make docs``, never by hand."""
    drawn = picture()

    if regenerate:
        PICTURE.write_text(drawn, encoding="utf-8")

    assert PICTURE.read_text(encoding="utf-8") == drawn


def test_the_picture_is_of_make_run() -> None:
    """Who runs it sees what the README shows."""
    recipe = subprocess.run(
        ["/usr/bin/env", "make", "--dry-run", "run"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    commands = [line.partition(" 2>")[0] for line in recipe.splitlines()]

    assert f".venv/bin/ringfence {' '.join(ARGUMENTS)}" in commands
