"""What is known of an edge: when, how often, by whom and with what outcome it was seen.

Promises: integers and sorted tuples only, so the same input gives equal evidence in any order. Samples of addresses and
names are the smallest by a fixed hash and say when there were more, so evidence grows with edges and not with flows.
Does not judge; `learning` does.
"""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from ringfence.flows.left_out import LeftOut
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint
from ringfence.model.labels import Labels
from ringfence.model.policy import ServiceRef
from ringfence.model.trace import Trace

Reporter = Literal["Source", "Destination", "Unknown"]
Outcome = Literal["Allowed", "Denied", "Unknown"]

SAMPLE_SIZE: Final = 32


class Sample(Struct, frozen=True):
    """At most SAMPLE_SIZE texts, sorted: the smallest by a fixed hash of all that were seen.

    ``overflow`` says there were more; ``complete`` says that every record carried one.
    """

    texts: tuple[str, ...] = ()
    overflow: bool = False
    complete: bool = False

    @property
    def exhaustive(self) -> bool:
        """Say whether the texts are all there were and every record had one."""
        return self.complete and not self.overflow and bool(self.texts)


class Counters(Struct, frozen=True):
    """Sums over records, None where no record reported the counter. Relative to the reporting endpoint, never added
    over reporters (Calico: a source record's *in* is a destination record's *out*).
    """

    connections: int | None = None
    packets_in: int | None = None
    packets_out: int | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None


class AddressSighting(Struct, frozen=True):
    """What the source's records say of one address of a server outside the cluster: when and how much.

    ``hours`` are hours since the epoch in which records started, rising.
    """

    address: str
    first: int
    last: int
    hours: tuple[int, ...]
    records: int
    counters: Counters


class Evidence(Struct, frozen=True):
    """One row of the evidence table: an edge as one reporter saw it with one outcome and one enforced trace.

    ``first`` and ``last`` are Unix seconds (start of the first record, end of the last); ``hours`` are hours since the
    Unix epoch in which records started, rising; ``records`` counts distinct records. ``trace`` is None where the
    source records none. ``server_sightings`` tell the addresses of a server that is a network one by one, at most
    SAMPLE_SIZE of them, those that stand in ``server_addresses``. ``left_out`` is a reason the records themselves give,
    None where learning must judge.
    """

    edge: Edge
    reporter: Reporter
    outcome: Outcome
    trace: Trace | None
    service: ServiceRef | None
    service_port: str | None
    left_out: LeftOut | None
    first: int
    last: int
    hours: tuple[int, ...]
    records: int
    counters: Counters
    client_addresses: Sample
    server_addresses: Sample
    domains: Sample
    server_sightings: tuple[AddressSighting, ...] = ()


class Records(Struct, frozen=True):
    """How many records were read, how many of them were corrupt, and how many were read again (they count once)."""

    read: int
    corrupt: int
    repeats: Mapping[LeftOut, int]


class Unplaced(Struct, frozen=True, order=True):
    """Records that stand on no edge, because a side or the protocol is not one we can name. The texts are as the
    source wrote them, hostile until escaped.
    """

    left_out: LeftOut
    client: str
    server: str
    protocol: str
    records: int


class EvidenceTable(Struct, frozen=True):
    """Everything learnt from flows alone, before any judgement.

    ``evidence`` and ``unplaced`` are in total order; together with repeats and corrupt records they account for every
    record that was read. ``labels`` are those of a workload's current template where the directory knows it, else the
    pairs that every sighting of an endpoint carried (absent where no sighting told labels). ``owner_unknown`` are
    workloads whose owner the input did not tell: their name is as seen. ``hours`` counts the distinct records that
    started in each hour since the epoch. ``window_ends`` gives, for each such hour, the newest end of a record (Unix
    seconds). ``slots`` tell by node (empty text: records without one) and hour which five-minute slots of it have
    records (`flows.slots`): bit 0 is the first slot of the hour.
    """

    evidence: tuple[Evidence, ...]
    unplaced: tuple[Unplaced, ...]
    labels: Mapping[Endpoint, Labels]
    owner_unknown: frozenset[Endpoint]
    records: Records
    hours: Mapping[int, int]
    window_ends: Mapping[int, int]
    slots: Mapping[str, Mapping[int, int]] = {}
