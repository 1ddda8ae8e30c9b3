"""Judge recommended policies by the truth of the world they were learnt from.

``python -m ringfence_lab.judge WORLD POLICIES`` prints one JSON document, ``kind: Judgement``::

    recallObserved  share of the legitimate edges seen on learning days that every restricted side lets pass, with the
                    addresses of those days (1.0 where there are none)
    recallAll       the same over all legitimate edges, with all their addresses
    cut             the observed edges that are not let pass, as truth writes them, with "sides": ["Egress", "Ingress"]
    opened          denied edges that every restricted side covers by a rule, with the "actions" of those rules; a Pass
                    leaves the denial to the policy behind it, an Allow does not
    overPermission  allowed cells per observed cell (`lattice`), null where nothing was observed
    ephemeral       rule ports, ranges counted once, that reach 32768 or above where truth declares none: neither a
                    legitimate port, nor a range within a passive server's
    hashLabels      selectors that name a template hash, a pod, or a job run
    rules, bytes    rules of both directions, bytes of YAML

Promises: exactly one document on standard output, exit 0; exit 2 with file and path on standard error for policies or
truth that are not understood.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ringfence_lab.case import Case, JudgedEdge, read_case
from ringfence_lab.lattice import over_permission
from ringfence_lab.matcher import PoliciesOf, side_verdicts
from ringfence_lab.policies import Policy, PolicyFolder, Rule, read_policies
from ringfence_lab.selectors import Selector

_FIRST_EPHEMERAL: Final = 32_768


def judgement(case: Case, folder: PolicyFolder) -> dict[str, object]:
    """Return the judgement of policies over a world's truth."""
    policies_of = PoliciesOf(folder.policies)
    observed = [edge for edge in case.legitimate if edge.observed]
    cut = [missed for edge in observed if (missed := _cut(edge, policies_of)) is not None]
    passed = [
        edge for edge in case.legitimate if all(side.rule for side in side_verdicts(edge, edge.ends, policies_of))
    ]
    return {
        "apiVersion": "ringfence.io/v1alpha1",
        "kind": "Judgement",
        "recallObserved": _share(len(observed) - len(cut), len(observed)),
        "recallAll": _share(len(passed), len(case.legitimate)),
        "cut": cut,
        "opened": [opened for edge in case.denied if (opened := _opened(edge, policies_of)) is not None],
        "overPermission": over_permission(case, policies_of),
        "ephemeral": _undeclared_ports(folder.policies, case),
        "hashLabels": sum(selector.names_hash() for selector in _selectors(folder.policies)),
        "rules": sum(1 for _ in _rules(folder.policies)),
        "bytes": folder.size,
    }


def _cut(edge: JudgedEdge, policies_of: PoliciesOf) -> dict[str, object] | None:
    sides = [side.direction for side in side_verdicts(edge, edge.learn, policies_of) if side.rule is None]
    return {**edge.written, "sides": sides} if sides else None


def _opened(edge: JudgedEdge, policies_of: PoliciesOf) -> dict[str, object] | None:
    verdicts = side_verdicts(edge, edge.ends, policies_of)
    actions = [side.rule.action for side in verdicts if side.rule is not None]
    return {**edge.written, "actions": actions} if actions and len(actions) == len(verdicts) else None


def _undeclared_ports(policies: Sequence[Policy], case: Case) -> int:
    declared = {(edge.protocol, edge.port) for edge in case.legitimate}
    count = 0
    for rule in _rules(policies):
        passive = [(low, high) for protocol, low, high in case.ephemeral if protocol == rule.protocol]
        for low, high in rule.ports or ():
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
    yield from (rule.peer.selector for rule in _rules(policies) if rule.peer.selector is not None)


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
