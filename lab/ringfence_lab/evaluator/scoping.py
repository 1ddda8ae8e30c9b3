"""Which endpoints a selector in a policy means: its words, its namespace, its service accounts, put together.

Promises: the text substitutions of Calico, in Calico's order: labels of a namespaceSelector get ``pcns.``, those of a
serviceAccountSelector ``pcsa.``; in a global policy ``all()`` then means what has a namespace or a service account; in
the namespaceSelector of a rule ``global()`` means what has no namespace.
"""

from ringfence_lab.evaluator.endpoints import (
    NAMESPACE_LABEL,
    NAMESPACE_PREFIX,
    SERVICE_ACCOUNT_LABEL,
    SERVICE_ACCOUNT_PREFIX,
)
from ringfence_lab.evaluator.fields import KubernetesObject, each, mapping, selector, text
from ringfence_lab.evaluator.selectors import Not, Selector, Several, parse_selector


def policy_scope(spec: KubernetesObject, namespace: str, where: str) -> Selector:
    """Return whom a policy selects; ``namespace`` is empty for a global one."""
    words = text(spec.get("selector"), f"{where}.selector")
    selector(words, f"{where}.selector")
    accounts = _prefixed(spec, "serviceAccountSelector", SERVICE_ACCOUNT_PREFIX, where)
    if namespace:
        return parse_selector(_joined(_joined(words, f"{NAMESPACE_LABEL} == '{namespace}'"), accounts))
    namespaces = _prefixed(spec, "namespaceSelector", NAMESPACE_PREFIX, where)
    if namespaces:
        words = _joined(words, namespaces).replace("all()", f"has({NAMESPACE_LABEL})")
    if accounts:
        words = _joined(words, accounts).replace("all()", f"has({SERVICE_ACCOUNT_LABEL})")
    return parse_selector(words)


def peer_scope(entity: KubernetesObject, namespace: str, where: str) -> tuple[Selector | None, Selector | None]:
    """Return which endpoints a side of a rule must and must not be, None for no restriction.

    ``namespace`` is the policy's, empty for a global one.
    """
    positive = [selector(entity["selector"], f"{where}.selector")] if entity.get("selector") else []
    negative = selector(entity["notSelector"], f"{where}.notSelector") if entity.get("notSelector") else None
    positive += _accounts(entity, f"{where}.serviceAccounts")
    namespaces = _prefixed(entity, "namespaceSelector", NAMESPACE_PREFIX, where)
    if namespaces:
        meaning = namespaces.replace("all()", f"has({NAMESPACE_LABEL})")
        positive.append(parse_selector(meaning.replace("global()", f"!has({NAMESPACE_LABEL})")))
    elif namespace and (positive or negative is not None):
        positive.append(parse_selector(f"{NAMESPACE_LABEL} == '{namespace}'"))
    if positive and negative is not None:
        positive.append(Not(negative))
        negative = None
    return (Several("&&", tuple(positive)) if positive else None), negative


def _accounts(entity: KubernetesObject, where: str) -> list[Selector]:
    given = mapping(entity.get("serviceAccounts"), where, {"names", "selector"})
    found = []
    if names := each(given.get("names"), f"{where}.names", text):
        written = ", ".join(f"'{name}'" for name in names)
        found.append(parse_selector(f"{SERVICE_ACCOUNT_LABEL} in {{{written}}}"))
    if given.get("selector"):
        found.append(selector(given["selector"], f"{where}.selector").prefixed(SERVICE_ACCOUNT_PREFIX))
    return found


def _prefixed(fields: KubernetesObject, field: str, prefix: str, where: str) -> str:
    return str(selector(fields[field], f"{where}.{field}").prefixed(prefix)) if fields.get(field) else ""


def _joined(first: str, second: str) -> str:
    return f"({first}) && {second}" if first.strip(" \t") and second else first or second
