"""Keep few of many texts, always the same few.

Promises: which texts are kept depends on the texts alone (the smallest by a fixed hash), so samples of parts merge into
the sample of the whole, in any order.
"""

from collections.abc import Iterable
from hashlib import blake2b

from ringfence.flows.evidence import SAMPLE_SIZE, Sample


def rank(text: str) -> str:
    """Return the fixed hash that orders texts for sampling: 16 hex digits of BLAKE2b."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def sample_of(texts: Iterable[str], *, complete: bool) -> Sample:
    """Return the sample of distinct texts. ``complete`` says whether every record carried one."""
    kept = sorted(set(texts), key=lambda text: (rank(text), text))
    return Sample(tuple(sorted(kept[:SAMPLE_SIZE])), overflow=len(kept) > SAMPLE_SIZE, complete=complete)
