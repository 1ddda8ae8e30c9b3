"""What policies say of one connection at one endpoint, and of both ends together.

Promises: *uncertain* is an answer, with what is not known and every outcome it may have; nothing is guessed.
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.trace import PolicyRef, Trace

Verdict = Literal["Allow", "Deny", "Uncertain"]


class Outcome(Struct, frozen=True):
    """One way an evaluation may end: its verdict and trace, and what is not known where it only may end so."""

    verdict: Literal["Allow", "Deny"]
    trace: Trace
    unknown: tuple[str, ...] = ()


class Considered(Struct, frozen=True):
    """A policy that governs the endpoint and did not decide, and why."""

    policy: PolicyRef
    reason: str


class Side(Struct, frozen=True):
    """The answer at one endpoint: its outcomes, at most one of each verdict, in the order in which rules decide."""

    outcomes: tuple[Outcome, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the verdict if every outcome has it, else Uncertain."""
        verdicts = {outcome.verdict for outcome in self.outcomes}
        return verdicts.pop() if len(verdicts) == 1 else "Uncertain"

    @property
    def trace(self) -> Trace:
        """Return the trace of the first outcome: the only one, or one of those that may be."""
        return self.outcomes[0].trace

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return what is not known, each once, in the order in which it was met."""
        return tuple(dict.fromkeys(reason for outcome in self.outcomes for reason in outcome.unknown))


class Judgement(Struct, frozen=True):
    """Both ends of a connection. A side that is no endpoint of Calico's is None: nothing is evaluated there."""

    egress: Side | None
    ingress: Side | None

    @property
    def verdict(self) -> Verdict:
        """Return Deny if a side denies, Uncertain if a side is, else Allow."""
        verdicts = {side.verdict for side in (self.egress, self.ingress) if side is not None}
        return "Deny" if "Deny" in verdicts else "Uncertain" if "Uncertain" in verdicts else "Allow"
