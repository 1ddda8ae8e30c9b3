"""How much policy a generator wrote, whichever API it writes for.

Promises: counts objects, rules and ports of Calico's staged policies and of Cilium's policies, as they stand in the
YAML; says nothing of what they mean, which `judge` does.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

FIRST_DYNAMIC_PORT: Final = 32_768
"""Where Linux begins to choose the ports of clients (``net.ipv4.ip_local_port_range``)."""


@dataclass(frozen=True, slots=True)
class WrittenPolicies:
    """How many policies, how many rules in them, and how many ports in those rules that no server keeps open."""

    policies: int
    rules: int
    dynamic_ports: int


def written_policies(text: bytes, *, listening: Collection[int]) -> WrittenPolicies:
    """Count what a stream of YAML documents holds; ``listening`` are the ports that servers keep open.

    Raises ValueError for what is no YAML.
    """
    try:
        documents = [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if isinstance(each, dict)]
    except yaml.YAMLError as error:
        raise ValueError(f"the policies are no YAML: {error}") from error
    policies = [each for each in documents if each["kind"].endswith("Policy")]
    rules = [rule for policy in policies for rule in _rules(policy["spec"])]
    ports = [port for rule in rules for port in _ports(rule)]
    dynamic = [port for port in ports if port >= FIRST_DYNAMIC_PORT and port not in listening]
    return WrittenPolicies(len(policies), len(rules), len(dynamic))


def _rules(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for direction in ("ingress", "egress"):
        yield from spec.get(direction) or ()


def _ports(rule: Mapping[str, Any]) -> Iterator[int]:
    """Yield each port of a rule, of a range the first: Calico's beside the destination, Cilium's below ``toPorts``."""
    for port in rule.get("destination", {}).get("ports", ()):
        yield int(str(port).partition(":")[0])
    for group in rule.get("toPorts", ()):
        for port in group["ports"]:
            yield int(port["port"])
