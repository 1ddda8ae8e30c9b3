"""The cluster's DNS servers, found in the flows."""

from collections.abc import Mapping

import pytest

from ringfence.flows.evidence import Evidence
from ringfence.flows.left_out import LeftOut
from ringfence.learning.pairing import summary
from ringfence.model.endpoint import Endpoint, Network, Workload
from ringfence.model.labels import Labels
from ringfence.model.policy import ServiceRef
from ringfence.rules.resolver import Resolver, Resolvers, find_resolvers
from tests.learning.evidence_rows import DNS, LABELS, LEDGER, WEB, addresses, row, table_of, tcp, udp

KUBE_DNS = ServiceRef("kube-system", "kube-dns")
OTHER = Workload("infra", "Deployment", "bind")
NODE_LOCAL = addresses("169.254.20.10")


def found(*rows: Evidence, labels: Mapping[Endpoint, Labels] = LABELS) -> Resolvers:
    """Return the resolvers that rows show."""
    return find_resolvers(table_of(rows, labels=labels))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("k8s-app", "kube-dns"),
        ("k8s-app", "coredns"),
        ("app.kubernetes.io/name", "coredns"),
        ("dns.operator.openshift.io/daemonset-dns", "default"),
    ],
)
def test_a_server_on_53_with_a_known_label_is_a_resolver(key: str, value: str) -> None:
    """The label that tells it is the one a rule names; a template hash beside it is not."""
    labels = {OTHER: Labels.of({key: value, "pod-template-hash": "5c4d"})}

    known = found(row(udp(WEB, OTHER)), labels=labels).known

    assert known == (Resolver("infra", Labels(((key, value),)), (OTHER,), (53,)),)


def test_a_server_on_53_behind_the_dns_service_is_a_resolver() -> None:
    """Without labels a rule can only mean its namespace."""
    known = found(row(udp(WEB, OTHER), service=KUBE_DNS, service_port="dns"), labels={}).known

    assert known == (Resolver("infra", Labels(), (OTHER,), (53,)),)


def test_a_known_name_counts_in_kube_system_only() -> None:
    """Whatever a rollout puts after it."""
    after_rollout = Workload("kube-system", None, "coredns-7c65d6cfc9")
    elsewhere = Workload("shop", None, "coredns")

    known = found(row(udp(WEB, after_rollout)), row(udp(WEB, elsewhere)), labels={}).known

    assert [each.servers for each in known] == [(after_rollout,)]


def test_a_server_that_merely_listens_on_53_is_an_ordinary_server() -> None:
    """A company's own name server, or a tunnel."""
    assert found(row(udp(WEB, OTHER)), labels={OTHER: Labels.of({"app": "bind"})}).known == ()


def test_the_port_behind_the_dns_service_is_learnt_and_its_metrics_are_not() -> None:
    """OpenShift's DNS pods answer on 5353, and show metrics on 9154."""
    openshift = Workload("openshift-dns", "DaemonSet", "dns-default")
    service = ServiceRef("openshift-dns", "dns-default")
    labels = {openshift: Labels.of({"dns.operator.openshift.io/daemonset-dns": "default"})}

    known = found(
        row(udp(WEB, openshift, 5353), service=service, service_port="dns"),
        row(tcp(WEB, openshift, 9154), service=service, service_port="metrics"),
        labels=labels,
    ).known

    assert [each.ports for each in known] == [(5353,)]


def test_pods_of_one_label_are_one_resolver() -> None:
    """Before and after a rollout whose owner no label proves, the rules stay the same."""
    old, new = Workload("kube-system", None, "coredns-1"), Workload("kube-system", None, "coredns-2")
    labels = {each: Labels.of({"k8s-app": "kube-dns"}) for each in (old, new)}

    known = found(row(udp(WEB, new)), row(tcp(WEB, old, 53)), labels=labels).known

    assert known == (Resolver("kube-system", Labels((("k8s-app", "kube-dns"),)), (old, new), (53,)),)


def test_replies_and_other_left_out_rows_show_no_resolver() -> None:
    """In a reply the client stands where the server should."""
    assert found(row(udp(WEB, DNS), left_out=LeftOut.REPLY)).known == ()


def test_nodelocal_is_seen_by_its_address() -> None:
    """Port 53 of 169.254.20.10, whatever kind of endpoint the source took it for."""
    asked = row(udp(WEB, Network("public")), servers=NODE_LOCAL)
    other_port = row(udp(WEB, Network("public"), 5353), servers=NODE_LOCAL)

    assert found(asked).node_local
    assert not found(other_port).node_local


def test_resolvers_explain_questions_and_nothing_else() -> None:
    """UDP and TCP to their ports."""
    resolvers = found(row(udp(WEB, DNS)))

    assert resolvers.explain(summary(udp(WEB, DNS), [row(udp(WEB, DNS))]))
    assert resolvers.explain(summary(tcp(WEB, DNS, 53), [row(tcp(WEB, DNS, 53))]))
    assert not resolvers.explain(summary(tcp(WEB, DNS, 9153), [row(tcp(WEB, DNS, 9153))]))
    assert not resolvers.explain(summary(udp(WEB, LEDGER), [row(udp(WEB, LEDGER))]))


def test_nodelocal_explains_an_edge_only_if_every_record_went_there() -> None:
    """Other servers on 53, or records without an address, need a rule of their own."""
    edge = udp(WEB, Network("public"))
    resolvers = Resolvers((), node_local=True)

    def explained(*texts: str, complete: bool = True) -> bool:
        return resolvers.explain(summary(edge, [row(edge, servers=addresses(*texts, complete=complete))]))

    assert explained("169.254.20.10")
    assert not explained("169.254.20.10", "198.51.100.53")
    assert not explained("169.254.20.10", complete=False)
