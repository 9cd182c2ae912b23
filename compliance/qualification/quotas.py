"""How much of a licence's yearly quantity is confirmed, on the road and booked, and what is left (L4)?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from compliance.manifests.rules import State as ManifestState
from compliance.manifests.tables import Manifest
from compliance.registry import queries as registry
from compliance.registry.rules import Licence, LicenceLine
from compliance.registry.tables import LicenceDraw, LicenceLineRow, LicenceRow

NOT_UNDER_WAY = (ManifestState.DRAFT.value, ManifestState.ISSUED.value, ManifestState.CANCELLED.value)


class Level(StrEnum):
    """How full a year is."""

    ROOM = "room"
    NEAR = "quota_near"
    FULL = "quota_full"
    BROKEN = "quota_broken"


@dataclass(frozen=True, slots=True)
class Taken:
    """Kilograms of a year by how far the loads have come."""

    confirmed_kg: int = 0
    in_transit_kg: int = 0
    booked_kg: int = 0

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.confirmed_kg + other.confirmed_kg,
            self.in_transit_kg + other.in_transit_kg,
            self.booked_kg + other.booked_kg,
        )

    @property
    def total_kg(self) -> int:
        """Return what is taken altogether."""
        return self.confirmed_kg + self.in_transit_kg + self.booked_kg


@dataclass(frozen=True, slots=True)
class Quota:
    """One line of a licence, or the licence as a whole (`code` is empty), in one year."""

    licence_id: UUID
    organisation_id: UUID
    number: str
    code: str
    yearly_kg: int
    taken: Taken
    left_kg: int
    percent: int
    level: Level


def quotas(session: Session, organisation_ids: Iterable[UUID], year: int) -> list[Quota]:
    """Return the yearly quantities of some organisations' licences, a licence's total before its lines."""
    held = registry.licences(session, organisation_ids, year)
    taken = _taken(session, [one.id for licences in held.values() for one in licences], year)
    return [
        quota
        for licences in held.values()
        for one in licences
        if one.lines
        for quota in _of_licence(one, taken)
    ]


def _of_licence(one: Licence, taken: dict[tuple[UUID, str], Taken]) -> list[Quota]:
    lines = [_quota(one, line, taken.get((one.id, line.code), Taken())) for line in one.lines]
    whole = one.lines[0].whole
    if whole is None:
        return lines
    together = sum((line.taken for line in lines), Taken())
    return [_quota(one, whole, together), *lines]


def _quota(one: Licence, line: LicenceLine, taken: Taken) -> Quota:
    percent, policy = taken.total_kg * 100 // max(1, line.yearly_kg), line.policy
    level = Level.ROOM
    if percent >= policy.warn_percent:
        level = Level.NEAR
    if percent >= policy.block_percent:
        level = Level.FULL
    if taken.total_kg * 100 > line.yearly_kg * policy.alarm_percent:
        level = Level.BROKEN
    left = line.left_kg
    return Quota(
        one.id, one.organisation_id, one.number, line.code, line.yearly_kg, taken, left, percent, level
    )


def _taken(session: Session, licence_ids: Sequence[UUID], year: int) -> dict[tuple[UUID, str], Taken]:
    """Return what is drawn from each line; a load is on the road from its loading to its receipt."""
    state = func.coalesce(Manifest.state, literal(ManifestState.DRAFT.value, literal_execute=True))
    rows = session.execute(
        select(
            LicenceLineRow.licence_id,
            LicenceLineRow.code,
            LicenceDraw.confirmed,
            state,
            func.sum(LicenceDraw.kg),
        )
        .join(LicenceDraw, LicenceDraw.line_id == LicenceLineRow.id)
        .outerjoin(Manifest, Manifest.deal_id == LicenceDraw.deal_id)
        .where(LicenceLineRow.licence_id.in_(licence_ids), LicenceDraw.year == year)
        .group_by(LicenceLineRow.licence_id, LicenceLineRow.code, LicenceDraw.confirmed, state)
    )
    found: dict[tuple[UUID, str], Taken] = {}
    for licence_id, code, confirmed, stands, kg in rows:
        if confirmed:
            part = Taken(confirmed_kg=int(kg))
        elif stands in NOT_UNDER_WAY:
            part = Taken(booked_kg=int(kg))
        else:
            part = Taken(in_transit_kg=int(kg))
        found[licence_id, code] = found.get((licence_id, code), Taken()) + part
    return found


def pressing(session: Session, year: int) -> list[Quota]:
    """Return what has reached the warning in a year, over all licences, the fullest first."""
    drawn = (
        select(LicenceRow.organisation_id)
        .join(LicenceLineRow, LicenceLineRow.licence_id == LicenceRow.id)
        .join(LicenceDraw, LicenceDraw.line_id == LicenceLineRow.id)
        .where(LicenceDraw.year == year)
        .distinct()
    )
    every = quotas(session, session.scalars(drawn).all(), year)
    return sorted((one for one in every if one.level is not Level.ROOM), key=lambda one: -one.percent)
