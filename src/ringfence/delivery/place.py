"""Where an object stands in the output directory.

Promises: a place is two names, a directory and a file, and both are names that Kubernetes can have, so no name from a
flow log leads out of the directory. Source: the layout in ``docs/cli.md``.
"""

from typing import Final

from msgspec import Struct

from ringfence.flows.names import is_dns_label, is_dns_subdomain

TIERS: Final = "tiers"
GLOBAL_NETWORK_SETS: Final = "globalnetworksets"
GLOBAL_POLICIES: Final = "global"
SUFFIX: Final = ".yaml"


class Place(Struct, frozen=True, order=True):
    """A file of the output directory: ``tiers/namespace-isolation.yaml``."""

    directory: str
    name: str

    def __post_init__(self) -> None:
        """Raise ValueError for a name that Kubernetes cannot have."""
        if not is_dns_label(self.directory):
            raise ValueError(f"{self.directory!r} is no namespace name, so no directory is made for it")
        if not is_dns_subdomain(self.name):
            raise ValueError(f"{self.name!r} is no object name, so no file is written for it")

    def __str__(self) -> str:
        return f"{self.directory}/{self.name}{SUFFIX}"
