"""One hand-made run that every output format is shown from, small enough to check by eye."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence.cli.flow_inputs import FlowInputs
from ringfence.cli.report import Report
from ringfence.engine.reading import FileSkipped, Reading
from ringfence.flows.evidence import Counters, Evidence, EvidenceTable, Records, Sample, Unplaced
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, Baseline, EdgeSummary, LeftOutEdge
from ringfence.model.edge import Edge, Icmp
from ringfence.model.endpoint import Endpoint, Network, NetworkSet, Workload
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction, Match, Policy, Rule, ServiceRef, Tier
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import Equals
from ringfence.model.trace import END_OF_TIER, Hit
from ringfence.recommend.recommendation import (
    Confidence,
    Gate,
    PlacedPermit,
    Readiness,
    Recommendation,
    RecommendationSet,
    Scope,
    Skipped,
)
from ringfence.rules.permit import (
    IntraNamespacePeer,
    NamespacePeer,
    NetworkSetPeer,
    Peer,
    Permit,
    PrivatePeer,
    PublicPeer,
    ResolverPeer,
)

MONDAY = 1_772_409_600
"""2026-03-02T00:00:00Z."""
DAY = 86_400
LABELS = (("app.kubernetes.io/managed-by", "ringfence"), ("projectcalico.org/tier", "namespace-isolation"))

WEB = Workload("shop", "Deployment", "web")
CART = Workload("shop", None, "cart")
GATEWAY = Workload("edge", "Deployment", "gateway")
DNS = Workload("kube-system", "Deployment", "coredns")
LEDGER = Workload("payments", "StatefulSet", "ledger")
CORP = NetworkSet(None, "corp")
INTERNET = Network("public")
DENY = Hit(0, "default", "NetworkPolicy", "shop", "deny-all", "Deny", END_OF_TIER)
PROFILE = Hit(0, "", "Profile", "", "kns.shop", "Allow", 0)


def seen(edge: Edge, *, day: int = 0, days: int = 3, connections: int | None = 40) -> EdgeSummary:
    """Return evidence of an edge: one hour on each of some days."""
    first = MONDAY + day * DAY + 10 * 3600
    hours = tuple((first + index * DAY) // 3600 for index in range(days))
    return EdgeSummary(
        edge=edge,
        first=first,
        last=first + (days - 1) * DAY + 300,
        hours=hours,
        records=days,
        connections=connections,
        reporters=("Source", "Destination") if connections else ("Source",),
        services=(),
        services_complete=False,
        client_addresses=Sample(),
        server_addresses=Sample(("10.0.0.7",)) if edge.server == WEB else Sample(),
        domains=Sample(),
    )


def admitted(edge: Edge, *directions: Direction, day: int = 0, partly_denied: bool = False) -> AdmittedEdge:
    """Return an edge that becomes permits."""
    return AdmittedEdge(seen(edge, day=day), directions, (), partly_denied)


def tcp(client: Endpoint, server: Endpoint, port: int) -> Edge:
    """Return a TCP edge."""
    return Edge(client, server, "TCP", port)


def permit(direction: Direction, peer: Peer, *edges: Edge, ports: PortSet | None, coarse: str | None = None) -> Permit:
    """Return a permit for the protocol of its edges; without edges it is declared, for UDP."""
    return Permit(
        direction=direction,
        peer=peer,
        protocol=edges[0].protocol if edges else "UDP",
        ports=ports,
        icmp=edges[0].icmp if edges else None,
        edges=tuple(sorted(edge.id for edge in edges)),
        source="Observed" if edges else "Declared",
        coarse=coarse,
    )


GATEWAY_WEB = tcp(GATEWAY, WEB, 8080)
GATEWAY_ADMIN = tcp(GATEWAY, WEB, 8081)
INTERNET_WEB = tcp(INTERNET, WEB, 443)
WEB_CART = tcp(WEB, CART, 7070)
WEB_LEDGER = tcp(WEB, LEDGER, 9000)
WEB_DNS = Edge(WEB, DNS, "UDP", 53)
WEB_CORP = Edge(WEB, CORP, "ICMP", None, Icmp(8, 0))
WEB_PRIVATE = Edge(WEB, Network("private"), "SCTP")
DENIED = tcp(GATEWAY, CART, 7070)
DYNAMIC = tcp(WEB, LEDGER, 45001)


def shop() -> Recommendation:
    """Return a recommendation with every kind of line that a report has."""
    permits = (
        permit("Ingress", NamespacePeer("edge"), GATEWAY_WEB, GATEWAY_ADMIN, ports=PortSet.of([PortRange(8080, 8081)])),
        permit("Ingress", IntraNamespacePeer("shop"), WEB_CART, ports=None),
        permit("Ingress", PublicPeer(), INTERNET_WEB, ports=PortSet.of([443]), coarse="internet-clients"),
        permit(
            "Egress",
            ResolverPeer("kube-system", "coredns", Labels.of({"k8s-app": "kube-dns"})),
            ports=PortSet.of([53]),
        ),
        permit("Egress", NamespacePeer("payments"), WEB_LEDGER, ports=PortSet.of([9000])),
        permit("Egress", NetworkSetPeer(None, "corp", Labels.of({"site": "corp"})), WEB_CORP, ports=None),
        permit("Egress", PrivatePeer(), WEB_PRIVATE, ports=None, coarse="addresses-not-reported"),
    )
    private = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    ingress = (
        Rule("Pass", "TCP", source=Match(namespace_selector=Equals("projectcalico.org/name", "edge"))),
        Rule("Pass", source=Match(namespace_selector=Equals("projectcalico.org/name", "shop"))),
        Rule("Pass", "TCP", 4, source=Match(nets=("0.0.0.0/0",), not_nets=private)),
    )
    egress = (
        Rule("Pass", "UDP", destination=Match(selector=Equals("k8s-app", "kube-dns"), ports=PortSet.of([53]))),
        Rule("Pass", "TCP", destination=Match(ports=PortSet.of([9000]))),
        Rule("Pass", "ICMP", icmp=Icmp(8, 0), destination=Match(selector=Equals("site", "corp"))),
        Rule("Pass", "SCTP", 4, destination=Match(nets=private)),
    )
    policy = Policy(
        staged="Set",
        tier="namespace-isolation",
        namespace="shop",
        name="namespace-isolation.shop",
        order=1000.0,
        selector=Equals("projectcalico.org/namespace", "shop"),
        types=("Ingress", "Egress"),
        ingress=ingress,
        egress=egress,
        labels=LABELS,
    )
    return Recommendation(
        scope=Scope("Namespace", "shop"),
        content_id="r-0123456789ab",
        policies=(policy,),
        permits=tuple(
            PlacedPermit(each, policy.name, index % 3 if index < 3 else index - 3) for index, each in enumerate(permits)
        ),
        edges=(
            admitted(GATEWAY_WEB, "Ingress", partly_denied=True),
            admitted(GATEWAY_ADMIN, "Ingress", day=2),
            AdmittedEdge(seen(INTERNET_WEB, connections=None), ("Ingress",), ("Ingress",), partly_denied=False),
            admitted(WEB_CART, "Ingress", "Egress"),
            admitted(WEB_LEDGER, "Egress"),
            admitted(WEB_DNS, "Egress"),
            admitted(WEB_CORP, "Egress"),
            admitted(WEB_PRIVATE, "Egress"),
        ),
        left_out=(
            LeftOutEdge(seen(DENIED), None, LeftOut.DENIED, DENY),
            LeftOutEdge(seen(DYNAMIC, days=1), "Egress", LeftOut.EPHEMERAL_PORT),
        ),
        quiet=("shop/cart egress",),
        readiness=Readiness("Stable", MONDAY + 2 * DAY + 10 * 3600, MONDAY + 4 * DAY),
        confidence=Confidence(
            "Unknown",
            None,
            ("4 of 7 healthy days were seen", "70 of the 168 hours of the week were seen"),
        ),
        gates=(
            Gate("stable", "True", "the rules have not changed for the stabilization period"),
            Gate("coarse", "False", "addresses-not-reported, internet-clients"),
            Gate("quiet", "False", "no evidence of their own: shop/cart egress"),
            Gate("conflicts", "Unknown", "this version does not verify against other policies"),
        ),
    )


def quiet_namespace(name: str) -> Recommendation:
    """Return a recommendation with ingress only."""
    edge = tcp(WEB, Workload(name, None, "api"), 80)
    policy = Policy(
        tier="namespace-isolation",
        namespace=name,
        name=f"namespace-isolation.{name}",
        order=1000.0,
        selector=Equals("projectcalico.org/namespace", name),
        types=("Ingress",),
        ingress=(Rule("Pass", "TCP", destination=Match(ports=PortSet.of([80]))),),
        labels=LABELS,
    )
    placed = PlacedPermit(
        permit("Ingress", NamespacePeer("shop"), edge, ports=PortSet.of([80])), f"namespace-isolation.{name}", 0
    )
    return Recommendation(
        scope=Scope("Namespace", name),
        content_id="r-ba9876543210",
        policies=(policy,),
        permits=(placed,),
        edges=(admitted(edge, "Ingress"),),
        left_out=(),
        quiet=(),
        readiness=Readiness("Learning", MONDAY, MONDAY + 60),
        confidence=Confidence("Unknown", None, ("1 of 7 healthy days were seen",)),
        gates=(),
    )


def flow(edge: Edge, *, denied: bool = False, left_out: LeftOut | None = None) -> Evidence:
    """Return a row of evidence as the destination reported it."""
    return Evidence(
        edge=edge,
        reporter="Destination",
        outcome="Denied" if denied else "Allowed",
        trace=(DENY,) if denied else (PROFILE,),
        service=ServiceRef("shop", "web") if edge.server == WEB else None,
        service_port="http" if edge.server == WEB else None,
        left_out=left_out,
        first=MONDAY,
        last=MONDAY + 300,
        hours=(MONDAY // 3600,),
        records=30,
        counters=Counters(connections=12, packets_in=100),
        client_addresses=Sample(),
        server_addresses=Sample(("10.0.0.7",)) if edge.server == WEB else Sample(),
        domains=Sample(),
    )


def table() -> EvidenceTable:
    """Return the evidence table of the run: one row of each fate, and records without a place."""
    return EvidenceTable(
        evidence=(
            flow(GATEWAY_WEB),
            flow(DENIED, denied=True),
            flow(tcp(WEB, GATEWAY, 51000), left_out=LeftOut.REPLY),
        ),
        unplaced=(Unplaced(LeftOut.INVALID_NAME, "shop/\x1b[31mweb", "Shop/UP", "tcp", 5),),
        labels={},
        owner_unknown=frozenset({CART}),
        records=Records(read=105, corrupt=3, repeats={LeftOut.REPEATED: 7}),
        hours={},
        window_ends={},
    )


def baseline() -> Baseline:
    """Return the baseline of the run."""
    recommendation = shop()
    return Baseline(
        admitted=recommendation.edges,
        left_out=recommendation.left_out,
        admitted_records=30,
        left_out_records={
            LeftOut.DENIED: 30,
            LeftOut.REPLY: 30,
            LeftOut.REPEATED: 7,
            LeftOut.INVALID_NAME: 5,
            LeftOut.GHOST: 0,
        },
    )


MakeReport = Callable[..., Report]


@pytest.fixture
def make_report() -> MakeReport:
    """Return what makes the report of a run with these recommendations; ``shop`` alone by default."""

    def make(
        *recommendations: Recommendation,
        namespaces: frozenset[str] | None = None,
        output_directory: str | None = None,
        flows: tuple[str, ...] = ("flows.jsonl", "more flows/"),
    ) -> Report:
        return Report(
            inputs=FlowInputs(flows, None, None, None, Path("ringfence-set-aside")),
            reading=Reading(
                table=table(),
                files=("flows.jsonl",),
                skipped=(FileSkipped("more flows/notes.txt", "holds no records"),),
                corrupt=(),
                set_aside=None,
                set_aside_problem=None,
            ),
            baseline=baseline(),
            recommendations=RecommendationSet(
                items=recommendations or (shop(),),
                tiers=(Tier("namespace-isolation", 999_999.0, "Deny", LABELS),),
                skipped=(
                    Skipped(Scope("Namespace", "dev"), "every edge was left out"),
                    Skipped(Scope("Namespace", "kube-system"), "not selected by namespaceSpec.selector"),
                ),
            ),
            namespaces=namespaces,
            output_directory=output_directory,
        )

    return make


@pytest.fixture
def many_namespaces() -> tuple[Recommendation, ...]:
    """Return more recommendations than fit on a screen with their details."""
    return (*(quiet_namespace(f"team-{number:02}") for number in range(50)), shop())
