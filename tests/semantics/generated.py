"""Small worlds for laws: few labels, few addresses, few ports, so that policies often meet and often do not."""

from typing import Final

from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.model.inventory import Inventory
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.pod import Pod, PodSpec
from ringfence.model.policy import Direction, Match, Policy, Rule, RuleAction
from ringfence.model.policy_set import PolicySet
from ringfence.model.port import PortSet
from ringfence.model.selector import All, And, Equals, Global, Has, In, Not, NotEquals, NotIn, Or, Selector
from tests.semantics.worlds import labels, tier

ADDRESSES: Final = tuple(f"198.18.0.{number}" for number in range(8))
NETS: Final = ("198.18.0.0/30", "198.18.0.2/31", "198.18.0.4/32", "198.18.0.0/24", "10.0.0.0/8")
KEYS: Final = ("a", "b")
VALUES: Final = ("x", "y")
TIERS: Final = (tier("early", 5, "Pass"), tier("late", 2_000_000))

keys = st.sampled_from(KEYS)
values = st.sampled_from(VALUES)
tests_of_labels: st.SearchStrategy[Selector] = st.one_of(
    st.just(All()),
    st.builds(Has, keys),
    st.builds(Equals, keys, values),
    st.builds(NotEquals, keys, values),
    st.builds(In, keys, st.tuples(values)),
    st.builds(NotIn, keys, st.tuples(values)),
)
selectors: st.SearchStrategy[Selector] = st.one_of(
    tests_of_labels,
    st.builds(Not, tests_of_labels),
    st.builds(And, st.tuples(tests_of_labels, tests_of_labels)),
    st.builds(Or, st.tuples(tests_of_labels, tests_of_labels)),
)
namespaces: st.SearchStrategy[Selector] = st.one_of(st.just(Global()), tests_of_labels)
nets = st.lists(st.sampled_from(NETS), min_size=1, max_size=2, unique=True).map(tuple)


peers = st.one_of(
    st.builds(Match, selector=selectors),
    st.builds(Match, namespace_selector=namespaces, selector=st.none() | selectors),
    st.builds(Match, not_selector=selectors, selector=st.none() | selectors),
    st.builds(Match, nets=nets),
    st.builds(Match, not_nets=nets, selector=st.none() | selectors),
    st.just(Match()),
)
"""The other end of a rule, without ports."""
ports = st.sampled_from([None, PortSet.of([80]), PortSet.of([443])])


def rules(actions: tuple[RuleAction, ...] = ("Allow", "Deny", "Pass", "Log")) -> st.SearchStrategy[Rule]:
    """Return ingress rules for TCP or for everything."""

    def rule(action: RuleAction, peer: Match, numbers: PortSet | None) -> Rule:
        return Rule(action, "TCP" if numbers else None, source=peer, destination=Match(ports=numbers))

    return st.builds(rule, st.sampled_from(actions), peers, ports)


def turned(rule: Rule) -> Rule:
    """Return the egress rule that says the same of the other end."""
    return replace(rule, source=Match(), destination=replace(rule.source, ports=rule.destination.ports))


def _policy(
    name: str, tier: str, namespace: str | None, order: float | None, selector: Selector, ingress: list[Rule]
) -> Policy:
    types: tuple[Direction, ...] = ("Ingress", "Egress")
    egress = tuple(turned(rule) for rule in ingress)
    return Policy(tier, namespace, name, order, selector, types, tuple(ingress), egress)


def policies(*, size: int = 3) -> st.SearchStrategy[tuple[Policy, ...]]:
    """Return policies of both directions, with names of their own."""
    one = st.builds(
        _policy,
        st.sampled_from("pqrstu"),
        st.sampled_from(["default", "early", "late"]),
        st.sampled_from(["shop", None]),
        st.sampled_from([None, 1.0, 2.0]),
        st.just(All()) | selectors,
        st.lists(rules(), max_size=3),
    )
    return st.lists(one, max_size=size, unique_by=lambda each: (each.namespace, each.name)).map(tuple)


label_sets = st.sampled_from([labels(text) for text in ("", "a=x", "a=y", "b=x", "a=x b=y")])
sets = st.builds(NetworkSetObject, st.sampled_from(["shop", None]), st.just("s"), label_sets, nets)


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    """Return three pods, two namespaces and some sets; none of the pods stands at one of `ADDRESSES`."""
    pods = tuple(
        Pod(namespace, name, PodSpec(draw(label_sets)), (address,))
        for namespace, name, address in (
            ("bank", "app", "10.0.1.1"),
            ("shop", "db", "10.0.0.2"),
            ("shop", "web", "10.0.0.1"),
        )
    )
    return Inventory(
        namespaces=tuple(Namespace(name, draw(label_sets)) for name in ("bank", "shop")),
        pods=pods,
        network_sets=tuple(draw(st.lists(sets, min_size=1, max_size=3))),
    )


def policy_sets(*, size: int = 3) -> st.SearchStrategy[PolicySet]:
    """Return policies in three tiers, in the order of either regime."""
    return st.builds(PolicySet, st.just(TIERS), policies(size=size), st.sampled_from(["<=3.31", ">=3.32"]))
