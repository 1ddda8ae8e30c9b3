"""The repository as its own tests see it: where it is, and which files a reader of it meets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CORE: Final = ("model", "dialects", "semantics", "flows", "learning", "rules", "verify", "recommend")
"""The pure packages, those that do not exist yet included."""
_MADE_BY_COMMANDS: Final = frozenset({"__pycache__", "dist", "ringfence-set-aside"})
_HIDDEN_BUT_OURS: Final = frozenset({".ci", ".gitattributes", ".gitignore"})


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Yield every file that belongs to the repository, in order; what commands made and what git keeps is left out."""
    for path in sorted(folder.iterdir()):
        if path.name in _MADE_BY_COMMANDS or (path.name.startswith(".") and path.name not in _HIDDEN_BUT_OURS):
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def modules(*packages: str) -> list[Path]:
    """Return the Python files of these packages of ``ringfence``, or of all."""
    folders = [ROOT / "src/ringfence" / package for package in packages] or [ROOT / "src/ringfence"]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def shown(path: Path) -> str:
    """Return a path as messages show it: from the root of the repository."""
    return path.relative_to(ROOT).as_posix()
