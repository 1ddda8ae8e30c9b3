"""Why a record or an edge does not become a rule.

Promises: every record that was read is admitted, corrupt, or carries exactly one of these reasons, so
read = admitted + left out + corrupt. The values are what the CLI, JSON and documents print.
"""

from enum import StrEnum


class LeftOut(StrEnum):
    """A named reason. The first group is told by a record alone, the second by learning."""

    CONTROL_MESSAGE = "control-message"
    """A line of the source about itself (Hubble's lost events, node status, agent and debug events), not a flow."""
    GHOST = "ghost"
    """Start time 0: Goldmane's row for a flow of an unfinished bucket."""
    OUTSIDE_TIME_RANGE = "outside-time-range"
    """Before ``--since`` or not before ``--until``."""
    REPEATED = "repeated"
    """The same record was read before; it counts once."""
    REPEATED_OTHER_COUNTERS = "repeated-other-counters"
    """The same record was read before with other counters; the largest of each counter is kept."""
    REPLY = "reply"
    """The answer of a connection; only its request is a fact about who talks to whom."""
    SAMPLED = "sampled"
    """From a sample of a log: what is seldom may be missing beside it, so nothing is learnt from it."""
    SELF_LOOP = "self-loop"
    """One pod talking to itself, proved by equal addresses; policy does not apply to it."""
    UNKNOWN_PROTOCOL = "unknown-protocol"
    """A protocol text that names no IP protocol."""
    PORT_NOT_REPORTED = "port-not-reported"
    """TCP or UDP without a destination port (aggregation that drops ports); a rule would allow every port."""
    UNKNOWN_ENDPOINT_TYPE = "unknown-endpoint-type"
    """A side that is neither a workload, a host, a network set nor a network."""
    INVALID_NAME = "invalid-name"
    """A namespace or endpoint name that is no DNS name; names become files, YAML and terminal text."""
    BEFORE_NAMESPACE = "before-namespace"
    """From before the creation of a side's namespace: another one had the name then."""
    SERVICE_ADDRESS = "service-address"
    """To a Service's own address, before translation: policies see the pods behind it, and no record said which."""
    ZERO_COUNTER_DENIAL = "zero-counter-denial"
    """A denied row without packets: Felix repeats old denials with zero counters after a policy change."""
    OUTCOME_UNKNOWN = "outcome-unknown"
    """Neither a trace nor the source tells whether the connection was allowed."""

    DENIED = "denied"
    """Denied when it was last seen, by the policy named beside it."""
    DECIDED_EARLIER = "decided-earlier"
    """An enforced policy in a tier before ours decides it; our rule would never be reached."""
    TIER_ORDER_UNKNOWN = "tier-order-unknown"
    """An enforced policy decides it in a tier whose place before or after ours the input does not tell."""
    GONE = "gone"
    """One side is a workload or an address that the snapshot no longer has."""
    EPHEMERAL_PORT = "ephemeral-port"
    """A high port that no Service declares and that does not come back: a dynamic port, not a listener."""
    NO_SCOPE = "no-scope"
    """Neither side is a workload of a selected namespace, so no recommendation covers it."""
