"""Make the next item while the last one is used.

Promises: the same items in the same order, at most one ahead of the one in use; an exception while making an item is
raised where the item would stand.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def prefetched(items: Iterator[T]) -> Iterator[T]:
    """Give the items of an iterator, none of them None, making each in a thread while the one before is used."""
    with ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = maker.submit(next, items, None)
            yield item
