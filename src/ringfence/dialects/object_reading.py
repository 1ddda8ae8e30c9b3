"""What became of an object that was read.

Promises: nothing is refused without a reason, and what the API would refuse is told apart from what is not there: an
object that got past the API is acted upon as it was converted, unless the dataplane itself refuses it.
"""

from typing import Generic, TypeVar

from msgspec import Struct

from ringfence.dialects.problem import Problem

T = TypeVar("T")


class ObjectReading(Struct, Generic[T], frozen=True):
    """``value`` is what the dataplane acts on, None where it acts as if the object were not there.

    ``problems`` are why the API would refuse the object, or why it is not there; empty for a good one.
    """

    value: T | None
    problems: tuple[Problem, ...] = ()
