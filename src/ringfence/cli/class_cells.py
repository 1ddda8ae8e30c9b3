"""How endpoint classes stand in tables, in Markdown and in graphs.

Promises: short, and by the names people know; the addresses that no policy names are ``internet`` and ``private``. What
is cut is counted.
"""

from collections.abc import Sequence
from typing import Final

from ringfence.verify.endpoint_classes import EndpointClass, workload_text

_SHOWN: Final = 2


def class_cell(each: EndpointClass) -> str:
    """Write a class: ``shop/web``, ``shop/web,shop/cart and 3 more``, ``node/a``, ``networkset/corp``, ``internet``."""
    match each.kind:
        case "Workload":
            workloads = [f"{one.namespace}/{one.name}" for one in each.workloads]
            return _listed(workloads or [f"pod/{name}" for name in each.pods])
        case "Host":
            nodes = [f"node/{name}" for name in each.nodes] or [f"pod/{name}" for name in each.pods]
            return _listed(nodes or [workload_text(one) for one in each.workloads])
        case "NetworkSet":
            return _listed([f"networkset/{name}" for name in each.network_sets])
        case "Private" | "Public":
            word = "private" if each.kind == "Private" else "internet"
            if not each.unnamed:
                return _listed(list(each.nets.nets()))
            return word if each.nets.families == {4} else f"{word} (IPv6)"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{','.join(names[:_SHOWN])}{more}"
