"""What do a vehicle's fixes, in their order, say of its way?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tracking.judgement.handlers import HANDLERS, validity
from tracking.judgement.rules import Around, Episode
from tracking.judgement.state import State, copied, packed
from tracking.positions.rules import Fix


def judge(state: State, fixes: Sequence[Fix], around: Around) -> tuple[State, list[Episode]]:
    """Return the state after more fixes, which must be in order and later than it, and what was found.

    An episode that has ended comes twice: when it became certain, and with its end. The same fixes in the
    same order give the same, however they are cut into calls.
    """
    now = copied(state)
    found: list[Episode] = []
    for fix in fixes:
        now.track, told = validity.judge(now, fix, around)
        if told:
            found += told
        if not now.track.believed:
            continue
        for part, handler in HANDLERS:
            own, told = handler(now, fix, around)
            setattr(now, part, own)
            if told:
                found += told
    return now, found


def settled(found: Sequence[Episode]) -> dict[tuple[str, datetime, str], Episode]:
    """Return the last word on each episode, by its name."""
    return {one.name: one for one in found}


@dataclass(slots=True)
class Run:
    """A fold under way: the state, the hour it has reached, the checkpoints met and made."""

    vehicle_id: UUID
    state: State
    hour: datetime | None
    until: datetime
    marks: Mapping[datetime, bytes]
    found: list[Episode] = field(default_factory=list)
    made: dict[datetime, bytes] = field(default_factory=dict)
    met: datetime | None = None

    def go(self, hours: Sequence[tuple[datetime, list[Fix]]], around: Around) -> None:
        """Judge hour by hour; stop where a checkpoint beyond what is touched comes out as it was."""
        for hour, fixes in hours:
            if self.hour is not None and hour > self.hour and self._arrives(hour):
                return
            self.state, told = judge(self.state, fixes, around)
            self.found += told
            self.hour = hour

    def _arrives(self, hour: datetime) -> bool:
        data = packed(self.state)
        if hour > self.until and self.marks.get(hour) == data:
            self.met = hour
            return True
        self.made[hour] = data
        return False


def hour_of(moment: datetime) -> datetime:
    """Return the full hour at or before a moment, where a checkpoint may stand."""
    return moment.replace(minute=0, second=0, microsecond=0)
