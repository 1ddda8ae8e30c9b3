"""Two policy sets compared, as a table and as a comment on a pull request.

Promises: what is gained stands first, because that is what a reviewer must see; sections are by namespace and workload
of the end that is inside. Text from objects is escaped. Long lists are cut with their count.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ringfence.cli.class_cells import class_cell
from ringfence.cli.columns import columns
from ringfence.cli.headline import counted
from ringfence.cli.markdown import markdown_text
from ringfence.cli.reach_words import reach_words
from ringfence.cli.terminal import Terminal
from ringfence.semantics.words import connection_words
from ringfence.verify.connectivity_diff import ConnectivityDiff, PairChange, PairChangeKind

_TITLES: Final = ("CHANGE", "SOURCE", "DESTINATION", "BEFORE", "AFTER")
_ORDER: Final[tuple[PairChangeKind, ...]] = ("Added", "Changed", "Removed", "Uncertain")
_SHOWN: Final = 100


def diff_table(found: ConnectivityDiff, *, terminal: Terminal) -> Iterator[str]:
    """Yield the lines of a table and the count of changes."""
    rows = [(each.change, *_cells(found, each)) for each in _sorted(found)]
    if rows:
        yield from columns(_TITLES, rows=rows, terminal=terminal)
        yield ""
    yield _summary(found)


def diff_markdown(found: ConnectivityDiff, *, not_proved: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a comment on a pull request."""
    yield "## Connectivity"
    yield ""
    yield f"{_summary(found)}."
    shown = 0
    for namespace, changes in _by_namespace(found).items():
        kept = changes[: max(0, _SHOWN - shown)]
        shown += len(kept)
        if not kept:
            continue
        yield ""
        yield f"### {markdown_text(namespace)}"
        yield ""
        yield "| change | from | to | before | after | for example |"
        yield "|---|---|---|---|---|---|"
        for each in kept:
            cells = (each.change, *_cells(found, each), _witness(each))
            yield f"| {' | '.join(markdown_text(cell) for cell in cells)} |"
    if shown < len(found.changes):
        yield ""
        yield f"And {counted(len(found.changes) - shown, 'pair')} more."
    if not_proved:
        yield ""
        yield "### Not proved"
        yield ""
        yield from (f"- {markdown_text(reason)}" for reason in not_proved)


def _summary(found: ConnectivityDiff) -> str:
    counts = [f"{found.count(kind)} {kind.lower()}" for kind in _ORDER if found.count(kind)]
    if not counts:
        return "no connection differs"
    return f"pairs of endpoints that differ: {', '.join(counts)}"


def _sorted(found: ConnectivityDiff) -> list[PairChange]:
    return sorted(found.changes, key=lambda each: (_ORDER.index(each.change), _cells(found, each)))


def _by_namespace(found: ConnectivityDiff) -> dict[str, list[PairChange]]:
    """Return the changes by namespace of the source, else of the destination."""
    groups: dict[str, list[PairChange]] = {}
    for each in _sorted(found):
        ends = (found.after.classes[place].namespace for place in (each.source, each.destination))
        namespace = next((name for name in ends if name is not None), "outside of namespaces")
        groups.setdefault(namespace, []).append(each)
    return dict(sorted(groups.items()))


def _cells(found: ConnectivityDiff, each: PairChange) -> tuple[str, str, str, str]:
    classes, protocols = found.after.classes, found.after.protocols
    return (
        class_cell(classes[each.source]),
        class_cell(classes[each.destination]),
        reach_words(each.before, protocols),
        reach_words(each.after, protocols),
    )


def _witness(each: PairChange) -> str:
    return f"{each.witness.source.name} to {each.witness.destination.name} on {connection_words(each.witness)}"
