"""Every link between files of the repository leads somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.repository import ROOT
from tests.docs.pages import page_names

_FENCED: Final = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"`[^`\n]*`")
_LINK: Final = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*:")


def prose(text: str) -> str:
    """Return a page without its code, in which brackets are no links."""
    return _CODE.sub("", _FENCED.sub("", text))


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as renderers make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(text: str, *, page: Path) -> Iterator[str]:
    """Yield the links of a page to files or headings that are not there."""
    for match in _LINK.finditer(prose(text)):
        link = match[1] or match[2]
        if _ELSEWHERE.match(link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name if name else page).resolve()
        is_there = target.exists() and target.is_relative_to(ROOT)
        is_page = is_there and target.suffix == ".md"
        if not is_there or (is_page and anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            yield link


@pytest.mark.parametrize("name", page_names())
def test_links_to_files_and_headings_resolve(name: str) -> None:
    """From where the page stands."""
    page = ROOT / name

    assert list(broken(page.read_text(encoding="utf-8"), page=page)) == []


def test_a_broken_link_would_be_found() -> None:
    """The check itself can fail."""
    text = "[a](no-such-file.md), [b](LICENSE), [c](#no-such-heading), `[d](code.md)`, [e](https://example.org/x)\n"

    assert list(broken(text, page=ROOT / "README.md")) == ["no-such-file.md", "#no-such-heading"]
