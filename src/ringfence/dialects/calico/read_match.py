"""Read one side of a rule (Calico's EntityRule) and what else a rule's parts are made of.

Promises: raises NotUnderstoodError and nothing else. Nets lose their host bits and single addresses gain a prefix
length, as Calico's conversion has it; empty texts and lists restrict nothing.
"""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_interface
from typing import Final

from ringfence.dialects.decoded import NotUnderstoodError, items, record, text, texts
from ringfence.dialects.network_text import family_of
from ringfence.dialects.selector import SelectorError, parse_selector
from ringfence.model.kubernetes_object import Json
from ringfence.model.policy import Match, ServiceAccounts, ServiceRef
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import Selector

_NUMBERS: Final = re.compile(r"([0-9]{1,10})(?::([0-9]{1,10}))?")


def read_match(value: Json) -> Match:
    """Return what a rule's source or destination must be; null restricts nothing."""
    fields = record(value)
    ports, named_ports = _ports(items(fields, "ports"))
    not_ports, not_named_ports = _ports(items(fields, "notPorts"))
    return Match(
        selector=selector_or_none(fields, "selector"),
        namespace_selector=selector_or_none(fields, "namespaceSelector"),
        nets=_nets(fields, "nets"),
        not_nets=_nets(fields, "notNets"),
        ports=ports,
        service=_service(fields.get("services")),
        not_selector=selector_or_none(fields, "notSelector"),
        service_accounts=_service_accounts(fields.get("serviceAccounts")),
        named_ports=named_ports,
        not_ports=not_ports,
        not_named_ports=not_named_ports,
    )


def selector_or_none(fields: Mapping[str, Json], name: str) -> Selector | None:
    """Return a selector, None where its text is empty or absent."""
    written = text(fields, name)
    if not written:
        return None
    try:
        return parse_selector(written)
    except SelectorError:
        raise NotUnderstoodError from None


def _nets(fields: Mapping[str, Json], name: str) -> tuple[str, ...] | None:
    nets = texts(fields, name)
    if any(family_of(each) is None for each in nets):
        raise NotUnderstoodError
    return tuple(sorted({str(ip_interface(each).network) for each in nets})) or None


def _ports(values: Iterable[Json]) -> tuple[PortSet | None, tuple[str, ...]]:
    """Return the numbers and the names of a list of ports."""
    ranges: list[PortRange] = []
    names: list[str] = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise NotUnderstoodError
        numbers = _NUMBERS.fullmatch(value) if isinstance(value, str) else None
        if isinstance(value, str) and numbers is None:
            names.append(value)
            continue
        first, last = (int(numbers[1]), int(numbers[2] or numbers[1])) if numbers else (int(value), int(value))
        try:
            ranges.append(PortRange(first, last))
        except ValueError:
            raise NotUnderstoodError from None
    return PortSet.of(ranges) if ranges else None, tuple(names)


def _service(value: Json) -> ServiceRef | None:
    if value is None:
        return None
    fields = record(value)
    return ServiceRef(text(fields, "namespace"), text(fields, "name"))


def _service_accounts(value: Json) -> ServiceAccounts | None:
    if value is None:
        return None
    fields = record(value)
    return ServiceAccounts(texts(fields, "names"), selector_or_none(fields, "selector"))
