"""Find the cluster's DNS servers in the flows.

Promises: a server is a resolver only by something it is known by: a well-known Service, a well-known label, or a
well-known name in kube-system; a server that merely listens on 53 is an ordinary server. Ports are those seen as DNS
(53, or the target port of a DNS Service port: 5353 on OpenShift), for UDP and TCP alike, because answers that do not
fit into UDP are asked for again over TCP.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.model.endpoint import Endpoint, Workload, endpoint_key
from ringfence.model.labels import Labels
from ringfence.model.policy import ServiceRef
from ringfence.model.protocol import TCP, UDP
from ringfence.rules.stable_labels import selectable

DNS_PORT: Final = 53
NODE_LOCAL_ADDRESS: Final = "169.254.20.10"
"""Where NodeLocal DNSCache listens by default."""
_SERVICES: Final = frozenset(
    {
        ServiceRef("kube-system", "coredns"),
        ServiceRef("kube-system", "kube-dns"),
        ServiceRef("kube-system", "rke2-coredns-rke2-coredns"),
        ServiceRef("openshift-dns", "dns-default"),
    }
)
_LABELS: Final = (
    ("k8s-app", frozenset({"kube-dns", "coredns"})),
    ("app.kubernetes.io/name", frozenset({"coredns", "rke2-coredns"})),
    ("dns.operator.openshift.io/daemonset-dns", frozenset({"default"})),
)
_NAMES: Final = frozenset({("kube-system", "coredns"), ("kube-system", "kube-dns")})
_SERVICE_PORTS: Final = frozenset({"dns", "dns-tcp", "53"})


class Resolver(Struct, frozen=True):
    """A DNS server: its pods by namespace and label (none known: no pairs), and the ports it answers on, rising."""

    server: Workload
    labels: Labels
    ports: tuple[int, ...]


class Resolvers(Struct, frozen=True):
    """The DNS servers of the cluster, in total order, and whether pods were seen to ask NodeLocal DNSCache."""

    servers: tuple[Resolver, ...]
    node_local: bool

    def explains(self, server: Endpoint, protocol: str, port: int | None) -> bool:
        """Say whether a connection is a question to a resolver."""
        return protocol in {TCP, UDP} and any(
            each.server == server and port is not None and port in each.ports for each in self.servers
        )


def find_resolvers(table: EvidenceTable) -> Resolvers:
    """Return the resolvers that the evidence shows."""
    ports: defaultdict[Workload, set[int]] = defaultdict(set)
    known: set[Workload] = set()
    node_local = False
    for row in _questions(table.evidence):
        server = row.edge.server
        if not isinstance(server, Workload):
            node_local = node_local or NODE_LOCAL_ADDRESS in row.server_addresses.texts
            continue
        ports[server].update([row.edge.port] if row.edge.port is not None else [])
        if row.service in _SERVICES or _dns_label(table.labels, server) or (server.namespace, server.name) in _NAMES:
            known.add(server)
    return Resolvers(
        tuple(
            Resolver(server, Labels(_dns_label(table.labels, server)), tuple(sorted(ports[server])))
            for server in sorted(known, key=endpoint_key)
        ),
        node_local,
    )


def _questions(rows: Iterable[Evidence]) -> Iterable[Evidence]:
    """Give the rows that look like DNS."""
    for row in rows:
        by_service = row.service_port in _SERVICE_PORTS and row.service in _SERVICES
        if row.left_out is None and row.edge.protocol in {TCP, UDP} and (row.edge.port == DNS_PORT or by_service):
            yield row


def _dns_label(labels: Mapping[Endpoint, Labels], server: Workload) -> tuple[tuple[str, str], ...]:
    """Return the label by which a server is a resolver, as pairs; none when it has none."""
    known = selectable(labels.get(server, Labels()))
    for key, values in _LABELS:
        value = known.get(key)
        if value is not None and value in values:
            return ((key, value),)
    return ()
