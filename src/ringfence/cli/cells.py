"""How values stand in the cells of tables.

Promises: what a cell shows can be typed back as an argument (``--peer``, ``--port``); unknown is ``<unknown>``, and a
value that does not exist is empty, which tables write as ``<none>``.
"""

from ringfence.cli.columns import UNKNOWN
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence.model.trace import END_OF_TIER, UNKNOWN_RULE, Trace


def endpoint_cell(endpoint: Endpoint) -> str:
    """Write an endpoint: ``shop/web``, ``node/a``, ``networkset/corp``, ``public``."""
    match endpoint:
        case Workload(namespace, _, name):
            return f"{namespace}/{name}"
        case Host(name):
            return f"node/{name}"
        case NetworkSet(None, name):
            return f"networkset/{name}"
        case NetworkSet(namespace, name):
            return f"networkset/{namespace}/{name}"
        case Network(scope):
            return scope


def port_cell(edge: Edge) -> str:
    """Write a port and protocol: ``80/TCP``, ``SCTP``, ``ICMP(8,0)``."""
    if edge.port is not None:
        return f"{edge.port}/{edge.protocol}"
    if edge.icmp is not None:
        return f"{edge.protocol}({edge.icmp.type},{edge.icmp.code})"
    return edge.protocol


def count_cell(count: int | None) -> str:
    """Write a count that a source may not have reported."""
    return UNKNOWN if count is None else str(count)


def decided_by_cell(trace: Trace | None) -> str:
    """Write the enforced hit that decided: ``default/shop/web[0]``, ``default/shop/web[end]``, ``profile``.

    The parts are tier, namespace (absent for global policies) and name; in brackets stands the index of the rule.
    """
    hit = next((each for each in reversed(trace or ()) if not each.staged), None)
    if hit is None:
        return UNKNOWN
    if hit.profile:
        return "profile"
    rule = {END_OF_TIER: "end", UNKNOWN_RULE: "?"}.get(hit.rule_index, str(hit.rule_index))
    return "/".join(part for part in (hit.tier, hit.namespace, hit.name) if part) + f"[{rule}]"
