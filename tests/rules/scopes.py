"""A namespace's baseline from rows of evidence, as the rules get it."""

from collections.abc import Iterable, Mapping

from ringfence.flows.evidence import Evidence
from ringfence.learning.admission import admit
from ringfence.model.endpoint import Endpoint
from ringfence.model.labels import Labels
from ringfence.rules.passes import permits_of
from ringfence.rules.permit import Permit
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.surroundings import surroundings_of
from tests.learning.evidence_rows import LABELS, TIER, table_of


def scope_of(
    rows: Iterable[Evidence], *, namespace: str = "shop", labels: Mapping[Endpoint, Labels] = LABELS
) -> ScopeBaseline:
    """Return the baseline of a namespace, admitted alone."""
    table = table_of(rows, labels=labels)
    baseline = admit(table, tier=TIER, covers={namespace})
    return ScopeBaseline(namespace, baseline.admitted, surroundings_of(table))


def permits(*rows: Evidence, namespace: str = "shop", labels: Mapping[Endpoint, Labels] = LABELS) -> tuple[Permit, ...]:
    """Return the permits that rows make for a namespace."""
    return permits_of(scope_of(rows, namespace=namespace, labels=labels))
