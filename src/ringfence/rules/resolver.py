"""The cluster's DNS servers, and how the flows show them; a snapshot shows them better: `cluster_resolvers`.

Promises: a server is a resolver only by something it is known by: a well-known Service, a well-known label, or a
well-known name in kube-system; a server that merely listens on 53 is an ordinary server. Ports are those seen as DNS
(53, or the target port of a DNS Service port: 5353 on OpenShift), for UDP and TCP alike, because answers that do not
fit into UDP are asked for again over TCP.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.learning.baseline import EdgeSummary
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Host, Workload, endpoint_key
from ringfence.model.labels import Labels
from ringfence.model.policy import ServiceRef
from ringfence.model.protocol import TCP, UDP

DNS_PORT: Final = 53
NODE_LOCAL_ADDRESS: Final = "169.254.20.10"
"""Where NodeLocal DNSCache listens by default."""
DNS_SERVICES: Final = frozenset(
    {
        ServiceRef("kube-system", "coredns"),
        ServiceRef("kube-system", "kube-dns"),
        ServiceRef("kube-system", "rke2-coredns-rke2-coredns"),
        ServiceRef("openshift-dns", "dns-default"),
    }
)
DNS_LABELS: Final = (
    ("k8s-app", "kube-dns"),
    ("k8s-app", "coredns"),
    ("app.kubernetes.io/name", "coredns"),
    ("app.kubernetes.io/name", "rke2-coredns"),
    ("dns.operator.openshift.io/daemonset-dns", "default"),
)
"""Labels of DNS pods: the first that all sightings of a server carried is the one a rule names."""
_NAMESPACE: Final = "kube-system"
_NAMES: Final = ("coredns", "kube-dns", "rke2-coredns")
"""How the names of DNS servers in kube-system begin; what follows changes with every rollout."""
_SERVICE_PORTS: Final = frozenset({"dns", "dns-tcp", "53"})


class Resolver(Struct, frozen=True):
    """DNS servers of one namespace that one label means (no pairs: none is known), and the ports they answer on, both
    in rising order.
    """

    namespace: str
    labels: Labels
    servers: tuple[Workload, ...]
    ports: tuple[int, ...]

    def answers(self, edge: Edge) -> bool:
        """Say whether an edge goes to one of these servers on a port of DNS."""
        return isinstance(edge.server, Workload) and edge.server in self.servers and edge.port in self.ports


class Nameservers(Struct, frozen=True):
    """Where one workload asks by its own ``dnsConfig``: addresses, and pods behind Services that it asks."""

    addresses: tuple[str, ...]
    resolvers: tuple[Resolver, ...] = ()


class Resolvers(Struct, frozen=True):
    """The DNS servers of the cluster, in total order, and whether pods ask NodeLocal DNSCache.

    ``addresses`` are asked although no pod has them: the cache binds its own and those of the DNS Services. Resolvers
    in the network of ``hosts`` answer on ``host_ports``. ``configured`` are workloads that ask elsewhere.
    """

    known: tuple[Resolver, ...]
    node_local: bool
    addresses: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()
    host_ports: tuple[int, ...] = ()
    configured: Mapping[Workload, Nameservers] = {}

    @property
    def local(self) -> tuple[str, ...]:
        """Return the addresses at which pods ask NodeLocal DNSCache."""
        return (self.addresses or (NODE_LOCAL_ADDRESS,)) if self.node_local else ()

    def explain(self, question: EdgeSummary) -> bool:
        """Say whether an edge is nothing but questions to the resolvers, which are declared."""
        edge = question.edge
        if edge.protocol not in {TCP, UDP}:
            return False
        if isinstance(edge.server, Host):
            return edge.server.name in self.hosts and edge.port in self.host_ports
        return self.asked_by_address(question) or any(each.answers(edge) for each in (*self.known, *self._own(edge)))

    def asked_by_address(self, question: EdgeSummary) -> bool:
        """Say whether every connection of an edge went to an address where DNS is declared; addresses say so, or
        nothing does.
        """
        seen, client = question.server_addresses, question.edge.client
        own = self.configured.get(client) if isinstance(client, Workload) else None
        declared = {*self.local, *(() if own is None else own.addresses)}
        return question.edge.port == DNS_PORT and seen.exhaustive and declared.issuperset(seen.texts)

    def _own(self, edge: Edge) -> tuple[Resolver, ...]:
        own = self.configured.get(edge.client) if isinstance(edge.client, Workload) else None
        return () if own is None else own.resolvers


def find_resolvers(table: EvidenceTable) -> Resolvers:
    """Return the resolvers that the evidence shows."""
    ports: defaultdict[Workload, set[int]] = defaultdict(set)
    recognised: set[Workload] = set()
    node_local = False
    for row in _questions(table.evidence):
        server = row.edge.server
        if not isinstance(server, Workload):
            node_local = node_local or NODE_LOCAL_ADDRESS in row.server_addresses.texts
            continue
        ports[server].update([row.edge.port] if row.edge.port is not None else [])
        if row.service in DNS_SERVICES or _dns_label(table.labels, server) or _has_known_name(server):
            recognised.add(server)
    groups: defaultdict[tuple[str, Labels], list[Workload]] = defaultdict(list)
    for server in sorted(recognised, key=endpoint_key):
        groups[server.namespace, Labels(_dns_label(table.labels, server))].append(server)
    known = tuple(
        Resolver(*key, tuple(servers), tuple(sorted({port for server in servers for port in ports[server]})))
        for key, servers in sorted(groups.items())
    )
    return Resolvers(known, node_local)


def _questions(rows: Iterable[Evidence]) -> Iterator[Evidence]:
    """Yield the rows that look like DNS."""
    for row in rows:
        by_service = row.service_port in _SERVICE_PORTS and row.service in DNS_SERVICES
        if row.left_out is None and row.edge.protocol in {TCP, UDP} and (row.edge.port == DNS_PORT or by_service):
            yield row


def _has_known_name(server: Workload) -> bool:
    return server.namespace == _NAMESPACE and server.name.startswith(_NAMES)


def _dns_label(labels: Mapping[Endpoint, Labels], server: Workload) -> tuple[tuple[str, str], ...]:
    """Return the label by which a server is a resolver, as pairs; none when it has none."""
    known = labels.get(server, Labels())
    return next(((pair,) for pair in DNS_LABELS if pair in known.pairs), ())
