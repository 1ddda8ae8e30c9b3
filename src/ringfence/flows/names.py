"""Tell names that Kubernetes can have from names that it cannot.

Promises: what passes is safe as a file name, in YAML and on a terminal. Source: RFC 1123 labels and subdomains as
Kubernetes uses them.
"""

import re
from typing import Final

_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN_LENGTH: Final = 253


def is_dns_label(text: str) -> bool:
    """Say whether a text is a DNS label: a namespace's name."""
    return _LABEL.fullmatch(text) is not None


def is_dns_subdomain(text: str) -> bool:
    """Say whether a text is dot-separated DNS labels of at most 253 characters: an object's name."""
    return len(text) <= _SUBDOMAIN_LENGTH and all(_LABEL.fullmatch(part) is not None for part in text.split("."))
