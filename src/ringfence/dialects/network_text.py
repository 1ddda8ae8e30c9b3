"""Texts that name an address or a network."""

from ipaddress import ip_interface

from ringfence.model.address_set import Family


def family_of(text: str) -> Family | None:
    """Return the IP family of an address or network, None for what is neither."""
    address, slash, prefix = text.partition("/")
    if "%" in address or (slash and not (prefix.isascii() and prefix.isdigit())):
        return None
    try:
        return ip_interface(text).version
    except ValueError:
        return None
