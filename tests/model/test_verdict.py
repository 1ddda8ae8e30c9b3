"""What one side's outcomes and both sides together say."""

from itertools import product
from typing import Final, Literal

import pytest

from ringfence.model.trace import Hit, PolicyRef
from ringfence.model.verdict import Considered, Judgement, Outcome, Side, Verdict

HIT: Final = Hit(0, "default", "NetworkPolicy", "shop", "web", "Allow", 2)
ALLOW: Final = Side((Outcome("Allow", (HIT,)),))
DENY: Final = Side((Outcome("Deny", ()),))
EITHER: Final = Side(
    (Outcome("Allow", (HIT,), ("the port", "the address")), Outcome("Deny", (), ("the port", "a label")))
)
SIDES: Final = {"Allow": ALLOW, "Deny": DENY, "Uncertain": EITHER, None: None}


@pytest.mark.parametrize(("side", "verdict"), [(ALLOW, "Allow"), (DENY, "Deny"), (EITHER, "Uncertain")])
def test_a_side_is_certain_where_its_outcomes_agree(side: Side, verdict: Verdict) -> None:
    """One verdict is the answer; two are none."""
    assert side.verdict == verdict


def test_outcomes_that_end_alike_are_certain() -> None:
    """What is not known does not matter where every way ends with the same verdict."""
    side = Side((Outcome("Deny", (HIT,), ("the port",)), Outcome("Deny", ())))

    assert side.verdict == "Deny"


def test_a_side_tells_each_unknown_once() -> None:
    """Reasons stand in the order in which they were met."""
    assert EITHER.unknown == ("the port", "the address", "a label")
    assert ALLOW.unknown == ()


def test_a_side_shows_the_trace_of_its_first_outcome() -> None:
    """The first outcome is the one that the first rule in question would decide."""
    assert EITHER.trace == ALLOW.trace == (HIT,)


def expected(egress: Verdict | None, ingress: Verdict | None) -> Verdict:
    """Return the verdict of both ends, by cases."""
    if egress == "Deny" or ingress == "Deny":
        return "Deny"
    return "Uncertain" if egress == "Uncertain" or ingress == "Uncertain" else "Allow"


@pytest.mark.parametrize(("egress", "ingress"), list(product(["Allow", "Deny", "Uncertain", None], repeat=2)))
def test_both_ends_must_allow(egress: Verdict | None, ingress: Verdict | None) -> None:
    """A certain deny outweighs what is not known elsewhere; an end without policies has no say."""
    judgement = Judgement(SIDES[egress], SIDES[ingress])

    assert judgement.verdict == expected(egress, ingress)


@pytest.mark.parametrize(
    ("kind", "staged", "profile"),
    [
        ("StagedNetworkPolicy", True, False),
        ("StagedKubernetesNetworkPolicy", True, False),
        ("GlobalNetworkPolicy", False, False),
        ("Profile", False, True),
        (None, False, False),
    ],
)
def test_a_hit_knows_what_kind_it_is_of(
    kind: Literal["StagedNetworkPolicy", "StagedKubernetesNetworkPolicy", "GlobalNetworkPolicy", "Profile"] | None,
    staged: bool,  # noqa: FBT001 - a column of the table
    profile: bool,  # noqa: FBT001 - as above
) -> None:
    """Staged policies and profiles are told from policies that decide."""
    hit = Hit(0, "", kind, "", "p", "Allow", 0)

    assert (hit.staged, hit.profile) == (staged, profile)


def test_verdicts_are_values() -> None:
    """Equal content is equal and hashes alike, so that answers can be compared and collected."""
    ref = PolicyRef("NetworkPolicy", "shop", "web")

    assert len({ALLOW, Side((Outcome("Allow", (HIT,)),)), DENY}) == 2
    assert Considered(ref, "no rule matches") == Considered(
        PolicyRef("NetworkPolicy", "shop", "web"), "no rule matches"
    )
