"""How what was measured stands in a page.

Promises: a number of several turns is shown with its spread; a report takes the place of the last one of its name,
between ``<!-- generated: begin NAME -->`` and ``<!-- generated: end NAME -->``, and touches nothing else.
"""

import re
from collections.abc import Sequence
from statistics import median

from ringfence_lab.bench_flows import CannotMeasureError


def spread(values: Sequence[float]) -> str:
    """Return the median with the lowest and the highest."""
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def megabytes(size: int) -> str:
    """Return a number of bytes in millions."""
    return f"{size / 1e6:.0f}"


def with_report(page: str, text: str, *, name: str) -> str:
    """Return the page with a report in the place of the last one. Raises CannotMeasureError without such a place."""
    begin, end = f"<!-- generated: begin {name} -->\n", f"<!-- generated: end {name} -->"
    place = re.compile(f"({begin}).*?({end})", re.DOTALL)
    if not place.search(page):
        message = f"the page has no '{begin.rstrip()}' … '{end}'; add them"
        raise CannotMeasureError(message)
    return place.sub(lambda match: match[1] + text + match[2], page)
