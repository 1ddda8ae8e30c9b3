"""A world of the laboratory read with the objects of its cluster: everyone has the name that the truth gives."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import msgspec
import pytest

from ringfence.cluster.snapshot import read_snapshot
from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest
from ringfence.flows.directory import Directory
from ringfence.flows.evidence import EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.model.endpoint import Host, Network, Workload
from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.formats import FormatName
from ringfence_lab.moment import unix_seconds
from ringfence_lab.world import WorldRequest, write_world


class _End(msgspec.Struct, rename="camel"):
    kind: str
    name: str
    namespace: str | None = None
    workload_kind: str | None = None
    role: str | None = None

    @property
    def workload(self) -> Workload:
        """Return the workload that this end is."""
        return Workload(self.namespace or "", self.workload_kind, self.name)


class _Edge(msgspec.Struct, rename="camel"):
    client: _End
    server: _End
    days_seen: list[int]


class _TrueWorkload(msgspec.Struct, rename="camel"):
    namespace: str
    workload_kind: str
    name: str


class _Truth(msgspec.Struct, rename="camel"):
    workloads: list[_TrueWorkload]
    legitimate: list[_Edge]
    networks: dict[str, str]


def read(world: Path, workspace: Path) -> EvidenceTable:
    """Read a world's flows with its objects."""
    workspace.mkdir()
    directory = Directory(read_snapshot(world / "cluster").inventory)
    request = FlowRequest((str(world / "flows"),), workspace, workspace / "aside", directory=directory)
    return read_flows(request, report=lambda _: None).table


@pytest.mark.parametrize("log_format", ["calico", "calico-addresses", "goldmane", "whisker", "hubble"])
def test_every_workload_has_its_true_kind_and_name(tmp_path: Path, log_format: FormatName) -> None:
    """Rollouts, runs of jobs and finished pods leave no name behind, and nobody of those who spoke is missing."""
    request = WorldRequest(
        seed=8,
        size=3,
        days=2,
        learn_days=1,
        log_format=log_format,
        lines_per_day=3_000,
        clock=Clock(unix_seconds(DEFAULT_START)),
    )
    write_world(tmp_path / "world", request=request)
    truth = msgspec.json.decode((tmp_path / "world" / "truth.json").read_bytes(), type=_Truth)

    table = read(tmp_path / "world", tmp_path / "workspace")

    ends = {end for row in table.evidence for end in (row.edge.client, row.edge.server)}
    real = {Workload(each.namespace, each.workload_kind, each.name) for each in truth.workloads}
    spoke = {
        end.workload
        for edge in truth.legitimate
        if edge.days_seen
        for end in (edge.client, edge.server)
        if end.kind == "Workload"
    }
    assert {end for end in ends if isinstance(end, Workload)} <= real
    assert spoke <= ends
    assert not table.owner_unknown
    assert not {row.left_out for row in table.evidence} & {LeftOut.GONE, LeftOut.BEFORE_NAMESPACE}
    if log_format in {"calico-addresses", "hubble"}:
        inside = [ip_network(truth.networks[name]) for name in ("pods", "nodes", "services")]
        outside = [row for row in table.evidence if isinstance(row.edge.server, Network)]
        sighted = {address for row in outside for address in row.server_addresses.texts}
        assert sighted
        assert not {each for each in sighted for net in inside if ip_address(each) in net}
        assert any(isinstance(end, Host) for end in ends)
