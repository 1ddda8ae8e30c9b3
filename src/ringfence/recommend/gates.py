"""The conditions of Ready, each with its state and reason.

Promises: a gate that this version cannot judge is Unknown and says why, so nothing is Ready by omission.
"""

from collections.abc import Sequence

from ringfence.recommend.recommendation import Confidence, Gate, Readiness
from ringfence.rules.permit import Permit
from ringfence.rules.resolver import Resolvers


def gates(
    permits: Sequence[Permit],
    *,
    readiness: Readiness,
    confidence: Confidence,
    quiet: Sequence[str],
    resolvers: Resolvers,
) -> tuple[Gate, ...]:
    """Return the gates of one scope in the order of the table people read."""
    coarse = sorted({permit.coarse for permit in permits if permit.coarse is not None})
    isolated = any(permit.direction == "Egress" for permit in permits)
    return (
        Gate(
            "stable",
            "True" if readiness.state == "Stable" else "False",
            f"the rules are {readiness.state.lower()}",
        ),
        Gate("risk", "Unknown", "; ".join(confidence.reasons)),
        Gate("schedules", "Unknown", "no snapshot: the cluster's CronJobs are not known"),
        Gate("coarse", "False" if coarse else "True", ", ".join(coarse) or "no rule is wider than its evidence"),
        Gate("quiet", "False" if quiet else "Unknown", _quiet(quiet)),
        Gate("held", "Unknown", "this version does not look for attacks within the learning period"),
        _resolver_gate(isolated=isolated, resolvers=resolvers),
        Gate("conflicts", "Unknown", "this version does not prove that nothing conflicts"),
        Gate("replay", "Unknown", "this version does not replay the history"),
    )


def _quiet(quiet: Sequence[str]) -> str:
    if quiet:
        return f"no evidence of their own: {', '.join(quiet)}"
    return "no snapshot: workloads without a single flow are not known"


def _resolver_gate(*, isolated: bool, resolvers: Resolvers) -> Gate:
    if not isolated:
        return Gate("dns", "True", "egress is not isolated")
    if resolvers.known or resolvers.node_local:
        return Gate("dns", "True", "the cluster's resolver was seen and is allowed")
    return Gate("dns", "False", "no resolver was seen in the flows, so no rule allows DNS")
