"""Ports that objects declare."""

from ringfence.learning.declared_ports import declared_ports
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.pod import ContainerPort, Owner, Pod, PodSpec
from ringfence.model.service import Service, ServicePort

LABELS = Labels.of({"app": "grpc", "tier": "back"})
SPEC = PodSpec(LABELS, ports=(ContainerPort("rpc", "TCP", 50051), ContainerPort("", "UDP", 40000)))
GRPC = Workload("shop", "Deployment", "grpc")


def test_containers_declare_the_ports_of_their_workload() -> None:
    """By template, also where no pod runs, and by pod, also where the template is not in the snapshot."""
    template = Controller("Deployment", "shop", "grpc", SPEC)
    pod = Pod("shop", "lone", SPEC)

    assert declared_ports(Inventory(controllers=(template,), pods=(pod,))) == {
        (GRPC, "TCP", 50051),
        (GRPC, "UDP", 40000),
        (Workload("shop", "Pod", "lone"), "TCP", 50051),
        (Workload("shop", "Pod", "lone"), "UDP", 40000),
    }


def test_a_service_declares_its_target_for_what_it_selects() -> None:
    """Not for other namespaces, not for others' labels, and not its own port."""
    plain = PodSpec(LABELS)
    pods = (
        Pod("shop", "grpc-0", plain, owner=Owner("StatefulSet", "grpc")),
        Pod("shop", "other", PodSpec(Labels.of({"app": "other"}))),
        Pod("edge", "grpc-0", plain, owner=Owner("StatefulSet", "grpc")),
    )
    ports = (ServicePort("rpc", "TCP", 80, 50051), ServicePort("named", "TCP", 81, "rpc"))
    selecting = Service("shop", "grpc", "ClusterIP", ports, selector=(("app", "grpc"),))
    by_hand = Service("shop", "hand", "ClusterIP", (ServicePort("", "TCP", 80, 50052),))

    assert declared_ports(Inventory(pods=pods, services=(selecting, by_hand))) == {
        (Workload("shop", "StatefulSet", "grpc"), "TCP", 50051)
    }
