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
    "node-addresses-as-seen": "nodes come and go; a snapshot names them all",
    "node-addresses-unknown": "the flows tell no node addresses; a snapshot names them",
    "port-not-reported": "Calico reports no ports for this protocol",
    "resolver-labels-unknown": "the resolver was seen without labels, so all pods of its namespace are meant",
}
