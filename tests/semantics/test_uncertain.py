"""What is not known, and what follows from it: every outcome it may have, and a verdict where all of them are alike."""

from typing import Any, Final, NamedTuple

import pytest
from msgspec.structs import replace

from ringfence.model.address_set import AddressSet
from ringfence.model.inventory import Inventory
from ringfence.model.policy import HttpMatch, Policy, ServiceAccounts
from ringfence.model.policy_set import PolicySet
from ringfence.model.verdict import Side
from ringfence.semantics.connection import Connection
from ringfence.semantics.endpoints import PUBLIC, Endpoints
from ringfence.semantics.reference import side
from ringfence.semantics.resolve import resolve
from tests.semantics.worlds import CLUSTER, connection, match, network_set, pod, policy, rule, sel, side_of, tier


def without(*kinds: str) -> Inventory:
    """Return the cluster, of which some kinds were not supplied."""
    names = {"EndpointSlice": "slices", "GlobalNetworkSet": "network_sets", "Pod": "pods"}
    gone: dict[str, Any] = {names[kind]: () for kind in kinds if kind in names and kind != "Pod"}
    return replace(CLUSTER, missing=frozenset(kinds), **gone)


class Row(NamedTuple):
    """A connection, the policies, the verdicts in the order in which rules decide, and what is not known."""

    asked: str
    verdicts: str
    unknown: str
    policies: tuple[Policy, ...]
    inventory: Inventory = CLUSTER


def web(*rules: Any, **more: Any) -> Policy:
    """Return a global policy for the shop's web pod."""
    return policy(*rules, on="app == 'web' && projectcalico.org/namespace == 'shop'", ns=None, **more)


def stray(**more: Any) -> Policy:
    """Return a global policy that governs by a namespace's labels."""
    return policy(rule("Deny"), on=None, ns=None, namespace_selector=sel("team == 'x'"), **more)


def yes(**more: Any) -> Policy:
    """Return a policy that allows the shop's web pod everything."""
    return policy(rule(), **({"name": "yes"} | more))


def no(**more: Any) -> Policy:
    """Return a policy that denies it."""
    return policy(rule("Deny"), **({"name": "no"} | more))


def early(make: Any = no, *rules: Any) -> Policy:
    """Return a policy of a tier that is not among those supplied."""
    made: Policy = make(*rules, tier="early", name="early")
    return made


IN: Final = "bank/app shop/web TCP/80 ingress"
STRAY: Final = "lost/stray shop/web TCP/80 ingress"
TO_STRAY: Final = "bank/app lost/stray TCP/80 ingress"
NO_PORT: Final = "bank/app shop/web TCP ingress"
OUTSIDE: Final = "192.0.2.1 shop/web TCP/80 ingress"
TEAM: Final = "the label pcns.team of pod lost/stray is not known"
OWN_TEAM: Final = "the label pcns.team of this endpoint is not known"
ROLE: Final = "the label pcsa.role of pod lost/stray is not known"
PORT: Final = "the port is not known"
HTTP: Final = "an HTTP condition holds only where Calico's application layer policy is on; elsewhere it is ignored"
SETS: Final = "the snapshot holds no GlobalNetworkSet, so whether one covers {} is not known"
SLICES: Final = "the snapshot holds no EndpointSlice, so what is behind service api is not known"
TIER: Final = "the order and default action of tier early were not supplied"
GET: Final = HttpMatch(methods=("GET",))
NO_SETS: Final = without("GlobalNetworkSet")
NO_SLICES: Final = without("EndpointSlice")
NO_TIERS: Final = without("Tier")
TEAMS: Final = match(namespaces="team == 'x'")
PARTNER: Final = match("kind == 'partner'")
API: Final = match(service="shop/api")
ACCOUNT: Final = match(namespaces="all()", accounts=ServiceAccounts(selector=sel("role == 'front'")))

ROWS: Final = (
    Row(STRAY, "Allow Deny", TEAM, (web(rule(src=TEAMS)),)),
    Row(STRAY, "Deny", TEAM, (web(rule("Deny", src=TEAMS)),)),
    Row(STRAY, "Allow", TEAM, (web(rule(src=TEAMS), rule()),)),
    Row(STRAY, "Deny Allow", TEAM, (web(rule("Deny", src=TEAMS), rule()),)),
    Row(STRAY, "Allow", "", (web(rule(src=match(namespaces="projectcalico.org/name == 'lost'"))),)),
    Row(STRAY, "Allow", "", (web(rule(src=match(namespaces="kubernetes.io/metadata.name == 'lost'"))),)),
    Row(STRAY, "Deny", "", (web(rule(src=match("app == 'db'", namespaces="team == 'x'"))),)),
    Row(STRAY, "Allow", "", (web(rule(src=match(namespaces="team == 'x' || all()"))),)),
    Row(STRAY, "Allow Deny", TEAM, (web(rule(src=match(namespaces="team != 'x'"))),)),
    Row(STRAY, "Allow Deny", ROLE, (web(rule(src=ACCOUNT)),)),
    Row(IN, "Deny", "", (web(rule(src=TEAMS)),)),
    Row(TO_STRAY, "Deny Allow", OWN_TEAM, (stray(),)),
    Row(TO_STRAY, "Deny", "", (policy(rule("Deny"), on="all()", ns="lost", order=1), stray(name="q", order=2))),
    Row(TO_STRAY, "Deny", OWN_TEAM, (stray(order=1), policy(on="all()", ns="lost", order=2))),
    Row(OUTSIDE, "Allow Deny", SETS.format("192.0.2.1"), (web(rule(src=PARTNER)),), NO_SETS),
    Row(IN, "Allow Deny", SETS.format("pod bank/app"), (web(rule(src=PARTNER)),), NO_SETS),
    Row(IN, "Allow", "", (web(rule(src=match("app == 'bank'"))),), NO_SETS),
    Row(IN, "Deny", "", (web(rule(src=match(nets=["192.0.2.0/24"]))),), NO_SETS),
    Row(OUTSIDE, "Allow Deny", SETS.format("192.0.2.1"), (web(rule(src=match(not_selector="has(kind)"))),), NO_SETS),
    Row(OUTSIDE, "Deny", "", (web(rule(src=PARTNER)),)),
    Row(NO_PORT, "Allow Deny", PORT, (web(rule(protocol="TCP", dst=match(ports=[80]))),)),
    Row(NO_PORT, "Allow Deny", PORT, (web(rule(protocol="TCP", dst=match(ports=["http"]))),)),
    Row(NO_PORT, "Allow Deny", PORT, (web(rule(protocol="TCP", dst=match(not_ports=[80]))),)),
    Row(NO_PORT, "Deny", "", (web(rule(protocol="UDP", dst=match(ports=[80]))),)),
    Row(NO_PORT, "Allow", "", (web(rule(protocol="TCP")),)),
    Row(IN, "Allow Deny", HTTP, (web(rule(protocol="TCP", http=GET)),)),
    Row(IN, "Allow", HTTP, (web(rule(protocol="TCP", http=GET), rule()),)),
    Row(IN, "Deny", "", (web(rule(protocol="UDP", http=GET)),)),
    Row("shop/web shop/db TCP/80 egress", "Allow Deny", SLICES, (policy(egress=[rule(dst=API)]),), NO_SLICES),
    Row("shop/db shop/web TCP/80 ingress", "Allow Deny", SLICES, (policy(rule(src=API)),), NO_SLICES),
    Row("shop/db shop/web TCP/80 ingress", "Deny", "", (policy(rule(src=match(service="/api"))),), NO_SLICES),
    Row(IN, "Allow Deny", TIER, (early(yes), no()), NO_TIERS),
    Row(IN, "Deny Allow", TIER, (early(no), yes()), NO_TIERS),
    Row(IN, "Deny Allow", TIER, (early(policy), yes()), NO_TIERS),
    Row(IN, "Allow", TIER, (early(yes), yes()), NO_TIERS),
    Row(IN, "Deny", TIER, (early(no), no()), NO_TIERS),
    Row(IN, "Deny", TIER, (early(policy), no()), NO_TIERS),
    Row(IN, "Deny", "", (no(), policy(rule(), on="app == 'db'", tier="early", name="early")), NO_TIERS),
    Row(IN, "Deny", "", (no(),), NO_TIERS),
)


def outcomes(row: Row) -> Side:
    """Return what the evaluator says of a row."""
    found = side_of(row.asked, resolve(PolicySet(policies=row.policies), row.inventory, "enforced"), row.inventory)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "row", ROWS, ids=[f"{number},{row.verdicts}".replace(" ", ",") for number, row in enumerate(ROWS)]
)
def test_what_is_not_known_is_told_with_each_outcome(row: Row) -> None:
    """Both ways where they differ, and nothing unknown where it does not matter to the rule."""
    found = outcomes(row)

    assert [each.verdict for each in found.outcomes] == row.verdicts.split()
    assert found.unknown == ((row.unknown,) if row.unknown else ())


@pytest.mark.parametrize(
    ("policies", "verdict"),
    [
        ((early(no),), "Deny"),
        ((early(yes),), "Allow"),
        ((early(no), web(rule("Pass"), name="pass")), "Deny"),
    ],
)
def test_a_tier_decides_wherever_it_stands_if_no_other_does(policies: tuple[Policy, ...], verdict: str) -> None:
    """Its order is not known, but a rule of it matches and no other tier has a word before it."""
    assert outcomes(Row(IN, "", "", policies, NO_TIERS)).verdict == verdict


def from_public(*rules: Any, addresses: AddressSet = PUBLIC, inventory: Inventory = CLUSTER) -> Side:
    """Return what the shop's web pod says of a client with one of many addresses."""
    source = Endpoints(inventory).somewhere("the internet", addresses)
    asked = Connection(source, connection("bank/app shop/web TCP/80", inventory).destination, "TCP", 80)
    assert asked.destination.subject is not None
    tiers = resolve(PolicySet(policies=(web(*rules),)), inventory, "enforced")
    return side(tiers, asked.destination.subject, "Ingress", asked)


@pytest.mark.parametrize(
    ("rules", "verdicts"),
    [
        ([rule(src=match(nets=["203.0.113.0/24"]))], "Allow Deny"),
        ([rule(src=match(nets=["0.0.0.0/0"]))], "Allow"),
        ([rule(src=match(nets=["10.0.0.0/8"]))], "Deny"),
        ([rule(src=match(not_nets=["10.0.0.0/8"]))], "Allow"),
        ([rule(src=match(not_nets=["203.0.113.0/24"]))], "Allow Deny"),
        ([rule("Deny", src=match(nets=["203.0.113.0/24"])), rule()], "Deny Allow"),
        ([rule("Deny", src=match(nets=["203.0.113.0/24"]))], "Deny"),
        ([rule(src=PARTNER)], "Allow Deny"),
        ([rule(src=match("kind == 'partner' || app == 'web'"))], "Allow Deny"),
        ([rule(src=match("app == 'web'"))], "Deny"),
        ([rule(src=match(not_selector="kind == 'partner'"))], "Allow Deny"),
        ([rule(src=match(not_selector="app == 'web'"))], "Allow"),
    ],
)
def test_an_address_that_is_not_known(rules: list[Any], verdicts: str) -> None:
    """Addresses partly inside nets or a set may be there or not; wholly inside or outside is certain."""
    found = from_public(*rules)

    assert [each.verdict for each in found.outcomes] == verdicts.split()
    assert ("which address the internet has is not known" in found.unknown) or " " not in verdicts


def test_a_set_that_covers_every_address_is_certain() -> None:
    """All the addresses that it may have are in the set, so which one it has does not matter."""
    found = from_public(rule(src=PARTNER), addresses=AddressSet.of(["203.0.113.0/25"]))

    assert (found.verdict, found.unknown) == ("Allow", ())


def test_a_set_that_covers_one_of_two_addresses_is_not_certain() -> None:
    """The client may be the one outside the set."""
    found = from_public(rule(src=PARTNER), addresses=AddressSet.of(["203.0.113.1", "192.0.2.1"]))

    assert found.verdict == "Uncertain"


def test_a_pod_without_an_address_keeps_its_labels() -> None:
    """A selector is certain of a pod that has no address yet; nets are not."""
    new = pod("bank", "new", "app=new")
    inventory = replace(CLUSTER, pods=(*CLUSTER.pods, new))
    asked = "bank/new shop/web TCP/80 ingress"

    by_label = outcomes(Row(asked, "", "", (web(rule(src=match("app == 'new'"))),), inventory))
    by_address = outcomes(Row(asked, "", "", (web(rule(src=match(nets=["10.0.0.0/8"]))),), inventory))

    assert by_label.verdict == "Allow"
    assert by_address.verdict == "Uncertain"


def test_a_pod_is_of_two_families_until_it_says() -> None:
    """Which family two dual-stack pods speak is not known, and an uncertain answer says so."""
    other = pod("bank", "dual", "app=dual", "10.0.1.4", "fd00:1::4")
    inventory = replace(CLUSTER, pods=(*CLUSTER.pods, other))
    four = policy(rule(ip_version=4), on="all()")

    found = outcomes(Row("bank/dual shop/dual TCP/80 ingress", "", "", (four,), inventory))

    assert [each.verdict for each in found.outcomes] == ["Allow", "Deny"]
    assert found.unknown != ()


def test_a_set_of_one_family_is_not_at_the_other() -> None:
    """A rule matches an address in the set; the same pod's address of the other family is not in it."""
    four = network_set(None, "four", "kind=four", "10.0.0.4/32")
    inventory = replace(CLUSTER, network_sets=(four,))
    admits = policy(rule(src=match("kind == 'four'")), on="all()", ns=None)

    over_four = outcomes(Row("shop/dual shop/web TCP/80 ingress", "", "", (admits,), inventory))
    over_six = outcomes(Row("shop/dual shop/six TCP/80 ingress", "", "", (admits,), inventory))

    assert (over_four.verdict, over_six.verdict) == ("Allow", "Deny")


def test_tiers_that_were_supplied_are_certain() -> None:
    """A tier among those supplied has its place even where nothing says that all were."""
    tiers = resolve(PolicySet((tier("early", 1),), (early(yes), no())), NO_TIERS, "enforced")
    found = side_of(IN, tiers, NO_TIERS)

    assert found is not None
    assert (found.verdict, found.unknown) == ("Allow", ())
