"""Every policy of real components and of peers' samples: read, round-tripped, or refused for a reason of Calico's."""

from pathlib import Path

import pytest

from ringfence.cluster.snapshot import read_snapshot
from ringfence.dialects.calico.read import read_policy
from ringfence.dialects.calico.render import render_policy, render_staged_kubernetes_policy
from ringfence.dialects.clusterpolicy.read import read_cluster_policy
from ringfence.dialects.clusterpolicy.render import render_cluster_policy
from ringfence.dialects.kubernetes.read import read_network_policy
from ringfence.dialects.kubernetes.render import render_network_policy
from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.policy import Policy
from ringfence.model.policy_set import AnyPolicy


def again(policy: AnyPolicy) -> AnyPolicy | None:
    """Return a policy written and read again."""
    match policy:
        case Policy():
            return read_policy(render_policy(policy)).value
        case KubernetesPolicy(staged=None):
            return read_network_policy(render_network_policy(policy)).value
        case KubernetesPolicy():
            return read_policy(render_staged_kubernetes_policy(policy)).value
        case ClusterPolicy():
            return read_cluster_policy(render_cluster_policy(policy)).value


@pytest.mark.shared
@pytest.mark.parametrize(("place", "least"), [("data/platform", 180), ("data/peers", 250)])
def test_every_real_policy_round_trips_or_is_refused_with_reasons(place: str, least: int, shared: Path) -> None:
    """Each file by itself, so that two of one name are both seen."""
    read = 0
    for file in sorted((shared / place).rglob("*.y*ml")):
        snapshot = read_snapshot(file) if file.stat().st_size else None
        for policy in () if snapshot is None else snapshot.policies.policies:
            assert again(policy) == policy, f"{file}: {policy.kind} {policy.name}"
            read += 1
        for rejected in () if snapshot is None else snapshot.policies.rejected:
            assert rejected.reasons, file
            assert not any(reason.startswith(": ") for reason in rejected.reasons), file
    assert read >= least
