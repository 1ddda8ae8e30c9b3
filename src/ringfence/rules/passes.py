"""From a scope's admitted edges to its permits, pass by pass.

Law: every admitted edge stands behind a permit of its direction that lets it through. Each pass states its own law.
Writing permits as a policy is `assemble`'s.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from ringfence.rules.declare_resolver import declare_resolver
from ringfence.rules.derive import derive
from ringfence.rules.merge import merge
from ringfence.rules.permit import Permit
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.split import split

SOURCES: Final[tuple[Callable[[ScopeBaseline], Iterable[Permit]], ...]] = (
    derive,  # what was seen
    declare_resolver,  # what need not be seen to be needed
)
REWRITES: Final[tuple[Callable[[Sequence[Permit]], tuple[Permit, ...]], ...]] = (
    merge,  # one rule for many ports, in total order
    split,  # no rule larger than the API takes
)


def permits_of(scope: ScopeBaseline) -> tuple[Permit, ...]:
    """Return the permits of a scope in the order of its rules."""
    permits = tuple(permit for source in SOURCES for permit in source(scope))
    for rewrite in REWRITES:
        permits = rewrite(permits)
    return permits
