"""What may happen to a case, and what is a complaint?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from compliance.record.errors import N_, DomainError, Invalid

SHORTEST, LONGEST = 10, 4000
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    CLOSED = "closed"


class Act(StrEnum):
    """What moves a case."""

    ASSIGN = "assign"
    ANSWER = "answer"
    REOPEN = "reopen"
    CLOSE = "close"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.RECEIVED, Act.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Act.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Act.ANSWER): State.ANSWERED,
    (State.ANSWERED, Act.REOPEN): State.ASSIGNED,
    (State.ANSWERED, Act.CLOSE): State.CLOSED,
}
"""A case is answered before it is closed: whoever complained hears what was found."""

STANDING = frozenset({State.RECEIVED, State.ASSIGNED})


class Kind(StrEnum):
    """What it is about."""

    DUMPING = "dumping"
    UNLICENSED = "unlicensed"
    FALSE_PAPER = "false_paper"
    SPILL = "spill"
    STORAGE = "storage"
    OTHER = "other"


class Outcome(StrEnum):
    """What was found."""

    CONFIRMED = "confirmed"
    UNFOUNDED = "unfounded"
    PASSED_ON = "passed_on"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody tells; who stays anonymous leaves the contact empty."""

    kind: Kind
    text: str
    about: str = ""
    """A company, a plate or a manifest's number, as typed."""
    place: str = ""
    division_code: str = ""
    contact: str = ""


def faults(told: Complaint) -> list[DomainError]:
    """Return everything that has to be mended before a complaint can be looked into."""
    found: list[DomainError] = []
    length = len(told.text.strip())
    if not SHORTEST <= length <= LONGEST:
        found.append(
            Invalid(
                N_("Tell in {least} to {most} characters what happened."),
                field="text",
                way_out=N_("Say what you saw, when and where."),
                values={"least": SHORTEST, "most": LONGEST},
            )
        )
    if not told.place.strip() and not told.about.strip():
        found.append(
            Invalid(
                N_("Say where it was, or whom or which vehicle it is about."),
                field="place",
                way_out=N_("A town with a street or a landmark, a company's name or a plate will do."),
            )
        )
    return found


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it may not happen."""
    return NEXT.get((state, act))


def number_of(year: int, serial: int) -> str:
    """Return a case's number: `TS2026-000123`."""
    return f"TS{year:04d}-{serial:06d}"
