"""One concept a module: a long one is probably two."""

from typing import Final

from tests.architecture.repository import ROOT, files, shown

LONGEST: Final = 400


def test_no_module_is_past_the_length_of_one_concept() -> None:
    """Past this length a module is looked at again, here before a reader has to."""
    lengths = {
        shown(path): len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("src", "lab")
        for path in files(ROOT / folder)
        if path.suffix in {".py", ".sql"}
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
