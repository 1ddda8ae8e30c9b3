"""What Calico makes of the selectors in a policy: prefixes, own namespace, and its substitutions.

Promises: calico-semantics 3.5 as it stands. Calico replaces ``all()`` in the written text; here the value is replaced,
so a string literal that happens to contain ``all()`` keeps its meaning.
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from ringfence.model.policy import Match, Policy
from ringfence.model.selector import All, And, Equals, Global, Has, In, Not, Or, Selector

NAMESPACE: Final = "projectcalico.org/namespace"
SERVICE_ACCOUNT: Final = "projectcalico.org/serviceaccount"
ORCHESTRATOR: Final = "projectcalico.org/orchestrator"
NAMESPACE_PREFIX: Final = "pcns."
SERVICE_ACCOUNT_PREFIX: Final = "pcsa."


def policy_selector(policy: Policy) -> Selector:
    """Return whom a policy governs, as a selector of effective labels."""
    parts = [] if policy.selector is None else [policy.selector]
    if policy.namespace is not None:
        parts.append(Equals(NAMESPACE, policy.namespace))
        if policy.service_account_selector is not None:
            parts.append(prefixed(policy.service_account_selector, SERVICE_ACCOUNT_PREFIX))
        return conjunction(parts)
    if policy.namespace_selector is not None:
        parts.append(prefixed(policy.namespace_selector, NAMESPACE_PREFIX))
        parts = [with_all_as(part, Has(NAMESPACE)) for part in parts]
    if policy.service_account_selector is not None:
        parts.append(prefixed(policy.service_account_selector, SERVICE_ACCOUNT_PREFIX))
        parts = [with_all_as(part, Has(SERVICE_ACCOUNT)) for part in parts]
    return conjunction(parts)


def peer_selectors(match: Match, namespace: str | None) -> tuple[Selector | None, Selector | None]:
    """Return whom one end of a rule selects, and whom it excludes beside that, in a policy of this namespace.

    With a positive part the excluded ones are taken from it, so both speak of known endpoints only.
    """
    accounts = match.service_accounts
    own = [match.selector] if match.selector is not None else []
    if accounts is not None and accounts.names:
        own.append(In(SERVICE_ACCOUNT, accounts.names))
    if accounts is not None and accounts.selector is not None:
        own.append(prefixed(accounts.selector, SERVICE_ACCOUNT_PREFIX))
    if match.namespace_selector is not None:
        where: Selector | None = _namespaces(match.namespace_selector)
    elif namespace is not None and (own or match.not_selector is not None):
        where = Equals(NAMESPACE, namespace)
    else:
        where = None
    parts = own if where is None else [*own, where]
    if not parts:
        return None, match.not_selector
    if match.not_selector is not None:
        parts.append(Not(match.not_selector))
    return conjunction(parts), None


def _namespaces(selector: Selector) -> Selector:
    """Return a rule's namespace selector: ``all()`` is any namespace, ``global()`` is none."""

    def leaf(each: Selector) -> Selector:
        return Has(NAMESPACE) if isinstance(each, All) else Not(Has(NAMESPACE)) if isinstance(each, Global) else each

    return _rewritten(prefixed(selector, NAMESPACE_PREFIX), leaf)


def prefixed(selector: Selector, prefix: str) -> Selector:
    """Return the selector with a prefix before each of its labels."""

    def leaf(each: Selector) -> Selector:
        return each if isinstance(each, All | Global | Not | And | Or) else replace(each, label=prefix + each.label)

    return _rewritten(selector, leaf)


def with_all_as(selector: Selector, meaning: Selector) -> Selector:
    """Return the selector with another meaning for ``all()``."""
    return _rewritten(selector, lambda each: meaning if isinstance(each, All) else each)


def conjunction(parts: list[Selector]) -> Selector:
    """Return that all parts hold: a single one is itself, none is everything."""
    return parts[0] if len(parts) == 1 else And(tuple(parts)) if parts else All()


def _rewritten(selector: Selector, leaf: Callable[[Selector], Selector]) -> Selector:
    match selector:
        case Not(operand):
            return Not(_rewritten(operand, leaf))
        case And(operands):
            return And(tuple(_rewritten(each, leaf) for each in operands))
        case Or(operands):
            return Or(tuple(_rewritten(each, leaf) for each in operands))
        case _:
            return leaf(selector)
