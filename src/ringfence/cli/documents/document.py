"""How every document is written: camelCase keys, two spaces, the same bytes for the same content.

Promises: a key that is unknown or not built yet is absent, never null or empty. Does not say what a document holds.
"""

from typing import Final

import msgspec

API_VERSION: Final = "ringfence.io/v1alpha1"
_INDENT: Final = 2


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of a document; optional keys are UNSET where unknown."""


def document_text(document: Part) -> str:
    """Write a document as indented JSON that ends with a line end."""
    return msgspec.json.format(msgspec.json.encode(document), indent=_INDENT).decode() + "\n"
