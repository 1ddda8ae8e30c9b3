"""Judge recommended policies by the truth of the world they were learnt from.

``python -m ringfence_lab.judge WORLD POLICIES`` prints one JSON document, ``kind: Judgement``::

    recallObserved  share of the legitimate edges seen on learning days that are allowed afterwards, with the addresses
                    of those days (1.0 where there are none)
    recallAll       the same over all legitimate edges, with all their addresses
    cut             the observed edges that are not, as truth writes them, with "sides": ["Egress", "Ingress"]
    attack          for each kind of attack, absent where the truth knows of none: "total" edges; those "inEvidence" of
                    the learning days; those "indistinguishable", because the same exchange is also legitimate;
                    "covered" by the judged policies, which restrict a side and allow each one they restrict; "held" by
                    POLICIES/report.json; and those that every policy together "passes"
    opened          denied or guarded edges that are allowed afterwards, with the "actions" of the judged policies
    overPermission  cells allowed and not right, for each legitimate one (`lattice`), null where none is legitimate
    ephemeral       rule ports, ranges counted once, that reach 32768 or above where truth declares none: neither a
                    legitimate port, nor a range within a passive server's
    hashLabels      sides and policies whose selector names a template hash, a pod, or a job run
    rules, bytes    rules of both directions, bytes of YAML
    unsupported     what the cluster has and the evaluator does not know, absent where there is nothing

*Before* are the enforced policies of ``WORLD/cluster``; *afterwards* POLICIES are enforced too, each instead of the
policy whose kind, namespace and name it has, and whatever is staged in the cluster stays a draft. Edges that are denied
before are not counted as legitimate. A world without ``cluster`` has no policies; then what truth calls denied is taken
as denied, and opened is each such edge that the judged policies restrict and allow, also by Pass, which would leave it
to the policy behind.

Promises: exactly one document on standard output, exit 0; exit 2 with file and path on standard error for policies or
truth that are not understood.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ringfence_lab.case import Case, JudgedEdge, attack_kind, read_case
from ringfence_lab.enforcement import Enforcement
from ringfence_lab.evaluator.cluster import unsupported
from ringfence_lab.evaluator.policies import Policy
from ringfence_lab.evaluator.protocols import protocol_number
from ringfence_lab.evaluator.rules import Rule
from ringfence_lab.evaluator.selectors import Selector
from ringfence_lab.hash_labels import names_hash
from ringfence_lab.held_edges import holds
from ringfence_lab.lattice import over_permission
from ringfence_lab.policies import PolicyFolder, read_policies

_FIRST_EPHEMERAL: Final = 32_768


def judgement(case: Case, folder: PolicyFolder) -> dict[str, object]:
    """Return the judgement of policies over a world's truth. Raises ValueError for a cluster not understood."""
    world = Enforcement(case, folder)
    legitimate = [edge for edge in case.legitimate if not world.denied_before(edge, edge.ends)]
    observed = [edge for edge in legitimate if edge.observed]
    cut = [missed for edge in observed if (missed := _cut(edge, world)) is not None]
    passed = [edge for edge in legitimate if not world.denying(edge, edge.ends)]
    missing = unsupported(world.after)
    return {
        "apiVersion": "ringfence.io/v1alpha1",
        "kind": "Judgement",
        "recallObserved": _share(len(observed) - len(cut), len(observed)),
        "recallAll": _share(len(passed), len(legitimate)),
        "cut": cut,
        **({} if case.attack is None else {"attack": _attacks(case, case.attack, folder, world)}),
        "opened": [_opened(edge, world) for edge in (*case.denied, *case.guarded) if world.opens(edge)],
        "overPermission": over_permission(case, world.judged),
        "ephemeral": _undeclared_ports(folder.policies, case),
        "hashLabels": sum(names_hash(selector) for selector in _selectors(folder.policies)),
        "rules": sum(1 for _ in _rules(folder.policies)),
        "bytes": folder.size,
        **({"unsupported": missing} if missing else {}),
    }


def _cut(edge: JudgedEdge, world: Enforcement) -> dict[str, object] | None:
    sides = world.denying(edge, edge.learn)
    return {**edge.written, "sides": sides} if sides else None


def _opened(edge: JudgedEdge, world: Enforcement) -> dict[str, object]:
    return {**edge.written, "actions": world.actions(edge)}


def _attacks(
    case: Case, attacks: Sequence[JudgedEdge], folder: PolicyFolder, world: Enforcement
) -> dict[str, dict[str, int]]:
    honest = {edge.identity for edge in case.legitimate}
    found: dict[str, dict[str, int]] = {}
    for edge in attacks:
        facts = {
            "total": True,
            "inEvidence": edge.observed,
            "indistinguishable": edge.written.get("indistinguishable", edge.identity in honest),
            "covered": world.covers(edge),
            "held": any(holds(held, edge) for held in folder.held),
            "passes": not world.denying(edge, edge.ends),
        }
        counted = found.setdefault(attack_kind(edge), dict.fromkeys(facts, 0))
        for name, fact in facts.items():
            counted[name] += fact
    return found


def _undeclared_ports(policies: Sequence[Policy], case: Case) -> int:
    declared = {(protocol_number(edge.protocol), edge.port) for edge in case.legitimate}
    count = 0
    for rule in _rules(policies):
        passive = [(low, high) for protocol, low, high in case.ephemeral if protocol == rule.protocol]
        for low, high in rule.destination.ports.ranges if rule.destination.ports else ():
            first = max(low, _FIRST_EPHEMERAL)
            ranged = low < high and any(start <= first and high <= end for start, end in passive)
            known = ranged or all((rule.protocol, port) in declared for port in range(first, high + 1))
            count += not known
    return count


def _rules(policies: Sequence[Policy]) -> Iterator[Rule]:
    for policy in policies:
        for rules in policy.rules.values():
            yield from rules


def _selectors(policies: Sequence[Policy]) -> Iterator[Selector]:
    yield from (policy.selector for policy in policies)
    sides = (side for rule in _rules(policies) for side in (rule.source, rule.destination))
    yield from (named for side in sides for named in (side.selector, side.not_selector) if named is not None)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.judge", description="Judge policies by a world's truth.")
    parser.add_argument("world", type=Path, help="folder that ringfence_lab.world wrote")
    parser.add_argument("policies", type=Path, help="folder of recommended policies")
    given = parser.parse_args(arguments)
    try:
        judged = judgement(read_case(given.world), read_policies(given.policies))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"ringfence_lab.judge: {error}\n")
        return 2
    sys.stdout.write(json.dumps(judged, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
