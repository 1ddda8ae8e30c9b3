"""Every reason for which Calico refuses a policy apart from its rules, and beside it the nearest that it takes."""

import pytest

from ringfence.dialects.calico.limits import MAX_RULES
from tests.dialects.calico.refused import LONG_SELECTOR, POLICY_KINDS, Fields, Refusals, an_object, api, felix, refusals


@pytest.mark.parametrize(
    ("spec", "where", "for_global"),
    [
        ({}, set(), set()),
        ({"tier": "a", "order": 1.5, "selector": "has(a)", "types": ["Egress", "Ingress"]}, set(), set()),
        ({"order": -1, "ingress": [], "egress": None, "types": ["Ingress"]}, set(), set()),
        ({"order": "1"}, api("spec.order"), api("spec.order")),
        ({"order": True}, api("spec.order"), api("spec.order")),
        ({"types": []}, api("spec.types"), api("spec.types")),
        ({"types": ["Ingress", "Ingress"]}, api("spec.types[1]"), api("spec.types[1]")),
        ({"types": ["Ingress", "Egress", "Egress"]}, *(api("spec.types", "spec.types[2]"),) * 2),
        ({"types": ["ingress"]}, api("spec.types[0]"), api("spec.types[0]")),
        ({"performanceHints": ["AssumeNeededOnEveryNode"]}, set(), set()),
        ({"performanceHints": ["Fast"]}, api("spec.performanceHints[0]"), api("spec.performanceHints[0]")),
        ({"selector": LONG_SELECTOR, "serviceAccountSelector": LONG_SELECTOR}, set(), set()),
        ({"selector": LONG_SELECTOR + " "}, api("spec.selector"), api("spec.selector")),
        ({"serviceAccountSelector": LONG_SELECTOR + " "},) + (api("spec.serviceAccountSelector"),) * 2,
        ({"selector": "a"}, felix("spec.selector"), felix("spec.selector")),
        ({"selector": "a == 'global('"}, api("spec.selector"), api("spec.selector")),
        ({"serviceAccountSelector": "!"},) + (felix("spec.serviceAccountSelector"),) * 2,
        ({"serviceAccountSelector": "global()"},) + (api("spec.serviceAccountSelector"),) * 2,
        ({"ingress": [{"action": "Deny"}] * MAX_RULES, "egress": [{"action": "Deny"}] * MAX_RULES}, set(), set()),
        ({"ingress": [{"action": "Deny"}] * (MAX_RULES + 1)}, api("spec.ingress"), api("spec.ingress")),
        ({"egress": [{"action": "Deny"}] * (MAX_RULES + 1)}, api("spec.egress"), api("spec.egress")),
        ({"ingress": [1, None]},) + (api("spec.ingress[0]", "spec.ingress[1]"),) * 2,
        ({"ingress": {}}, api("spec.ingress"), api("spec.ingress")),
        ({"namespaceSelector": "has(a)"}, api("spec['namespaceSelector']"), set()),
        ({"applyOnForward": True}, api("spec['applyOnForward']"), set()),
        ({"doNotTrack": True, "applyOnForward": True}, None, set()),
        ({"preDNAT": True, "applyOnForward": True, "egress": [], "types": ["Ingress"]}, None, set()),
        ({"preDNAT": False, "doNotTrack": True, "applyOnForward": True}, None, set()),
        ({"namespaceSelector": "global()"}, None, api("spec.namespaceSelector")),
        ({"namespaceSelector": LONG_SELECTOR + " "}, None, api("spec.namespaceSelector")),
        ({"namespaceSelector": "a"}, None, felix("spec.namespaceSelector")),
        ({"doNotTrack": True}, None, api("spec.applyOnForward")),
        ({"preDNAT": True, "applyOnForward": False}, None, api("spec.applyOnForward")),
        ({"preDNAT": True, "doNotTrack": True, "applyOnForward": True}, None, api("spec.doNotTrack")),
        ({"preDNAT": True, "applyOnForward": True, "types": ["Ingress", "Egress"]}, None, api("spec.types")),
        ({"preDNAT": True, "applyOnForward": True, "egress": [{"action": "Deny"}]}, None, api("spec.egress")),
        ({"doNotTrack": "yes"}, None, api("spec.doNotTrack")),
        ([], api("spec"), api("spec")),
        (None, api("spec"), api("spec")),
    ],
)
def test_a_policy_is_judged_by_its_spec(spec: Fields, where: Refusals | None, for_global: Refusals) -> None:
    """Both scopes; None where a field is unknown to namespaced policies."""
    verdicts = [refusals(an_object(kind, spec)) for kind in POLICY_KINDS]

    assert verdicts[1::2] == [for_global, for_global]
    if where is not None:
        assert verdicts[0::2] == [where, where]


@pytest.mark.parametrize("kind", ["StagedNetworkPolicy", "StagedGlobalNetworkPolicy"])
def test_a_policy_staged_for_deletion_holds_nothing_else(kind: str) -> None:
    """It names what it would delete; order 0 is a value, an empty list is none."""
    bare = {"stagedAction": "Delete", "tier": "a", "selector": "", "ingress": [], "order": None}
    full = {"stagedAction": "Delete", "tier": "a", "selector": "all()", "ingress": [{"action": "Deny"}], "order": 0}

    assert refusals(an_object(kind, bare)) == set()
    assert refusals(an_object(kind, full)) == api("spec.selector", "spec.ingress", "spec.order")
    assert refusals(an_object(kind, full | {"stagedAction": "Learn"})) == set()
    assert refusals(an_object(kind, {"stagedAction": "Add"})) == api("spec.stagedAction")


def test_only_staged_policies_have_a_staged_action() -> None:
    """An enforced policy with one is not what its author meant."""
    assert refusals(an_object("NetworkPolicy", {"stagedAction": "Set"})) == api("spec['stagedAction']")


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ({"podSelector": {}, "policyTypes": ["Ingress"]}, set()),
        (
            {
                "stagedAction": "Set",
                "podSelector": {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "Exists"}]},
                "ingress": [{"from": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": 1, "endPort": 2}]}],
                "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]}],
            },
            set(),
        ),
        ({"policyTypes": []}, api("spec.policyTypes")),
        ({"policyTypes": ["Egress", "Egress"]}, api("spec.policyTypes[1]")),
        ({"podSelector": {"matchExpressions": [{"key": "a"}]}}, api("spec.podSelector.matchExpressions[0].operator")),
        ({"ingress": [{"from": [{"ipBlock": {}}]}]}, api("spec.ingress[0].from[0].ipBlock.cidr")),
        ({"ingress": [{"to": []}]}, api("spec.ingress[0]['to']")),
        ({"tier": "a"}, api("spec['tier']")),
        ({"order": 1}, api("spec['order']")),
        ({"stagedAction": "Delete", "podSelector": {}, "egress": []}, set()),
        ({"stagedAction": "Delete", "policyTypes": ["Ingress"]}, api("spec.policyTypes")),
    ],
)
def test_a_staged_kubernetes_policy_is_a_kubernetes_policy_with_an_action(spec: Fields, where: Refusals) -> None:
    """It has neither tier nor order."""
    assert refusals(an_object("StagedKubernetesNetworkPolicy", spec)) == where
