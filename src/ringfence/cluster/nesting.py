"""How deeply a YAML text nests, told before it is parsed.

Promises: a text that passes cannot bring the parser to the end of its stack, which would end the whole process. Only
blocks are measured here: the parser itself limits flow collections.
"""

import re
from typing import Final

DEEPEST: Final = 200
_FAR_IN: Final = b" " * DEEPEST
_COMPACT: Final = tuple(re.compile(each + rb"[ \t]+[-?:][ \t]") for each in (b"-", rb"\?", b":"))
"""What a line that opens several blocks holds, from a literal on, which is found ten times as fast as from a class."""
_START: Final = re.compile(rb"( *)((?:[-?:][ \t]+)*)([^\r\n]?)")
_INDICATOR: Final = re.compile(rb"[-?:]")


def is_too_deep(text: bytes) -> bool:
    """Return whether blocks may nest beyond DEEPEST.

    Lines of a text scalar count as blocks, so the answer may be true of one that is indented in over 200 steps.
    """
    if _FAR_IN not in text and not any(each.search(text) for each in _COMPACT):
        return False
    columns: list[int] = []
    for line in text.split(b"\n"):
        start = _START.match(line)
        if start is None or not (start[2] or start[3]):
            continue
        indent = len(start[1])
        while columns and columns[-1] >= indent:
            columns.pop()
        columns.extend(indent + each.start() for each in _INDICATOR.finditer(start[2]))
        if start[3]:
            columns.append(start.end(2))
        if len(columns) > DEEPEST:
            return True
    return False
