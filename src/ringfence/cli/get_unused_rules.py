"""``ringfence get unused-rules``: what enforced policies were used for, and which of their rules were not.

Promises: a rule is called unused only beside the window of flows that supports it; one of which that is not known says
why. Standard output holds the list and nothing else.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Final, Literal, get_args

import click

from ringfence.cli.cells import count_cell
from ringfence.cli.columns import columns
from ringfence.cli.documents.document import document_text
from ringfence.cli.documents.rule_activity_list import rule_activity_list
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.flow_inputs import FlowInputs, takes_flows
from ringfence.cli.read_inputs import read_inputs
from ringfence.cli.terminal import Terminal, terminal_of
from ringfence.model.trace import END_OF_TIER, PolicyRef
from ringfence.model.window import rfc3339
from ringfence.verify.activity import RuleActivity, Use, activity
from ringfence.verify.lattice import Share

UnusedFormat = Literal["table", "wide", "json"]

_TITLES: Final = ("POLICY", "TIER", "RULE", "ACTION", "STATE", "USED-CELLS", "SUPPORT")
_WIDE_TITLES: Final = (*_TITLES, "LAST-JUDGED", "EDGES", "CONNECTIONS", "LAST-RECORDED")


@click.command("unused-rules", short_help="Which rules of enforced policies were used, and which were not.")
@takes_flows
@click.option("-n", "--namespace", "namespaces", multiple=True, metavar="NS", help="Only policies of this namespace.")
@click.option(
    "-o", "--output", type=click.Choice(get_args(UnusedFormat)), default="table", show_default=True, help="Format."
)
def get_unused_rules_command(inputs: FlowInputs, *, namespaces: tuple[str, ...], output: UnusedFormat) -> ExitCode:
    """List rules that decided no flow, and rules that allow much more than was used; with -o wide or json, all rules.

    \b
    Example:
      ringfence get unused-rules flows/ --snapshot snapshot/
    """
    if inputs.snapshot is None:
        raise click.UsageError("get unused-rules needs --snapshot DIR: the policies stand in the cluster's objects")
    read = read_inputs(inputs)
    if read.cluster is None:
        raise click.UsageError("the snapshot holds no cluster")
    found = [
        each
        for each in activity(read.reading.table.evidence, read.cluster)
        if not namespaces or each.policy.namespace in namespaces
    ]
    if output == "json":
        sys.stdout.write(document_text(rule_activity_list(found)))
        return ExitCode.DONE
    wide = output == "wide"
    shown = found if wide else [each for each in found if each.state != "Used" or each.too_broad]
    terminal = terminal_of(sys.stdout, environment=os.environ)
    sys.stdout.writelines(f"{line}\n" for line in _table(shown, terminal=terminal, wide=wide))
    if not shown:
        sys.stderr.write("every rule was used\n" if found else "no enforced policy has a rule\n")
    return ExitCode.DONE


def _table(rules: Sequence[RuleActivity], *, terminal: Terminal, wide: bool) -> Iterator[str]:
    if rules:
        titles = _WIDE_TITLES if wide else _TITLES
        yield from columns(titles, rows=[_row(each, wide=wide) for each in rules], terminal=terminal)


def _row(rule: RuleActivity, *, wide: bool) -> tuple[str, ...]:
    index = "end" if rule.index == END_OF_TIER else str(rule.index)
    row = (
        _policy(rule.policy),
        rule.tier,
        f"{rule.direction.lower()}[{index}]",
        rule.action,
        "TooBroad" if rule.too_broad else rule.state,
        _share(rule.share),
        _support(rule),
    )
    if not wide:
        return row
    judged = rule.judged
    return (
        *row,
        _last(judged),
        "" if judged is None else str(judged.edges),
        "" if judged is None else count_cell(judged.connections),
        _last(rule.recorded),
    )


def _policy(policy: PolicyRef) -> str:
    return f"{policy.namespace}/{policy.name}" if policy.namespace else policy.name


def _share(share: Share | None) -> str:
    if share is None:
        return ""
    return f"{share.used}/{share.allowed}{' and outside' if share.outside else ''}"


def _support(rule: RuleActivity) -> str:
    if rule.reason is not None:
        return rule.reason
    if rule.window is None:
        return ""
    return f"{rule.hours} hours with flows in {rfc3339(rule.window.start)}/{rfc3339(rule.window.end)}"


def _last(use: Use | None) -> str:
    return "" if use is None else rfc3339(use.last)
