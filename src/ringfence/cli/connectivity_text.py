"""A connectivity as a table, as comma-separated lines, and as a graph for ``dot``.

Promises: one row or line a pair of endpoint classes that may send each other something; text from objects can neither
break a table, a line nor a graph.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import UNSET

from ringfence.cli.class_cells import class_cell
from ringfence.cli.columns import columns
from ringfence.cli.documents.traffic_part import IcmpTypesPart, reach_part
from ringfence.cli.reach_words import reach_words
from ringfence.cli.terminal import Terminal, safe_text
from ringfence.verify.connectivity import Connectivity

Pairs = Iterable[tuple[int, int]]

_TITLES: Final = ("SOURCE", "DESTINATION", "ALLOWED")
_CSV_TITLES: Final = ("source", "destination", "protocol", "ports", "sourcePorts", "icmpTypes", "ipVersion", "certain")


def connectivity_table(found: Connectivity, pairs: Pairs, *, terminal: Terminal) -> Iterator[str]:
    """Yield the lines of a table; nothing without pairs."""
    rows = [
        (class_cell(found.classes[source]), class_cell(found.classes[destination]), words)
        for source, destination, words in _worded(found, pairs)
    ]
    if rows:
        yield from columns(_TITLES, rows=sorted(rows), terminal=terminal)


def connectivity_csv(found: Connectivity, pairs: Pairs) -> Iterator[str]:
    """Yield a line for each pair, protocol and set of ports, by ids as the JSON document has them."""
    yield _csv_line(_CSV_TITLES)
    for source, destination in pairs:
        reach = reach_part(found.reach(source, destination), found.protocols)
        for entries, others, certain in (
            (reach.allowed, reach.other_protocols, "yes"),
            (reach.uncertain, reach.uncertain_other_protocols, "no"),
        ):
            ends = (found.classes[source].id, found.classes[destination].id)
            for each in entries or ():
                yield _csv_line(
                    (
                        *ends,
                        each.protocol,
                        " ".join(each.ports or ()),
                        " ".join(each.source_ports or ()),
                        " ".join(_icmp(one) for one in each.types or ()),
                        str(each.ip_version or ""),
                        certain,
                    )
                )
            if others:
                yield _csv_line((*ends, "other", "", "", "", " ".join(map(str, others)), certain))


def connectivity_dot(found: Connectivity, pairs: Pairs) -> Iterator[str]:
    """Yield a directed graph: a node a class, an edge a pair, labelled with what is allowed."""
    yield "digraph connectivity {"
    yield "  rankdir=LR; node [shape=box];"
    edges = list(_worded(found, pairs))
    for place in sorted({place for source, destination, _ in edges for place in (source, destination)}):
        each = found.classes[place]
        yield f"  {_quoted(each.id)} [label={_quoted(class_cell(each))}];"
    for source, destination, words in edges:
        ends = f"{_quoted(found.classes[source].id)} -> {_quoted(found.classes[destination].id)}"
        yield f"  {ends} [label={_quoted(words)}];"
    yield "}"


def _worded(found: Connectivity, pairs: Pairs) -> Iterator[tuple[int, int, str]]:
    known: dict[tuple[int, int], str] = {}
    for source, destination in pairs:
        key = found.key(source, destination)
        if key not in known:
            known[key] = reach_words(found.reach_of(key), found.protocols)
        yield source, destination, known[key]


def _icmp(each: IcmpTypesPart) -> str:
    types = f"{each.type}" if each.last_type is UNSET else f"{each.type}:{each.last_type}"
    if each.code is UNSET:
        return types
    return f"{types}.{each.code}" if each.last_code is UNSET else f"{types}.{each.code}:{each.last_code}"


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _quoted(text: str) -> str:
    escaped = safe_text(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
