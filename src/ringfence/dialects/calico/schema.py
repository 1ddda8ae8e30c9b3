"""The fields of every Calico kind that Ringfence reads or writes.

Promises: the types, limits and enumerations of Calico's v3 resource definitions at v3.34 development; Calico Open
Source has no others. Rules between fields are `valid` and its parts.
"""

from typing import Final

from ringfence.dialects.calico.limits import (
    MAX_HTTP,
    MAX_HTTP_PATH,
    MAX_INTERFACE_NAME,
    MAX_NAME,
    MAX_NETS,
    MAX_PORTS,
    MAX_RULES,
    MAX_SELECTOR,
)
from ringfence.dialects.calico.shape import (
    Anything,
    Choice,
    Flag,
    Integer,
    IntegerOrText,
    Items,
    Number,
    Record,
    Shape,
    Text,
    Texts,
)

_SELECTOR: Final = Text(MAX_SELECTOR)
_NETS: Final = Items(Text(), most=MAX_NETS, unique=True)
_PORTS: Final = Items(IntegerOrText(), most=MAX_PORTS)
_ICMP: Final = Record({"type": Integer(0, 254, "Felix"), "code": Integer(0, 255, "Felix")})
_STAGED_ACTION: Final = Choice(("Set", "Delete", "Learn", "Ignore"))
_DIRECTIONS: Final = Items(Choice(("Ingress", "Egress")), fewest=1, most=2, unique=True)

_ENTITY: Final = Record(
    {
        "nets": _NETS,
        "notNets": _NETS,
        "selector": _SELECTOR,
        "notSelector": _SELECTOR,
        "namespaceSelector": _SELECTOR,
        "services": Record({"name": Text(MAX_NAME), "namespace": Text(MAX_NAME)}),
        "ports": _PORTS,
        "notPorts": _PORTS,
        "serviceAccounts": Record({"names": Items(Text(), unique=True), "selector": Text()}),
    }
)

_RULE: Final = Record(
    {
        "action": Choice(("Allow", "Deny", "Log", "Pass")),
        "ipVersion": Choice((4, 6), "Felix"),
        "protocol": IntegerOrText(),
        "notProtocol": IntegerOrText(),
        "icmp": _ICMP,
        "notICMP": _ICMP,
        "source": _ENTITY,
        "destination": _ENTITY,
        "http": Record(
            {
                "methods": Items(Text(), most=MAX_HTTP),
                "paths": Items(
                    Record({"exact": Text(MAX_HTTP_PATH), "prefix": Text(MAX_HTTP_PATH)}),
                    most=MAX_HTTP,
                ),
            }
        ),
        "metadata": Record({"annotations": Texts()}),
    },
    required=("action",),
)

_POLICY: Final[dict[str, Shape]] = {
    "tier": Text(),
    "order": Number(),
    "ingress": Items(_RULE, most=MAX_RULES),
    "egress": Items(_RULE, most=MAX_RULES),
    "selector": _SELECTOR,
    "types": _DIRECTIONS,
    "serviceAccountSelector": _SELECTOR,
    "performanceHints": Items(Choice(("AssumeNeededOnEveryNode",)), unique=True),
}
_GLOBAL_POLICY: Final[dict[str, Shape]] = _POLICY | {
    "namespaceSelector": _SELECTOR,
    "doNotTrack": Flag(),
    "preDNAT": Flag(),
    "applyOnForward": Flag(),
}
_STAGED: Final[dict[str, Shape]] = {"stagedAction": _STAGED_ACTION}

_OPERATOR: Final = Choice(("In", "NotIn", "Exists", "DoesNotExist"))
_LABEL_SELECTOR: Final = Record(
    {
        "matchLabels": Texts(),
        "matchExpressions": Items(
            Record({"key": Text(), "operator": _OPERATOR, "values": Items(Text())}, required=("key", "operator"))
        ),
    }
)
_KUBERNETES_PORTS: Final = Items(Record({"protocol": Text(), "port": IntegerOrText(), "endPort": Integer(1, 65535)}))
_KUBERNETES_PEERS: Final = Items(
    Record(
        {
            "ipBlock": Record({"cidr": Text(), "except": Items(Text())}, required=("cidr",)),
            "namespaceSelector": _LABEL_SELECTOR,
            "podSelector": _LABEL_SELECTOR,
        }
    )
)
_STAGED_KUBERNETES: Final[dict[str, Shape]] = {
    "stagedAction": _STAGED_ACTION,
    "podSelector": _LABEL_SELECTOR,
    "ingress": Items(Record({"from": _KUBERNETES_PEERS, "ports": _KUBERNETES_PORTS})),
    "egress": Items(Record({"to": _KUBERNETES_PEERS, "ports": _KUBERNETES_PORTS})),
    "policyTypes": _DIRECTIONS,
}

_HOST_ENDPOINT: Final[dict[str, Shape]] = {
    "node": Text(MAX_NAME),
    "interfaceName": Text(MAX_INTERFACE_NAME),
    "expectedIPs": Items(Text(), unique=True),
    "profiles": Items(Text(), unique=True),
    "ports": Items(
        Record(
            {"name": Text(), "protocol": IntegerOrText(), "port": Integer(1, 65535)},
            required=("name", "protocol", "port"),
        )
    ),
}

_SPECS: Final[dict[str, dict[str, Shape]]] = {
    "NetworkPolicy": _POLICY,
    "GlobalNetworkPolicy": _GLOBAL_POLICY,
    "StagedNetworkPolicy": _POLICY | _STAGED,
    "StagedGlobalNetworkPolicy": _GLOBAL_POLICY | _STAGED,
    "StagedKubernetesNetworkPolicy": _STAGED_KUBERNETES,
    "Tier": {"order": Number(), "defaultAction": Choice(("Pass", "Deny"))},
    "NetworkSet": {"nets": Items(Text(), unique=True)},
    "GlobalNetworkSet": {"nets": Items(Text(), unique=True)},
    "HostEndpoint": _HOST_ENDPOINT,
}

_METADATA: Final = Record(
    {"name": Text(), "namespace": Text(), "labels": Texts(), "annotations": Texts()},
    required=("name",),
    extensible=True,
)

OBJECTS: Final[dict[str, Record]] = {
    kind: Record(
        {
            "apiVersion": Choice(("projectcalico.org/v3",)),
            "kind": Choice((kind,)),
            "metadata": _METADATA,
            "spec": Record(spec),
            "status": Anything(),
        },
        required=("apiVersion", "kind", "metadata", "spec"),
    )
    for kind, spec in _SPECS.items()
}
"""The shape of a whole object, by kind."""
