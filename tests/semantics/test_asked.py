"""Many questions asked at once have the answers that they have one by one."""

from hypothesis import given

from ringfence.semantics.asked import Asked, Question
from ringfence.semantics.parties import Party
from tests.semantics.compiled.worlds import World, worlds


@given(worlds())
def test_asking_at_once_changes_no_answer(world: World) -> None:
    """Host endpoints and parties without a common family among them, each question twice."""
    ends = {id(end): end for each in world.connections for end in (each.source, each.destination)}
    parties = {key: Party(number, end) for number, (key, end) in enumerate(ends.items())}
    questions = [
        Question(parties[id(each.source)], parties[id(each.destination)], each.protocol, each.port, each.icmp)
        for each in world.connections
    ]
    one_by_one, at_once = Asked(world.tiers), Asked(world.tiers)

    at_once.ask(questions * 2, few=0)

    assert [at_once.judgement(each) for each in questions] == [one_by_one.judgement(each) for each in questions]
