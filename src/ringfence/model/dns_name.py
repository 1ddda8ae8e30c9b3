"""Tell names that Kubernetes can have from names that it cannot.

Promises: what passes is safe as the name of a file, in YAML and on a terminal. Source: RFC 1123 labels and subdomains
as Kubernetes and Calico check them: a label alone has at most 63 characters, while in a subdomain only the whole is
limited.
"""

import re
from typing import Final

MAX_LABEL: Final = 63
"""Characters of a DNS label."""
MAX_SUBDOMAIN: Final = 253
"""Characters of a DNS subdomain."""

_PART: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")


def is_dns_label(text: str) -> bool:
    """Say whether a text is a DNS label: the name of a namespace or a tier."""
    return len(text) <= MAX_LABEL and _PART.fullmatch(text) is not None


def is_dns_subdomain(text: str) -> bool:
    """Say whether a text is dot-separated parts of at most 253 characters in all: the name of most objects."""
    return len(text) <= MAX_SUBDOMAIN and all(_PART.fullmatch(part) is not None for part in text.split("."))
