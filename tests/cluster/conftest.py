"""A folder of object files, written in a line or two."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence.cluster.snapshot import Snapshot, read_snapshot

Read = Callable[..., Snapshot]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that writes files (name → text) and reads their folder."""

    def write_and_read(files: dict[str, str | bytes]) -> Snapshot:
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_snapshot(tmp_path)

    return write_and_read
