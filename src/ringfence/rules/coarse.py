"""Why a permit is wider than its evidence, in words.

Promises: every reason that a permit may carry stands here with what it means and what would narrow it.
"""

from typing import Final

COARSE_REASONS: Final[dict[str, str]] = {
    "addresses-not-reported": "the flows tell no addresses; lower the flow-log aggregation or name the range as a set",
    "too-many-addresses": "more addresses than are listed one by one; name the range as a network set",
    "internet-clients": "clients on the internet are not listed one by one",
    "addresses-will-go-stale": "a name's addresses change; Calico open source has no domain rules",
    "service-endpoints-open": "who edits the Service's EndpointSlices widens this rule",
    "network-set-without-labels": "no rule can name the set; label it",
    "network-set-not-unique": "another set carries the same labels; give the set a label of its own",
    "network-set-gone": "the snapshot holds no such set; its addresses as seen",
    "network-set-reaches-metadata": "the set holds the cloud's metadata address; its other nets are copied",
    "node-addresses-as-seen": "nodes come and go; a snapshot names them all",
    "node-addresses-unknown": "the flows tell no node addresses; a snapshot names them",
    "ports-handed-out": "the server hands out ports; those between the seen ones are meant too",
    "port-not-reported": "Calico reports no ports for this protocol",
    "selector-shared": "the workload's labels mean other workloads too; give it a label of its own",
    "workload-labels-unknown": "no label means the workload, so all pods of its namespace are meant; label it",
    "resolver-labels-unknown": "the resolver was seen without labels, so all pods of its namespace are meant",
    "control-plane-outside": "the API server calls from addresses outside the cluster that nothing tells; all but pods",
}
