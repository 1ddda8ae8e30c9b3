"""One connection as policies see it: two ends, a protocol and a port, after address translation.

Promises: what is not known is said: an end has the addresses it *may* have, a port may be None, labels may be unknown
by their prefix. An end carries every holder of labels at its addresses, so that an evaluator needs nothing else.
"""

from collections.abc import Mapping

from msgspec import Struct

from ringfence.model.address_set import AddressSet, Family
from ringfence.model.edge import Icmp
from ringfence.model.pod import ContainerPort


class Holder(Struct, frozen=True):
    """What selectors select: an endpoint or a network set, by its effective labels.

    Labels beginning with one of ``unknown`` (and not in ``labels``) may have any value.
    """

    labels: Mapping[str, str]
    unknown: tuple[str, ...] = ()
    ports: tuple[ContainerPort, ...] = ()


class Subject(Struct, frozen=True):
    """An endpoint whose policies are asked: its own labels, and the profiles that decide where no policy does."""

    holder: Holder
    profiles: tuple[str, ...]
    host: bool = False


class End(Struct, frozen=True):
    """One end of a connection.

    ``subject`` is None where no policy of Calico's is asked: outside the cluster, a host without a host endpoint.
    ``addresses`` are those it may have, one of a family where it is known. ``holders`` have labels at all of them,
    ``partly`` at those given with them; ``unknown`` says what may have labels there that nobody supplied.
    """

    name: str
    addresses: AddressSet
    subject: Subject | None = None
    holders: tuple[Holder, ...] = ()
    partly: tuple[tuple[AddressSet, Holder], ...] = ()
    unknown: str | None = None


class Connection(Struct, frozen=True):
    """``port`` is the target port, None where unknown or where the protocol has none; so with ``source_port``."""

    source: End
    destination: End
    protocol: str
    port: int | None = None
    source_port: int | None = None
    icmp: Icmp | None = None

    @property
    def families(self) -> tuple[Family, ...]:
        """Return the IP families that both ends may have, IPv4 first."""
        return tuple(sorted(self.source.addresses.families & self.destination.addresses.families))
