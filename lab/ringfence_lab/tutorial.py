"""Write flow logs of a cluster like the one in Calico's public tutorial on policy recommendations.

``python -m ringfence_lab.tutorial [--addresses]``

Promises: eight deployments in three namespaces and one GlobalNetworkSet. In ``curl-ns`` one client calls each kind of
peer that a recommendation knows: ``service-ns`` on TCP 80, ``www.tigera.io`` on TCP 8080, DNS in ``kube-system``, the
set ``public-ips`` on TCP 80, 10.10.10.10 on TCP 8080 and 192.0.1.0 on TCP 80; so a recommendation for ``curl-ns`` has a
domain, two namespaces, a network set, private and public, and one for ``service-ns`` has one namespace each way. Both
reporters where both exist; several windows. The lines are our own. Source of the cluster: the tutorial's text.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ringfence_lab.blueprint import Blueprint
from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.edge import Edge, Service
from ringfence_lab.endpoint import Endpoint, NetworkSet, Outside, Workload
from ringfence_lab.moment import unix_seconds
from ringfence_lab.pace import FULL_PACE
from ringfence_lab.part import call
from ringfence_lab.rhythm import Constant
from ringfence_lab.simulation import Simulation
from ringfence_lab.standing import Format

_SEED: Final = 1
_NODES: Final = 3
_WINDOWS: Final = 12
_ALWAYS: Final = Constant(1.0)


def tutorial_blueprint() -> Blueprint:
    """Return the tutorial's cluster."""
    service = _deployment("service-ns", "nginx", {"app": "nginx"})
    dns = _deployment("kube-system", "coredns", {"k8s-app": "kube-dns"})
    targets: dict[str, tuple[Endpoint, int]] = {
        "curl-service": (service, 80),
        "curl-domain": (Outside("public", "domain", ("203.0.113.10",), 1, ("www.tigera.io",)), 8080),
        "curl-networkset": (_public_ips(), 80),
        "curl-private": (Outside("private", "private", ("10.10.10.10",), 1), 8080),
        "curl-public": (Outside("public", "public", ("192.0.1.0",), 1), 80),
    }
    curls = {name: _deployment("curl-ns", name, {"app": name}) for name in targets}
    idle = _deployment("curl-ns", "curl-idle", {"app": "curl-idle"})
    edges = [call(curls[name], server, port, rhythm=_ALWAYS) for name, (server, port) in targets.items()]
    edges += [_asks(client, dns) for name, client in curls.items() if name in {"curl-service", "curl-domain"}]
    return Blueprint(_NODES, (*curls.values(), idle, service, dns), tuple(edges))


def tutorial_lines(log_format: Format) -> bytes:
    """Return an hour of the tutorial's flow logs."""
    clock = Clock(unix_seconds(DEFAULT_START))
    simulation = Simulation(tutorial_blueprint(), seed=_SEED, clock=clock, log_format=log_format, pace=FULL_PACE)
    return b"".join(b"".join(simulation.next_window()) for _ in range(_WINDOWS))


def _deployment(namespace: str, name: str, labels: dict[str, str]) -> Workload:
    return Workload(namespace, "Deployment", name, tuple(labels.items()))


def _public_ips() -> NetworkSet:
    labels = (("projectcalico.org/kind", "NetworkSet"), ("projectcalico.org/name", "public-ips"))
    return NetworkSet(None, "public-ips", labels, ("198.51.100.7",))


def _asks(client: Workload, dns: Workload) -> Edge:
    asked = call(client, dns, 53, protocol="UDP", rhythm=_ALWAYS, traffic="name")
    return replace(asked, service=Service("kube-system", "kube-dns", "dns"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.tutorial", description="Write the tutorial's flow logs.")
    parser.add_argument("--addresses", action="store_true", help="show addresses and whole pod names")
    given = parser.parse_args(arguments)
    sys.stdout.buffer.write(tutorial_lines("calico-addresses" if given.addresses else "calico"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
