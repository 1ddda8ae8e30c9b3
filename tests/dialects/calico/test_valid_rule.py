"""Every reason for which Calico refuses a rule, and beside it the nearest rule that it takes."""

import pytest

from ringfence.dialects.calico.limits import MAX_PORTS
from tests.dialects.calico.refused import (
    LONG_SELECTOR,
    NETS,
    POLICY_KINDS,
    Fields,
    Refusals,
    api,
    felix,
    rule_refusals,
)

TCP: Fields = {"protocol": "TCP"}
SERVICE: Fields = {"services": {"name": "kubernetes", "namespace": "default"}}

TAKEN_RULES: tuple[tuple[Fields, str], ...] = (
    ({"action": "Log"}, "a rule without a match"),
    ({"action": "Pass", "metadata": {"annotations": {"a": "b"}}}, "annotations"),
    ({"ipVersion": 6, "protocol": "ICMPv6", "icmp": {"type": 128, "code": 0}}, "an ICMPv6 type"),
    ({"protocol": 1, "icmp": {"type": 254, "code": 255}, "ipVersion": 4}, "ICMP by number"),
    ({"protocol": "ICMP", "icmp": {}}, "ICMP without a type"),
    ({"notICMP": {"type": 0}}, "notICMP without a protocol"),
    ({"protocol": "UDPLite"}, "a protocol by name"),
    ({"protocol": 255}, "a protocol by number"),
    ({"protocol": "17", "destination": {"ports": [53]}}, "a protocol by number in a text"),
    ({"notProtocol": "TCP", "ipVersion": 6}, "a negated protocol"),
    (TCP | {"destination": {"ports": [1, 65535, "1:65535", "http", "80"]}}, "every form of port"),
    ({"protocol": "SCTP", "source": {"notPorts": ["7:7"]}}, "negated source ports of SCTP"),
    ({"destination": {"ports": ["http", "x" * 128]}}, "named ports without a protocol"),
    (TCP | {"destination": {"ports": ["1a", "a:b".replace(":", "_")]}}, "names with digits"),
    (TCP | {"destination": {"ports": [1] * MAX_PORTS}}, "as many ports as are allowed"),
    ({"source": {"nets": NETS}}, "as many nets as are allowed"),
    ({"source": {"nets": ["fd00::/8"], "notNets": ["fd00:1::/32"]}, "ipVersion": 6}, "nets of one family"),
    ({"source": {"nets": ["0.0.0.0/0"]}}, "every address"),
    ({"source": {"selector": LONG_SELECTOR}}, "a selector as long as is allowed"),
    ({"source": {"selector": "", "notSelector": "has(a)"}}, "a negated selector"),
    ({"source": {"namespaceSelector": "global()"}}, "global() as the whole namespaceSelector"),
    ({"source": {"namespaceSelector": " ( global( ) )"}}, "global() in parentheses"),
    ({"source": {"serviceAccounts": {"names": ["a", "b"], "selector": "has(a)"}}}, "service accounts"),
    ({"source": SERVICE}, "a service as source of ingress"),
    ({"source": SERVICE | {"ports": [80]}} | TCP, "a source service with ports"),
    ({"source": SERVICE | {"selector": "", "nets": []}}, "a service beside empty fields"),
    ({"source": {"services": {"name": "a"}}}, "a service without a namespace in a namespaced policy"),
    (TCP | {"http": {"methods": ["GET", "PUT"], "paths": [{"exact": "/a"}, {"prefix": "/b"}]}}, "HTTP over TCP"),
    ({"protocol": 6, "http": {}}, "HTTP over protocol 6"),
    ({"http": {"methods": ["GET"] + [f"M{number}" for number in range(19)]}}, "HTTP without a protocol"),
    ({"ipVersion": None, "protocol": None, "icmp": None, "source": None, "destination": {"ports": None}}, "nulls"),
)

REFUSED_RULES: tuple[tuple[Fields, Refusals, str], ...] = (
    ({"action": "allow"}, api("action"), "an action in lower case"),
    ({"action": None}, api("action"), "no action"),
    ({"ipVersion": 5}, felix("ipVersion"), "an IP version that does not exist"),
    ({"ipVersion": True}, felix("ipVersion"), "a flag for an IP version"),
    ({"protocol": "tcp"}, api("protocol"), "a protocol in lower case"),
    ({"protocol": 0}, api("protocol"), "protocol 0"),
    ({"notProtocol": 256}, api("notProtocol"), "protocol 256"),
    ({"protocol": "9" * 5000}, api("protocol"), "a protocol of many digits"),
    ({"protocol": ["TCP"]}, api("protocol"), "a list of protocols"),
    ({"protocol": True}, api("protocol"), "a flag for a protocol"),
    ({"protocol": "ICMP", "icmp": {"type": 255}}, felix("icmp.type"), "ICMP type 255"),
    ({"protocol": "ICMP", "icmp": {"type": 0, "code": 256}}, felix("icmp.code"), "ICMP code 256"),
    ({"notICMP": {"type": -1}}, felix("notICMP.type"), "a negative ICMP type"),
    ({"protocol": "ICMP", "icmp": {"code": 0}}, api("icmp.code"), "a code without a type"),
    ({"notICMP": {"code": 0}}, api("notICMP.code"), "a negated code without a type"),
    ({"icmp": {"type": 0}}, api("icmp"), "icmp without a protocol"),
    (TCP | {"icmp": {"type": 0}}, api("icmp"), "icmp with TCP"),
    ({"protocol": "ICMP", "ipVersion": 6}, api("ipVersion"), "ICMP in IPv6"),
    ({"protocol": 58, "ipVersion": 4}, api("ipVersion"), "ICMPv6 in IPv4"),
    ({"notProtocol": "ICMP", "ipVersion": 6}, api("ipVersion"), "negated ICMP in IPv6"),
    ({"notProtocol": "ICMPv6", "ipVersion": 4}, api("ipVersion"), "negated ICMPv6 in IPv4"),
    (TCP | {"destination": {"ports": [0]}}, felix("destination.ports[0]"), "port 0"),
    (TCP | {"destination": {"ports": [1, 65536]}}, felix("destination.ports[1]"), "port 65536"),
    (TCP | {"destination": {"ports": ["65536"]}}, felix("destination.ports[0]"), "port 65536 in a text"),
    (TCP | {"destination": {"ports": ["90:80"]}}, felix("destination.ports[0]"), "a falling range"),
    (TCP | {"destination": {"ports": ["0:80"]}}, felix("destination.ports[0]"), "a range from 0"),
    (TCP | {"source": {"notPorts": ["a b"]}}, felix("source.notPorts[0]"), "a name with a blank"),
    (TCP | {"source": {"notPorts": ["x" * 129]}}, felix("source.notPorts[0]"), "a name that is too long"),
    (TCP | {"destination": {"ports": ["9" * 5000]}}, felix("destination.ports[0]"), "a port of many digits"),
    (TCP | {"destination": {"ports": ["1" * 100]}}, felix("destination.ports[0]"), "a port of a hundred digits"),
    (TCP | {"destination": {"ports": ["", "1-2:3"]}}, felix("destination.ports[0]", "destination.ports[1]"), "junk"),
    (TCP | {"destination": {"ports": [1.5, [80]]}}, api("destination.ports[0]", "destination.ports[1]"), "no ports"),
    (TCP | {"destination": {"ports": [1] * (MAX_PORTS + 1)}}, api("destination.ports"), "too many ports"),
    ({"destination": {"ports": [80]}}, felix("destination.ports[0]"), "numbers without a protocol"),
    ({"notProtocol": "UDP", "destination": {"ports": ["1:2"]}}, felix("destination.ports[0]"), "a negated protocol"),
    ({"protocol": "UDPLite", "source": {"ports": [80]}}, felix("source.ports[0]"), "numbers with UDPLite"),
    ({"protocol": "UDPLite", "source": {"ports": ["http"]}}, api("source.ports[0]"), "names with UDPLite"),
    ({"protocol": 1, "source": {"notPorts": [80]}}, felix("source.notPorts[0]"), "numbers with ICMP"),
    ({"protocol": "x", "source": {"ports": [8]}}, api("protocol") | felix("source.ports[0]"), "an unknown protocol"),
    ({"source": {"nets": [*NETS, "10.1.0.0/24"]}}, api("source.nets"), "too many nets"),
    ({"source": {"notNets": [*NETS, "10.1.0.0/24"]}}, api("source.notNets"), "too many negated nets"),
    ({"source": {"nets": ["10.0.0.0/8"] * 2}}, api("source.nets[1]"), "a net given twice"),
    ({"source": {"nets": ["10.0.0.1/8"]}}, api("source.nets[0]"), "bits beyond the prefix"),
    ({"source": {"nets": ["fd00::1/64"]}}, api("source.nets[0]"), "bits beyond an IPv6 prefix"),
    ({"source": {"nets": ["10.0.0.1"]}}, api("source.nets[0]"), "no prefix length"),
    ({"source": {"notNets": ["fd00::1"]}}, api("source.notNets[0]"), "no IPv6 prefix length"),
    ({"source": {"nets": ["10.0.0.0/255.0.0.0"]}}, api("source.nets[0]"), "a netmask"),
    ({"source": {"nets": ["10.0.0.0/33"]}}, api("source.nets[0]"), "a prefix that is too long"),
    ({"source": {"nets": ["010.0.0.0/8"]}}, api("source.nets[0]"), "leading zeros"),
    ({"source": {"nets": ["fe80::%1/64"]}}, api("source.nets[0]"), "a zone"),
    ({"source": {"nets": ["10.0.0.0/" + "9" * 5000]}}, api("source.nets[0]"), "a prefix of many digits"),
    ({"source": {"nets": [10]}}, api("source.nets[0]"), "a number for a net"),
    ({"source": {"nets": "10.0.0.0/8"}}, api("source.nets"), "a text for a list"),
    ({"source": {"notNets": ["0.0.0.0/0"]}}, api("source.notNets[0]"), "everything excluded"),
    ({"source": {"notNets": ["::/0"]}}, api("source.notNets[0]"), "everything of IPv6 excluded"),
    ({"source": {"nets": ["10.0.0.0/8", "fd00::/8"]}}, api("source.nets[1]"), "two families in a list"),
    (
        {"source": {"nets": ["10.0.0.0/8"]}, "destination": {"notNets": ["fd00::/8"]}},
        api("destination.notNets[0]"),
        "two families in two lists",
    ),
    ({"ipVersion": 4, "source": {"nets": ["fd00::/8"]}}, api("source.nets[0]"), "a family against ipVersion"),
    ({"source": {"selector": LONG_SELECTOR + " "}}, api("source.selector"), "a selector that is too long"),
    ({"source": {"selector": "a = 'b'"}}, felix("source.selector"), "a selector that does not parse"),
    ({"source": {"notSelector": "a =="}}, felix("source.notSelector"), "a negated one"),
    ({"source": {"namespaceSelector": "a\n"}}, felix("source.namespaceSelector"), "a namespace selector"),
    (
        {"destination": {"serviceAccounts": {"selector": "("}}},
        felix("destination.serviceAccounts.selector"),
        "a service account selector",
    ),
    ({"source": {"selector": "global()"}}, api("source.selector"), "global() as selector"),
    ({"source": {"selector": "a == 'global('"}}, api("source.selector"), "global( in a value"),
    ({"source": {"notSelector": "global()"}}, api("source.notSelector"), "global() negated"),
    (
        {"source": {"serviceAccounts": {"selector": "global()"}}},
        api("source.serviceAccounts.selector"),
        "global() for service accounts",
    ),
    ({"source": {"namespaceSelector": "global() || has(a)"}}, api("source.namespaceSelector"), "global() with more"),
    ({"source": {"namespaceSelector": "!global()"}}, api("source.namespaceSelector"), "global() negated in place"),
    ({"destination": SERVICE}, api("destination.services"), "a service as destination of ingress"),
    ({"source": {"services": {}}}, api("source.services.name"), "a service without a name"),
    ({"source": SERVICE | {"selector": "has(a)"}}, api("source.selector"), "a service beside a selector"),
    ({"source": SERVICE | {"notSelector": "has(a)"}}, api("source.notSelector"), "beside a negated selector"),
    ({"source": SERVICE | {"namespaceSelector": "has(a)"}}, api("source.namespaceSelector"), "beside a namespace"),
    ({"source": SERVICE | {"nets": ["10.0.0.0/8"]}}, api("source.nets"), "beside nets"),
    ({"source": SERVICE | {"notNets": ["10.0.0.0/8"]}}, api("source.notNets"), "beside negated nets"),
    ({"source": SERVICE | {"serviceAccounts": {}}}, api("source.serviceAccounts"), "beside service accounts"),
    ({"source": {"services": {"name": "x" * 254}}}, api("source.services.name"), "a service name that is too long"),
    ({"protocol": "UDP", "http": {}}, api("http"), "HTTP over UDP"),
    ({"action": "Deny", "http": {}}, api("http"), "HTTP in a deny"),
    ({"http": {"methods": ["GET", "GET"]}}, api("http.methods[1]"), "a method given twice"),
    ({"http": {"methods": [f"M{number}" for number in range(21)]}}, api("http.methods"), "too many methods"),
    ({"http": {"paths": [{"exact": "/"}] * 21}}, api("http.paths"), "too many paths"),
    ({"http": {"paths": [{}]}}, api("http.paths[0]"), "a path without a text"),
    ({"http": {"paths": [{"exact": "/a", "prefix": "/b"}]}}, api("http.paths[0]"), "a path with two"),
    ({"http": {"paths": [{"exact": "a"}]}}, api("http.paths[0].exact"), "a relative path"),
    ({"http": {"paths": [{"prefix": "/a?b"}]}}, api("http.paths[0].prefix"), "a path with a query"),
    ({"http": {"paths": [{"prefix": "/a#b"}]}}, api("http.paths[0].prefix"), "a path with a fragment"),
    ({"http": {"paths": [{"prefix": "/a b"}]}}, api("http.paths[0].prefix"), "a path with a blank"),
    ({"metadata": {"annotations": {"a": 1}}}, api("metadata.annotations['a']"), "an annotation that is no text"),
    ({"destination": {"domains": ["a.example"]}}, api("destination['domains']"), "domains, of other editions"),
    ({"source": []}, api("source"), "a list for an entity"),
)


@pytest.mark.parametrize("kind", POLICY_KINDS[::2])
@pytest.mark.parametrize("rule", [rule for rule, _ in TAKEN_RULES], ids=[why for _, why in TAKEN_RULES])
def test_calico_takes_a_rule_with(rule: Fields, kind: str) -> None:
    """One rule in the ingress list of an otherwise empty policy."""
    assert rule_refusals(rule, kind=kind) == set()


@pytest.mark.parametrize("kind", POLICY_KINDS)
@pytest.mark.parametrize(
    ("rule", "where"),
    [(rule, where) for rule, where, _ in REFUSED_RULES],
    ids=[why for *_, why in REFUSED_RULES],
)
def test_calico_refuses_a_rule_with(rule: Fields, where: Refusals, kind: str) -> None:
    """One problem at its place, and nothing else; a service of a global policy also needs its namespace."""
    unnamed = api("source.services.namespace") if "namespace" not in services_of(rule) and "Global" in kind else set()

    assert rule_refusals(rule, kind=kind) == where | unnamed


def services_of(rule: Fields) -> Fields:
    """Return the services of a rule's source; a rule without them needs no namespace."""
    source = rule.get("source")
    services = source.get("services") if isinstance(source, dict) else None
    return {"namespace": "none needed"} if services is None else services


@pytest.mark.parametrize(
    ("rule", "ingress", "egress"),
    [
        ({"source": SERVICE}, set(), api("source.services")),
        ({"destination": SERVICE}, api("destination.services"), set()),
        (
            TCP | {"destination": SERVICE | {"ports": [443], "notPorts": []}},
            api("destination.services", "destination.ports"),
            api("destination.ports"),
        ),
        (
            {"destination": SERVICE | {"notPorts": ["a"]}},
            api("destination.services", "destination.notPorts"),
            api("destination.notPorts"),
        ),
        ({"http": {}}, set(), api("http")),
        ({"ipVersion": 5}, felix("ipVersion"), felix("ipVersion")),
    ],
)
def test_some_matches_belong_to_one_direction(rule: Fields, ingress: Refusals, egress: Refusals) -> None:
    """Services stand on the far side of a connection; HTTP is seen where it arrives."""
    verdicts = rule_refusals(rule), rule_refusals(rule, rule_list="egress")

    assert verdicts == (ingress, egress)


def test_a_service_in_a_global_policy_needs_its_namespace() -> None:
    """A global policy has none of its own to lend."""
    rule = {"source": {"services": {"name": "a"}}}

    assert rule_refusals(rule, kind="StagedGlobalNetworkPolicy") == api("source.services.namespace")
    assert rule_refusals(rule, kind="StagedNetworkPolicy") == set()


def test_each_problem_of_a_rule_is_found_whatever_else_is_wrong() -> None:
    """What only the API refuses must not hide what makes the policy absent for Felix."""
    rule = {"source": {"nets": [1], "selector": "("}, "destination": {"ports": [0], "extra": 1}, "protocol": "TCP"}

    assert rule_refusals(rule) == (
        api("source.nets[0]", "destination['extra']") | felix("source.selector", "destination.ports[0]")
    )
