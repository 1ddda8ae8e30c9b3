"""What Calico objects may be called, at the edges of each pattern."""

import pytest

from ringfence.dialects.calico.names import (
    is_global_policy_name,
    is_label,
    is_policy_name,
    is_subdomain,
    policy_name,
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
