"""Workloads that are new in a scope that is enforced already."""

from ringfence.learning.admission import admit
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.labels import Labels
from ringfence.model.pod import Pod, PodSpec
from ringfence.model.policy import Policy
from ringfence.model.policy_set import PolicySet
from ringfence.model.selector import Equals
from ringfence.recommend.uncovered import uncovered
from ringfence.semantics.workloads import KnownWorkload
from tests.learning.evidence_rows import CART, LEDGER, TIER, WEB, row, table_of, tcp


def workload(name: Workload, *, host_network: bool = False, scaled_down: bool = False) -> KnownWorkload:
    """Return a workload with a pod, or with its template alone."""
    spec = PodSpec(Labels.of({"app": name.name}), host_network=host_network)
    template = Controller("Deployment", name.namespace, name.name, spec)
    return KnownWorkload(name, () if scaled_down else (Pod(name.namespace, f"{name.name}-1", spec),), template)


OURS = Policy(TIER, "shop", f"{TIER}.shop", 0, Equals("projectcalico.org/namespace", "shop"))


def new(*policies: Policy, cart: KnownWorkload = workload(CART)) -> tuple[str, ...]:  # noqa: B008 - a frozen value
    """Return the uncovered workloads of shop, where only web was seen speaking."""
    edges = admit(table_of([row(tcp(WEB, LEDGER))]), tier=TIER, covers={"shop"}).admitted
    return uncovered([workload(WEB), cart], edges=edges, policies=PolicySet(policies=policies), tier=TIER)


def test_a_workload_without_evidence_under_an_enforced_policy_is_uncovered() -> None:
    """The policy isolates it already, or will when it is scaled up."""
    assert new(OURS) == ("shop/cart",)
    assert new(OURS, cart=workload(CART, scaled_down=True)) == ("shop/cart",)


def test_where_nothing_of_ours_is_enforced_nobody_is_uncovered() -> None:
    """A staged policy isolates nobody, one of another namespace or tier not these."""
    staged = Policy(TIER, "shop", f"{TIER}.shop", 0, staged="Set")

    assert new(staged, Policy(TIER, "lab", f"{TIER}.lab", 0), Policy("default", "shop", "default.shop", 0)) == ()


def test_a_policy_of_another_workload_isolates_only_that() -> None:
    """At workload granularity each has its own."""
    assert new(Policy(TIER, "shop", f"{TIER}.web", 0, Equals("app", "web"))) == ()
    assert new(Policy(TIER, "shop", f"{TIER}.cart", 0, Equals("app", "cart"))) == ("shop/cart",)


def test_pods_in_the_network_of_their_host_are_not_isolated() -> None:
    """No policy of a namespace governs them."""
    assert new(OURS, cart=workload(CART, host_network=True)) == ()
