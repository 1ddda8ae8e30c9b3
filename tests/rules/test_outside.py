"""Labels that mean a network set or a host."""

from hypothesis import given
from hypothesis import strategies as st

from ringfence.dialects.calico.limits import MAX_SELECTOR
from ringfence.dialects.selector import written_selector
from ringfence.model.endpoint import Host, NetworkSet, Workload
from ringfence.model.labels import Labels
from ringfence.model.selector import And, Equals
from ringfence.rules.outside import set_selectors, usable_host_labels

CORP = NetworkSet(None, "corp")
PARTNERS = NetworkSet("shop", "partners")
SITE = Labels.of({"site": "corp"})


def test_a_set_that_carries_its_own_name_is_meant_by_it() -> None:
    """Calico Enterprise gives sets these labels."""
    labels = Labels.of({"projectcalico.org/name": "corp", "projectcalico.org/kind": "NetworkSet", "site": "corp"})

    chosen = set_selectors({CORP: labels})[CORP].labels

    assert chosen.as_dict() == {"projectcalico.org/name": "corp", "projectcalico.org/kind": "NetworkSet"}


def test_another_name_is_not_the_sets_own() -> None:
    """A label that lies does not name it."""
    assert set_selectors({CORP: Labels.of({"projectcalico.org/name": "other", "site": "corp"})})[CORP].labels == SITE


def test_a_set_is_else_meant_by_all_its_own_labels() -> None:
    """The more of them, the fewer others match."""
    labels = Labels.of({"site": "corp", "floor": "two", "projectcalico.org/namespace": "x"})

    assert set_selectors({CORP: labels})[CORP].labels.as_dict() == {"floor": "two", "site": "corp"}


def test_a_set_without_usable_labels_is_meant_by_none() -> None:
    """A hash or a quote is no label to rely on."""
    assert set_selectors({CORP: Labels.of({"pod-template-hash": "7d9f", "who's": "who"})}) == {}
    assert set_selectors({CORP: Labels()}) == {}


def test_what_else_would_match_is_told() -> None:
    """A rule for a global set also means host endpoints, one for a namespaced set also pods of the namespace."""
    pod, node = Workload("shop", None, "web"), Host("node-a")
    elsewhere = {Workload("edge", None, "web"): SITE, NetworkSet("edge", "x"): SITE}

    assert set_selectors({CORP: SITE, PARTNERS: SITE, **elsewhere})[CORP].coarse is None
    assert set_selectors({CORP: SITE, node: SITE})[CORP].coarse == "network-set-not-unique"
    assert set_selectors({PARTNERS: SITE, **elsewhere})[PARTNERS].coarse is None
    assert set_selectors({PARTNERS: SITE, pod: SITE})[PARTNERS].coarse == "network-set-not-unique"


@given(st.lists(st.integers(1, 250), min_size=2, max_size=12))
def test_the_selector_of_a_set_is_never_longer_than_calico_takes(lengths: list[int]) -> None:
    """Labels that do not fit are left out; what remains still matches the set."""
    pairs = {f"label-{number}": "x" * length for number, length in enumerate(lengths)}

    chosen = set_selectors({CORP: Labels.of(pairs)})[CORP].labels

    terms = tuple(Equals(*pair) for pair in chosen.pairs)
    assert len(written_selector(And(terms) if len(terms) > 1 else terms[0])) <= MAX_SELECTOR
    assert set(chosen.pairs) <= set(pairs.items())
    assert len(terms) == len(pairs) or sum(lengths) > MAX_SELECTOR // 2


def test_only_automatic_hosts_have_a_label_to_rely_on() -> None:
    """The one that Calico's controller puts there."""
    automatic = ("projectcalico.org/created-by", "calico-kube-controllers")

    assert usable_host_labels(Labels.of([automatic, ("kubernetes.io/hostname", "a")])) == Labels((automatic,))
    assert usable_host_labels(Labels.of({"kubernetes.io/hostname": "a"})) is None
