"""What does a granted exemption cover, and who decides that its condition is met (L12)?

The list says in which stage and under which condition a waste need not be managed as hazardous. Nothing is
exempt by itself: whoever relies on a line shows evidence, and the authority decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from compliance.registry.rules import Mode


class Stage(StrEnum):
    """For which stage an exemption counts; the value is the list's own word."""

    COLLECT = "收集"
    TRANSPORT = "运输"
    STORE = "贮存"
    USE = "利用"
    DISPOSE = "处置"
    WHOLE = "全部环节"


class State(StrEnum):
    """Where a claim stands."""

    CLAIMED = "claimed"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class Act(StrEnum):
    """What moves a claim."""

    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.CLAIMED, Act.GRANT): State.GRANTED,
    (State.CLAIMED, Act.REFUSE): State.REFUSED,
    (State.CLAIMED, Act.WITHDRAW): State.WITHDRAWN,
    (State.GRANTED, Act.REVOKE): State.REVOKED,
}

STAGE_OF: Mapping[Mode, Stage] = {
    Mode.COLLECT: Stage.COLLECT,
    Mode.STORE: Stage.STORE,
    Mode.USE: Stage.USE,
    Mode.DISPOSE: Stage.DISPOSE,
}
POINT_TO_POINT = 32
"""Directed use: one unit's one waste as raw material of one other unit, under a provincial plan."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A granted claim: for one holder, code and stage, on some days, of one mover or of any."""

    holder_id: UUID
    code: str
    stage: Stage
    valid_from: date
    valid_to: date
    only_from: UUID | None

    def covers(self, stage: Stage, on: date, mover_id: UUID | None) -> bool:
        """Tell whether it counts for a stage on a day; a mover that nobody has named yet may be any."""
        right = self.stage in {stage, Stage.WHOLE} and self.valid_from <= on <= self.valid_to
        return right and (self.only_from is None or mover_id is None or mover_id == self.only_from)


def is_exempt(grants: Iterable[Grant], stage: Stage, on: date, mover_id: UUID | None = None) -> bool:
    """Tell whether any grant covers a stage on a day."""
    return any(grant.covers(stage, on, mover_id) for grant in grants)


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where the state does not allow it."""
    return NEXT.get((state, act))
