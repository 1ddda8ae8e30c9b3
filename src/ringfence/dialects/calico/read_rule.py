"""Read one rule of a policy.

Promises: raises NotUnderstoodError and nothing else.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal

from ringfence.dialects.calico.read_match import read_match
from ringfence.dialects.decoded import NotUnderstoodError, entry, integer, items, pairs, record, text, texts
from ringfence.model.kubernetes_object import Json
from ringfence.model.policy import HttpMatch, HttpPath, IcmpMatch, Rule, RuleAction
from ringfence.model.protocol import protocol_named

_ACTIONS: Final[Mapping[str, RuleAction]] = {"Allow": "Allow", "Deny": "Deny", "Pass": "Pass", "Log": "Log"}
_VERSIONS: Final[Mapping[int | None, Literal[4, 6] | None]] = {None: None, 4: 4, 6: 6}
_DIGITS: Final = re.compile(r"[0-9]{1,3}")
_HIGHEST_NUMBER: Final = 255


def read_rule(value: Json) -> Rule:
    """Return a rule."""
    fields = entry(value)
    action, version = _ACTIONS.get(text(fields, "action")), integer(fields, "ipVersion")
    if action is None or version not in _VERSIONS:
        raise NotUnderstoodError
    return Rule(
        action=action,
        protocol=_protocol(fields, "protocol"),
        ip_version=_VERSIONS[version],
        icmp=_icmp(fields.get("icmp")),
        source=read_match(fields.get("source")),
        destination=read_match(fields.get("destination")),
        annotations=pairs(record(fields.get("metadata")), "annotations"),
        not_protocol=_protocol(fields, "notProtocol"),
        not_icmp=_icmp(fields.get("notICMP")),
        http=_http(fields.get("http")),
    )


def read_protocol_of(value: Json) -> str:
    """Return the one spelling of a protocol that is given by name or by number."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise NotUnderstoodError
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    named = protocol_named(str(value)) if isinstance(value, str) or 0 < value <= _HIGHEST_NUMBER else None
    if named is None:
        raise NotUnderstoodError
    return named


def _protocol(fields: Mapping[str, Json], name: str) -> str | None:
    value = fields.get(name)
    return None if value is None else read_protocol_of(value)


def _icmp(value: Json) -> IcmpMatch | None:
    if value is None:
        return None
    fields = record(value)
    return IcmpMatch(integer(fields, "type"), integer(fields, "code"))


def _http(value: Json) -> HttpMatch | None:
    if value is None:
        return None
    fields = record(value)
    paths = [
        HttpPath(path, exact)
        for each in items(fields, "paths")
        for name, exact in (("exact", True), ("prefix", False))
        if (path := text(entry(each), name))
    ]
    return HttpMatch(texts(fields, "methods"), tuple(paths))
