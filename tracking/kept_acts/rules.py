"""What becomes of an act that was signed without signal?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from compliance.manifests.seals import Field
from compliance.manifests.tables import Manifest
from compliance.signing_keys.rules import Difference
from tracking.trips.rules import SIGNS, STEPS
from tracking.trips.rules import Act as TripAct

ISSUE = "issue"
"""The one act of a manifest's own that may be kept: with a number that was reserved for the terminal."""


class State(StrEnum):
    """Where a kept act stands."""

    RECEIVED = "received"
    WAITING = "waiting"
    CONFLICT = "conflict"
    APPLIED = "applied"
    CORRECTED = "corrected"
    DROPPED = "dropped"


class Outcome(StrEnum):
    """What moves a kept act: the product's own steps, and the three decisions of a person."""

    APPLY = "apply"
    WAIT = "wait"
    SET_ASIDE = "set_aside"
    KEEP_MINE = "keep_mine"
    KEEP_THEIRS = "keep_theirs"
    AS_CORRECTION = "as_correction"


NEXT: Mapping[tuple[State, Outcome], State] = {
    (State.RECEIVED, Outcome.APPLY): State.APPLIED,
    (State.RECEIVED, Outcome.WAIT): State.WAITING,
    (State.RECEIVED, Outcome.SET_ASIDE): State.CONFLICT,
    (State.WAITING, Outcome.APPLY): State.APPLIED,
    (State.WAITING, Outcome.SET_ASIDE): State.CONFLICT,
    (State.CONFLICT, Outcome.KEEP_MINE): State.APPLIED,
    (State.CONFLICT, Outcome.AS_CORRECTION): State.CORRECTED,
    (State.CONFLICT, Outcome.KEEP_THEIRS): State.DROPPED,
}
"""What is set aside is never overwritten and never forgotten: a person decides, and both versions stay."""

DECISIONS = (Outcome.KEEP_MINE, Outcome.KEEP_THEIRS, Outcome.AS_CORRECTION)
OPEN = frozenset({State.WAITING, State.CONFLICT})

KEPT = frozenset({*(act.value for act in STEPS), ISSUE})
"""Which acts a terminal may keep."""

SHOWN = (
    *("number", "plate", "code", "mode", "planned_kg", "loaded_kg", "carrier", "receiver", "destination"),
    "stated",
)
"""The fields of a manifest that a terminal shows, and whose change makes a conflict."""


def signs(act: str) -> bool:
    """Tell whether an act puts a signature on the manifest; saying that one has arrived does not."""
    return act == ISSUE or (act in STEPS and TripAct(act) in SIGNS)


def shown(row: Manifest, stated: str = "") -> dict[str, str | int | None]:
    """Return a manifest as a terminal shows it: its version and the fields that the signer relies upon.

    `stated` is the SHA-256 of what it states beside, so that the terminal's signature covers that too.
    """
    own: dict[str, str | int | None] = {"stated": stated} if stated else {}
    return own | {
        "version": row.version,
        "state": row.state,
        "number": row.number,
        "plate": row.plate,
        "code": row.code,
        "mode": row.mode,
        "planned_kg": row.planned_kg,
        "loaded_kg": row.loaded_kg,
        "carrier": str(row.carrier_id),
        "receiver": str(row.receiver_id),
        "destination": str(row.destination_site_id),
    }


def correctable(found: tuple[Difference, ...]) -> dict[Field, str | int | None]:
    """Return what the signer saw of the fields that a correction can change."""
    names = {field.value: field for field in Field}
    return {names[one.field]: one.seen for one in found if one.field in names}


def told_at(told: datetime, wall: datetime, now: datetime) -> datetime:
    """Return as of when a terminal says that an act was: as long before now as by its own clock.

    A terminal whose clock is ahead is taken at its word only up to now.
    """
    return now - max(wall - told, timedelta(0))


SLOW_CLOCK = timedelta(minutes=2)
"""A telephone's clock may be this slow: its act is then taken as of the one before it."""


def acted_at(at: datetime, now: datetime, floor: datetime) -> datetime:
    """Return as of when an act is taken: never before its key was bound, or before the last of its chain."""
    return min(max(at, floor), now)


AS_BEFORE: Mapping[State, Outcome] = {
    State.APPLIED: Outcome.APPLY,
    State.CORRECTED: Outcome.APPLY,
    State.WAITING: Outcome.WAIT,
    State.CONFLICT: Outcome.SET_ASIDE,
    State.DROPPED: Outcome.SET_ASIDE,
}
"""What becomes of a press that a terminal signs once more: what became of it before, never more."""
