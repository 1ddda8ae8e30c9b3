"""Keep a directory of policy files equal to what was recommended.

Promises: only files that carry our ownership label are replaced or removed; when another's file stands in a place of
ours, nothing at all is written. A file is written whole or not at all. Symbolic links below the directory are never
followed. Files hold Kubernetes objects only. What the objects say is `dialects`' and `recommend`'s.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from ringfence.delivery.ownership import MANAGED_BY, MANAGED_BY_LABEL, OwnedFile, owned_file
from ringfence.delivery.place import SUFFIX, Place
from ringfence.flows.names import is_dns_label

_LABEL: Final = f"label {MANAGED_BY_LABEL}: {MANAGED_BY}"
_MODE: Final = 0o644

Change = Literal["created", "configured", "unchanged", "pruned"]


class DeliveryRefusedError(Exception):
    """Nothing was written; the message names every place that is in the way and what to do about it."""


class FileChange(Struct, frozen=True):
    """What happened to one file, in kubectl's words; ``pruned`` is a file of ours that is no longer produced."""

    path: Path
    change: Change


class FilePlan(Struct, frozen=True):
    """What will be done: texts to write by path, and files to remove."""

    changes: tuple[FileChange, ...]
    texts: Mapping[Path, str]


def planned_files(texts: Mapping[Place, str], *, directory: Path, namespaces: frozenset[str] | None) -> FilePlan:
    """Compare the directory with what it should hold; reads only.

    Files that are no longer produced are pruned: all of ours, or only those of ``namespaces`` where they are given.
    Raises DeliveryRefusedError when a place is not ours to write.
    """
    wanted = {directory / str(place): text for place, text in sorted(texts.items())}
    problems = tuple(_problems(wanted, directory=directory))
    if problems:
        raise DeliveryRefusedError(
            "\n".join(
                [
                    f"nothing was written to {directory}, because files that are not ours stand in the way:",
                    *(f"  {problem}" for problem in problems),
                    f"Move them away, choose another directory, or, where Ringfence wrote them, put the {_LABEL} back.",
                ]
            )
        )
    written = [FileChange(path, _change(path, text=text)) for path, text in wanted.items()]
    pruned = [
        FileChange(path, "pruned")
        for path, owned in _owned_files(directory)
        if path not in wanted and (namespaces is None or owned.namespace in namespaces)
    ]
    return FilePlan((*written, *pruned), wanted)


def deliver_files(plan: FilePlan) -> Iterator[FileChange]:
    """Carry out a plan; each change is yielded when it is done. Raises OSError when the disk refuses."""
    for each in plan.changes:
        match each.change:
            case "created" | "configured":
                each.path.parent.mkdir(parents=True, exist_ok=True)
                _write_whole(each.path, text=plan.texts[each.path])
            case "pruned":
                each.path.unlink()
                _remove_if_empty(each.path.parent)
            case "unchanged":
                pass
        yield each


def _change(path: Path, *, text: str) -> Change:
    if not path.exists():
        return "created"
    return "unchanged" if path.read_bytes() == text.encode() else "configured"


def _problems(wanted: Iterable[Path], *, directory: Path) -> Iterator[str]:
    if directory.exists() and not directory.is_dir():
        yield f"{directory}: not a directory"
        return
    for path in wanted:
        if path.parent.is_symlink():
            yield f"{path.parent}: a symbolic link"
        elif path.parent.exists() and not path.parent.is_dir():
            yield f"{path.parent}: not a directory"
        elif path.is_symlink():
            yield f"{path}: a symbolic link"
        elif path.exists() and _owned(path) is None:
            yield f"{path}: without the {_LABEL}"


def _owned_files(directory: Path) -> Iterator[tuple[Path, OwnedFile]]:
    """Yield the files of ours in any place of ours, in order of their paths."""
    for parent in sorted(directory.iterdir()) if directory.is_dir() else ():
        if parent.is_symlink() or not parent.is_dir() or not is_dns_label(parent.name):
            continue
        for path in sorted(parent.glob(f"*{SUFFIX}")):
            owned = None if path.is_symlink() else _owned(path)
            if owned is not None:
                yield path, owned


def _owned(path: Path) -> OwnedFile | None:
    if not path.is_file():
        return None
    try:
        return owned_file(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return None


def _write_whole(path: Path, *, text: str) -> None:
    """Write beside the file, then rename over it, so that a reader sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fchmod(file.fileno(), _MODE)
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _remove_if_empty(directory: Path) -> None:
    if not any(directory.iterdir()):
        directory.rmdir()
