"""What Calico objects may be called.

Promises: the name we give a policy is valid under both regimes, Calico up to 3.31 (which wants the tier's name first)
and from 3.32 on.
"""

from typing import Final

from ringfence.dialects.calico.limits import MAX_LABEL, MAX_NAME
from ringfence.model.dns_name import is_dns_label, is_dns_subdomain

_CONVERTED_PREFIXES: Final = ("knp.default.", "ossg.default.")
"""What Calico puts before the names of Kubernetes and OpenStack policies that it converts."""
_MOST_PARTS: Final = 2


def policy_name(tier: str, namespace: str) -> str:
    """Return ``<tier>.<namespace>``. Raises ValueError when a part is no DNS label of at most 63 characters.

    >>> policy_name("namespace-isolation", "shop")
    'namespace-isolation.shop'
    """
    for part in (tier, namespace):
        if not is_label(part):
            raise ValueError(
                f"{part!r} cannot be in a policy name; give it 1 to {MAX_LABEL} lower-case letters, digits, dashes"
            )
    return f"{tier}.{namespace}"


def is_label(text: str) -> bool:
    """Say whether a text is a DNS label: a tier's or a namespace's name."""
    return is_dns_label(text)


def is_subdomain(text: str) -> bool:
    """Say whether a text is a DNS subdomain: the name of a set, a host endpoint or a staged Kubernetes policy."""
    return is_dns_subdomain(text)


def is_global_policy_name(text: str) -> bool:
    """Say whether a global policy may have this name: a label, or two with a dot between."""
    parts = text.split(".")
    return len(text) <= MAX_NAME and len(parts) <= _MOST_PARTS and all(is_label(part) for part in parts)


def is_policy_name(text: str) -> bool:
    """Say whether a namespaced policy may have this name: as a global one, or the name of a converted policy."""
    if is_global_policy_name(text):
        return True
    rest = next((text.removeprefix(prefix) for prefix in _CONVERTED_PREFIXES if text.startswith(prefix)), "")
    return len(text) <= MAX_NAME and is_subdomain(rest)
