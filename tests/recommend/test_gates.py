"""The conditions of Ready."""

from collections.abc import Sequence

import pytest

from ringfence.model.labels import Labels
from ringfence.recommend.gates import gates
from ringfence.recommend.recommendation import Confidence, Gate, Readiness
from ringfence.rules.permit import NamespacePeer, Permit, PublicPeer
from ringfence.rules.resolver import Resolver, Resolvers
from tests.learning.evidence_rows import DNS

NO_RESOLVER = Resolvers((), node_local=False)
COREDNS = Resolvers((Resolver("kube-system", Labels(), (DNS,), (53,)),), node_local=False)
NODE_LOCAL = Resolvers((), node_local=True)
EGRESS = Permit("Egress", NamespacePeer("a"), "TCP", None, None, ("a",), "Observed")
INGRESS = Permit("Ingress", PublicPeer(), "TCP", None, None, ("a",), "Observed", "internet-clients")


def gate(
    name: str,
    *permits: Permit,
    state: str = "Stable",
    quiet: Sequence[str] = (),
    resolvers: Resolvers = COREDNS,
) -> Gate:
    """Return one gate of a scope."""
    made = gates(
        permits,
        readiness=Readiness(state, 0, 0),  # type: ignore[arg-type]
        confidence=Confidence("Unknown", None, ("12 hours of flows", "no snapshot")),
        quiet=quiet,
        resolvers=resolvers,
    )
    return {each.name: each for each in made}[name]


@pytest.mark.parametrize(("state", "status"), [("Learning", "False"), ("Stabilizing", "False"), ("Stable", "True")])
def test_only_stable_rules_pass_the_first_gate(state: str, status: str) -> None:
    """It says how far they are."""
    assert gate("stable", EGRESS, state=state) == Gate("stable", status, f"the rules are {state.lower()}")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["risk", "schedules", "held", "conflicts", "replay"])
def test_what_this_version_cannot_judge_is_unknown_and_says_why(name: str) -> None:
    """Nothing is Ready by omission."""
    made = gate(name, EGRESS)

    assert made.status == "Unknown"
    assert made.reason


def test_coarse_permits_are_listed_by_reason() -> None:
    """One reason once."""
    assert gate("coarse", INGRESS, INGRESS, EGRESS) == Gate("coarse", "False", "internet-clients")
    assert gate("coarse", EGRESS).status == "True"


def test_quiet_workloads_are_named() -> None:
    """And where there are none, those that no flow names are still unknown."""
    assert gate("quiet", EGRESS, quiet=["shop/db egress"]) == Gate(
        "quiet", "False", "no evidence of their own: shop/db egress"
    )
    assert gate("quiet", EGRESS).status == "Unknown"


def test_isolated_egress_needs_a_resolver() -> None:
    """Without one nothing would be found by name."""
    assert gate("dns", EGRESS, resolvers=NO_RESOLVER).status == "False"
    assert gate("dns", EGRESS, resolvers=COREDNS).status == "True"
    assert gate("dns", EGRESS, resolvers=NODE_LOCAL).status == "True"
    assert gate("dns", INGRESS, resolvers=NO_RESOLVER).status == "True"
