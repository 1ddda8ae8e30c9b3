"""Text of others within Markdown.

Promises: it is shown as it is: neither markup nor control characters of it take effect.
"""

from typing import Final

from ringfence.cli.terminal import safe_text

_SPECIAL: Final = str.maketrans({each: f"\\{each}" for each in "\\`*_[]<>|#"})


def markdown_text(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return safe_text(text).translate(_SPECIAL)
