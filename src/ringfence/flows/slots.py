"""Five-minute slots of an hour, as bits: which of them a record says something of.

Promises: a record counts for the slot it starts in and for those it covers up to its end, within the hour it starts
in; one that ends before it starts counts for its first. Only whether a slot has a record is kept, so repeats change
nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from ringfence.model.window import HOUR

SLOT: Final = 300
SLOTS_AN_HOUR: Final = HOUR // SLOT


def slots_of(start: int, end: int) -> int:
    """Return the mask of a record's slots: bit 0 is the first slot of the hour that ``start`` lies in.

    >>> f"{slots_of(3600 + 600, 3600 + 1201):012b}"
    '000000011100'
    """
    begin = start // HOUR * HOUR
    first = (start - begin) // SLOT
    last = max(first, min(SLOTS_AN_HOUR - 1, (end - begin - 1) // SLOT))
    return (1 << (last + 1)) - (1 << first)


def slots_by_node(found: Iterable[tuple[str, int, int]]) -> Mapping[str, Mapping[int, int]]:
    """Return the union of masks by node and hour, in order. A node that a source writes as ``cluster/node`` (Hubble)
    goes by its own name.
    """
    slots: dict[str, dict[int, int]] = {}
    for node, hour, mask in found:
        hours = slots.setdefault(node.rpartition("/")[2], {})
        hours[hour] = hours.get(hour, 0) | mask
    return {node: dict(sorted(hours.items())) for node, hours in sorted(slots.items())}
