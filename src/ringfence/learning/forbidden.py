"""Hold what reaches the cloud's metadata service, or anything on a threat list.

The metadata service hands out the node's credentials to whoever asks, and hardly any pod has business with it; an
address on a threat list is known bad. Promises: neither needs another signal. A network set that carries a threat
list's label is one, whichever side of an edge it is; single addresses are judged as servers only, because anybody may
knock at a public door.
"""

from collections.abc import Iterable, Iterator, Mapping

from ringfence.learning.baseline import EdgeSummary
from ringfence.learning.guard_settings import GuardSettings
from ringfence.learning.suspicion import Suspicion, suspect
from ringfence.model.address_set import AddressSet
from ringfence.model.endpoint import Endpoint, Network, NetworkSet, endpoint_text
from ringfence.model.labels import Labels


def forbidden(
    edges: Iterable[EdgeSummary], labels: Mapping[Endpoint, Labels], settings: GuardSettings
) -> Iterator[Suspicion]:
    """Yield edges and addresses of the metadata service and of threat lists."""
    lists = (
        ("metadata", AddressSet.of(settings.metadata_addresses), "is a cloud metadata service"),
        ("threat-list", AddressSet.of(settings.threat_nets), "is on the threat list of the settings"),
    )
    for each in edges:
        for address in _outside_addresses(each):
            for name, known, words in lists:
                if address in known:
                    apart = None if isinstance(each.edge.server, NetworkSet) else address
                    yield suspect(each.edge, name, f"{address} {words}", address=apart)
        for side in (each.edge.client, each.edge.server):
            key = _threat_label(side, labels, settings)
            if key is not None:
                yield suspect(each.edge, "threat-list", f"{endpoint_text(side)} carries the threat list's label {key}")


def _outside_addresses(summary: EdgeSummary) -> Iterator[str]:
    """Yield the known addresses of a server that is no workload and no host."""
    if isinstance(summary.edge.server, Network | NetworkSet):
        told = {each.address for each in summary.server_sightings}
        yield from sorted(told.union(summary.server_addresses.texts))


def _threat_label(side: Endpoint, labels: Mapping[Endpoint, Labels], settings: GuardSettings) -> str | None:
    if not isinstance(side, NetworkSet) or side not in labels:
        return None
    return next((key for key in settings.threat_labels if labels[side].get(key) is not None), None)
