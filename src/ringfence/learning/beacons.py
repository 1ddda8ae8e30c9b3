"""Hold a machine's regular call to one nameless public address.

Implants call home by the clock, day and night, to an address that nobody else calls. Legitimate software does each of
these things too, so all must come together: more regular than chance, one address that never changes, no name, no other
client in the cluster, and an unusual port or a source that names other peers and not this one. Promises: regularity is
judged by hours with and without records; calls so dense that even chance would leave no empty hour prove nothing, and
neither do records so long that any steady traffic looks like a clock.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import exp

from msgspec import Struct

from ringfence.learning.baseline import EdgeSummary
from ringfence.learning.contacts import Contact, contacts_of, names_are_told
from ringfence.learning.habits import Habits
from ringfence.learning.suspicion import Suspicion, suspect
from ringfence.model.endpoint import Endpoint, Network, endpoint_text
from ringfence.model.window import HOUR, rfc3339

_Place = tuple[str | None, str, int | None]


class Beat(Struct, frozen=True):
    """Hours of the input that a contact spans, those of them without it, and those that chance would leave empty."""

    hours: int
    empty: int
    expected: float


def beacons(edges: Sequence[EdgeSummary], habits: Habits) -> Iterator[Suspicion]:
    """Yield contacts that look like an implant calling home."""
    told = names_are_told(edges)
    callers: defaultdict[_Place, set[Endpoint]] = defaultdict(set)
    contacts: list[Contact] = []
    for each in edges:
        if each.edge.server != Network("public") or each.services:
            continue
        for contact in contacts_of(each):
            callers[_place(contact)].add(each.edge.client)
            contacts.append(contact)
    for contact in contacts:
        if contact.named or len(callers[_place(contact)]) > 1:
            continue
        unusual = contact.edge.port not in habits.settings.usual_ports
        beat = _beat(contact, habits)
        if (unusual or told) and beat is not None:
            yield suspect(contact.edge, "beacon", _words(contact, beat, unusual=unusual), address=contact.address)


def _place(contact: Contact) -> _Place:
    """Return what others would have to call to be callers of the same place."""
    return contact.address, contact.edge.protocol, contact.edge.port if contact.address is None else None


def _beat(contact: Contact, habits: Habits) -> Beat | None:
    """Return how a contact beats; None where it may be chance."""
    settings = habits.settings
    first, last = contact.hours[0], contact.hours[-1]
    if last - first + 1 < settings.beacon_hours or habits.window is None:
        return None
    hours = habits.hours_between(first, last)
    empty = hours - len(contact.hours)
    expected = hours * exp(-contact.records / hours)
    counted = contact.records * habits.window <= settings.beacon_density * hours * HOUR
    regular = expected >= settings.beacon_gaps and empty <= settings.beacon_regularity * expected
    return Beat(hours, empty, expected) if counted and regular else None


def _words(contact: Contact, beat: Beat, *, unusual: bool) -> str:
    return (
        f"{endpoint_text(contact.edge.client)} alone calls {contact.text}, nameless{', an unusual port' * unusual}, "
        f"{contact.records} times in {beat.hours} hours: {beat.empty} hours without a call where chance would leave "
        f"{beat.expected:.1f}, from {rfc3339(contact.hours[0] * HOUR)} on"
    )
