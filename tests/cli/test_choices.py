"""Options whose values are our own words."""

import click
import pytest

from ringfence.cli.choices import fail_conditions, left_out_reason
from ringfence.cli.get_edges import get_edges_command
from ringfence.cli.recommend import recommend_command
from ringfence.flows.left_out import LeftOut

CONTEXT = click.Context(get_edges_command)
REASON = next(each for each in get_edges_command.params if each.name == "left_out")


@pytest.mark.parametrize("reason", LeftOut)
def test_every_reason_can_be_written_as_documents_and_as_people_write_it(reason: LeftOut) -> None:
    """Words with spaces mean the same as words with hyphens."""
    assert left_out_reason(CONTEXT, REASON, reason.value) is reason
    assert left_out_reason(CONTEXT, REASON, reason.value.replace("-", " ").upper()) is reason


def test_another_word_is_answered_with_the_list_of_reasons() -> None:
    """The message helps."""
    with pytest.raises(click.BadParameter, match="ephemeral-port"):
        left_out_reason(CONTEXT, REASON, "because")


def test_conditions_may_be_one_option_with_commas_or_several() -> None:
    """Each condition counts once."""
    option = next(each for each in recommend_command.params if each.name == "fail_on")
    context = click.Context(recommend_command)

    assert fail_conditions(context, option, ["conflict, corrupt", "corrupt"]) == ("corrupt", "conflict")
    with pytest.raises(click.BadParameter, match="held, corrupt, conflict"):
        fail_conditions(context, option, ["corrupted"])
