"""Find the files that a person named: paths, directories, globs, standard input.

Promises: a file is read once however often it was named; every input that gives no file says why. Directories are
searched downwards, hidden names left alone; the order is that of the arguments, then of names.
"""

from collections.abc import Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import Final

from msgspec import Struct

STANDARD_INPUT: Final = "-"


class InputProblem(Struct, frozen=True, order=True):
    """An argument that gives nothing to read, and what to do."""

    name: str
    reason: str


class FoundInputs(Struct, frozen=True):
    """The files to read in order, whether standard input is among them, and what could not be found."""

    files: tuple[Path, ...]
    standard_input: bool
    problems: tuple[InputProblem, ...]


def find_inputs(names: Sequence[str]) -> FoundInputs:
    """Return the files that the arguments name."""
    files: dict[Path, Path] = {}
    problems: list[InputProblem] = []
    for name in names:
        if name == STANDARD_INPUT:
            continue
        found = list(_files(name))
        if not found:
            problems.append(InputProblem(name, _why_nothing(name)))
        for file in found:
            known = files.setdefault(file.resolve(), file)
            if known is not file:
                problems.append(InputProblem(str(file), f"is the same file as {known}, read once"))
    return FoundInputs(tuple(files.values()), STANDARD_INPUT in names, tuple(problems))


def _files(name: str) -> Iterator[Path]:
    path = Path(name)
    if path.is_dir():
        yield from sorted(
            file
            for file in path.rglob("*")
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
        )
    elif path.exists():
        yield path
    elif has_magic(name):
        for each in sorted(glob(name, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute patterns
            yield from _files(each)


def _why_nothing(name: str) -> str:
    path = Path(name)
    if path.is_dir():
        return "is an empty directory; give one that holds flow logs"
    if has_magic(name):
        return "matches no file; quote the pattern and check the directory"
    return "does not exist; check the path"
