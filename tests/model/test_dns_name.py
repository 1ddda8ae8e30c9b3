"""DNS labels and subdomains, at the edges of each limit."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.dns_name import is_dns_label, is_dns_subdomain

LONGEST_LABEL = "x" * 63
LONGEST_SUBDOMAIN = "x." * 126 + "x"
SAFE = set(string.ascii_lowercase + string.digits + "-.")


@pytest.mark.parametrize(
    ("text", "label", "subdomain"),
    [
        ("a", True, True),
        ("7", True, True),
        ("a-1", True, True),
        ("a--1", True, True),
        (LONGEST_LABEL, True, True),
        (LONGEST_LABEL + "x", False, True),
        ("a.b", False, True),
        (f"a.{LONGEST_LABEL}x", False, True),
        (LONGEST_SUBDOMAIN, False, True),
        (LONGEST_SUBDOMAIN + "x", False, False),
        ("x" * 253, False, True),
        ("x" * 254, False, False),
        ("", False, False),
        (".", False, False),
        ("a.", False, False),
        ("a..b", False, False),
        ("-a", False, False),
        ("a-", False, False),
        ("a.-b", False, False),
        ("A", False, False),
        ("a_b", False, False),
        ("a\n", False, False),
        ("../a", False, False),
        ("é", False, False),
    ],
)
def test_a_name_is_told_by_its_characters_and_its_length(
    text: str,
    label: bool,  # noqa: FBT001
    subdomain: bool,  # noqa: FBT001
) -> None:
    """Kubernetes limits a label to 63 characters, and a subdomain to 253 with no limit on its parts."""
    assert (is_dns_label(text), is_dns_subdomain(text)) == (label, subdomain)


@given(st.text() | st.text(alphabet="a0-./\n", max_size=8))
def test_what_passes_is_safe(text: str) -> None:
    """No separator, no control character and no leading dot or dash ever passes, and a label is a subdomain."""
    if is_dns_subdomain(text):
        assert set(text) <= SAFE
        assert text[0] not in "-."
        assert text[-1] not in "-."
        assert ".." not in text
    assert is_dns_subdomain(text) or not is_dns_label(text)
