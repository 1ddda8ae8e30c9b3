"""The cluster that drawn records may speak of: their names and addresses, some of it younger than they are."""

from records import START
from ringfence.model.controller import Controller
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Owner, Pod, PodSpec
from ringfence.model.service import Service

_WEB = PodSpec(Labels.of({"app": "web", "tier": "front"}))

INVENTORY = Inventory(
    namespaces=(Namespace("pay", created=START - 86400), Namespace("shop", created=START + 600)),
    controllers=(
        Controller("Deployment", "shop", "web", _WEB),
        Controller("ReplicaSet", "shop", "web-7d9f", _WEB, owner=Owner("Deployment", "web")),
        Controller("StatefulSet", "shop", "db", PodSpec(Labels.of({"app": "db"}))),
        Controller("DaemonSet", "pay", "db", PodSpec(Labels.of({"app": "db"}))),
    ),
    pods=(
        Pod("pay", "db-x2x9z", PodSpec(), ("198.51.100.2",), owner=Owner("DaemonSet", "db"), created=START - 3600),
        Pod(
            "pay",
            "job",
            PodSpec(Labels.of({"app": "job"})),
            ("198.51.100.3", "198.51.100.18"),
            finished=True,
            created=START,
        ),
        Pod(
            "shop",
            "web-7d9f-b8b8b",
            _WEB,
            ("198.51.100.1",),
            owner=Owner("ReplicaSet", "web-7d9f"),
            created=START + 450,
        ),
    ),
    nodes=(Node("node-a", addresses=("198.51.100.4",), tunnels=("198.51.100.17",), pod_cidrs=("198.51.100.16/29",)),),
    host_endpoints=(HostEndpoint("corp", "node-a"),),
    services=(Service("shop", "db", "ClusterIP", cluster_ips=("198.51.100.5",)),),
)
