"""Which facts, batteries and balances are on file, and who may see them?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from compliance.ledgers.rules import Purpose, Table
from compliance.ledgers.tables import LedgerEntry
from compliance.manifests.tables import Manifest
from compliance.pipelines.tables import PeriodManifest, Pipeline
from compliance.profiles.gypsum import FAMILY, Balance, Flow, balance
from compliance.profiles.tables import Battery, BatteryStep, ProfileFacts
from compliance.record.errors import NotFound
from compliance.record.who import Who


def facts(session: Session, lot_id: UUID) -> dict[str, str]:
    """Return a lot's facts; the caller has made sure that the lot may be seen."""
    row = session.get(ProfileFacts, lot_id)
    return dict(row.facts) if row is not None else {}


def visible_to(who: Who) -> Select[Battery]:
    """Return the statement for the batteries that a person may see: those held, or ever held, or all."""
    statement = select(Battery)
    if who.oversees:
        return statement
    once = select(BatteryStep.code).where(BatteryStep.holder_id == who.organisation_id)
    return statement.where(Battery.code.in_(once))


def battery(session: Session, code: str, who: Who) -> Battery:
    """Return one battery that a person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Battery.code == code))
    if found is None:
        raise NotFound("battery", code)
    return found


def steps(session: Session, code: str) -> Sequence[BatteryStep]:
    """Return a battery's life in order."""
    return session.scalars(
        select(BatteryStep).where(BatteryStep.code == code).order_by(BatteryStep.at, BatteryStep.id)
    ).all()


def parts(session: Session, code: str) -> Sequence[Battery]:
    """Return what is in a battery now."""
    return session.scalars(select(Battery).where(Battery.parent_code == code).order_by(Battery.code)).all()


def came_out_of(session: Session, code: str) -> Sequence[str]:
    """Return the codes of what was taken out of a battery when it was dismantled."""
    return session.scalars(
        select(BatteryStep.code)
        .where(BatteryStep.other_code == code, BatteryStep.step == "taken_out")
        .order_by(BatteryStep.code)
    ).all()


def travelling(session: Session, manifest_id: UUID) -> Sequence[Battery]:
    """Return the batteries on a manifest; the caller has made sure that it may be seen."""
    return session.scalars(
        select(Battery).where(Battery.manifest_id == manifest_id).order_by(Battery.code)
    ).all()


def gypsum(session: Session, unit: UUID, year: int) -> dict[str, Balance]:
    """Return a unit's phosphogypsum of a year by plant (the facility in its ledger; empty: not told)."""
    now = _flows(session, unit, date(year, 1, 1), date(year, 12, 31))
    before = _flows(session, unit, date.min, date(year - 1, 12, 31))
    plants = sorted(set(now) | {plant for plant, flows in before.items() if balance(flows).pile_kg})
    return {plant: balance(now.get(plant, []), balance(before.get(plant, [])).pile_kg) for plant in plants}


def _flows(session: Session, unit: UUID, first: date, last: date) -> dict[str, list[Flow]]:
    """Sum up a plant's own waste; what loads brought from others is none of its making."""
    rows = session.execute(
        select(LedgerEntry.facility, LedgerEntry.part, LedgerEntry.purpose, func.sum(LedgerEntry.kg))
        .join(Manifest, Manifest.id == LedgerEntry.manifest_id, isouter=True)
        .join(PeriodManifest, PeriodManifest.id == LedgerEntry.manifest_id, isouter=True)
        .join(Pipeline, Pipeline.id == PeriodManifest.pipeline_id, isouter=True)
        .where(
            LedgerEntry.organisation_id == unit,
            or_(LedgerEntry.manifest_id.is_(None), Manifest.mover_id == unit, Pipeline.mover_id == unit),
            LedgerEntry.category == FAMILY,
            LedgerEntry.day.between(first, last),
        )
        .group_by(LedgerEntry.facility, LedgerEntry.part, LedgerEntry.purpose)
    )
    found: dict[str, list[Flow]] = {}
    for facility, part, purpose, kg in rows:
        found.setdefault(facility, []).append(Flow(Table(part), Purpose(purpose), int(kg)))
    return found
