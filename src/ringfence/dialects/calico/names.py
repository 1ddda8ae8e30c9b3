"""What Calico objects may be called.

Promises: the name we give a policy is valid under both regimes, Calico up to 3.31 (which wants the tier's name first)
and from 3.32 on.
"""

import re
from hashlib import blake2b
from typing import Final

from ringfence.dialects.calico.limits import MAX_LABEL, MAX_NAME
from ringfence.model.dns_name import is_dns_label, is_dns_subdomain

_CONVERTED_PREFIXES: Final = ("knp.default.", "ossg.default.")
"""What Calico puts before the names of Kubernetes and OpenStack policies that it converts."""
_MOST_PARTS: Final = 2
_HASH_BYTES: Final = 3
_LONGEST_KIND: Final = 24
"""Characters of a workload's kind in a policy's name; the hash tells apart what is cut."""
_NO_LABEL: Final = re.compile(r"[^a-z0-9]+")


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


def workload_label(namespace: str, kind: str | None, name: str) -> str:
    """Return ``<kind>-<slug>-<hash6>``, a DNS label of at most 63 characters that differs for every workload.

    >>> workload_label("shop", "Deployment", "web.v2")
    'deployment-web-v2-ad5ad7'
    """
    start = _slug(kind or "workload")[:_LONGEST_KIND].strip("-")
    hash_ = blake2b("\x1f".join((namespace, kind or "", name)).encode(), digest_size=_HASH_BYTES).hexdigest()
    room = MAX_LABEL - len(start) - len(hash_) - 2
    return "-".join(part for part in (start, _slug(name)[:room].strip("-"), hash_) if part)


def host_label(name: str) -> str:
    """Return a host endpoint's name where it is a DNS label, else ``<slug>-<hash6>`` (node names may have dots)."""
    if is_label(name):
        return name
    return suffixed_label(
        _slug(name)[:MAX_LABEL].strip("-"), blake2b(name.encode(), digest_size=_HASH_BYTES).hexdigest()
    )


def suffixed_label(label: str, suffix: str) -> str:
    """Return ``<label>-<suffix>``; where that is longer than a label may be, the label is cut and told by its hash.

    >>> suffixed_label("shop", "egress")
    'shop-egress'
    """
    if len(label) + len(suffix) < MAX_LABEL:
        return f"{label}-{suffix}"
    hash_ = blake2b(label.encode(), digest_size=_HASH_BYTES).hexdigest()
    return f"{label[: MAX_LABEL - len(suffix) - len(hash_) - 2].rstrip('-')}-{hash_}-{suffix}"


def _slug(text: str) -> str:
    return _NO_LABEL.sub("-", text.lower()).strip("-")


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
