"""A permit in words."""

from typing import Final

import pytest

from ringfence.model.edge import Icmp
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction
from ringfence.model.port import PortRange, PortSet
from ringfence.rules.permit import (
    DomainsPeer,
    HostPeer,
    IntraNamespacePeer,
    NamespacePeer,
    NetsPeer,
    NetworkSetPeer,
    NodesPeer,
    Peer,
    Permit,
    PrivatePeer,
    PublicPeer,
    ResolverPeer,
    ServicePeer,
)
from ringfence.rules.words import permit_words

HTTPS: Final = PortSet.of([443])


def words(
    direction: Direction,
    peer: Peer,
    protocol: str | None = "TCP",
    *,
    ports: PortSet | None = HTTPS,
    icmp: Icmp | None = None,
    coarse: str | None = None,
) -> str:
    """Return a permit's words."""
    return permit_words(Permit(direction, peer, protocol, ports, icmp, ("a",), "Observed", coarse))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (words("Egress", NamespacePeer("payments")), "to namespace payments on TCP 443"),
        (words("Ingress", NamespacePeer("edge")), "from namespace edge on TCP 443"),
        (words("Ingress", IntraNamespacePeer("shop"), None, ports=None), "from its own namespace"),
        (
            words("Egress", ResolverPeer("kube-system", "coredns", Labels.of({"k8s-app": "kube-dns"})), "UDP"),
            "DNS to kube-system/coredns (k8s-app=kube-dns) on UDP 443",
        ),
        (
            words("Egress", ResolverPeer("kube-system", "coredns", Labels()), coarse="resolver-labels-unknown"),
            "DNS to pods of kube-system on TCP 443 (coarse: resolver-labels-unknown)",
        ),
        (words("Egress", ServicePeer("default", "kubernetes"), ports=None), "to service default/kubernetes on TCP"),
        (words("Egress", NetworkSetPeer(None, "corp", Labels())), "to network set corp on TCP 443"),
        (words("Egress", NetworkSetPeer("shop", "x", Labels())), "to network set shop/x on TCP 443"),
        (words("Ingress", HostPeer(Labels())), "from nodes on TCP 443"),
        (
            words("Ingress", NodesPeer(("192.168.7.1/32",))),
            "from nodes by address, IPv4 (will change with nodes) on TCP 443",
        ),
        (
            words("Egress", DomainsPeer(("a.example.com", "b.example.com"), ("198.51.100.7/32",))),
            "to a.example.com, b.example.com at 198.51.100.7/32 on TCP 443",
        ),
        (
            words("Egress", NetsPeer(tuple(f"10.0.0.{number}/32" for number in (1, 3, 5, 7, 9)))),
            "to 10.0.0.1/32, 10.0.0.3/32, 10.0.0.5/32 and 2 more on TCP 443",
        ),
        (words("Egress", PrivatePeer(6)), "to private IPv6 addresses on TCP 443"),
        (
            words("Egress", PrivatePeer(4, ("10.96.0.0/12", "10.244.0.0/16"))),
            "to private IPv4 addresses but 10.96.0.0/12, 10.244.0.0/16 on TCP 443",
        ),
        (
            words("Ingress", PublicPeer(), coarse="internet-clients"),
            "from public IPv4 addresses on TCP 443 (coarse: internet-clients)",
        ),
        (
            words("Egress", NamespacePeer("a"), ports=PortSet.of([80, PortRange(8000, 8010)])),
            "to namespace a on TCP 80, 8000:8010",
        ),
        (
            words("Egress", NamespacePeer("a"), "ICMP", ports=None, icmp=Icmp(8, 0)),
            "to namespace a on ICMP type 8 code 0",
        ),
        (words("Egress", NamespacePeer("a"), "SCTP", ports=None), "to namespace a on SCTP"),
    ],
    ids=lambda value: value,
)
def test_a_permit_reads_as_a_sentence(said: str, wanted: str) -> None:
    """Every part of the rule is in it, and nothing that is not."""
    assert said == wanted
