"""The parts of an evidence table that both folds build alike.

Promises: total order of evidence; labels and unknown owners from identities, in any order.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from ringfence.flows.batch import SightingText
from ringfence.flows.directory import Directory
from ringfence.flows.evidence import Evidence
from ringfence.flows.identity import Identity
from ringfence.model.edge import edge_key
from ringfence.model.endpoint import Endpoint, Workload, endpoint_key
from ringfence.model.labels import Labels

_NONE: Final = ("", "-")


def evidence_key(evidence: Evidence) -> tuple[object, ...]:
    """Return the total order of evidence rows: edge, reporter, outcome, trace, service, reason."""
    service = evidence.service
    return (
        edge_key(evidence.edge),
        evidence.reporter,
        evidence.outcome,
        tuple(
            (hit.index, hit.tier, hit.kind or "", hit.namespace, hit.name, hit.action, hit.rule_index)
            for hit in evidence.trace or ()
        ),
        evidence.trace is not None,
        "" if service is None else f"{service.namespace}/{service.name}",
        evidence.service_port or "",
        evidence.left_out or "",
    )


def labels_of(identities: Iterable[Identity], directory: Directory | None) -> Mapping[Endpoint, Labels]:
    """Return, per endpoint, its labels by the directory, else the pairs that every sighting with labels carried."""
    common: dict[Endpoint, Labels] = {}
    for identity in identities:
        if identity.endpoint is None or identity.left_out is not None:
            continue
        told = (
            directory.labels(identity.endpoint)
            if directory is not None and isinstance(identity.endpoint, Workload)
            else None
        )
        if told is not None:
            common[identity.endpoint] = told
        elif identity.labels is not None:
            known = common.get(identity.endpoint)
            common[identity.endpoint] = identity.labels if known is None else known & identity.labels
    return dict(sorted(common.items(), key=lambda item: endpoint_key(item[0])))


def owners_unknown(identities: Iterable[Identity]) -> frozenset[Endpoint]:
    """Return the workloads whose name is only as seen."""
    return frozenset(
        identity.endpoint
        for identity in identities
        if identity.endpoint is not None and identity.left_out is None and not identity.owner_known
    )


def written(sighting: SightingText) -> str:
    """Return a sighting as its source wrote it: namespace and name, for records that no edge can hold."""
    name = sighting.name_aggr if sighting.name_aggr not in _NONE else sighting.name
    name = name or sighting.address or "-"
    return name if sighting.namespace in _NONE else f"{sighting.namespace}/{name}"
