"""What a recommendation changes of everything that was seen.

Promises: the changes are those of its own replay; held edges and those that learning left out are told apart, because
nothing lets them through: no news of a held edge, while a left-out one keeps the gate from opening.
"""

from msgspec import Struct

from ringfence.verify.replay import Change


class Impact(Struct, frozen=True):
    """What a recommendation changes: of what it was learnt from, of what is held (``held``), and of what was left out
    although it was tried (``left_out``, with the reason). ``judged`` counts the edges that it was learnt from and that
    could be judged.
    """

    judged: int
    cut: tuple[Change, ...] = ()
    opened: tuple[Change, ...] = ()
    uncertain: tuple[Change, ...] = ()
    held: tuple[Change, ...] = ()
    left_out: tuple[tuple[Change, str], ...] = ()
