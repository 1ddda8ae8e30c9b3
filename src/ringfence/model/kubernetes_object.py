"""Kubernetes objects as plain JSON values.

Promises: nothing but JSON, so an object can be written as JSON or YAML without further knowledge. What an object means
is the dialects' matter; decoding one from text is the shell's.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""A JSON value. ``str`` also counts as a sequence for the type checker: ask for it first."""

KubernetesObject: TypeAlias = Mapping[str, Json]
"""An object with ``apiVersion``, ``kind``, ``metadata`` and usually ``spec``."""
