"""Judge one entry of a rule's list of ports.

Promises: Felix refuses, as the API does, what is no port, and numbers with a protocol that has no ports or without a
protocol; a named port with a protocol that has no ports is refused by the API alone.
"""

import re
from typing import Final

from ringfence.dialects.calico.shape import shown
from ringfence.dialects.calico.valid_protocol import PROTOCOLS_WITH_PORTS
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import Json
from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT

_NUMBERS: Final = re.compile(r"([0-9]{1,10})(?::([0-9]{1,10}))?")
_ALL_DIGITS: Final = re.compile(r"[0-9]+")
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,128}")


def port_problem(value: Json, *, protocol: str | None, path: str) -> Problem | None:
    """Return why a port is refused in a rule with this protocol (None: the rule names none), or None.

    An integer, ``"a:b"`` and a text of digits are numbers; other texts are names. Other JSON is `shape`'s matter.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    numbers = _NUMBERS.fullmatch(str(value)) if isinstance(value, str) else None
    if numbers is not None:
        first, last = int(numbers[1]), int(numbers[2] or numbers[1])
    elif isinstance(value, int):
        first = last = value
    elif _NAME.fullmatch(value) and not _ALL_DIGITS.fullmatch(value):
        return _named_port_problem(protocol, path=path)
    else:
        return Problem(path, f"{shown(value)} is no port; use a number, a range as '80:90' or a name", "Felix")
    if not LOWEST_PORT <= first <= last <= HIGHEST_PORT:
        reason = f"{shown(value)} is not within {LOWEST_PORT}-{HIGHEST_PORT} in rising order"
        return Problem(path, reason, "Felix")
    if protocol is None:
        return Problem(path, "numbers need a protocol; name TCP, UDP or SCTP, or use named ports", "Felix")
    if protocol not in PROTOCOLS_WITH_PORTS:
        return Problem(path, f"protocol {protocol} has no ports; use TCP, UDP or SCTP", "Felix")
    return None


def _named_port_problem(protocol: str | None, *, path: str) -> Problem | None:
    if protocol is None or protocol in PROTOCOLS_WITH_PORTS:
        return None
    return Problem(path, f"protocol {protocol} has no ports; use TCP, UDP or SCTP")
