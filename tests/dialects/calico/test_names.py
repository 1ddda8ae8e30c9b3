"""What Calico objects may be called, at the edges of each pattern."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.dialects.calico.names import (
    is_global_policy_name,
    is_label,
    is_policy_name,
    is_subdomain,
    policy_name,
    suffixed_label,
    workload_label,
)

LONGEST = "x" * 63
KNP, OSSG = "knp.default.a.b", "ossg.default.a"


@pytest.mark.parametrize(
    ("name", "label", "global_policy", "policy", "subdomain"),
    [
        ("a", True, True, True, True),
        ("a-1", True, True, True, True),
        (LONGEST, True, True, True, True),
        (LONGEST + "x", False, False, False, True),
        ("a.b", False, True, True, True),
        (f"{LONGEST}.{LONGEST}", False, True, True, True),
        (f"{LONGEST}.{LONGEST}x", False, False, False, True),
        ("a.b.c", False, False, False, True),
        (KNP, False, False, True, True),
        (OSSG, False, False, True, True),
        ("knp.default.", False, False, False, False),
        ("knp.default", False, True, True, True),
        ("knp.default." + "x" * 241, False, False, True, True),
        ("knp.default." + "x" * 242, False, False, False, False),
        ("x." * 126 + "x", False, False, False, True),
        ("x." * 126 + "xx", False, False, False, False),
        ("", False, False, False, False),
        ("-a", False, False, False, False),
        ("a-", False, False, False, False),
        ("a..b", False, False, False, False),
        ("A", False, False, False, False),
        ("a_b", False, False, False, False),
        ("a\n", False, False, False, False),
        ("é", False, False, False, False),
    ],
)
def test_a_name_is_good_for_some_kinds_only(
    name: str,
    label: bool,  # noqa: FBT001
    global_policy: bool,  # noqa: FBT001
    policy: bool,  # noqa: FBT001
    subdomain: bool,  # noqa: FBT001
) -> None:
    """Tiers take labels, policies one or two, sets subdomains."""
    verdicts = is_label(name), is_global_policy_name(name), is_policy_name(name), is_subdomain(name)

    assert verdicts == (label, global_policy, policy, subdomain)


def test_our_policies_carry_the_name_of_their_tier() -> None:
    """Calico up to 3.31 wants the tier first; later versions do not mind."""
    name = policy_name("namespace-isolation", LONGEST)

    assert name == f"namespace-isolation.{LONGEST}"
    assert is_policy_name(name)


@pytest.mark.parametrize(("tier", "namespace"), [("Tier", "shop"), ("tier", "a.b"), ("", "shop"), ("t", "x" * 64)])
def test_a_policy_is_not_named_after_what_is_no_label(tier: str, namespace: str) -> None:
    """A name that Calico would refuse is refused where it is made."""
    with pytest.raises(ValueError, match="cannot be in a policy name"):
        policy_name(tier, namespace)


kinds = st.none() | st.from_regex(r"[A-Z][A-Za-z]{0,40}", fullmatch=True)
names = st.from_regex(r"[a-z0-9]([-a-z0-9.]{0,120}[a-z0-9])?", fullmatch=True)


@given(names, kinds, names)
def test_a_workloads_policy_has_a_name_whatever_the_workload_is_called(
    namespace: str, kind: str | None, name: str
) -> None:
    """Long, with dots, of an operator's kind; the policy's name is valid with the tier before it."""
    label = workload_label(namespace, kind, name)

    assert is_label(label)
    assert label.startswith((kind or "workload").lower()[:24])
    assert is_policy_name(policy_name("namespace-isolation", label))


def test_workloads_that_look_alike_have_names_of_their_own() -> None:
    """Kind, namespace, and what the slug drops or cuts."""
    alike = [
        workload_label("shop", "Deployment", "web.a"),
        workload_label("shop", "Deployment", "web-a"),
        workload_label("shop", None, "web-a"),
        workload_label("bank", "Deployment", "web-a"),
        workload_label("shop", "Deployment", "x" * 100),
        workload_label("shop", "Deployment", "x" * 101),
    ]

    assert len(set(alike)) == len(alike)
    assert workload_label("shop", "Deployment", "web-a") == alike[1]


@given(st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True), st.sampled_from(["egress", "2", "a1b2c3"]))
def test_a_suffix_keeps_a_label_a_label(label: str, suffix: str) -> None:
    """A long one is cut and told by its hash."""
    made = suffixed_label(label, suffix)

    assert is_label(made)
    assert made.endswith(f"-{suffix}")
    assert len(label) > 55 or made.startswith(label)
