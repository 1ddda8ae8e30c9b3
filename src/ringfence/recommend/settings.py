"""What a person may set, with the vendor's names and defaults where they exist.

Promises: a value; reading it from a file is the shell's. Durations are seconds.
"""

from typing import Final

from msgspec import Struct

from ringfence.model.selector import And, Not, Selector, StartsWith

_NAME: Final = "projectcalico.org/name"

DEFAULT_NAMESPACES: Final = And(tuple(Not(StartsWith(_NAME, prefix)) for prefix in ("tigera-", "calico-", "kube-")))
"""Namespaces that get a recommendation by default (the vendor's ``namespaceSpec.selector``)."""


class Settings(Struct, frozen=True):
    """The settings that this version reads."""

    interval: int = 150
    stabilization_period: int = 600
    tier_name: str = "namespace-isolation"
    namespaces: Selector = DEFAULT_NAMESPACES
