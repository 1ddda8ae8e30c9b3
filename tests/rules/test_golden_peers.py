"""The policy of one namespace with every peer outside the pods, with and without a snapshot, as people review it.

``REGENERATE=1`` writes the files anew. What they mean is judged beside them by the reference evaluator.
"""

from pathlib import Path
from typing import Final

import pytest

from ringfence.dialects.calico.render import render_policy
from ringfence.dialects.calico.valid import problems
from ringfence.dialects.yaml_text import yaml_text
from ringfence.flows.evidence import Evidence
from ringfence.model.endpoint import Host, NetworkSet
from ringfence.model.inventory import Inventory
from ringfence.rules.assemble import assemble
from tests.learning.evidence_rows import CORP, INTERNET, INTRANET, LABELS, TIER, WEB, addresses, row, tcp
from tests.rules.peer_world import API, DATABASE, WORLD, Judge, permits_in, with_hosts

GOLDEN: Final = Path(__file__).parent / "golden"
NODE: Final = Host("node-a")
ROWS: Final[tuple[Evidence, ...]] = (
    row(tcp(WEB, NODE, 10250), servers=addresses("192.168.7.1")),
    row(tcp(NODE, WEB, 8080), reporter="Destination", clients=addresses("10.244.1.1")),
    row(tcp(WEB, INTRANET, 6443), service=API.ref),
    row(tcp(WEB, Host("control"), 6443), servers=addresses("192.168.7.10")),
    row(tcp(WEB, INTRANET, 5432), service=DATABASE.ref),
    row(tcp(WEB, INTRANET, 1521)),
    row(tcp(WEB, INTRANET, 1433), servers=addresses("10.9.0.20", "10.9.0.21")),
    row(tcp(WEB, CORP, 443)),
    row(tcp(WEB, NetworkSet(None, "bare"), 8443), servers=addresses("203.0.113.4")),
    row(tcp(INTERNET, WEB, 5061), reporter="Destination"),
    row(tcp(WEB, INTERNET, 80), servers=addresses("169.254.169.254", "198.51.100.7")),
)
HOSTS_WITHOUT_LABELS: Final = {endpoint: labels for endpoint, labels in LABELS.items() if endpoint != NODE}
SNAPSHOTS: Final[dict[str, Inventory | None]] = {
    "without-snapshot": None,
    "with-snapshot": WORLD,
    "with-host-endpoints": with_hosts(WORLD),
}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_the_policy_is_as_reviewed(name: str, regenerate: bool) -> None:  # noqa: FBT001 - a fixture
    """And Calico takes it."""
    policy = assemble("shop", permits_in(ROWS, SNAPSHOTS[name], labels=HOSTS_WITHOUT_LABELS), tier=TIER)
    path = GOLDEN / f"peers-{name}.yaml"
    rendered = render_policy(policy)
    text = yaml_text(rendered)

    if regenerate:
        path.write_text(text)

    assert text == path.read_text()
    assert problems(rendered) == ()


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_the_reviewed_policy_lets_through_what_was_seen(name: str) -> None:
    """And never the metadata address; only a snapshot keeps it from pods."""
    inventory = SNAPSHOTS[name]
    judge = Judge(permits_in(ROWS, inventory, labels=HOSTS_WITHOUT_LABELS), inventory or WORLD)

    for address, port in (
        ("192.168.7.1", 10250),
        ("192.168.7.10", 6443),
        ("10.9.0.5", 5432),
        ("10.200.1.2", 1521),
        ("10.9.0.21", 1433),
        ("10.1.2.3", 443),
        ("203.0.113.4", 8443),
        ("198.51.100.7", 80),
    ):
        assert judge.passes(address, port=port), (address, port)
    for client, port in (("10.244.1.1", 8080), ("203.0.113.9", 5061), ("2001:db8:7::1", 5061)):
        assert judge.passes(client, port=port, direction="Ingress"), client
    assert not judge.passes("169.254.169.254", port=80)
    if inventory is not None:
        assert not judge.passes("10.244.2.5", port=1521)
    assert judge.passes("192.168.7.2", port=10250) == (inventory is not None)
