"""A field without which a record is corrupt, and what it must hold.

Promises: says nothing of how a source reads the field; `why_corrupt` names the fault of a record with it.
"""

from enum import StrEnum

from msgspec import Struct


class Holds(StrEnum):
    """What a required field must hold, in the words of a message. Any value that is not null is read as a text."""

    SECONDS = "Unix seconds"
    TIME = "a time since 1970 such as 2026-03-02T00:00:00Z"
    TEXT = "a text"
    OBJECT = "an object that says something"


class RequiredField(Struct, frozen=True):
    """The name of a field and what it must hold. ``absent``: the format leaves it out where it is zero."""

    name: str
    holds: Holds
    absent: bool = False
