"""``ringfence get``: list what was read.

Promises: one verb an object; the objects themselves are `get_edges`, `get_flows` and `get_unused_rules`.
"""

import click

from ringfence.cli.get_edges import get_edges_command
from ringfence.cli.get_flows import get_flows_command
from ringfence.cli.get_unused_rules import get_unused_rules_command


@click.group("get")
def get_group() -> None:
    """List edges, flows, or rules of policies by their use.

    \b
    Example:
      ringfence get edges flows/ -n shop
    """


get_group.add_command(get_edges_command)
get_group.add_command(get_flows_command)
get_group.add_command(get_unused_rules_command)
