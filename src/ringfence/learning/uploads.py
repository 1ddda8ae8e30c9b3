"""Hold a bulk upload to a public address that nobody called before or after.

Stolen data leaves once, in bulk, to a place of the thief's. Four things together: much more is sent than received, far
more than the workload sends anywhere else outside, in one episode of an otherwise quiet period, and to an address that
no record names. Promises: a workload without habits (a weekly backup job) is not held, whatever it sends; one that
scans is held without the episode, because its scan is the other signal.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence

from ringfence.learning.baseline import EdgeSummary
from ringfence.learning.contacts import Contact, contacts_of, names_are_told
from ringfence.learning.habits import Habits
from ringfence.learning.suspicion import Suspicion, suspect
from ringfence.model.endpoint import Endpoint, Network, endpoint_text
from ringfence.model.window import HOUR, rfc3339


def uploads(edges: Sequence[EdgeSummary], habits: Habits, scanners: Container[Endpoint]) -> Iterator[Suspicion]:
    """Yield contacts that look like data being carried out."""
    settings = habits.settings
    told = names_are_told(edges)
    contacts: defaultdict[Endpoint, list[Contact]] = defaultdict(list)
    for each in edges:
        for contact in contacts_of(each):
            contacts[each.edge.client].append(contact)
    for client, mine in contacts.items():
        for contact in mine:
            sent, received = contact.counters.bytes_out or 0, contact.counters.bytes_in or 0
            if contact.named or contact.edge.server != Network("public") or sent < settings.upload_bytes:
                continue
            usual = max((_pace(other) for other in mine if other is not contact), default=0.0)
            bulk = sent >= settings.upload_ratio * received and _pace(contact) >= settings.upload_factor * usual
            lone = habits.established(client) and habits.lone_episode(contact.hours) and told
            if bulk and (lone or client in scanners):
                yield suspect(contact.edge, "upload", _words(contact, usual, client), address=contact.address)


def _pace(contact: Contact) -> float:
    """Return the bytes sent in an hour in which the contact was seen."""
    return (contact.counters.bytes_out or 0) / len(contact.hours)


def _words(contact: Contact, usual: float, client: Endpoint) -> str:
    return (
        f"{endpoint_text(client)} sent {contact.counters.bytes_out} bytes to {contact.text} and received "
        f"{contact.counters.bytes_in or 0}, in {len(contact.hours)} hours from {rfc3339(contact.hours[0] * HOUR)} to "
        f"{rfc3339((contact.hours[-1] + 1) * HOUR)}; no name; elsewhere outside it sends at most {usual:.0f} bytes an "
        "hour"
    )
