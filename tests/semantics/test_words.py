"""Verdicts and traces as people read them."""

import pytest

from ringfence.dialects.selector import parse_selector
from ringfence.model.edge import Icmp
from ringfence.model.trace import END_OF_TIER, UNKNOWN_RULE, Hit
from ringfence.model.verdict import Outcome, Side
from ringfence.semantics.words import connection_words, hit_words, selector_words, side_words, trace_words
from tests.semantics.small_world import CART, REDIS, connection

PASS = Hit(0, "security", "GlobalNetworkPolicy", "", "baseline", "Pass", 3)
ALLOW = Hit(1, "default", "NetworkPolicy", "shop", "allow-web", "Allow", 2)
DENY = Hit(1, "security", "NetworkPolicy", "shop", "first", "Deny", END_OF_TIER)
PROFILE = Hit(1, "", "Profile", "", "kns.shop", "Allow", 0)


@pytest.mark.parametrize(
    ("hit", "words"),
    [
        (ALLOW, "allowed by rule 2 of NetworkPolicy shop/allow-web (tier default)"),
        (PASS, "passed on by rule 3 of GlobalNetworkPolicy baseline (tier security)"),
        (DENY, "denied at the end of tier security: policies select it and none matched"),
        (PROFILE, "allowed by profile kns.shop, as no policy decides"),
        (
            Hit(0, "default", None, "shop", "old", "Deny", UNKNOWN_RULE),
            "denied by a rule of policy shop/old (tier default)",
        ),
    ],
)
def test_a_hit_says_what_it_did_and_who_it_was(hit: Hit, words: str) -> None:
    """With the rule's number as traces count, and the tier."""
    assert hit_words(hit) == words


def test_a_trace_is_told_to_its_end() -> None:
    """A trace that only passes on ends with what no hit says: nobody allowed it."""
    denied = trace_words(Outcome("Deny", (PASS,)))

    assert denied == (hit_words(PASS), "denied: no policy decides and no profile allows it")
    assert trace_words(Outcome("Allow", (PASS, ALLOW))) == (hit_words(PASS), hit_words(ALLOW))
    assert trace_words(Outcome("Deny", ())) == ("denied: no policy decides and no profile allows it",)


def test_an_uncertain_side_says_what_is_not_known() -> None:
    """Each reason once, and no verdict that might be taken for the answer."""
    side = Side((Outcome("Allow", (ALLOW,), ("the port is not known",)), Outcome("Deny", (DENY,))))

    assert side_words(side) == "not known: the port is not known"


def test_a_connection_is_named_by_what_it_has() -> None:
    """A port, an ICMP type and code, or the protocol alone."""
    assert connection_words(connection(CART, REDIS)) == "TCP 6379"
    assert connection_words(connection(CART, REDIS, None, protocol="ICMP", icmp=Icmp(8, 0))) == "ICMP type 8 code 0"
    assert connection_words(connection(CART, REDIS, None, protocol="47")) == "47"


def test_inherited_labels_are_called_what_they_are() -> None:
    """Calico's prefixes are its own; a value that holds one stays."""
    selector = parse_selector("pcns.team == 'pcns.team' && has(pcsa.role)")

    assert selector_words(selector) == '(namespace label team == "pcns.team" && has(account label role))'
