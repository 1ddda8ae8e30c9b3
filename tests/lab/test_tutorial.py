"""The tutorial's cluster shows each kind of peer once."""

import json

from ringfence_lab.tutorial import tutorial_blueprint, tutorial_lines


def test_one_namespace_calls_every_kind_of_peer() -> None:
    """Domain, two namespaces, network set, private and public."""
    lines = [json.loads(line) for line in tutorial_lines("calico").splitlines()]

    egress = {
        (
            *(line[f"dest_{column}"] for column in ("type", "namespace")),
            line["dest_name_aggr"].split("-")[0],
            *(line["proto"], line["dest_port"]),
            tuple(line["dest_domains"] or ()),
        )
        for line in lines
        if line["source_namespace"] == "curl-ns" and line["reporter"] == "src"
    }

    assert egress == {
        ("net", "-", "pub", "tcp", 8080, ("www.tigera.io",)),
        ("wep", "service-ns", "nginx", "tcp", 80, ()),
        ("wep", "kube-system", "coredns", "udp", 53, ()),
        ("ns", "-", "public", "tcp", 80, ()),
        ("net", "-", "pvt", "tcp", 8080, ()),
        ("net", "-", "pub", "tcp", 80, ()),
    }


def test_both_reporters_speak_where_both_exist() -> None:
    """Pods report both ways, addresses outside do not report."""
    lines = [json.loads(line) for line in tutorial_lines("calico").splitlines()]

    reporters = {line["dest_type"]: set[str]() for line in lines}
    for line in lines:
        reporters[line["dest_type"]].add(line["reporter"])

    assert reporters == {"wep": {"src", "dst"}, "ns": {"src"}, "net": {"src"}}
    assert len({line["start_time"] // 300 for line in lines}) >= 12


def test_addresses_are_shown_on_request() -> None:
    """The tutorial's own addresses."""
    lines = [json.loads(line) for line in tutorial_lines("calico-addresses").splitlines()]

    assert {"10.10.10.10", "192.0.1.0"} <= {line["dest_ip"] for line in lines}
    assert all(line["dest_ip"] for line in lines)


def test_there_are_eight_deployments_in_three_namespaces() -> None:
    """As in the tutorial's manifest."""
    workloads = tutorial_blueprint().workloads

    assert len(workloads) == 8
    assert {workload.namespace for workload in workloads} == {"curl-ns", "service-ns", "kube-system"}
