"""From a scope's admitted edges to its permits, pass by pass.

Law: every admitted edge stands behind a permit of its direction that lets it through. Each pass states its own law.
Writing permits as a policy is `assemble`'s.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from ringfence.rules.declare_allows import declare_allows
from ringfence.rules.declare_callbacks import declare_callbacks
from ringfence.rules.declare_exposures import declare_exposures
from ringfence.rules.declare_resolver import declare_resolver
from ringfence.rules.derive import derive
from ringfence.rules.merge import merge
from ringfence.rules.permit import Permit
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.split import split
from ringfence.rules.without_metadata import without_metadata

SOURCES: Final[tuple[Callable[[ScopeBaseline], Iterable[Permit]], ...]] = (
    derive,  # what was seen
    declare_resolver,  # what need not be seen to be needed
    declare_callbacks,  # what the API server calls
    declare_exposures,  # what clients outside use, also through other nodes
    declare_allows,  # what later policies allow and nobody used yet
)
REWRITES: Final[tuple[Callable[[Sequence[Permit]], tuple[Permit, ...]], ...]] = (
    without_metadata,  # no rule reaches the cloud's credentials
    merge,  # one rule for many ports, in total order
    split,  # no rule larger than the API takes
)


def permits_of(scope: ScopeBaseline) -> tuple[Permit, ...]:
    """Return the permits of a scope in the order of its rules."""
    permits = tuple(permit for source in SOURCES for permit in source(scope))
    for rewrite in REWRITES:
        permits = rewrite(permits)
    return permits
