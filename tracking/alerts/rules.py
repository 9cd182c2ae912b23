"""What is an alert, which is the same one again, and how does it come to an end?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from tracking.alerts.kinds import Kind, Subject
from tracking.alerts.sheets import SHEETS


class State(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ASSIGNED = "assigned"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What moves an alert: a rule raises and withdraws it, people do the rest."""

    RAISE = "raise"
    ASSIGN = "assign"
    RELEASE = "release"
    CLOSE = "close"
    WITHDRAW = "withdraw"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.OPEN, Act.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Act.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Act.RELEASE): State.OPEN,
    (State.ASSIGNED, Act.CLOSE): State.CLOSED,
    (State.OPEN, Act.WITHDRAW): State.WITHDRAWN,
    (State.ASSIGNED, Act.WITHDRAW): State.WITHDRAWN,
    (State.WITHDRAWN, Act.RAISE): State.OPEN,
}
"""What a person closed stays closed, whatever later data say; what data took back, data may bring back."""

STANDING = frozenset({State.OPEN, State.ASSIGNED})
"""Somebody still has to look."""


class Outcome(StrEnum):
    """What somebody found who looked into an alert."""

    CONFIRMED = "confirmed"
    FALSE = "false"
    EXPLAINED = "explained"


@dataclass(frozen=True, slots=True)
class Subjects:
    """What an alert is about; what it does not concern is None."""

    device_id: str | None = None
    vehicle_id: UUID | None = None
    trip_id: UUID | None = None
    manifest_id: UUID | None = None
    weighing_id: UUID | None = None
    site_id: UUID | None = None
    organisation_id: UUID | None = None

    def of(self, kind: Kind) -> str:
        """Return what tells alerts of a kind apart; raise `ValueError` where the judge left it out."""
        named = SHEETS[kind].subject
        found: object = {
            Subject.DEVICE: self.device_id,
            Subject.VEHICLE: self.vehicle_id,
            Subject.TRIP: self.trip_id,
            Subject.WEIGHING: self.weighing_id,
            Subject.SITE: self.site_id,
            Subject.ORGANISATION: self.organisation_id,
        }[named]
        if found is None:
            raise ValueError(f"{kind.value} needs a {named.value}")
        return str(found)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: kind, about what, since when, until when if it is over, and the figures that say so.

    `evidence` is JSON-ready: numbers with their unit in the name, ids, hashes. `late` says that the data
    came so late that nobody could have been warned.
    """

    kind: Kind
    subjects: Subjects
    since: datetime
    until: datetime | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)
    late: bool = False

    @property
    def key(self) -> str:
        """Return the natural key: the same kind, subject and start is the same alert."""
        start = self.since.astimezone(UTC).isoformat(timespec="milliseconds")
        return f"{self.kind.value}|{self.subjects.of(self.kind)}|{start}"


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it may not happen."""
    return NEXT.get((state, act))
