"""Policies and tiers as Calico objects: what is written out, in which order, and that Calico takes it."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from ringfence.dialects.calico.render import (
    render_host_endpoint,
    render_network_set,
    render_policy,
    render_staged_kubernetes_policy,
    render_tier,
)
from ringfence.dialects.calico.valid import problems
from ringfence.dialects.yaml_text import yaml_text
from ringfence.model.kubernetes_policy import IpBlock, KubernetesPeer, KubernetesPolicy, KubernetesPort, KubernetesRule
from ringfence.model.label_selector import LabelRequirement, LabelSelector
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, HostPort
from ringfence.model.policy import (
    HttpMatch,
    HttpPath,
    IcmpMatch,
    Match,
    Policy,
    Rule,
    ServiceAccounts,
    ServiceRef,
    Tier,
)
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import All, And, Equals, Global, Has, Not

SHOP = Equals("projectcalico.org/namespace", "shop")
PAYMENTS = Equals("projectcalico.org/name", "payments")
PODS = Equals("projectcalico.org/orchestrator", "k8s")

INGRESS_RULES = (
    Rule("Pass", source=Match(selector=PODS, namespace_selector=PAYMENTS)),
    Rule("Pass", "TCP", destination=Match(ports=PortSet.of([8080, PortRange(9000, 9010)])), annotations=(("a", "b"),)),
    Rule("Allow", "TCP", source=Match(service=ServiceRef("default", "kubernetes"))),
    Rule("Deny", "132", 6, source=Match(nets=("fd00::/8",), not_nets=("fd00:1::/32",))),
)
EGRESS_RULES = (
    Rule("Log"),
    Rule("Pass", "ICMP", 4, IcmpMatch(8, 0), destination=Match(nets=("10.0.0.0/8",))),
    Rule("Pass", "89", destination=Match(selector=And((Has("a"), Not(Equals("b", "c")))))),
    Rule("Allow", "UDP", destination=Match(service=ServiceRef("kube-system", "kube-dns"))),
)

ISOLATION = Policy(
    tier="namespace-isolation",
    namespace="shop",
    name="namespace-isolation.shop",
    order=1000.0,
    selector=SHOP,
    types=("Ingress", "Egress"),
    ingress=INGRESS_RULES[:2],
    egress=EGRESS_RULES[1:2],
    labels=(("app.kubernetes.io/managed-by", "ringfence"),),
    staged="Set",
)

policies = st.builds(
    Policy,
    tier=st.just("namespace-isolation"),
    namespace=st.sampled_from(["shop", None]),
    name=st.just("namespace-isolation.shop"),
    order=st.sampled_from([None, 0.0, -1.5, 1000.0]),
    selector=st.sampled_from([SHOP, All(), And((SHOP, Not(Has("batch"))))]),
    types=st.sampled_from([("Ingress",), ("Egress",), ("Ingress", "Egress")]),
    ingress=st.lists(st.sampled_from(INGRESS_RULES), max_size=3).map(tuple),
    egress=st.lists(st.sampled_from(EGRESS_RULES), max_size=3).map(tuple),
    staged=st.sampled_from(["Set", None]),
    labels=st.just((("app.kubernetes.io/managed-by", "ringfence"),)),
    annotations=st.sampled_from([(), (("ringfence.io/scope", "namespace"),)]),
)
tiers = st.builds(
    Tier,
    name=st.just("namespace-isolation"),
    order=st.sampled_from([100.0, 0.5]),
    default_action=st.sampled_from(["Deny", "Pass"]),
    labels=st.sampled_from([(), (("a", "b"),)]),
)


def test_a_policy_reads_from_what_it_is_to_what_it_lets_through() -> None:
    """The order of fields is part of what a reviewer sees."""
    text = yaml_text(render_policy(ISOLATION))

    assert text == (
        "apiVersion: projectcalico.org/v3\n"
        "kind: StagedNetworkPolicy\n"
        "metadata:\n"
        "  name: namespace-isolation.shop\n"
        "  namespace: shop\n"
        "  labels:\n"
        "    app.kubernetes.io/managed-by: ringfence\n"
        "spec:\n"
        "  stagedAction: Set\n"
        "  tier: namespace-isolation\n"
        "  order: 1000\n"
        "  selector: projectcalico.org/namespace == 'shop'\n"
        "  types:\n"
        "    - Ingress\n"
        "    - Egress\n"
        "  ingress:\n"
        "    - action: Pass\n"
        "      source:\n"
        "        namespaceSelector: projectcalico.org/name == 'payments'\n"
        "        selector: projectcalico.org/orchestrator == 'k8s'\n"
        "    - action: Pass\n"
        "      protocol: TCP\n"
        "      destination:\n"
        "        ports:\n"
        "          - 8080\n"
        "          - '9000:9010'\n"
        "      metadata:\n"
        "        annotations:\n"
        "          a: b\n"
        "  egress:\n"
        "    - action: Pass\n"
        "      ipVersion: 4\n"
        "      protocol: ICMP\n"
        "      icmp:\n"
        "        type: 8\n"
        "        code: 0\n"
        "      destination:\n"
        "        nets:\n"
        "          - 10.0.0.0/8\n"
    )


@pytest.mark.parametrize(
    ("namespace", "staged", "kind"),
    [
        ("shop", True, "StagedNetworkPolicy"),
        ("shop", False, "NetworkPolicy"),
        (None, True, "StagedGlobalNetworkPolicy"),
        (None, False, "GlobalNetworkPolicy"),
    ],
)
def test_the_kind_says_whether_a_policy_is_staged_and_global(namespace: str | None, staged: bool, kind: str) -> None:  # noqa: FBT001
    """Only staged kinds have a staged action, only namespaced ones a namespace."""
    rendered: Any = render_policy(replace(ISOLATION, namespace=namespace, staged="Set" if staged else None))

    assert rendered["kind"] == kind
    assert ("stagedAction" in rendered["spec"]) == staged
    assert rendered["metadata"].get("namespace") == namespace


def test_rules_are_listed_for_the_directions_of_the_policy() -> None:
    """An empty list of its own isolates; of another direction there is a list only where someone wrote rules."""
    rendered: Any = render_policy(replace(ISOLATION, types=("Ingress",), ingress=(), egress=()))
    contradicting: Any = render_policy(replace(ISOLATION, types=("Ingress",), ingress=()))

    assert rendered["spec"]["types"] == ["Ingress"]
    assert rendered["spec"]["ingress"] == []
    assert "egress" not in rendered["spec"]
    assert len(contradicting["spec"]["egress"]) == len(ISOLATION.egress)


def test_a_selector_that_is_not_written_stays_unwritten() -> None:
    """Beside other selectors, ``all()`` would not mean the same."""
    rendered: Any = render_policy(replace(ISOLATION, selector=None))

    assert "selector" not in rendered["spec"]


@pytest.mark.parametrize("action", ["Set", "Learn", "Ignore"])
def test_a_staged_policy_says_what_it_is_staged_for(action: Any) -> None:
    """As it was given, and first of all."""
    rendered: Any = render_policy(replace(ISOLATION, staged=action))

    assert next(iter(rendered["spec"].items())) == ("stagedAction", action)


@pytest.mark.parametrize("namespace", ["shop", None])
def test_a_policy_staged_for_deletion_holds_nothing_but_its_tier(namespace: str | None) -> None:
    """Calico refuses it with anything else."""
    rendered: Any = render_policy(replace(ISOLATION, namespace=namespace, staged="Delete"))

    assert rendered["spec"] == {"stagedAction": "Delete", "tier": "namespace-isolation"}
    assert problems(rendered) == ()


@pytest.mark.parametrize(("order", "written"), [(1000.0, "1000"), (0.0, "0"), (999.5, "999.5"), (-3.0, "-3")])
def test_an_order_is_written_as_people_write_it(order: float, written: str) -> None:
    """1000, not 1000.0."""
    rendered: Any = render_policy(replace(ISOLATION, order=order))

    assert repr(rendered["spec"]["order"]) == written


def test_an_unset_order_stays_unset() -> None:
    """Calico puts such a policy last; a number would move it."""
    rendered: Any = render_policy(replace(ISOLATION, order=None))

    assert "order" not in rendered["spec"]


def test_a_tier_has_its_order_and_its_end_written_out() -> None:
    """Calico would fill both with defaults of its own."""
    text = yaml_text(render_tier(Tier("namespace-isolation", 999_999.0, "Deny", (("a", "b"),))))

    assert text == (
        "apiVersion: projectcalico.org/v3\n"
        "kind: Tier\n"
        "metadata:\n"
        "  name: namespace-isolation\n"
        "  labels:\n"
        "    a: b\n"
        "spec:\n"
        "  order: 999999\n"
        "  defaultAction: Deny\n"
    )


FULL = Policy(
    "t",
    None,
    "a",
    0.5,
    Has("a"),
    ("Ingress",),
    (
        Rule(
            "Allow",
            "TCP",
            4,
            source=Match(
                selector=Has("b"),
                namespace_selector=Global(),
                not_selector=Has("c"),
                nets=("10.0.0.0/8",),
                not_nets=("10.1.0.0/16",),
                service_accounts=ServiceAccounts(("web",), Has("d")),
                named_ports=("http",),
                not_ports=PortSet.of([PortRange(1, 9)]),
                not_named_ports=("dns",),
            ),
            destination=Match(ports=PortSet.of([80]), named_ports=("https",)),
            http=HttpMatch(("GET",), (HttpPath("/a", exact=True), HttpPath("/b", exact=False))),
        ),
        Rule("Deny", "ICMP", icmp=IcmpMatch(8), not_icmp=IcmpMatch(3, 1), not_protocol="89"),
    ),
    labels=(("a", "b"),),
    namespace_selector=All(),
    service_account_selector=Has("e"),
    do_not_track=True,
    apply_on_forward=True,
    performance_hints=("AssumeNeededOnEveryNode",),
)
STAGED_KUBERNETES = KubernetesPolicy(
    "shop",
    "a",
    LabelSelector((("app", "web"),), (LabelRequirement("a", "In", ("b",)),)),
    ingress=(KubernetesRule((KubernetesPeer(ip_block=IpBlock("10.0.0.0/8")),), (KubernetesPort("TCP", 80, 90),)),),
    staged="Learn",
)
NETWORK_SET = NetworkSetObject("shop", "a", Labels((("a", "b"),)), ("10.0.0.1", "fd00::/8"), (("c", "d"),))
HOST_ENDPOINT = HostEndpoint(
    "a", "n", "*", ("10.0.0.1",), Labels((("a", "b"),)), ("p",), (HostPort("ssh", "TCP", 22), HostPort("x", "89", 1))
)
EVERYTHING = [
    render_policy(FULL),
    render_staged_kubernetes_policy(STAGED_KUBERNETES),
    render_staged_kubernetes_policy(replace(STAGED_KUBERNETES, staged="Delete")),
    render_network_set(NETWORK_SET),
    render_network_set(replace(NETWORK_SET, namespace=None)),
    render_host_endpoint(HOST_ENDPOINT),
]


def test_everything_of_a_policy_is_written() -> None:
    """What it is, where it stands, whom it selects, what it lets through."""
    rendered: Any = render_policy(FULL)

    assert yaml_text(rendered["spec"]) == (
        "tier: t\n"
        "order: 0.5\n"
        "selector: has(a)\n"
        "namespaceSelector: all()\n"
        "serviceAccountSelector: has(e)\n"
        "doNotTrack: true\n"
        "applyOnForward: true\n"
        "performanceHints:\n"
        "  - AssumeNeededOnEveryNode\n"
        "types:\n"
        "  - Ingress\n"
        "ingress:\n"
        "  - action: Allow\n"
        "    ipVersion: 4\n"
        "    protocol: TCP\n"
        "    source:\n"
        "      namespaceSelector: global()\n"
        "      selector: has(b)\n"
        "      notSelector: has(c)\n"
        "      serviceAccounts:\n"
        "        names:\n"
        "          - web\n"
        "        selector: has(d)\n"
        "      nets:\n"
        "        - 10.0.0.0/8\n"
        "      notNets:\n"
        "        - 10.1.0.0/16\n"
        "      ports:\n"
        "        - http\n"
        "      notPorts:\n"
        "        - '1:9'\n"
        "        - dns\n"
        "    destination:\n"
        "      ports:\n"
        "        - 80\n"
        "        - https\n"
        "    http:\n"
        "      methods:\n"
        "        - GET\n"
        "      paths:\n"
        "        - exact: /a\n"
        "        - prefix: /b\n"
        "  - action: Deny\n"
        "    protocol: ICMP\n"
        "    notProtocol: 89\n"
        "    icmp:\n"
        "      type: 8\n"
        "    notICMP:\n"
        "      type: 3\n"
        "      code: 1\n"
    )


@pytest.mark.parametrize("rendered", EVERYTHING, ids=lambda rendered: f"{rendered['kind']}-{len(str(rendered))}")
def test_everything_rendered_is_taken_by_our_own_judge(rendered: dict[str, Any]) -> None:
    """No field in a place where Calico does not have it."""
    assert problems(rendered) == ()


@pytest.mark.shared
@pytest.mark.parametrize("rendered", EVERYTHING, ids=lambda rendered: f"{rendered['kind']}-{len(str(rendered))}")
def test_everything_rendered_fits_calicos_resource_definitions(
    schemas: dict[str, dict[str, Any]], rendered: dict[str, Any]
) -> None:
    """Judged by the OpenAPI schemas that Calico ships."""
    assert errors(schemas, rendered) == []
    assert errors(schemas, rendered | {"spec": 1}) == ["1 is not of type 'object'"]


@given(policies | tiers)
def test_what_is_rendered_is_taken_by_our_own_judge(value: Policy | Tier) -> None:
    """Law: rendering adds no reason for refusal."""
    rendered = render_policy(value) if isinstance(value, Policy) else render_tier(value)

    assert problems(rendered) == ()


@pytest.mark.shared
@given(value=policies | tiers)
def test_what_is_rendered_fits_calicos_resource_definitions(
    schemas: dict[str, dict[str, Any]], value: Policy | Tier
) -> None:
    """Law, judged by the OpenAPI schemas that Calico ships, after a round through YAML."""
    rendered = render_policy(value) if isinstance(value, Policy) else render_tier(value)

    again = yaml.safe_load(yaml_text(rendered))

    assert errors(schemas, again) == []
    assert errors(schemas, again | {"spec": {"order": "first"}}) == ["'first' is not of type 'number'"]


def errors(schemas: dict[str, dict[str, Any]], obj: dict[str, Any]) -> list[str]:
    """Return what a resource definition says against an object."""
    return [error.message for error in Draft202012Validator(schemas[obj["kind"]]).iter_errors(obj)]
