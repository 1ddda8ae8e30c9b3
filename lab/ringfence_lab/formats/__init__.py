"""How each source writes the same world: Calico Enterprise, Elasticsearch, Goldmane, its emitter, Whisker and Hubble.

Promises: a format chooses from the records of a window, which show everything, and merges what it cannot tell apart.
"""

from typing import Final, Literal

from ringfence_lab.formats.calico import CalicoFormat
from ringfence_lab.formats.goldmane import GoldmaneFormat, GoldmanePushFormat
from ringfence_lab.formats.hubble import HubbleFormat
from ringfence_lab.formats.line import FlowFormat
from ringfence_lab.formats.whisker import WhiskerFormat

FormatName = Literal["calico", "calico-addresses", "goldmane", "goldmane-push", "whisker", "hubble", "elasticsearch"]

FORMAT_NAMES: Final[tuple[FormatName, ...]] = (
    "calico",
    "calico-addresses",
    "goldmane",
    "goldmane-push",
    "whisker",
    "hubble",
    "elasticsearch",
)


def flow_format(name: FormatName, *, aggregation: Literal[1, 2] = 2) -> FlowFormat:
    """Return a format; ``aggregation`` is Calico's for allowed traffic, and ``calico-addresses`` is short for 1."""
    match name:
        case "calico":
            return CalicoFormat(aggregation=aggregation)
        case "calico-addresses":
            return CalicoFormat(aggregation=1)
        case "elasticsearch":
            return CalicoFormat(aggregation=aggregation, document=True)
        case "goldmane":
            return GoldmaneFormat()
        case "goldmane-push":
            return GoldmanePushFormat()
        case "whisker":
            return WhiskerFormat()
        case "hubble":
            return HubbleFormat()
