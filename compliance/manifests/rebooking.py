"""What does a correction change of what a load has booked: licence, approval, plan, refused rest?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from compliance.approvals import service as approvals
from compliance.approvals.queries import draw_of
from compliance.catalogue.rules import WasteType
from compliance.construction import service as construction
from compliance.construction.rules import is_construction
from compliance.manifests import gates, pinning, queries
from compliance.manifests.rules import Act, Purpose, State
from compliance.manifests.tables import Manifest
from compliance.record.clock import local_date
from compliance.record.errors import N_, DomainError, Invalid, RuleBroken
from compliance.record.work import Work
from compliance.registry import bookings
from compliance.registry import gates as registry_gates
from compliance.registry.rules import Mode
from compliance.rulebook.rules import broken

ASKED_BEFORE = frozenset({"X4.not_valid"})
"""Whether a leave counts today is asked at issue and loading; a slip of the pen may be corrected later."""


@dataclass(frozen=True, slots=True)
class After:
    """What a load is to be, and how much of it, once a correction is in force."""

    waste: WasteType
    mode: Mode
    planned_kg: int


def faults(work: Work, row: Manifest, after: After) -> list[RuleBroken]:
    """Return what the rules say against a load's being booked anew as it would stand.

    While it has not arrived, more mass, or another waste or use, needs room as a new booking would, beside
    what it holds already (L4, X4, X5, U2). What has arrived is there: of its mass nothing is asked.
    """
    if row.purpose == Purpose.RETURN:
        return []
    moved = (after.waste.code, after.mode.value) != (row.code, row.mode)
    waits = row.received_kg is None
    more = waits and (moved or after.planned_kg > row.planned_kg)
    if not moved and not more:
        return []
    kg = after.planned_kg if more else 0
    judged = bookings.booking(work, row.receiver_id, after.waste, after.mode, kg, besides=row.booking_id)
    found = registry_gates.against_receiver(
        judged.party, after.waste, after.mode, kg, work.today, row.mover_id
    )
    return found + _crossing_faults(work, row, after) + _spoil_faults(work, row, after) if waits else found


def _crossing_faults(work: Work, row: Manifest, after: After) -> list[RuleBroken]:
    """Ask whether the leave that the load has drawn on covers it as it would stand (X4, X5)."""
    if draw_of(work.session, row.booking_id) is None:
        return []
    standing = gates.crossing(work, row)
    hazardous = after.waste.kind == registry_gates.HAZARDOUS
    load = replace(standing, code=after.waste.code, hazardous=hazardous, mode=after.mode, kg=after.planned_kg)
    found = approvals.faults(work, load, row.booking_id)
    return [one for one in found if one.rule not in ASKED_BEFORE]


def _spoil_faults(work: Work, row: Manifest, after: After) -> list[RuleBroken]:
    """Ask whether plan and disposal site have room for construction waste as it would stand (U1 to U4)."""
    if not is_construction(after.waste.code):
        return []
    spoil = gates.spoil_of(work, row, after.waste.code, after.mode)
    return construction.against_redraw(work, spoil, row.id, after.planned_kg)


def rest_faults(work: Work, row: Manifest, planned_kg: int) -> list[DomainError]:
    """Return why what goes on after a refusal cannot have another mass: each kilogram goes once (M12)."""
    if row.parent_id is None:
        return []
    parent = work.session.get_one(Manifest, row.parent_id)
    most = row.planned_kg + gates.rest_kg(work, parent)
    if planned_kg > most:
        return [
            Invalid(
                N_("{kg} kg cannot be sent on: {rest} kg were refused and are on no other manifest yet."),
                field="planned_kg",
                way_out=N_("Send at most {rest} kg; a load that is to go back must be refused first."),
                values={"kg": planned_kg, "rest": most},
            )
        ]
    return closed_faults(work, parent, row.planned_kg - planned_kg, "planned_kg")


def closed_faults(work: Work, row: Manifest, kg: int, field: str) -> list[DomainError]:
    """Return why a closed manifest cannot be left with a refused mass that goes nowhere any more (M12)."""
    if kg <= 0 or State(row.resume_state or row.state) is not State.CLOSED:
        return []
    return [broken("M12.rest_open", work.today, field=field, kg=kg)]


def follow(work: Work, row: Manifest, *, moved: bool) -> None:
    """Let every booking of a load say what its corrected manifest says; `moved`: of another waste or use."""
    if row.purpose == Purpose.RETURN:
        return
    taken_in = _taken_in(work, row)
    arrived = taken_in is not None
    kg = (row.accepted_kg or 0) if arrived else row.planned_kg
    waste = pinning.waste_of(work.session, row)
    mode = Mode(row.mode)
    bookings.rebook(work, row.receiver_id, row.booking_id, waste, mode, kg, moved=moved, taken_in=taken_in)
    if not arrived:
        approvals.confirm(work, row.booking_id, kg)
    if is_construction(row.code):
        construction.redraw(work, gates.spoil_of(work, row), row.id, row.origin_site_id, kg)
    else:
        construction.confirm(work, row.id, 0)


def _taken_in(work: Work, row: Manifest) -> int | None:
    """Return the year in which a load was taken in or refused; None while it has not arrived."""
    if row.received_kg is None:
        return None
    arrived = {Act.ACCEPT.value, Act.ACCEPT_PART.value, Act.REFUSE.value}
    days = [one.at for one in queries.signatures(work.session, row.id) if one.act in arrived]
    return local_date(days[0]).year if days else work.today.year
