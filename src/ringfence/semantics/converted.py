"""A policy as Calico holds it, whatever it was written as."""

from msgspec import Struct

from ringfence.model.policy import Policy
from ringfence.model.trace import PolicyRef


class Converted(Struct, frozen=True):
    """``ref`` is what traces call it. ``notes`` say in words where the conversion changed what was meant."""

    policy: Policy
    ref: PolicyRef
    notes: tuple[str, ...] = ()
