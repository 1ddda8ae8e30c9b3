"""The compiled form says what the specification says: verdict, trace, and what is not known, word for word."""

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from ringfence.model.inventory import Inventory
from ringfence.model.policy import Rule
from ringfence.model.policy_set import AnyPolicy, PolicySet
from ringfence.model.verdict import Judgement
from ringfence.semantics import reference
from ringfence.semantics.compiled.answers import VERDICTS, Answers
from ringfence.semantics.compiled.compiled import Compiled
from ringfence.semantics.compiled.questions import Questions
from ringfence.semantics.connection import Connection
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.resolve import resolve
from tests.semantics.compiled.worlds import ELSEWHERE, World, worlds
from tests.semantics.test_uncertain import ROWS, Row
from tests.semantics.worlds import CLUSTER, HTTP, connection, match, pod, policy, rule, tier

WORLDS: Final = 2 * settings().max_examples
"""Hundreds in CI, ten thousand in the long profile."""
IN: Final = "bank/app shop/web TCP/80"
OUT: Final = "shop/web shop/db TCP/5432"


def asked(tiers: Sequence[EffectiveTier], *connections: Connection) -> tuple[Answers, list[Judgement]]:
    """Return the answers of the compiled form, and what they are as judgements."""
    questions = Questions.of(connections)
    answers = Compiled(tiers, questions.ends).judge(questions)
    return answers, [answers.judgement(number) for number in range(len(questions))]


def alike(policies: Sequence[AnyPolicy], *texts: str, inventory: Inventory = CLUSTER) -> Answers:
    """Assert that both evaluators say the same of connections; return the compiled answers."""
    tiers = resolve(PolicySet((tier("first", 5, "Pass"),), tuple(policies)), inventory, "enforced")
    connections = [connection(text, inventory) for text in texts]

    answers, found = asked(tiers, *connections)

    assert found == [reference.judge(tiers, each) for each in connections]
    return answers


@settings(max_examples=WORLDS)
@given(worlds())
def test_every_world_is_judged_alike(world: World) -> None:
    """Whatever policies, objects and doubts there are, both sides of every connection have the same outcomes."""
    answers, found = asked(world.tiers, *world.connections)

    assert found == [reference.judge(world.tiers, each) for each in world.connections]
    assert [VERDICTS[code] for code in answers.verdicts()] == [each.verdict for each in found]


@pytest.mark.parametrize("row", ROWS, ids=[str(number) for number in range(len(ROWS))])
def test_every_doubt_of_the_specification_is_told_alike(row: Row) -> None:
    """The table of what may not be known, asked of the compiled form."""
    text = " ".join(row.asked.split()[:3])

    alike(row.policies, text, inventory=row.inventory)


def test_what_is_known_is_decided_without_the_specification() -> None:
    """Selectors, nets, names of ports, Services, Pass chains: nothing of them is in doubt."""
    policies = (
        policy(rule("Pass", src=match(nets=["10.0.0.0/16"])), tier="first", name="first", on="all()", ns=None),
        policy(rule("Deny", src=match("app == 'db'")), rule(protocol="TCP", dst=match(ports=["http"])), name="named"),
        policy(egress=[rule(dst=match(service="shop/api")), rule("Deny")], name="services"),
    )

    answers = alike(
        policies, IN, OUT, "bank/app shop/web TCP/8080", "shop/web shop/db TCP/8080", "shop/web 8.8.8.8 UDP/53"
    )

    assert answers.doubts == []
    assert len({each for each in answers.ingress.tolist() if each >= 0}) > 1


@pytest.mark.parametrize("before", [0, 61, 62, 63, 64, 65, 127, 128, 200])
def test_a_rule_decides_wherever_it_stands_among_words_of_lines(before: int) -> None:
    """After so many lines that never match, in a tier that is passed on from in the middle of a word."""
    fill = (Rule("Deny", ELSEWHERE),) * before
    policies = (
        policy(*fill, rule("Pass"), *fill, tier="first", name="first"),
        policy(*fill, rule("Deny", src=match("app == 'db'")), *fill, rule(), name="last"),
    )

    answers = alike(policies, IN, "shop/db shop/web TCP/80")

    assert [each.verdict for each in map(answers.judgement, range(2))] == ["Allow", "Deny"]
    assert answers.doubts == []


def test_a_value_that_nobody_has_selects_nobody() -> None:
    """A shrunk failure: looking up no class at all once meant every class."""
    alike((policy(rule(src=match("app == 'nobody'"))),), IN)


def test_a_port_may_be_declared_twice() -> None:
    """A shrunk failure: equal ports cannot be put in an order by a host port that neither has."""
    twice = pod("shop", "twice", "app=web", "10.0.0.77", ports=[HTTP, HTTP])
    inventory = replace(CLUSTER, pods=(*CLUSTER.pods, twice))

    alike(
        (policy(rule(protocol="TCP", dst=match(ports=["http"]))),), "bank/app shop/twice TCP/8080", inventory=inventory
    )


def test_a_question_about_other_ends_is_refused() -> None:
    """Its numbers would mean somebody else."""
    one, other = (Questions.of([connection(text)]) for text in (IN, OUT))

    with pytest.raises(ValueError, match="other ends"):
        Compiled((), one.ends).judge(other)


def test_no_questions_have_no_answers() -> None:
    """Nothing is asked of nobody, with policies and without."""
    tiers = resolve(PolicySet(policies=(policy(rule()),)), CLUSTER, "enforced")

    for some in ((), tiers):
        answers, found = asked(some)
        assert (len(answers), answers.verdicts().tolist(), found) == (0, [], [])
