"""Where does a solve stand, how long may it take, and when is its process given up?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from compliance.record.errors import N_, Invalid
from compliance.record.who import Role


class Kind(StrEnum):
    """What is worked out."""

    PLAN_DAY = "plan_day"
    CLEAR_MARKET = "clear_market"
    TRADE_OFFS = "trade_offs"
    SHAKE_MARKET = "shake_market"


MAY_ASK: Mapping[Kind, Role] = {
    Kind.PLAN_DAY: Role.DISPATCHER,
    Kind.CLEAR_MARKET: Role.OPERATOR,
    Kind.TRADE_OFFS: Role.OPERATOR,
    Kind.SHAKE_MARKET: Role.OPERATOR,
}
"""Who asks for which kind."""


class State(StrEnum):
    """Where a solve stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Act(StrEnum):
    """What changes a solve's state: `let_go` is its process ending before it was done."""

    TAKE_UP = "take_up"
    LET_GO = "let_go"
    FINISH = "finish"
    CANCEL = "cancel"
    FAIL = "fail"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.QUEUED, Act.TAKE_UP): State.RUNNING,
    (State.QUEUED, Act.CANCEL): State.CANCELLED,
    (State.RUNNING, Act.LET_GO): State.QUEUED,
    (State.RUNNING, Act.FINISH): State.DONE,
    (State.RUNNING, Act.CANCEL): State.CANCELLED,
    (State.RUNNING, Act.FAIL): State.FAILED,
}

OVER = frozenset({State.DONE, State.CANCELLED, State.FAILED})


class Failure(StrEnum):
    """Why a solve failed."""

    BAD_PROBLEM = "bad_problem"
    BROKE = "broke"
    LOST = "lost"


LONGEST_S = 600.0
MOST_ITERATIONS = 10_000_000
MOST_OPEN = 3
"""So many solves of one organisation may wait or run at once."""
STALE_S = 10.0
"""A running solve whose process has said nothing for so long is taken up by another."""
MOST_TRIES = 3
"""After so many processes lost in the middle of it, a solve has failed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: after so many seconds of search, and after so many iterations where they are named.

    The same seed with the same iterations, ended by them, gives the same answer.
    """

    seconds: float = 20.0
    iterations: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= LONGEST_S:
            raise Invalid(
                N_("A solve takes more than 0 and up to {most} seconds."),
                field="seconds",
                values={"most": f"{LONGEST_S:.0f}"},
            )
        if self.iterations is not None and not 1 <= self.iterations <= MOST_ITERATIONS:
            raise Invalid(
                N_("A solve takes 1 to {most} iterations."),
                field="iterations",
                values={"most": MOST_ITERATIONS},
            )
        if not 0 <= self.seed < 2**31:
            raise Invalid(N_("A seed is a whole number from 0 to 2147483647."), field="seed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come: iterations done, the best so far, seconds since it began.

    `cost_fen`, `vehicles` and `unserved` are None while there is no answer, or where they mean nothing; `of`
    is how many iterations there will be, where that is known.
    """

    iteration: int = 0
    seconds: float = 0.0
    cost_fen: int | None = None
    vehicles: int | None = None
    unserved: int | None = None
    of: int | None = None


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it may not happen."""
    return NEXT.get((state, act))
