"""Take a member of untrusted JSON as the type it should have, or as absent.

Promises: never raises, and never hides a problem: `shape` has already named whatever is not of its type.
"""

from collections.abc import Iterator, Mapping, Sequence

from ringfence.model.kubernetes_object import Json


def text_of(record: Mapping[str, Json], name: str) -> str:
    """Return a text, empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, str) else ""


def flag_of(record: Mapping[str, Json], name: str) -> bool:
    """Return a flag, false where there is none."""
    return record.get(name) is True


def integer_of(record: Mapping[str, Json], name: str) -> int | None:
    """Return an integer, or None."""
    value = record.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def record_of(record: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    """Return an object, empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}


def items_of(record: Mapping[str, Json], name: str) -> Sequence[Json]:
    """Return a list, empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def texts_of(record: Mapping[str, Json], name: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a list with their places."""
    return ((index, item) for index, item in enumerate(items_of(record, name)) if isinstance(item, str))


def records_of(record: Mapping[str, Json], name: str) -> Iterator[tuple[int, Mapping[str, Json]]]:
    """Yield the objects of a list with their places."""
    return ((index, item) for index, item in enumerate(items_of(record, name)) if isinstance(item, Mapping))
