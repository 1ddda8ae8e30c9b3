"""Draw the edges of a small world as a Mermaid graph, namespace by namespace.

``python -m ringfence_lab.picture`` prints it; ``docs/laboratory.md`` holds it.

Promises: real edges of the world of that size and seed, grouped by the namespaces of their ends with their ports; what
policies deny is dashed, what attackers do is thick. The same text every time.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Final

from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import Endpoint, NetworkSet, Outside, Workload
from ringfence_lab.landscape import draw_landscape

_SEED: Final = 5
_SIZE: Final = 3
_DAYS: Final = 3
_LEARN_DAYS: Final = 2
_PORTS_SHOWN: Final = 4
_EVERYWHERE: Final = frozenset({"kube-system", "monitoring"})
"""Namespaces that everyone asks or that ask everyone: one line says so."""


def drawing() -> str:
    """Return the graph."""
    landscape = draw_landscape(seed=_SEED, size=_SIZE, days=_DAYS, learn_days=_LEARN_DAYS)
    edges = landscape.blueprint.edges
    lines = ["flowchart LR"]
    lines += [f'    {_identity(name)}["{name}"]' for name in _places(edges) if not name.startswith("(")]
    lines += [f'    {_identity(name)}(("{name[1:-1]}"))' for name in _places(edges) if name.startswith("(")]
    for arrow, kinds in (("-->", {"legitimate", "ephemeral"}), ("-.->", {"denied"}), ("==>", {"attack"})):
        for (client, server), ports in _crossings(edge for edge in edges if edge.kind in kinds):
            lines.append(f'    {_identity(client)} {arrow}|"{_label(ports)}"| {_identity(server)}')
    silent = sorted({known.namespace for known in landscape.blueprint.workloads} - set(_places(edges)))
    lines += [f'    {_identity(name)}["{name} (never speaks)"]' for name in silent]
    return "\n".join(lines) + "\n"


def _places(edges: Sequence[Edge]) -> list[str]:
    return list(dict.fromkeys(_place(end) for edge in edges for end in (edge.client, edge.server)))


def _crossings(edges: Iterable[Edge]) -> list[tuple[tuple[str, str], list[str]]]:
    found: dict[tuple[str, str], list[str]] = {}
    for edge in edges:
        ends = _place(edge.client), _place(edge.server)
        asks_or_scrapes = ends[0] == "monitoring" or ends[1] in _EVERYWHERE
        if edge.kind == "legitimate" and asks_or_scrapes and ends[0] != ends[1] and edge.port in {53, 9102}:
            continue
        port = _port(edge)
        known = found.setdefault(ends, [])
        if port not in known:
            known.append(port)
    return list(found.items())


def _port(edge: Edge) -> str:
    if edge.passive is not None:
        return f"{edge.protocol} {edge.passive[0]}–{edge.passive[1]}"
    return edge.protocol if edge.port is None else f"{edge.protocol} {edge.port}"


def _label(ports: Sequence[str]) -> str:
    shown = ", ".join(ports[:_PORTS_SHOWN])
    return shown if len(ports) <= _PORTS_SHOWN else f"{shown} and {len(ports) - _PORTS_SHOWN} more"


def _place(end: Endpoint) -> str:
    match end:
        case Workload():
            return end.namespace
        case NetworkSet():
            return f"(network set {end.name})"
        case Outside():
            return f"({end.name})"


def _identity(name: str) -> str:
    return "n" + "".join(letter if letter.isalnum() else "_" for letter in name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    argparse.ArgumentParser(prog="ringfence_lab.picture", description="Draw a small world.").parse_args(arguments)
    sys.stdout.write(drawing())
    return 0


if __name__ == "__main__":
    sys.exit(main())
