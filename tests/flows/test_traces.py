"""Policy strings in every syntax Calico writes."""

import json

import pytest

from ringfence.flows.traces import NOT_RECORDED, TraceWord, read_trace
from ringfence.model.trace import Hit


def trace(*strings: str) -> TraceWord:
    """Return the decision of a list of policy strings."""
    return read_trace(json.dumps(strings))


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        (
            "0|default|np:shop/allow-web|allow|2",
            Hit(0, "default", "NetworkPolicy", "shop", "allow-web", "Allow", 2),
        ),
        (
            "1|default|knp:shop/deny-all|deny|-1",
            Hit(1, "default", "KubernetesNetworkPolicy", "shop", "deny-all", "Deny", -1),
        ),
        ("0|security|gnp:watch|deny|0", Hit(0, "security", "GlobalNetworkPolicy", "", "watch", "Deny", 0)),
        (
            "0|kube-admin|kcnp:guard|allow|0",
            Hit(0, "kube-admin", "KubernetesClusterNetworkPolicy", "", "guard", "Allow", 0),
        ),
        ("0|__PROFILE__|pro:kns.shop|allow|0", Hit(0, "", "Profile", "", "kns.shop", "Allow", 0)),
        ("0|__PROFILE__|__PROFILE__.kns.shop|allow|0", Hit(0, "", "Profile", "", "kns.shop", "Allow", 0)),
        (
            "0|security|security.block-bad|deny|3",
            Hit(0, "security", "GlobalNetworkPolicy", "", "security.block-bad", "Deny", 3),
        ),
        ("0|default|shop/default.web|allow|1", Hit(0, "default", "NetworkPolicy", "shop", "web", "Allow", 1)),
        (
            "0|default|shop/knp.default.web|allow|1",
            Hit(0, "default", "KubernetesNetworkPolicy", "shop", "web", "Allow", 1),
        ),
        (
            "0|adminnetworkpolicy|kanp.adminnetworkpolicy.guard|deny|0",
            Hit(0, "adminnetworkpolicy", "KubernetesClusterNetworkPolicy", "", "guard", "Deny", 0),
        ),
        ("default|np:shop/web|allow", Hit(0, "default", "NetworkPolicy", "shop", "web", "Allow", NOT_RECORDED)),
        ("default|eot:np:shop/web|deny", Hit(0, "default", "NetworkPolicy", "shop", "web", "Deny", -1)),
    ],
)
def test_each_syntax_gives_the_policy_it_names(text: str, hit: Hit) -> None:
    """Enterprise, open source before and after 3.32, and the short internal form."""
    assert trace(text).trace == (hit,)


@pytest.mark.parametrize(
    "text",
    [
        "0|app|snp:shop/try|deny|-1",
        "0|app|shop/app.staged:try|deny|-1",
        "0|app|shop/staged:app.try|deny|-1",
        "0|app|staged:app.try|deny|0",
        "0|default|sknp:shop/try|deny|0",
        "0|app|sgnp:try|deny|0",
        "0|default|shop/staged:knp.default.try|deny|0",
    ],
)
def test_a_staged_hit_decides_nothing(text: str) -> None:
    """As last hit it leaves the outcome unknown, before a profile it is passed over."""
    profile = "1|__PROFILE__|__PROFILE__.kns.shop|allow|0"

    assert trace(text) == TraceWord("Unknown", None)
    assert trace(text, profile).outcome == "Allowed"
    assert [hit.kind for hit in trace(text, profile).trace or ()] == ["Profile"]


def test_hits_are_sorted_by_index() -> None:
    """The order of the list is not trusted."""
    decision = trace("1|default|np:shop/web|deny|0", "0|security|gnp:watch|pass|1")

    assert decision.outcome == "Denied"
    assert [hit.tier for hit in decision.trace or ()] == ["security", "default"]


@pytest.mark.parametrize(
    "strings",
    [
        [],
        ["0|default|np:shop/web|allow|-2"],
        ["0|default|np:shop/web|pass|0"],
        ["0|default|np:shop/web|permit|0"],
        ["0|default|np:shop/web"],
        ["x|default|np:shop/web|allow|0"],
        ["0|kube-admin|staged:kcnp.guard|allow|0"],
    ],
)
def test_what_cannot_be_read_is_unknown(strings: list[str]) -> None:
    """Never a guess, never an exception."""
    assert trace(*strings).outcome == "Unknown"


@pytest.mark.parametrize("text", ["", "-", "null", "{}", "[1]", "[[", "\udcff"])
def test_text_that_is_no_list_of_strings_is_unknown(text: str) -> None:
    """Hostile text becomes Unknown without a trace."""
    assert read_trace(text) == TraceWord("Unknown", None)
