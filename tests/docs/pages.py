"""The documents that people read, and the parts of them that are written by a command.

Promises: a generated part stands between ``<!-- generated: begin NAME -->`` and ``<!-- generated: end NAME -->``;
replacing it touches nothing else.
"""

import re
from pathlib import Path
from typing import Final

from tests.architecture.repository import ROOT, files, shown

_PART: Final = re.compile(r"(<!-- generated: begin ([a-z-]+) -->\n)(.*?)(<!-- generated: end \2 -->)", re.DOTALL)


def pages() -> list[Path]:
    """Return the Markdown files of the repository: those in its root, and those under docs/."""
    return sorted([*ROOT.glob("*.md"), *(path for path in files(ROOT / "docs") if path.suffix == ".md")])


def page_names() -> list[str]:
    """Return the pages as paths from the root, which is how tests are named for them."""
    return [shown(path) for path in pages()]


def generated_parts(text: str) -> dict[str, str]:
    """Return the generated parts of a page by name."""
    return {match[2]: match[3] for match in _PART.finditer(text)}


def with_generated_part(text: str, *, name: str, part: str) -> str:
    """Return the page with this part in the place of what stood there. Raises LookupError without such a place."""
    if name not in generated_parts(text):
        message = f"the page has no '<!-- generated: begin {name} -->' … '<!-- generated: end {name} -->'; add the pair"
        raise LookupError(message)
    return _PART.sub(lambda match: match[1] + part + match[4] if match[2] == name else match[0], text)
