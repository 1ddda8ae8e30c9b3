"""Kubernetes' own label selectors, as its policies, services and workloads write them.

Promises: every requirement must hold; a selector without any is true of everything. What a selector is in the one
selector language is `semantics`; reading and writing objects is `dialects`.
"""

from typing import Literal

from msgspec import Struct


class LabelRequirement(Struct, frozen=True):
    """One of ``matchExpressions``. ``values`` is empty for Exists and DoesNotExist."""

    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: tuple[str, ...] = ()


class LabelSelector(Struct, frozen=True):
    """``matchLabels`` sorted by key, and ``matchExpressions`` as written."""

    match_labels: tuple[tuple[str, str], ...] = ()
    match_expressions: tuple[LabelRequirement, ...] = ()
