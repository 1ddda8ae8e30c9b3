"""Judge the selectors of policies and rules.

Promises: Felix refuses what does not parse, as the API does. ``global()`` is refused by the API alone, and by its
letters: Calico looks for ``global(`` anywhere in the text, even inside a value.
"""

from collections.abc import Iterator
from typing import Final

from ringfence.dialects.problem import Problem
from ringfence.dialects.selector import SelectorError, parse_selector
from ringfence.model.selector import Global, Selector

_GLOBAL: Final = "global("


def selector_problems(text: str, *, path: str) -> Iterator[Problem]:
    """Yield why a selector is refused where ``global()`` means nothing."""
    parsed = _parsed(text)
    if isinstance(parsed, SelectorError):
        yield Problem(path, str(parsed), "Felix")
    if _GLOBAL in text:
        yield Problem(path, "global() means something only in a rule's namespaceSelector; remove it")


def rule_namespace_selector_problems(text: str, *, path: str) -> Iterator[Problem]:
    """Yield why a rule's namespaceSelector is refused: there ``global()`` may stand, alone."""
    parsed = _parsed(text)
    if isinstance(parsed, SelectorError):
        yield Problem(path, str(parsed), "Felix")
    elif _GLOBAL in text and not isinstance(parsed, Global):
        yield Problem(path, "global() must be the whole selector; give what remains a rule of its own")


def _parsed(text: str) -> Selector | SelectorError:
    try:
        return parse_selector(text)
    except SelectorError as error:
        return error
