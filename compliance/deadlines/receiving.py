"""Which clocks begin with a receipt: a year to treat hazardous waste (L8), ninety days to hand it on (L2)?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from compliance.deadlines import service
from compliance.deadlines.rules import Kind
from compliance.deadlines.service import About
from compliance.deadlines.tables import Deadline
from compliance.manifests import pinning
from compliance.manifests.rules import ARRIVED_AGAIN, Purpose
from compliance.manifests.tables import Manifest
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import LicenceKind, Mode
from compliance.rulebook.workdays import Workdays


def received(work: Work, row: Manifest, on: date, calendar: Workdays) -> None:
    """Let a confirmed load's clocks begin, and end those of what its mover had collected and now gave."""
    if not row.hazardous or row.purpose == Purpose.RETURN:
        return
    _hand_on(work, row)
    kind = _licence_kind(work, row, on)
    about = About(row.id, row.receiver_id, row.number or "")
    if kind is not None:
        service.start(work, Kind.STORE, about, on, calendar)
    if kind is LicenceKind.COLLECTION:
        service.start(work, Kind.HAND_ON, about, on, calendar)


def treated(work: Work, row: Manifest) -> None:
    """End the year of a load that was treated."""
    service.keep(work, Kind.STORE, row.id)


def covered(came: list[int], went_kg: int) -> int:
    """Return how many of the loads that came, oldest first, are gone once so much went out again."""
    for place, kg in enumerate(came):
        went_kg -= kg
        if went_kg < 0:
            return place
    return len(came)


def _licence_kind(work: Work, row: Manifest, on: date) -> LicenceKind | None:
    """Return by which kind of licence a load was received; None for who is exempt from it (L12)."""
    waste = pinning.waste_of(work.session, row)
    held = registry.licences(work.session, [row.receiver_id], on.year).get(row.receiver_id, [])
    licence = gates.judge_receiver(held, waste, Mode(row.mode), 0, on).licence
    return licence.kind if licence is not None else None


def _hand_on(work: Work, row: Manifest) -> None:
    session, mover, code = work.session, row.mover_id, row.code
    waiting = session.execute(
        select(Manifest.id, Manifest.accepted_kg)
        .join(Deadline, Deadline.subject_id == Manifest.id)
        .where(Deadline.kind == Kind.HAND_ON.value, Deadline.organisation_id == mover, Manifest.code == code)
        .order_by(Deadline.counted_from, Deadline.id)
    ).all()
    if not waiting:
        return
    went = session.scalar(
        select(func.sum(Manifest.accepted_kg)).where(
            Manifest.mover_id == mover,
            Manifest.code == code,
            Manifest.purpose != Purpose.RETURN.value,
            Manifest.state.in_([state.value for state in ARRIVED_AGAIN]),
        )
    )
    gone = covered([int(kg or 0) for _, kg in waiting], int(went or 0))
    for manifest_id, _ in waiting[:gone]:
        service.keep(work, Kind.HAND_ON, manifest_id)
