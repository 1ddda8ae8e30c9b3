"""What a run of the command line tells the shell."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit code of a run. `READER_GONE` is what a shell reports of a program whose reader went away."""

    DONE = 0
    FINDINGS = 1
    ERROR = 2
    INTERRUPTED = 130
    READER_GONE = 141
