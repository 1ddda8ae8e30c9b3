"""Whom the parts of a policy and of a rule select: calico-semantics 3.4 and 3.5."""

from typing import Any, Final

from ringfence.model.policy import Match, Policy, ServiceAccounts
from tests.semantics.worlds import CLUSTER, Case, case, check, each, match, network_set, policy, rule, sel

SUBSTITUTED: Final = (
    "GNP namespaceSelector present → every `all()` in the *combined* text (own selector included) becomes "
    "`has(projectcalico.org/namespace)`."
)
ACCOUNTED: Final = (
    "GNP serviceAccountSelector present → every remaining `all()` becomes `has(projectcalico.org/serviceaccount)`."
)
UNACCOUNTED: Final = (
    "In a GlobalNetworkPolicy with a `serviceAccountSelector`, `selector: all()` excludes pods without a service "
    "account, while leaving the selector out does not."
)
UNRESTRICTED: Final = (
    "NP serviceAccountSelector: no substitution, so `serviceAccountSelector: all()` in an NP restricts nothing, "
    "in a GNP it restricts to pods."
)
OWN_NAMESPACE: Final = "| `selector` only | own namespace only (pods + NetworkSets) |"
KNOWN: Final = "all known endpoints, incl. HEPs, GlobalNetworkSets"
NAMESPACED: Final = "| `namespaceSelector: all()` | any namespaced endpoint |"
NOT_NAMESPACED: Final = "non-namespaced: HEPs, GlobalNetworkSets"
INSTEAD: Final = "namespaces matching X instead of own"
ACCOUNTS: Final = "| `serviceAccounts` | own namespace only, unless namespaceSelector is given | any namespace |"
NAMES: Final = (
    "Rule-level `serviceAccounts.names` → `projectcalico.org/serviceaccount in {…}`, "
    "ANDed with `serviceAccounts.selector`; no `all()` substitution."
)
NOT_ONLY: Final = (
    "positive restriction to own namespace added; the negated part is **not** namespaced | "
    "everything except matching endpoints, **incl. unknown addresses**"
)
BOTH: Final = "| selector + notSelector | `(pos) && (!(neg))` → known endpoints only |"
NEGATIVE: Final = (
    "Negative rule-level `namespaceSelector`s (`!=`, `not in`, `!has`) also match GlobalNetworkSets and HostEndpoints, "
    "not only namespaced endpoints."
)
INTERNET: Final = (
    "in a **GNP**, `notSelector: x` alone matches the whole internet, "
    'while `selector: "!(x)"` matches only known endpoints.'
)
STRIPPED: Final = "Pod labels beginning `pcns.` / `pcsa.` are stripped"
OWN_WIN: Final = "Own labels win over inherited ones."
INHERITS: Final = "A NetworkSet inherits its namespace's labels (`pcns.`) and `projectcalico.org/namespace`"
ANY_SET: Final = "most specific prefix does not matter for *policy* (any covering set counts)"
APPLIES: Final = "its effective selector matches *e*'s labels (own + inherited) and *d* ∈ `types`"
NESTED: Final = network_set(None, "inner", "kind=inner", "203.0.113.8/29")
OWNED: Final = network_set("shop", "own", "kind=own pcns.team=finance", "198.51.100.0/24")


def governs(on: str | None, **more: Any) -> Policy:
    """Return a global policy that denies whatever it governs."""
    given = {key: sel(text) for key, text in more.items()}
    return policy(on=on, ns=None, **given)


def np(source: Match) -> Policy:
    """Return a policy of the shop that admits one source to its web pod."""
    return policy(rule(src=source))


def gnp(source: Match) -> Policy:
    """Return a global policy that admits one source to the shop's web pod."""
    return policy(rule(src=source), on="app == 'web' && projectcalico.org/namespace == 'shop'", ns=None)


def accounts(*names: str, selector: str | None = None) -> ServiceAccounts:
    """Return service accounts by name or labels."""
    return ServiceAccounts(names, None if selector is None else sel(selector))


CASES: Final = (
    case(APPLIES, "bank/app shop/web TCP/80 ingress", "Deny", policy()),
    case(APPLIES, "bank/app shop/web TCP/80 egress", "Allow", policy(ns="bank", on="all()")),
    case(APPLIES, "bank/app shop/db TCP/80 ingress", "Allow", policy()),
    case(APPLIES, "shop/web bank/web TCP/80 ingress", "Allow", policy()),
    case(APPLIES, "shop/web bank/web TCP/80 ingress", "Deny", governs("app == 'web'")),
    case(APPLIES, "shop/web bank/web TCP/80 ingress", "Deny", governs("pcns.team == 'finance'")),
    case(APPLIES, "bank/app shop/web TCP/80 ingress", "Allow", governs("pcns.team == 'finance'")),
    case(APPLIES, "bank/app shop/web TCP/80 ingress", "Deny", governs(None, namespace_selector="team == 'sales'")),
    case(
        APPLIES, "bank/app shop/web TCP/80 ingress", "Deny", governs(None, service_account_selector="role == 'front'")
    ),
    case(
        APPLIES, "bank/app shop/db TCP/80 ingress", "Allow", governs(None, service_account_selector="role == 'front'")
    ),
    case(
        APPLIES,
        "bank/app shop/web TCP/80 ingress",
        "Deny",
        policy(on=None, service_account_selector=sel("role == 'front'")),
    ),
    case(
        APPLIES,
        "shop/web bank/web TCP/80 ingress",
        "Allow",
        policy(on=None, service_account_selector=sel("role == 'front'")),
    ),
    case(SUBSTITUTED, "bank/app host/n2 TCP/80 ingress", "Deny", governs("all()")),
    case(SUBSTITUTED, "bank/app host/n2 TCP/80 ingress", "Allow", governs("all()", namespace_selector="all()")),
    case(SUBSTITUTED, "bank/app host/n2 TCP/80 ingress", "Allow", governs("all()", namespace_selector="team != 'x'")),
    case(SUBSTITUTED, "bank/app host/n2 TCP/80 ingress", "Deny", governs(None, namespace_selector="team != 'x'")),
    case(SUBSTITUTED, "bank/app shop/web TCP/80 ingress", "Deny", governs("all()", namespace_selector="all()")),
    case(SUBSTITUTED, "bank/app host/n2 TCP/80 ingress", "Deny", governs("!all()", namespace_selector="team != 'x'")),
    case(ACCOUNTED, "bank/app shop/bare TCP/80 ingress", "Allow", governs(None, service_account_selector="all()")),
    case(ACCOUNTED, "bank/app shop/web TCP/80 ingress", "Deny", governs(None, service_account_selector="all()")),
    case(ACCOUNTED, "bank/app host/n2 TCP/80 ingress", "Allow", governs(None, service_account_selector="all()")),
    case(
        UNACCOUNTED,
        "bank/app shop/bare TCP/80 ingress",
        "Allow",
        governs("all()", service_account_selector="!has(role)"),
    ),
    case(
        UNACCOUNTED, "bank/app shop/bare TCP/80 ingress", "Deny", governs(None, service_account_selector="!has(role)")
    ),
    case(
        UNRESTRICTED,
        "bank/app shop/bare TCP/80 ingress",
        "Deny",
        policy(on=None, service_account_selector=sel("all()")),
    ),
    case(OWN_NAMESPACE, "shop/db shop/web TCP/80 ingress", "Allow", np(match("app == 'db'"))),
    case(OWN_NAMESPACE, "bank/app shop/web TCP/80 ingress", "Deny", np(match("app == 'bank'"))),
    case(OWN_NAMESPACE, "bank/app shop/web TCP/80 ingress", "Deny", np(match("all()"))),
    case(OWN_NAMESPACE, "198.51.100.9 shop/web TCP/80 ingress", "Allow", np(match("kind == 'friend'"))),
    case(OWN_NAMESPACE, "198.51.100.200 shop/web TCP/80 ingress", "Deny", np(match("kind == 'branch'"))),
    case(OWN_NAMESPACE, "203.0.113.9 shop/web TCP/80 ingress", "Deny", np(match("kind == 'partner'"))),
    case(KNOWN, "bank/app shop/web TCP/80 ingress", "Allow", gnp(match("app == 'bank'"))),
    case(KNOWN, "host/n1 shop/web TCP/80 ingress", "Allow", gnp(match("role == 'node'"))),
    case(KNOWN, "203.0.113.9 shop/web TCP/80 ingress", "Allow", gnp(match("kind == 'partner'"))),
    case(KNOWN, "192.0.2.1 shop/web TCP/80 ingress", "Deny", gnp(match("all()"))),
    case(INSTEAD, "bank/app shop/web TCP/80 ingress", "Allow", np(match(namespaces="team == 'finance'"))),
    case(INSTEAD, "shop/db shop/web TCP/80 ingress", "Deny", np(match(namespaces="team == 'finance'"))),
    case(
        INSTEAD, "bank/app shop/web TCP/80 ingress", "Deny", np(match("app == 'web'", namespaces="team == 'finance'"))
    ),
    case(
        INSTEAD, "bank/web shop/web TCP/80 ingress", "Allow", np(match("app == 'web'", namespaces="team == 'finance'"))
    ),
    case(
        INSTEAD, "bank/app shop/web TCP/80 ingress", "Allow", np(match(namespaces="projectcalico.org/name == 'bank'"))
    ),
    case(NAMESPACED, "bank/app shop/web TCP/80 ingress", "Allow", np(match(namespaces="all()"))),
    case(NAMESPACED, "198.51.100.200 shop/web TCP/80 ingress", "Allow", np(match(namespaces="all()"))),
    case(NAMESPACED, "203.0.113.9 shop/web TCP/80 ingress", "Deny", np(match(namespaces="all()"))),
    case(NAMESPACED, "host/n1 shop/web TCP/80 ingress", "Deny", np(match(namespaces="all()"))),
    case(NAMESPACED, "192.0.2.1 shop/web TCP/80 ingress", "Deny", gnp(match(namespaces="all()"))),
    case(NOT_NAMESPACED, "203.0.113.9 shop/web TCP/80 ingress", "Allow", np(match(namespaces="global()"))),
    case(
        NOT_NAMESPACED, "host/n1 shop/web TCP/80 ingress", "Allow", np(match("role == 'node'", namespaces="global()"))
    ),
    case(NOT_NAMESPACED, "bank/app shop/web TCP/80 ingress", "Deny", np(match(namespaces="global()"))),
    case(NOT_NAMESPACED, "192.0.2.1 shop/web TCP/80 ingress", "Deny", np(match(namespaces="global()"))),
    case(ACCOUNTS, "bank/web shop/web TCP/80 ingress", "Deny", np(match(accounts=accounts("web")))),
    case(ACCOUNTS, "shop/web shop/web TCP/80 ingress", "Allow", np(match(accounts=accounts("web")))),
    case(
        ACCOUNTS, "bank/web shop/web TCP/80 ingress", "Allow", np(match(namespaces="all()", accounts=accounts("web")))
    ),
    case(ACCOUNTS, "bank/web shop/web TCP/80 ingress", "Allow", gnp(match(accounts=accounts("web")))),
    case(ACCOUNTS, "bank/app shop/web TCP/80 ingress", "Deny", gnp(match(accounts=accounts("web")))),
    case(
        ACCOUNTS, "bank/web shop/web TCP/80 ingress", "Allow", gnp(match(accounts=accounts(selector="role == 'front'")))
    ),
    case(
        ACCOUNTS, "shop/db shop/web TCP/80 ingress", "Deny", gnp(match(accounts=accounts(selector="role == 'front'")))
    ),
    case(
        NAMES,
        "shop/db shop/web TCP/80 ingress",
        "Deny",
        np(match(accounts=accounts("web", "db", selector="role == 'front'"))),
    ),
    case(
        NAMES,
        "shop/db shop/web TCP/80 ingress",
        "Allow",
        np(match(accounts=accounts("web", "db", selector="role == 'back'"))),
    ),
    case(NAMES, "shop/bare shop/web TCP/80 ingress", "Allow", np(match(accounts=accounts(selector="all()")))),
    case("no restriction by itself", "192.0.2.1 shop/web TCP/80 ingress", "Allow", np(match(accounts=accounts()))),
    case("no restriction by itself", "bank/app shop/web TCP/80 ingress", "Allow", gnp(match(accounts=accounts()))),
    case(NOT_ONLY, "shop/db shop/web TCP/80 ingress", "Deny", np(match(not_selector="app == 'db'"))),
    case(
        NOT_ONLY,
        "shop/six shop/dual TCP/80 ingress",
        "Allow",
        policy(rule(src=match(not_selector="app == 'db'")), on="all()"),
    ),
    case(NOT_ONLY, "bank/app shop/web TCP/80 ingress", "Deny", np(match(not_selector="app == 'db'"))),
    case(NOT_ONLY, "192.0.2.1 shop/web TCP/80 ingress", "Deny", np(match(not_selector="app == 'db'"))),
    case(NOT_ONLY, "shop/db shop/web TCP/80 ingress", "Deny", gnp(match(not_selector="app == 'db'"))),
    case(NOT_ONLY, "bank/app shop/web TCP/80 ingress", "Allow", gnp(match(not_selector="app == 'db'"))),
    case(NOT_ONLY, "192.0.2.1 shop/web TCP/80 ingress", "Allow", gnp(match(not_selector="app == 'db'"))),
    case(NOT_ONLY, "192.0.2.1 shop/web TCP/80 ingress", "Allow", gnp(match(not_selector="all()"))),
    case(NOT_ONLY, "203.0.113.9 shop/web TCP/80 ingress", "Deny", gnp(match(not_selector="all()"))),
    case(BOTH, "shop/dual shop/web TCP/80 ingress", "Allow", np(match("has(app)", not_selector="app == 'db'"))),
    case(BOTH, "shop/db shop/web TCP/80 ingress", "Deny", np(match("has(app)", not_selector="app == 'db'"))),
    case(BOTH, "bank/app shop/web TCP/80 ingress", "Allow", gnp(match("has(app)", not_selector="app == 'db'"))),
    case(BOTH, "192.0.2.1 shop/web TCP/80 ingress", "Deny", gnp(match("all()", not_selector="app == 'db'"))),
    case(NEGATIVE, "203.0.113.9 shop/web TCP/80 ingress", "Allow", np(match(namespaces="team != 'sales'"))),
    case(NEGATIVE, "host/n1 shop/web TCP/80 ingress", "Allow", np(match(namespaces="team not in {'sales'}"))),
    case(NEGATIVE, "host/n1 shop/web TCP/80 ingress", "Allow", np(match(namespaces="!has(team)"))),
    case(NEGATIVE, "shop/db shop/web TCP/80 ingress", "Deny", np(match(namespaces="team != 'sales'"))),
    case(NEGATIVE, "192.0.2.1 shop/web TCP/80 ingress", "Deny", np(match(namespaces="team != 'sales'"))),
    case(INTERNET, "192.0.2.1 shop/web TCP/80 ingress", "Deny", gnp(match("!(app == 'db')"))),
    case(INTERNET, "bank/app shop/web TCP/80 ingress", "Allow", gnp(match("!(app == 'db')"))),
    case(STRIPPED, "bank/app shop/spoof TCP/80 ingress", "Allow", governs("pcns.team == 'finance'")),
    case(STRIPPED, "bank/app shop/spoof TCP/80 ingress", "Deny", governs("pcns.team == 'sales'")),
    case(STRIPPED, "bank/app shop/spoof TCP/80 ingress", "Allow", governs("pcsa.role == 'front'")),
    case(
        STRIPPED,
        "shop/spoof shop/web TCP/80 ingress",
        "Deny",
        gnp(match(accounts=accounts(selector="role == 'front'"))),
    ),
    case(
        OWN_WIN,
        "198.51.100.9 shop/web TCP/80 ingress",
        "Allow",
        np(match(namespaces="team == 'finance'")),
        network_sets=(OWNED,),
    ),
    case(
        OWN_WIN,
        "198.51.100.9 shop/web TCP/80 ingress",
        "Deny",
        np(match(namespaces="team == 'sales'")),
        network_sets=(OWNED,),
    ),
    case(INHERITS, "198.51.100.9 shop/web TCP/80 ingress", "Allow", np(match(namespaces="team == 'sales'"))),
    case(INHERITS, "198.51.100.200 shop/web TCP/80 ingress", "Allow", np(match(namespaces="team == 'finance'"))),
    case(INHERITS, "198.51.100.200 shop/web TCP/80 ingress", "Deny", np(match(namespaces="team == 'sales'"))),
    case(
        ANY_SET,
        "203.0.113.9 shop/web TCP/80 ingress",
        "Allow",
        gnp(match("kind == 'partner'")),
        network_sets=(*CLUSTER.network_sets, NESTED),
    ),
    case(
        ANY_SET,
        "203.0.113.9 shop/web TCP/80 ingress",
        "Allow",
        gnp(match("kind == 'inner'")),
        network_sets=(*CLUSTER.network_sets, NESTED),
    ),
    case(
        ANY_SET,
        "203.0.113.9 shop/web TCP/80 ingress",
        "Deny",
        gnp(match("kind == 'inner' && kind == 'partner'")),
        network_sets=(*CLUSTER.network_sets, NESTED),
    ),
    case(
        ANY_SET,
        "203.0.113.99 shop/web TCP/80 ingress",
        "Deny",
        gnp(match("kind == 'inner'")),
        network_sets=(*CLUSTER.network_sets, NESTED),
    ),
    case("any of / none of.", "bank/app shop/web TCP/80 ingress", "Deny", np(match(nets=["10.0.0.0/24"]))),
    case("any address, incl. outside the cluster", "192.0.2.1 shop/web TCP/80 ingress", "Allow", np(match())),
)


@each(CASES)
def test_whom_a_policy_or_a_rule_selects(row: Case) -> None:
    """Namespaces, accounts, substitutions and negations, in namespaced and in global policies."""
    check(row)
