"""Who may or may not speak to whom: the made-up truth of one cluster.

Promises: an edge is known before a line is written; ``kind`` says what a recommendation must do with it. Leaves which
lines show it to `simulation`.
"""

from dataclasses import dataclass
from typing import Literal

from ringfence_lab.endpoint import Endpoint, Workload
from ringfence_lab.rhythm import Rhythm

Protocol = Literal["TCP", "UDP", "SCTP", "ICMP"]
Traffic = Literal["request", "bulk", "name", "scrape", "echo", "probe", "upload"]
Direction = Literal["egress", "ingress"]
Attack = Literal["scan", "metadata", "exfiltration", "beacon", "lateral"]


@dataclass(frozen=True, slots=True)
class Service:
    """The Service a client connected to before the address was translated; ``port`` is the Service port's name."""

    namespace: str
    name: str
    port: str


@dataclass(frozen=True, slots=True)
class TeamPolicy:
    """An enforced policy in tier ``default`` that a team already has, selecting one workload in one direction.

    ``text`` is its name as flow logs write it (``shop/knp.default.db``). Its rule ``allow_rule`` lets pass what is
    legitimate; all else is denied by ``deny_rule``, -1 being the end of the tier.
    """

    subject: Workload
    direction: Direction
    text: str
    allow_rule: int
    deny_rule: int


@dataclass(frozen=True, slots=True)
class Edge:
    """One client, one server, one protocol and port.

    ``port`` is the target port, None for ICMP and SCTP. ``passive`` is the port range of a server that opens a new port
    for each transfer; then ``port`` is None too. ``denied_by`` is the policy that stops it, None for what is allowed.
    ``attack`` says what an attacker does by it; ``family`` is the version of IP that it is carried by.
    """

    kind: Literal["legitimate", "denied", "ephemeral", "attack"]
    client: Endpoint
    server: Endpoint
    protocol: Protocol
    port: int | None
    rhythm: Rhythm
    traffic: Traffic = "request"
    service: Service | None = None
    passive: tuple[int, int] | None = None
    denied_by: TeamPolicy | None = None
    attack: Attack | None = None
    family: Literal[4, 6] = 4
