"""The arguments that narrow a list.

Promises: the same filters with the same meaning for edges and flows.
"""

from collections.abc import Callable
from functools import wraps

import click

from ringfence.cli.choices import left_out_reason
from ringfence.cli.edge_filter import EdgeFilter, PortFilter, port_filter
from ringfence.cli.flow_inputs import FlowInputs


def takes_edge_filter(command: Callable[..., int]) -> Callable[..., int]:
    """Give a verb ``-n``, ``--peer`` and ``--port`` as one value, and ``--left-out``."""

    @click.option(
        "-n",
        "--namespace",
        "namespaces",
        multiple=True,
        metavar="NS",
        help="Only what a workload of this namespace takes part in; may be repeated.",
    )
    @click.option(
        "--peer",
        metavar="PEER",
        help="Only what has this peer: a namespace, namespace/name, public, private, node/NAME, networkset/NAME or "
        "an address.",
    )
    @click.option("--port", callback=port_filter, metavar="PORT", help="Only this port: 80, 80/tcp or tcp.")
    @click.option(
        "--left-out", callback=left_out_reason, metavar="REASON", help="Only what was left out for this reason."
    )
    @wraps(command)
    def with_filter(
        inputs: FlowInputs,
        *,
        namespaces: tuple[str, ...],
        peer: str | None,
        port: PortFilter,
        **options: object,
    ) -> int:
        return command(inputs, EdgeFilter(frozenset(namespaces), peer, port), **options)

    return with_filter
