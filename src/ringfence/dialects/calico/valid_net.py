"""Judge addresses and networks written as text.

Promises: what Go's parser takes, so no netmasks, no zones and no leading zeros in IPv4. A rule's net must be a whole
network (prefix length, no host bits); a network set also takes single addresses.
"""

from ipaddress import ip_address, ip_interface

from ringfence.dialects.calico.shape import shown
from ringfence.dialects.network_text import family_of


def rule_net_problem(text: str) -> str | None:
    """Return why a rule may not hold this net, or None."""
    if family_of(text) is None:
        return f"{shown(text)} is no network"
    if "/" not in text:
        return f"{shown(text)} has no prefix length; write {text}/{ip_address(text).max_prefixlen} for one address"
    network = ip_interface(text).network
    if ip_interface(text).ip != network.network_address:
        return f"{shown(text)} has bits set beyond its prefix length; write {network}"
    return None


def excludes_everything(text: str) -> bool:
    """Say whether a net is the whole of its IP family."""
    return family_of(text) is not None and ip_interface(text).network.prefixlen == 0


def set_net_problem(text: str) -> str | None:
    """Return why a network set may not hold this net, or None."""
    return None if family_of(text) is not None else f"{shown(text)} is neither an address nor a network"


def address_problem(text: str) -> str | None:
    """Return why a text is no single address, or None."""
    return None if "/" not in text and family_of(text) is not None else f"{shown(text)} is no address"
