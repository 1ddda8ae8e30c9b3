"""What a reading of flow logs is asked and what it answers.

Promises: plain values, so that a verb of the command line only parses, asks and prints. `read_flows` does the reading.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from ringfence.flows.directory import Directory
from ringfence.flows.evidence import EvidenceTable

FlowFormat = Literal["calico", "hubble", "goldmane", "whisker", "elasticsearch"]


class FlowRequest(Struct, frozen=True):
    """What to read. ``inputs`` are paths, directories, globs, or ``-`` for standard input; ``since`` and ``until`` are
    Unix seconds and bound the start of records (half-open); ``workspace`` holds temporary files of this run only;
    corrupt records are kept aside as a file in ``set_aside``, which is made when there are any; ``directory`` says who
    names and addresses are, where there is a snapshot of the cluster.
    """

    inputs: tuple[str, ...]
    workspace: Path
    set_aside: Path
    format: FlowFormat | None = None
    since: int | None = None
    until: int | None = None
    directory: Directory | None = None


class Progress(Struct, frozen=True):
    """How far a reading has come. ``bytes_total`` is None where it cannot be known (standard input)."""

    stage: str
    bytes_done: int
    bytes_total: int | None
    records: int


ReportProgress = Callable[[Progress], None]


class FileSkipped(Struct, frozen=True, order=True):
    """An input that gave no records, and why."""

    file: str
    reason: str


class CorruptRecord(Struct, frozen=True, order=True):
    """A record that could not be read: where it stands (1-based line of the decoded file) and why."""

    file: str
    line: int
    reason: str


class Reading(Struct, frozen=True):
    """The evidence and what happened on the way. ``corrupt`` lists every corrupt record in order of file and line;
    ``set_aside`` is the file that keeps their bytes, None when there were none or it could not be written
    (``set_aside_problem`` then says why). ``formats`` are those of the files, sorted.
    """

    table: EvidenceTable
    files: tuple[str, ...]
    skipped: tuple[FileSkipped, ...]
    corrupt: tuple[CorruptRecord, ...]
    set_aside: Path | None
    set_aside_problem: str | None
    formats: tuple[FlowFormat, ...] = ()


class NothingToReadError(Exception):
    """No input could be read at all; the message says for each input what was wrong and what to do."""
