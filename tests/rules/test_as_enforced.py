"""A staged policy and the one that is enforced of it."""

from typing import Final

from hypothesis import given

from ringfence.dialects.calico.render import render_policy
from ringfence.dialects.calico.valid import problems
from ringfence.dialects.yaml_text import yaml_text
from ringfence.model.port import PortSet
from ringfence.rules.as_enforced import enforced
from ringfence.rules.assemble import assemble
from ringfence.rules.permit import NamespacePeer, Permit
from ringfence.rules.scope_policies import ScopePolicies
from tests.learning.evidence_rows import TIER
from tests.rules.judged import allowed
from tests.rules.test_scope_policies import made
from tests.rules.workload_worlds import World, worlds

ENFORCED: Final = """\
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata:
  name: namespace-isolation.shop
  namespace: shop
  labels:
    app.kubernetes.io/managed-by: ringfence
    projectcalico.org/tier: namespace-isolation
spec:
  tier: namespace-isolation
  order: 1000
  selector: projectcalico.org/namespace == 'shop'
  types:
    - Egress
  egress:
    - action: Pass
      protocol: TCP
      destination:
        namespaceSelector: projectcalico.org/name == 'bank'
        selector: projectcalico.org/orchestrator == 'k8s'
        ports:
          - 443
"""


def test_an_enforced_policy_carries_nothing_that_was_learnt() -> None:
    """No annotation, no staged action; the label that it is ours stays, or nobody could replace it."""
    permit = Permit(
        "Egress", NamespacePeer("bank"), "TCP", PortSet.of([443]), None, ("e",), "Observed", "selector-shared"
    )
    policy = enforced(assemble("shop", [permit], tier=TIER))

    assert yaml_text(render_policy(policy)) == ENFORCED
    assert problems(render_policy(policy)) == ()
    assert enforced(policy) == policy


@given(worlds())
def test_enforcing_changes_nothing_that_was_proposed(world: World) -> None:
    """What the staged policies would let pass, the enforced ones do."""
    policies = [each for got in made(world).values() if isinstance(got, ScopePolicies) for each in got.policies]

    assert allowed(map(enforced, policies), world.cluster.inventory) == allowed(policies, world.cluster.inventory)
