"""Part an admitted edge by the addresses of its server: those that are held, and the rest.

Promises: every address stands in one of both parts; each part's hours, times, records and counters are those of its own
addresses where all addresses of the edge are told one by one, else those of the whole edge.
"""

from collections.abc import Collection
from typing import Final

from msgspec.structs import replace

from ringfence.flows.evidence import AddressSighting, Counters, Sample
from ringfence.learning.baseline import AdmittedEdge, EdgeSummary

_COUNTERS: Final = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")


def known_addresses(summary: EdgeSummary) -> frozenset[str]:
    """Return the server's addresses that the evidence tells."""
    return frozenset(summary.server_addresses.texts).union(each.address for each in summary.server_sightings)


def all_known(summary: EdgeSummary) -> bool:
    """Say whether no record came from an address that the evidence does not tell."""
    return summary.server_addresses.exhaustive


def narrowed(edge: AdmittedEdge, addresses: Collection[str], *, rest: bool = False) -> AdmittedEdge:
    """Return the part of an edge that goes to some of its server's addresses; ``rest`` is the part that also has what
    goes to addresses that nobody told.
    """
    whole = edge.summary
    sightings = tuple(each for each in whole.server_sightings if each.address in addresses)
    texts = tuple(text for text in whole.server_addresses.texts if text in addresses)
    sample = replace(whole.server_addresses, texts=texts) if rest else Sample(texts, complete=True)
    part = replace(whole, server_addresses=sample, server_sightings=sightings)
    if sightings and {each.address for each in whole.server_sightings} == known_addresses(whole) and all_known(whole):
        part = replace(
            part,
            first=min(each.first for each in sightings),
            last=max(each.last for each in sightings),
            hours=tuple(sorted({hour for each in sightings for hour in each.hours})),
            records=sum(each.records for each in sightings),
            connections=_sum(sightings, "connections"),
            counters=Counters(**{name: _sum(sightings, name) for name in _COUNTERS}),
        )
    return replace(edge, summary=part)


def _sum(sightings: Collection[AddressSighting], name: str) -> int | None:
    known = [count for each in sightings if (count := getattr(each.counters, name)) is not None]
    return sum(known) if known else None
