"""Tell from a file's text whether Ringfence wrote it, and which namespace it serves.

Promises: says *ours* only of a file that holds one object with our ownership label in the form that our emitter writes,
so a label in a comment, an annotation or a second document never makes a file ours; when in doubt a file is another's.
"""

import re
from typing import Final

from msgspec import Struct

MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
MANAGED_BY: Final = "ringfence"

_SECTION: Final = re.compile(r"(?P<indent> *)(?P<key>[^\s:#][^\s:]*):(?: +(?P<value>\S.*?))? *(?:\s#.*)?")
_LABEL_PATH: Final = ("metadata", "labels", MANAGED_BY_LABEL)
_NAMESPACE_PATH: Final = ("metadata", "namespace")


class OwnedFile(Struct, frozen=True):
    """A file of ours; ``namespace`` is None for a cluster-scoped object."""

    namespace: str | None


def owned_file(text: str) -> OwnedFile | None:
    """Return what a file of ours serves, or None when the file is not certainly ours."""
    if "\n---" in text or "\n..." in text:
        return None
    values = dict(_scalars(text))
    if values.get(_LABEL_PATH) != MANAGED_BY:
        return None
    return OwnedFile(values.get(_NAMESPACE_PATH))


def _scalars(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Return the scalars of nested block mappings by path; lists and block text are stepped over."""
    found: list[tuple[tuple[str, ...], str]] = []
    path: list[tuple[int, str]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        section = _SECTION.fullmatch(line)
        if section is None:
            continue
        depth = len(section["indent"])
        while path and path[-1][0] >= depth:
            path.pop()
        path.append((depth, section["key"]))
        if section["value"] is not None:
            found.append((tuple(key for _, key in path), _unquoted(section["value"])))
    return found


def _unquoted(scalar: str) -> str:
    quoted = scalar[0] in "\"'" and scalar[-1] == scalar[0] and len(scalar) > 1
    return scalar[1:-1] if quoted else scalar
