"""What standard error says of a reading: inputs that were skipped, records that were corrupt.

Promises: every skipped input is named with its reason; the first corrupt records are named by file and line, and the
rest are counted, with the place that keeps all of them.
"""

from collections.abc import Iterator
from typing import Final

from ringfence.cli.terminal import safe_text
from ringfence.engine.reading import Reading

_CORRUPT_SHOWN: Final = 10


def reading_notes(reading: Reading) -> Iterator[str]:
    """Yield one line a note."""
    for skipped in reading.skipped:
        yield safe_text(f"skipped: {skipped.file} {skipped.reason}")
    for corrupt in reading.corrupt[:_CORRUPT_SHOWN]:
        yield safe_text(f"{corrupt.file}:{corrupt.line} {corrupt.reason}")
    if not reading.corrupt:
        return
    more = len(reading.corrupt) - _CORRUPT_SHOWN
    found = f"and {more} more corrupt" if more > 0 else f"{len(reading.corrupt)} corrupt"
    if reading.set_aside is not None:
        yield safe_text(f"{found}; all kept in {reading.set_aside}")
    else:
        yield safe_text(f"{found}; not kept: {reading.set_aside_problem}. Give another place with --set-aside DIR")
