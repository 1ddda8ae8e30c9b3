"""Policies at a host endpoint, hook by hook: calico-semantics 4.9."""

from typing import Any, Final, NamedTuple

import pytest
from msgspec.structs import replace

from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction, Policy, Tier
from ringfence.model.policy_set import PolicySet
from ringfence.model.verdict import Side
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.hosts import hooks, judge_host
from ringfence.semantics.resolve import resolve
from tests.semantics.worlds import CLUSTER, Case, case, check, connection, each, match, policy, rule, tier

UNTRACKED: Final = "| untracked | GNP doNotTrack | continue (tier default treated as Pass) |"
PRE_DNAT: Final = "| preDNAT | GNP preDNAT (ingress only) | continue |"
LOCAL: Final = (
    "| local traffic (INPUT/OUTPUT) | all GNPs selecting the HEP without those flags | "
    "deny once a policy applies; profile/deny otherwise |"
)
FORWARDED: Final = (
    "| forwarded | only `applyOnForward: true` | allow when none applies in that direction; tier default otherwise |"
)
FAILSAFE_IN: Final = "Failsafe inbound: tcp 22, udp 68, tcp 179, 2379, 2380, 5473, 6443, 6666, 6667."
FAILSAFE_OUT: Final = "Outbound: udp 53, 67, tcp 179, 2379, 2380, 5473, 6443, 6666, 6667."
PATH: Final = (
    "Order in the packet path: untracked (`doNotTrack`, raw) → preDNAT (mangle) → normal / apply-on-forward (filter)."
)
HEPS_ONLY: Final = "They bypass policy on HEPs only."
PODS: Final = "Pods never receive preDNAT/doNotTrack rules even if selected."
GLOBAL_ONLY: Final = "Only GNPs can select HEPs."
NO_PROFILE: Final = "HEP without profiles → deny."
DEFAULT_ALLOW: Final = "Auto-created ones carry profile `projectcalico-default-allow`."
ZONE: Final = tier("zone", 5)
PASSING: Final = tier("zone", 5, "Pass")


def on_node(*rules: Any, **more: Any) -> Policy:
    """Return a global policy for the hosts."""
    return policy(*rules, on="role == 'node'", ns=None, **more)


def yes(**more: Any) -> Policy:
    """Return one that allows."""
    return on_node(rule(), **({"name": "yes"} | more))


def no(**more: Any) -> Policy:
    """Return one that denies."""
    return on_node(rule("Deny"), **({"name": "no"} | more))


def empty(**more: Any) -> Policy:
    """Return one that governs and has no rule."""
    return on_node(**({"name": "empty"} | more))


OUT: Final = on_node(egress=[rule("Deny")], name="out")
RAW: Final[dict[str, Any]] = {"do_not_track": True, "apply_on_forward": True}
MANGLE: Final[dict[str, Any]] = {"pre_dnat": True, "apply_on_forward": True}
FORWARD: Final[dict[str, Any]] = {"apply_on_forward": True}


class Row(NamedTuple):
    """A sentence and what it means at a host: ``local`` and ``forwarded`` verdicts of ``asked``, as `Case` has it.

    Host n1 has no profile, n2 the one that allows.
    """

    says: str
    asked: str
    local: str
    forwarded: str
    policies: tuple[Policy, ...] = ()
    tiers: tuple[Tier, ...] = ()
    inventory: Inventory = CLUSTER

    def side(self, *, forwarded: bool) -> Side:
        """Return what the evaluator says."""
        source, destination, service, way = self.asked.split()
        direction: Direction = "Ingress" if way == "ingress" else "Egress"
        host = next(
            each
            for each in self.inventory.host_endpoints
            if f"host/{each.name}" == (destination if direction == "Ingress" else source)
        )
        subject = Endpoints(self.inventory).host(host).subject
        assert subject is not None
        tiers = resolve(PolicySet(self.tiers, self.policies), self.inventory, "enforced")
        asked = connection(f"{source} {destination} {service}", self.inventory)
        return judge_host(tiers, subject, direction, asked, forwarded=forwarded)


IN1: Final = "192.0.2.1 host/n1 TCP/80 ingress"
IN2: Final = "192.0.2.1 host/n2 TCP/80 ingress"
OUT1: Final = "host/n1 192.0.2.1 TCP/80 egress"
OUT2: Final = "host/n2 192.0.2.1 TCP/80 egress"
FAR: Final = match(nets=["203.0.113.0/24"])
NP: Final = policy(rule(), on="role == 'node'", ns="shop")
SPOOFED: Final = replace(
    CLUSTER,
    host_endpoints=tuple(
        replace(each, labels=Labels.of({"role": "node", "projectcalico.org/namespace": "shop"}))
        for each in CLUSTER.host_endpoints
    ),
)

ROWS: Final = (
    Row(NO_PROFILE, IN1, "Deny", "Allow"),
    Row(NO_PROFILE, OUT1, "Deny", "Allow"),
    Row(DEFAULT_ALLOW, IN2, "Allow", "Allow"),
    Row(DEFAULT_ALLOW, OUT2, "Allow", "Allow"),
    Row(LOCAL, IN1, "Allow", "Allow", (yes(),)),
    Row(LOCAL, IN2, "Deny", "Allow", (no(),)),
    Row(LOCAL, IN2, "Deny", "Allow", (empty(),)),
    Row(LOCAL, OUT2, "Allow", "Allow", (empty(),)),
    Row(LOCAL, OUT2, "Deny", "Allow", (OUT,)),
    Row(LOCAL, IN1, "Deny", "Allow", (on_node(rule("Pass")),)),
    Row(LOCAL, IN2, "Allow", "Allow", (on_node(rule("Pass")),)),
    Row(LOCAL, IN2, "Allow", "Allow", (empty(tier="zone"),), (PASSING,)),
    Row(LOCAL, IN2, "Deny", "Allow", (empty(tier="zone"), yes()), (ZONE,)),
    Row(LOCAL, IN1, "Allow", "Allow", (empty(tier="zone"), yes()), (PASSING,)),
    Row(FORWARDED, IN2, "Deny", "Deny", (no(**FORWARD),)),
    Row(FORWARDED, IN1, "Allow", "Allow", (yes(**FORWARD),)),
    Row(FORWARDED, IN2, "Deny", "Deny", (empty(**FORWARD),)),
    Row(FORWARDED, OUT2, "Allow", "Allow", (empty(**FORWARD),)),
    Row(FORWARDED, IN2, "Deny", "Allow", (no(order=1), yes(order=2, **FORWARD))),
    Row(FORWARDED, IN2, "Allow", "Deny", (yes(order=1), no(order=2, **FORWARD))),
    Row(FORWARDED, IN1, "Allow", "Allow", (empty(tier="zone", **FORWARD), yes(**FORWARD)), (PASSING,)),
    Row(FORWARDED, IN1, "Allow", "Deny", (empty(tier="zone", **FORWARD), no(**FORWARD), yes(order=0)), (PASSING,)),
    Row(FORWARDED, IN1, "Deny", "Deny", (empty(tier="zone", **FORWARD), yes(**FORWARD)), (ZONE,)),
    Row(UNTRACKED, IN1, "Allow", "Allow", (yes(**RAW),)),
    Row(UNTRACKED, IN2, "Deny", "Deny", (no(**RAW),)),
    Row(UNTRACKED, OUT2, "Deny", "Deny", (on_node(egress=[rule("Deny")], **RAW),)),
    Row(UNTRACKED, IN2, "Allow", "Allow", (empty(**RAW),)),
    Row(UNTRACKED, IN1, "Deny", "Allow", (empty(**RAW),)),
    Row(UNTRACKED, IN2, "Allow", "Allow", (on_node(rule(src=FAR), **RAW),)),
    Row(UNTRACKED, IN2, "Deny", "Deny", (empty(tier="zone", **RAW), no(**RAW)), (ZONE,)),
    Row(UNTRACKED, IN1, "Allow", "Allow", (on_node(rule("Pass"), tier="zone", **RAW), yes(**RAW)), (ZONE,)),
    Row(UNTRACKED, IN2, "Deny", "Deny", (empty(name="raw", **RAW), no(**FORWARD))),
    Row(PRE_DNAT, IN1, "Allow", "Allow", (yes(**MANGLE),)),
    Row(PRE_DNAT, IN2, "Deny", "Deny", (no(**MANGLE),)),
    Row(PRE_DNAT, IN2, "Allow", "Allow", (empty(**MANGLE),)),
    Row(PRE_DNAT, IN2, "Deny", "Deny", (empty(name="mangle", **MANGLE), no(**FORWARD))),
    Row(PRE_DNAT, OUT2, "Allow", "Allow", (on_node(egress=[rule("Deny")], **MANGLE),)),
    Row(PATH, IN1, "Allow", "Allow", (yes(**RAW), no(name="b", **MANGLE), no(name="c", **FORWARD))),
    Row(PATH, IN2, "Deny", "Deny", (no(**RAW), yes(name="b", **MANGLE), yes(name="c", **FORWARD))),
    Row(PATH, IN1, "Allow", "Allow", (empty(**RAW), yes(name="b", **MANGLE), no(name="c", **FORWARD))),
    Row(PATH, IN2, "Deny", "Deny", (empty(**RAW), no(name="b", **MANGLE), yes(name="c", **FORWARD))),
    Row(PATH, IN1, "Allow", "Allow", (no(tier="zone", order=1, **MANGLE), yes(order=9, **RAW)), (ZONE,)),
    Row(GLOBAL_ONLY, IN1, "Deny", "Allow", (NP,)),
    Row(GLOBAL_ONLY, IN1, "Deny", "Allow", (NP,), (), SPOOFED),
    Row(GLOBAL_ONLY, IN2, "Allow", "Allow", (policy(rule("Deny"), on="role == 'node'"),), (), SPOOFED),
    *(
        Row(FAILSAFE_IN, f"192.0.2.1 host/n1 {port} ingress", "Allow", "Allow", (no(), no(name="raw", **RAW)))
        for port in (
            *("TCP/22", "UDP/68", "TCP/179", "TCP/2379", "TCP/2380"),
            *("TCP/5473", "TCP/6443", "TCP/6666", "TCP/6667"),
        )
    ),
    *(
        Row(FAILSAFE_IN, f"192.0.2.1 host/n2 {port} ingress", "Deny", "Deny", (no(**FORWARD),))
        for port in ("UDP/22", "TCP/68", "UDP/53", "TCP/10250", "SCTP/22", "ICMP/8.0")
    ),
    *(
        Row(FAILSAFE_OUT, f"host/n1 192.0.2.1 {port} egress", "Allow", "Allow", (OUT,))
        for port in (
            *("UDP/53", "UDP/67", "TCP/179", "TCP/2379", "TCP/2380"),
            *("TCP/5473", "TCP/6443", "TCP/6666", "TCP/6667"),
        )
    ),
    *(
        Row(FAILSAFE_OUT, f"host/n2 192.0.2.1 {port} egress", "Deny", "Allow", (OUT,))
        for port in ("TCP/22", "TCP/53", "UDP/68", "TCP/443")
    ),
    Row(FAILSAFE_IN, "192.0.2.1 host/n2 TCP ingress", "Uncertain", "Uncertain", (no(**FORWARD),)),
    Row(FAILSAFE_IN, "192.0.2.1 host/n2 TCP ingress", "Allow", "Allow", (yes(),)),
    Row(FAILSAFE_IN, "192.0.2.1 host/n2 ICMP ingress", "Deny", "Deny", (no(**FORWARD),)),
)

CASES: Final = (
    case(PODS, "bank/app shop/web TCP/80 ingress", "Allow", policy(rule("Deny"), on="all()", ns=None, **RAW)),
    case(PODS, "bank/app shop/web TCP/80 ingress", "Allow", policy(rule("Deny"), on="all()", ns=None, **MANGLE)),
    case(PODS, "bank/app shop/web TCP/80 ingress", "Allow", policy(on="all()", ns=None, **MANGLE)),
    case(
        PODS, "bank/app shop/web TCP/80 ingress", "Deny", policy(), policy(rule(), on="all()", ns=None, name="a", **RAW)
    ),
    case(PODS, "bank/app shop/web TCP/80 ingress", "Deny", policy(rule("Deny"), on="all()", ns=None, **FORWARD)),
    case(PODS, "bank/app shop/web TCP/80 ingress", "Allow", policy(rule(), on="all()", ns=None, **FORWARD)),
    case(HEPS_ONLY, "192.0.2.1 shop/web TCP/22 ingress", "Deny", policy()),
    case(HEPS_ONLY, "shop/web 192.0.2.1 UDP/53 egress", "Deny", policy(egress=[])),
)


@pytest.mark.parametrize(
    "row", ROWS, ids=[f"{number},{row.asked}".replace(" ", ",") for number, row in enumerate(ROWS)]
)
def test_a_host_endpoint(row: Row) -> None:
    """Each hook asks its own policies; what it leaves open goes on to the next, and the last one decides."""
    found = (row.side(forwarded=False).verdict, row.side(forwarded=True).verdict)

    assert found == (row.local, row.forwarded), row.says


@each(CASES)
def test_a_pod_meets_none_of_what_is_for_hosts(row: Case) -> None:
    """Flags and failsafe ports of host policies change nothing at a pod, where forwarding makes no difference."""
    check(row)


def test_the_hooks_of_a_path() -> None:
    """What comes in is seen before address translation, what goes out is not."""
    incoming = [each.place for each in hooks("Ingress", forwarded=False)]
    outgoing = [each.place for each in hooks("Egress", forwarded=True)]

    assert incoming == ["untracked", "preDNAT", "local"]
    assert outgoing == ["untracked", "forwarded"]


def test_an_unknown_port_may_be_a_failsafe_one() -> None:
    """Both outcomes are told, and that the port decides between them."""
    side = Row(FAILSAFE_IN, "192.0.2.1 host/n2 TCP ingress", "", "", (no(),)).side(forwarded=False)

    assert [each.verdict for each in side.outcomes] == ["Allow", "Deny"]
    assert side.unknown == ("the port is not known",)


def test_a_trace_goes_on_from_hook_to_hook() -> None:
    """The hits of all hooks are one trace, counted through."""
    side = Row(PATH, IN2, "", "", (empty(**RAW), empty(name="mangle", **MANGLE), no())).side(forwarded=False)

    assert [(each.index, each.name, each.action, each.rule_index) for each in side.trace] == [
        (0, "empty", "Pass", -1),
        (1, "mangle", "Pass", -1),
        (2, "no", "Deny", 0),
    ]


def test_a_profile_that_is_not_known_may_say_anything() -> None:
    """Where no policy decides, rules of a profile that nobody supplied might."""
    host = replace(CLUSTER.host_endpoints[0], profiles=("other",))
    side = Row(NO_PROFILE, IN1, "", "", inventory=replace(CLUSTER, host_endpoints=(host,))).side(forwarded=False)

    assert side.verdict == "Uncertain"
    assert side.unknown == ("the rules of profile other are not known",)
