"""Which policies a made-up cluster has: what teams wrote in tier ``default``, a security tier, and others' drafts.

Promises: what a team's policy lets pass is written from the legitimate edges of its subject, one rule each, so that the
objects say what the lines show; the security tier denies one range of addresses and one port and passes all else, and
leaves nothing to the end of the tier; drafts are staged and decide nothing.
"""

from collections.abc import Sequence
from typing import Final

from ringfence_lab.edge import Edge, TeamPolicy
from ringfence_lab.endpoint import Endpoint, Workload
from ringfence_lab.existing_policies import ExistingPolicy, ExistingRule
from ringfence_lab.outside import blocked_range
from ringfence_lab.part import Part

_MAIL_PORT: Final = (25, 25)
_TELNET: Final = (23, 23)
_SYSTEM: Final = frozenset({"kube-system", "sandbox"})


def drawn_policies(part: Part, team: Sequence[TeamPolicy]) -> tuple[ExistingPolicy, ...]:
    """Return all policies of a cluster; ``part`` holds its legitimate edges, ``team`` says who protects what."""
    return (*(_of_team(policy, part) for policy in team), *_security(part), *_drafts(part))


def _of_team(policy: TeamPolicy, part: Part) -> ExistingPolicy:
    subject = policy.subject
    name = policy.text.partition("/")[2].removeprefix("knp.default.").removeprefix("default.")
    if policy.direction == "egress":
        rules: tuple[ExistingRule, ...] = ()
        if name != "lockdown":
            rules = (ExistingRule("deny", protocol="TCP", ports=_MAIL_PORT), ExistingRule("allow"))
        return ExistingPolicy(
            "CalicoNetworkPolicy", subject.namespace, name, "default", 100, "egress", (subject,), rules
        )
    allows = tuple(_allow(edge, edge.client) for edge in part.edges if edge.server == subject)
    if "/knp." in policy.text:
        return ExistingPolicy(
            "NetworkPolicy", subject.namespace, name, "default", 1000, "ingress", (subject,), _once(allows)
        )
    rules = (*_once(allows), ExistingRule("deny"))
    return ExistingPolicy(
        "CalicoNetworkPolicy", subject.namespace, f"{name}-{subject.name}", "default", 100, "ingress", (subject,), rules
    )


def _security(part: Part) -> tuple[ExistingPolicy, ...]:
    subjects = tuple(known for known in part.workloads if known.namespace not in _SYSTEM)
    leaving = (ExistingRule("deny", (blocked_range(),)), ExistingRule("pass"))
    entering = (ExistingRule("deny", protocol="TCP", ports=_TELNET), ExistingRule("pass"))
    return (
        ExistingPolicy("GlobalNetworkPolicy", None, "blocked-egress", "security", 10, "egress", subjects, leaving),
        ExistingPolicy("GlobalNetworkPolicy", None, "no-telnet", "security", 20, "ingress", subjects, entering),
    )


def _drafts(part: Part) -> tuple[ExistingPolicy, ...]:
    """Return what others have staged for the first front: a Calico draft and a Kubernetes one."""
    front = next(known for known in part.workloads if known.kind == "Deployment")
    served = [edge for edge in part.edges if edge.server == front]
    asked = [edge for edge in part.edges if edge.client == front and isinstance(edge.server, Workload)]
    inward = _once(tuple(_allow(edge, edge.client) for edge in served if isinstance(edge.client, Workload)))
    outward = _once(tuple(_allow(edge, edge.server) for edge in asked))
    return (
        ExistingPolicy(
            "StagedNetworkPolicy", front.namespace, "front-draft", "default", 500, "ingress", (front,), inward
        ),
        ExistingPolicy(
            "StagedKubernetesNetworkPolicy",
            front.namespace,
            "front-egress-draft",
            "default",
            1000,
            "egress",
            (front,),
            outward,
        ),
    )


def _allow(edge: Edge, peer: Endpoint) -> ExistingRule:
    ports = edge.passive if edge.port is None else (edge.port, edge.port)
    return ExistingRule("allow", (peer,), edge.protocol, ports)


def _once(rules: tuple[ExistingRule, ...]) -> tuple[ExistingRule, ...]:
    return tuple(dict.fromkeys(rules))
