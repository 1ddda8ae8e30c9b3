"""Which edges and flows a person asked for: ``-n``, ``--peer`` and ``--port``.

Promises: no filter lets everything pass. With both a namespace and a peer, one side is in the namespace and the *other*
is the peer. A peer is found by the text that tables print for it, by its namespace, or by an address it was seen with.
"""

import re
from ipaddress import ip_address
from typing import Final

import click
from msgspec import Struct

from ringfence.cli.cells import endpoint_cell
from ringfence.flows.evidence import Sample
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, NetworkSet, Workload, namespace_of
from ringfence.model.protocol import protocol_named

_PORT: Final = re.compile(r"(?:(?P<port>[0-9]{1,5})(?:/(?P<with>\S+))?|(?P<alone>\D\S*))", re.ASCII)
_HIGHEST_PORT: Final = 65535


class PortFilter(Struct, frozen=True):
    """A port, a protocol, or both; None restricts nothing."""

    port: int | None = None
    protocol: str | None = None


class EdgeFilter(Struct, frozen=True):
    """What an edge must be. Empty ``namespaces``, and None, restrict nothing."""

    namespaces: frozenset[str] = frozenset()
    peer: str | None = None
    port: PortFilter = PortFilter()

    def accepts(self, edge: Edge, *, client_addresses: Sample, server_addresses: Sample) -> bool:
        """Say whether the edge, seen with these addresses, was asked for."""
        if self.port.port not in {None, edge.port} or self.port.protocol not in {None, edge.protocol}:
            return False
        client, server = (edge.client, client_addresses), (edge.server, server_addresses)
        return any(
            self._covers(near) and self._is_peer(far, addresses=addresses)
            for (near, _), (far, addresses) in ((client, server), (server, client))
        )

    def _covers(self, endpoint: Endpoint) -> bool:
        return not self.namespaces or namespace_of(endpoint) in self.namespaces

    def _is_peer(self, endpoint: Endpoint, *, addresses: Sample) -> bool:
        if self.peer is None:
            return True
        namespace = endpoint.namespace if isinstance(endpoint, Workload | NetworkSet) else None
        address = _address(self.peer)
        return self.peer in {endpoint_cell(endpoint), namespace} or (
            address is not None and address in {*addresses.texts, endpoint_cell(endpoint).removeprefix("node/")}
        )


def port_filter(ctx: click.Context, param: click.Parameter, value: str | None) -> PortFilter:
    """Return the filter that ``80``, ``80/tcp`` or ``tcp`` means; raises BadParameter for anything else."""
    if value is None:
        return PortFilter()
    parts = _PORT.fullmatch(value.strip())
    text = parts and (parts["with"] or parts["alone"])
    protocol = protocol_named(text) if text else None
    port = int(parts["port"]) if parts and parts["port"] else None
    if parts is None or (text and protocol is None) or (port is not None and not 0 < port <= _HIGHEST_PORT):
        raise click.BadParameter(
            f"{value!r} is no port. Give 80, 80/tcp or tcp; ports are 1-65535.", ctx=ctx, param=param
        )
    return PortFilter(port, protocol)


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
