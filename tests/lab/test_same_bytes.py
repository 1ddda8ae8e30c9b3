"""The same arguments give the same bytes, wherever, whenever and by whomever a world is made."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from ringfence_lab.formats import FORMAT_NAMES, FormatName

HERE: Final[Mapping[str, str]] = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
ELSEWHERE: Final[Mapping[str, str]] = {
    "PYTHONHASHSEED": "77",
    "TZ": "Pacific/Apia",
    "LC_ALL": "C",
    "LANG": "tr_TR.ISO8859-9",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
}
WORLD: Final = ("--seed", "3", "--size", "1", "--days", "1", "--learn-days", "1", "--lines-per-day", "200")


def digest(folder: Path) -> str:
    """Return what a folder of files holds as one number."""
    found = hashlib.sha256()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) > 10
    for file in files:
        found.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def made(out: Path, name: FormatName, *, around: Mapping[str, str], folder: Path, one_core: bool) -> str:
    """Make a world in a process with these surroundings, in a folder, and return its digest."""
    folder.mkdir()
    command = [sys.executable, "-m", "ringfence_lab.world", str(out), *WORLD, "--format", name]
    if one_core and hasattr(os, "sched_setaffinity"):
        core = min(os.sched_getaffinity(0))
        run = "import os, runpy, sys; os.sched_setaffinity(0, {int(sys.argv.pop(1))})"
        run += "; runpy.run_module('ringfence_lab.world', run_name='__main__', alter_sys=True)"
        command = [sys.executable, "-c", run, str(core), *command[3:]]
    subprocess.run(command, check=True, env={**os.environ, **around}, cwd=folder)
    return digest(out)


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_surroundings_change_no_byte(tmp_path: Path, name: FormatName) -> None:
    """The order of hashes, the time zone, the locale and its encoding, the current folder, and how many cores."""
    here = made(tmp_path / "a", name, around=HERE, folder=tmp_path / "here", one_core=False)
    elsewhere = made(tmp_path / "b", name, around=ELSEWHERE, folder=tmp_path / "else where", one_core=True)

    assert elsewhere == here
