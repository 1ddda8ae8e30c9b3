"""Evidence of a small cluster, built by hand or drawn by hypothesis.

The drawn rows come from few endpoints, ports and hours, so that pairs of reporters, mixed outcomes and shared ports
happen often.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hypothesis import strategies as st

from ringfence.flows.evidence import Counters, Evidence, EvidenceTable, Outcome, Records, Reporter, Sample
from ringfence.flows.left_out import LeftOut
from ringfence.flows.table import evidence_key
from ringfence.model.edge import Edge, Icmp
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence.model.labels import Labels
from ringfence.model.policy import ServiceRef
from ringfence.model.trace import END_OF_TIER, Action, Hit, Trace

TIER: Final = "namespace-isolation"
HOUR: Final = 492_336
"""2026-03-02T00:00:00Z, in hours since the epoch."""

WEB: Final = Workload("shop", "Deployment", "web")
CART: Final = Workload("shop", "Deployment", "cart")
LEDGER: Final = Workload("payments", "StatefulSet", "ledger")
GATEWAY: Final = Workload("edge", "Deployment", "gateway")
DNS: Final = Workload("kube-system", "Deployment", "coredns")
NODE: Final = Host("node-a")
CORP: Final = NetworkSet(None, "corp")
PARTNERS: Final = NetworkSet("shop", "partners")
INTERNET: Final = Network("public")
INTRANET: Final = Network("private")

LABELS: Final[Mapping[Endpoint, Labels]] = {
    WEB: Labels.of({"app": "web", "pod-template-hash": "7d9f"}),
    CART: Labels.of({"app": "cart"}),
    LEDGER: Labels.of({"app": "ledger"}),
    GATEWAY: Labels.of({"app": "gateway"}),
    DNS: Labels.of({"k8s-app": "kube-dns", "pod-template-hash": "5c4d"}),
    NODE: Labels.of({"projectcalico.org/created-by": "calico-kube-controllers"}),
    CORP: Labels.of({"site": "corp"}),
}

PROFILE: Final[Trace] = (Hit(0, "", "Profile", "", "kns.shop", "Allow", 0),)
UNSEEN: Final = Sample()


def hit(tier: str, *, action: Action = "Allow", index: int = 0) -> Hit:
    """Return the word of a policy in a tier; a denial is the tier's end."""
    rule = END_OF_TIER if action == "Deny" else 0
    return Hit(index, tier, "NetworkPolicy", "shop", f"{tier}-policy", action, rule)


def tcp(client: Endpoint, server: Endpoint, port: int = 8080) -> Edge:
    """Return a TCP edge."""
    return Edge(client, server, "TCP", port)


def udp(client: Endpoint, server: Endpoint, port: int = 53) -> Edge:
    """Return a UDP edge."""
    return Edge(client, server, "UDP", port)


def addresses(*texts: str, complete: bool = True, overflow: bool = False) -> Sample:
    """Return the addresses that records told; all of them told one unless the sample is not complete."""
    return Sample(tuple(sorted(texts)), overflow=overflow, complete=complete)


def row(
    edge: Edge,
    *,
    reporter: Reporter = "Source",
    outcome: Outcome = "Allowed",
    hours: Sequence[int] = (0,),
    trace: Trace | None = PROFILE,
    service: ServiceRef | None = None,
    service_port: str | None = None,
    left_out: LeftOut | None = None,
    records: int = 1,
    connections: int | None = None,
    clients: Sample = UNSEEN,
    servers: Sample = UNSEEN,
    domains: Sample = UNSEEN,
) -> Evidence:
    """Return a row of evidence; ``hours`` count from HOUR, and records fill the first five minutes of each."""
    return Evidence(
        edge=edge,
        reporter=reporter,
        outcome=outcome,
        trace=trace,
        service=service,
        service_port=service_port,
        left_out=left_out,
        first=(HOUR + min(hours)) * 3600,
        last=(HOUR + max(hours)) * 3600 + 300,
        hours=tuple(HOUR + hour for hour in sorted(hours)),
        records=records,
        counters=Counters(connections=connections),
        client_addresses=clients,
        server_addresses=servers,
        domains=domains,
    )


def denied(
    edge: Edge, *, reporter: Reporter = "Source", hours: Sequence[int] = (0,), tier: str = "default"
) -> Evidence:
    """Return a row that a policy's tier denied at its end."""
    return row(edge, reporter=reporter, outcome="Denied", hours=hours, trace=(hit(tier, action="Deny"),))


def both(edge: Edge, *, hours: Sequence[int] = (0,), trace: Trace | None = PROFILE) -> tuple[Evidence, Evidence]:
    """Return the rows of both reporters that allowed an edge."""
    return (
        row(edge, reporter="Source", hours=hours, trace=trace),
        row(edge, reporter="Destination", hours=hours, trace=trace),
    )


def table_of(rows: Iterable[Evidence], *, labels: Mapping[Endpoint, Labels] = LABELS) -> EvidenceTable:
    """Return the table of these rows, in the order given, so that a test may shuffle them."""
    known = tuple(rows)
    hours: dict[int, int] = {}
    for each in known:
        for hour in each.hours:
            hours[hour] = hours.get(hour, 0) + each.records
    return EvidenceTable(
        evidence=known,
        unplaced=(),
        labels=labels,
        owner_unknown=frozenset(),
        records=Records(read=sum(each.records for each in known), corrupt=0, repeats={}),
        hours=hours,
        window_ends={hour: hour * 3600 + 300 for hour in hours},
    )


WORKLOADS: Final = (WEB, CART, LEDGER, GATEWAY, DNS)
OUTSIDE: Final = (NODE, Host("node-b"), CORP, NetworkSet(None, "bare"), PARTNERS, INTERNET, INTRANET)
TRACES: Final[tuple[Trace | None, ...]] = (
    None,
    PROFILE,
    PROFILE,
    (hit(TIER),),
    (hit("default"),),
    (hit("security", action="Pass"), *PROFILE),
    (hit("security"),),
    (hit("kube-admin"),),
)
_PRIVATE: Final = (*(f"10.1.2.{number}" for number in range(6)), "fd00::7")
_PUBLIC: Final = (*(f"198.51.100.{number}" for number in range(6)), "100.64.0.9", "169.254.20.10", "2001:db8::7")

workloads: Final = st.sampled_from(WORKLOADS)
edges: Final = st.one_of(
    st.builds(tcp, workloads, workloads, st.sampled_from([53, 80, 443, 8080, 40001, 50051])),
    st.builds(udp, workloads, st.one_of(st.just(DNS), workloads), st.sampled_from([53, 123])),
    st.builds(tcp, workloads, st.sampled_from(OUTSIDE), st.sampled_from([53, 443])),
    st.builds(udp, workloads, st.sampled_from(OUTSIDE), st.just(53)),
    st.builds(tcp, st.sampled_from(OUTSIDE), workloads, st.sampled_from([80, 443])),
    st.builds(
        Edge,
        workloads,
        st.one_of(workloads, st.sampled_from(OUTSIDE)),
        st.sampled_from(["ICMP", "ICMPv6"]),
        st.none(),
        st.sampled_from([None, Icmp(8, 0), Icmp(3, 4)]),
    ),
    st.builds(
        Edge, workloads, st.one_of(workloads, st.sampled_from(OUTSIDE)), st.sampled_from(["SCTP", "4", "UDPLite"])
    ),
)


def seen_addresses(endpoint: Endpoint) -> st.SearchStrategy[Sample]:
    """Draw the addresses that records told of an endpoint."""
    texts = _PUBLIC if endpoint in {INTERNET, Host("node-b")} else _PRIVATE
    chosen = st.lists(st.sampled_from(texts), max_size=4, unique=True).map(lambda some: tuple(sorted(some)))
    return st.builds(Sample, chosen, st.booleans(), st.booleans())


@st.composite
def rows(draw: st.DrawFn) -> Evidence:
    """Draw a row of evidence."""
    edge = draw(edges)
    reporter = draw(st.sampled_from(["Source", "Destination", "Unknown"]))
    service = draw(st.sampled_from([None, None, ServiceRef("default", "kubernetes"), ServiceRef("shop", "web")]))
    return row(
        edge,
        reporter=reporter,
        outcome=draw(st.sampled_from(["Allowed", "Allowed", "Allowed", "Denied", "Unknown"])),
        hours=draw(st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True)),
        trace=draw(st.sampled_from(TRACES)),
        service=service,
        left_out=draw(st.sampled_from([None, None, None, None, LeftOut.REPLY])),
        records=draw(st.integers(1, 9)),
        clients=draw(seen_addresses(edge.client)),
        servers=draw(seen_addresses(edge.server)),
        domains=draw(
            st.builds(
                Sample,
                st.sampled_from([(), ("api.example.com",), ("a.example.com", "b.example.com")]),
                complete=st.booleans(),
            )
        ),
    )


tables: Final = st.lists(rows(), max_size=12, unique_by=evidence_key).map(table_of)
