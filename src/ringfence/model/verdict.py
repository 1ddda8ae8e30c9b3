"""What policies say of one connection at one endpoint, and of both ends together.

Promises: *uncertain* is an answer, with what is not known and every outcome it may have; nothing is guessed.
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.trace import PolicyRef, Trace

Verdict = Literal["Allow", "Deny", "Uncertain"]


class Outcome(Struct, frozen=True):
    """One way an evaluation may end: its verdict and trace, and what would have to be so (none: it is certain)."""

    verdict: Literal["Allow", "Deny"]
    trace: Trace
    assuming: tuple[str, ...] = ()


class Considered(Struct, frozen=True):
    """A policy that governs the endpoint and did not decide, and why."""

    policy: PolicyRef
    reason: str


class Side(Struct, frozen=True):
    """The answer at one endpoint: its outcomes, at most one of each verdict, the one without assumptions first."""

    outcomes: tuple[Outcome, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the verdict if every outcome has it, else Uncertain."""
        verdicts = {outcome.verdict for outcome in self.outcomes}
        return verdicts.pop() if len(verdicts) == 1 else "Uncertain"


class Judgement(Struct, frozen=True):
    """Both ends of a connection. A side that is no endpoint of Calico's is None: nothing is evaluated there."""

    egress: Side | None
    ingress: Side | None

    @property
    def verdict(self) -> Verdict:
        """Return Deny if a side denies, Uncertain if a side is, else Allow."""
        verdicts = {side.verdict for side in (self.egress, self.ingress) if side is not None}
        return "Deny" if "Deny" in verdicts else "Uncertain" if "Uncertain" in verdicts else "Allow"
