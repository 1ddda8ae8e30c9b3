"""The repository speaks of the product alone and works anywhere: no machine, registry or tracker shows in its text."""

import re
from typing import Final

import pytest

from tests.architecture.repository import ROOT, files, shown

NOT_FOR_READERS: Final = {
    "path of a machine": re.compile(r"(?<![\w.])/(?:work|farm|root|Users/\w+|home/\w+)/"),
    "host of a registry": re.compile(r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|golang\.org)\b"),
    "number of an issue": re.compile(r"(?<![\w&/#'\"])#\d{1,5}\b(?!;)|\b(?:issue|PR|GH)[ -]#?\d+\b", re.IGNORECASE),
}


def found_in(text: str) -> list[tuple[int, str]]:
    """Return line and kind of each thing that only makes sense to whoever wrote it."""
    return [
        (number, kind)
        for number, line in enumerate(text.splitlines(), start=1)
        for kind, pattern in NOT_FOR_READERS.items()
        if pattern.search(line)
    ]


def test_no_text_names_a_machine_a_registry_or_an_issue() -> None:
    """What a stranger cannot open is not written down."""
    found: list[str] = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{shown(path)}:{line}: {kind}" for line, kind in found_in(text)]

    assert found == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("see " + "/root" + "/notes", "path of a machine"),
        ("--index-url https://" + "pypi" + ".org/simple", "host of a registry"),
        ("fixes " + "#" + "12", "number of an issue"),
    ],
)
def test_each_kind_would_be_found(line: str, kind: str) -> None:
    """The check itself can fail."""
    assert found_in(line) == [(1, kind)]


def test_files_are_small_enough_to_read() -> None:
    """A repository is cloned often: samples stay under 2 MiB."""
    assert [shown(path) for path in files() if path.stat().st_size > 2 * 1024 * 1024] == []


def test_the_repository_was_seen() -> None:
    """Guards the other tests here against looking at nothing."""
    names = {shown(path) for path in files(ROOT)}

    assert {"pyproject.toml", "Makefile", ".ci/run", "src/ringfence/__init__.py"} <= names
