"""Policies that teams already have in tier ``default``, and what those policies refuse.

Promises: a policy decides all traffic of its workload in its direction, so what is legitimate there is allowed by it
and never by the profile. No refused edge shares client namespace, server namespace, protocol and port with a legitimate
one: a policy per namespace that opens it has no excuse.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Final

from ringfence_lab.edge import Edge, TeamPolicy
from ringfence_lab.endpoint import Endpoint, Workload
from ringfence_lab.outside import mail_relay
from ringfence_lab.part import Part, call
from ringfence_lab.rhythm import Constant, Sporadic

_MAIL_PORT: Final = 25
_PORTS: Final = {"db": 5432, "results": 5432, "cache": 6379, "kafka": 9092}
_TRIES_PER_POLICY: Final = 3


def team_policies(part: Part, *, random: Random) -> tuple[TeamPolicy, ...]:
    """Draw who protects what: databases by a Kubernetes policy, caches and brokers by a Calico one, workers from mail.

    About half of them have one, and the first of each name always.
    """
    policies: list[TeamPolicy] = []
    met: set[str] = set()
    for subject in part.workloads:
        chosen = random.getrandbits(1) or subject.name not in met
        met.add(subject.name)
        policy = _policy(subject) if chosen else None
        if policy is not None:
            policies.append(policy)
    return tuple(policies)


def refusals(part: Part, policies: Sequence[TeamPolicy], *, random: Random) -> tuple[Edge, ...]:
    """Draw the attempts that the policies deny."""
    allowed = {_crossing(edge) for edge in part.edges}
    clients = [client for client in part.workloads if client.kind == "Deployment"]
    edges: list[Edge] = []
    for policy in policies:
        knocks = _knocks(policy, random.sample(clients, len(clients)))
        strange = (knock for knock in knocks if _crossing(knock) not in allowed and not _stays(knock))
        tries = islice(strange, _TRIES_PER_POLICY)
        edges += [replace(edge, kind="denied", denied_by=policy) for edge in tries]
    return tuple(edges)


def _knocks(policy: TeamPolicy, clients: Sequence[Workload]) -> Iterator[Edge]:
    """Yield every attempt that a policy could deny."""
    if policy.direction == "egress":
        yield call(policy.subject, mail_relay(), _MAIL_PORT, rhythm=Sporadic(6.0))
    else:
        port = _PORTS[policy.subject.name]
        yield from (call(client, policy.subject, port, rhythm=Constant(0.05)) for client in clients)


def _policy(subject: Workload) -> TeamPolicy | None:
    place = subject.namespace
    match subject.name:
        case "db" | "results":
            text = f"{place}/knp.default.{subject.name}-clients"
            return TeamPolicy(subject, "ingress", text, allow_rule=0, deny_rule=-1)
        case "cache" | "kafka":
            return TeamPolicy(subject, "ingress", f"{place}/default.deny-strangers", allow_rule=1, deny_rule=0)
        case "worker" | "consumer":
            return TeamPolicy(subject, "egress", f"{place}/default.deny-mail", allow_rule=1, deny_rule=0)
        case _:
            return None


def _crossing(edge: Edge) -> tuple[object, object, str, int | None]:
    return _place(edge.client), _place(edge.server), edge.protocol, edge.port


def _place(endpoint: Endpoint) -> object:
    return endpoint.namespace if isinstance(endpoint, Workload) else endpoint


def _stays(edge: Edge) -> bool:
    return _place(edge.client) == _place(edge.server)
