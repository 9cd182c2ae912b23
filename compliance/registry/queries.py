"""Which parties, places and licences are on file?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Date, ScalarSelect, bindparam, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from compliance.record.errors import NotFound
from compliance.record.rows import PlainRow, plain_rows
from compliance.record.who import Role, Who
from compliance.registry.rules import (
    USUAL_QUOTA,
    Driver,
    Escort,
    Licence,
    LicenceKind,
    LicenceLine,
    Mode,
    OrganisationKind,
    QuotaPolicy,
    uscc_of,
)
from compliance.registry.tables import (
    LicenceDraw,
    LicenceLineRow,
    LicenceRow,
    Organisation,
    Person,
    QuotaPolicyRow,
    Site,
    Suspension,
)

A_DAY = timedelta(days=1)


def organisation(session: Session, organisation_id: UUID) -> Organisation:
    """Return one organisation or raise `NotFound`."""
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound("organisation", organisation_id)
    return found


def by_uscc(session: Session, code: str) -> Organisation | None:
    """Return the organisation with a Unified Social Credit Code, however it is typed."""
    return session.scalar(select(Organisation).where(Organisation.uscc == uscc_of(code)))


def organisations(session: Session, ids: Iterable[UUID] | None = None) -> dict[UUID, Organisation]:
    """Return organisations by id: those asked for, or all."""
    every = select(Organisation)
    rows = session.scalars(every) if ids is None else session.scalars(_SOME, {"ids": list(set(ids))})
    return {row.id: row for row in rows}


def names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of some organisations by id."""
    return {row[0]: row[1] for row in plain_rows(session, _NAMES, {"ids": list(set(ids))})}


_SOME = select(Organisation).where(Organisation.id.in_(bindparam("ids", expanding=True)))
_NAMES = select(Organisation.id, Organisation.name).where(
    Organisation.id.in_(bindparam("ids", expanding=True))
)
"""Built once: who takes part is looked up with nearly everything."""


def site(session: Session, site_id: UUID) -> Site:
    """Return one site or raise `NotFound`."""
    found = session.scalar(select(Site).where(Site.id == site_id))
    if found is None:
        raise NotFound("site", site_id)
    return found


def sites_visible_to(session: Session, who: Who) -> Sequence[Site]:
    """Return the sites a person may see: the own organisation's, or all for those who oversee."""
    statement = select(Site).order_by(Site.name)
    if not who.oversees:
        statement = statement.where(Site.organisation_id == who.organisation_id)
    return session.scalars(statement).all()


def sites_of(session: Session, organisation_id: UUID) -> Sequence[Site]:
    """Return an organisation's sites by name."""
    mine = select(Site).where(Site.organisation_id == organisation_id)
    return session.scalars(mine.order_by(Site.name, Site.id)).all()


def sites(session: Session, ids: Iterable[UUID] | None = None) -> dict[UUID, Site]:
    """Return sites by id: those asked for, or all."""
    rows = session.scalars(select(Site)) if ids is None else session.scalars(_SITES, {"ids": list(set(ids))})
    return {row.id: row for row in rows}


_SITES = select(Site).where(Site.id.in_(bindparam("ids", expanding=True)))
"""Built once: sites are looked up with nearly everything."""


def people(session: Session, ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Return people by id."""
    return {row.id: row for row in session.scalars(_PEOPLE, {"ids": list(set(ids))})}


_PEOPLE = select(Person).where(Person.id.in_(bindparam("ids", expanding=True)))


def people_of(session: Session, organisation_id: UUID) -> Sequence[Person]:
    """Return everybody of an organisation by name."""
    return session.scalars(
        select(Person).where(Person.organisation_id == organisation_id).order_by(Person.name, Person.id)
    ).all()


def drivers_of(session: Session, organisation_id: UUID) -> Sequence[Person]:
    """Return a carrier's drivers by name."""
    return [row for row in people_of(session, organisation_id) if Role.DRIVER in row.roles]


def escort_of(
    session: Session, carrier_id: UUID, on: date, besides: Iterable[UUID | None] = ()
) -> Person | None:
    """Return a carrier's escort whose certificate is valid on a day, who is none of some people (L9)."""
    busy = {one for one in besides if one is not None}
    known = (one for one in people_of(session, carrier_id) if one.id not in busy)
    return next((one for one in known if one.escort_to is not None and one.escort_to >= on), None)


def authority(session: Session) -> Organisation | None:
    """Return the authority of this market, or else its operator; the one registered first."""
    rows = session.scalars(select(Organisation).order_by(Organisation.created_at, Organisation.id)).all()
    for kind in (OrganisationKind.AUTHORITY, OrganisationKind.OPERATOR):
        found = next((row for row in rows if kind.value in row.kinds), None)
        if found is not None:
            return found
    return None


def overseers(session: Session) -> Sequence[Person]:
    """Return the inspectors and operators by name: who may look into anything."""
    rows = session.scalars(select(Person).order_by(Person.name, Person.id))
    return [row for row in rows if {Role.INSPECTOR, Role.OPERATOR}.intersection(row.roles)]


def licences(session: Session, organisation_ids: Iterable[UUID], year: int) -> dict[UUID, list[Licence]]:
    """Return the licences of several organisations with what is drawn from each line in a year.

    Their order never changes: bookings that lock several lines queue up instead of blocking each other.
    """
    asked = {"holders": list(set(organisation_ids)), "year": year, "policy_on": date(year, 12, 31)}
    held: dict[UUID, list[Licence]] = {}
    for _, lines in groupby(plain_rows(session, _LICENCES, asked), key=lambda row: row.id):
        one = _licence(list(lines))
        held.setdefault(one.organisation_id, []).append(one)
    return held


_NEWEST_POLICY = (
    select(QuotaPolicyRow.warn_percent, QuotaPolicyRow.block_percent, QuotaPolicyRow.alarm_percent)
    .where(QuotaPolicyRow.since <= bindparam("policy_on", type_=Date()))
    .order_by(QuotaPolicyRow.since.desc(), QuotaPolicyRow.at.desc())
    .limit(1)
)
_POLICY = _NEWEST_POLICY.subquery()


def _longest_suspension(organisation_id: InstrumentedAttribute[UUID]) -> ScalarSelect[UUID]:
    """Return the suspension that ends last: what a finding brought stands beside what somebody ordered."""
    newest = select(_suspended.id).where(_suspended.organisation_id == organisation_id)
    return newest.order_by(*_LASTS_LONGEST).limit(1).scalar_subquery()


_suspended = aliased(Suspension)
_LASTS_LONGEST = (
    *(_suspended.until.is_(None).desc(), _suspended.until.desc()),
    *(_suspended.at.desc(), _suspended.id.desc()),
)
_LICENCES = (
    select(
        *(LicenceRow.id, LicenceRow.organisation_id, LicenceRow.number, LicenceRow.kind, LicenceRow.modes),
        *(LicenceRow.classes, LicenceRow.valid_from, LicenceRow.valid_to, LicenceRow.revoked_on),
        *(LicenceRow.total_kg, LicenceLineRow.code, LicenceLineRow.yearly_kg),
        select(func.sum(LicenceDraw.kg))
        .where(LicenceDraw.line_id == LicenceLineRow.id, LicenceDraw.year == bindparam("year"))
        .scalar_subquery()
        .label("drawn_kg"),
        *(_POLICY.c.warn_percent, _POLICY.c.block_percent, _POLICY.c.alarm_percent),
        *(Suspension.since, Suspension.until),
    )
    .outerjoin(LicenceLineRow, LicenceLineRow.licence_id == LicenceRow.id)
    .outerjoin(_POLICY, true())
    .outerjoin(Suspension, Suspension.id == _longest_suspension(LicenceRow.organisation_id))
    .where(LicenceRow.organisation_id.in_(bindparam("holders", expanding=True, type_=Organisation.id.type)))
    .order_by(LicenceRow.number, LicenceRow.id, LicenceLineRow.code)
)
"""Built once, and all in one look: every gate asks it of both parties."""


def _licence(lines: Sequence[PlainRow]) -> Licence:
    """Return the rules' view of a licence from one row for each of its lines, or one without a line."""
    row = lines[0]
    policy = USUAL_QUOTA
    if row.warn_percent is not None:
        policy = QuotaPolicy(row.warn_percent, row.block_percent, row.alarm_percent)
    taken = sum(int(line.drawn_kg or 0) for line in lines)
    whole = LicenceLine("", row.total_kg, taken, policy) if row.total_kg is not None else None
    return Licence(
        id=row.id,
        organisation_id=row.organisation_id,
        number=row.number,
        kind=LicenceKind(row.kind),
        modes=frozenset(Mode(mode) for mode in row.modes),
        classes=frozenset(row.classes),
        valid_from=row.valid_from,
        valid_to=row.valid_to if row.revoked_on is None else min(row.valid_to, row.revoked_on - A_DAY),
        lines=tuple(
            LicenceLine(line.code, line.yearly_kg, int(line.drawn_kg or 0), policy, whole)
            for line in lines
            if line.code is not None
        ),
        suspended_from=row.since,
        suspended_to=row.until,
    )


_from, _to, _escort = aliased(Site), aliased(Site), aliased(Person)
_WAY = (
    select(
        *(_from.division_code, _to.division_code),
        *(Person.name, Person.permit_to, _escort.name, _escort.escort_to),
    )
    .select_from(_from)
    .join(_to, _to.id == bindparam("destination", type_=Site.id.type))
    .outerjoin(Person, Person.id == bindparam("driver", type_=Person.id.type))
    .outerjoin(_escort, _escort.id == bindparam("escort", type_=Person.id.type))
    .where(_from.id == bindparam("origin", type_=Site.id.type))
)


@dataclass(frozen=True, slots=True)
class Way:
    """The divisions of both ends of a way, who drives and who escorts."""

    origin: str
    destination: str
    driver: Driver | None
    escort: Escort | None


def way(
    session: Session, origin: UUID, destination: UUID, driver: UUID | None = None, escort: UUID | None = None
) -> Way:
    """Return what is known of a way; raises `NotFound` for an unknown end."""
    asked = {"origin": origin, "destination": destination, "driver": driver, "escort": escort}
    for start, end, name, permit_to, beside, escort_to in plain_rows(session, _WAY, asked):
        drives = None if name is None else Driver(name, permit_to)
        escorts = None if beside is None or escort == driver else Escort(beside, escort_to)
        return Way(start, end, drives, escorts)
    raise NotFound("site", destination if sites(session, [origin]) else origin)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an organisation may act: its name, what it still awaits approval for, its newest suspension.

    Beside it the last days of what it has shown to be insured (L14) and ready for an accident (M18).
    """

    name: str
    wanted: tuple[str, ...]
    since: date | None
    until: date | None
    reason: str | None
    insured_to: date | None = None
    emergency_to: date | None = None

    def is_barred(self, on: date) -> bool:
        """Tell whether it is suspended on a day."""
        return self.since is not None and self.since <= on and (self.until is None or on <= self.until)


_STANDING = (
    select(
        *(Organisation.id, Organisation.name, Organisation.wanted),
        *(Suspension.since, Suspension.until, Suspension.reason),
        *(Organisation.insured_to, Organisation.emergency_to),
    )
    .outerjoin(Suspension, Suspension.id == _longest_suspension(Organisation.id))
    .where(Organisation.id.in_(bindparam("holders", expanding=True, type_=Organisation.id.type)))
)


def standing(session: Session, organisation_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Return how some organisations stand on the market; raises `NotFound` for one that is not on file."""
    wanted = set(organisation_ids)
    found = {}
    for key, name, kinds, *barred in plain_rows(session, _STANDING, {"holders": list(wanted)}):
        found[key] = Standing(name, tuple(kinds), *barred)
    for missing in wanted - found.keys():
        raise NotFound("organisation", missing)
    return found


def quota_policy(session: Session, on: date) -> QuotaPolicy:
    """Return from which shares of a yearly quantity on is warned, blocked and alarmed on a day."""
    found = plain_rows(session, _NEWEST_POLICY, {"policy_on": on})
    return QuotaPolicy(*found[0]) if found else USUAL_QUOTA


def suspensions(session: Session, organisation_ids: Iterable[UUID]) -> dict[UUID, Suspension]:
    """Return of each organisation the suspension that ends last, over or not; of several the newest."""
    rows = session.scalars(
        select(Suspension)
        .where(Suspension.organisation_id.in_(set(organisation_ids)))
        .order_by(Suspension.until.is_(None), Suspension.until, Suspension.at, Suspension.id)
    )
    return {row.organisation_id: row for row in rows}


def running_suspensions(session: Session, organisation_id: UUID, on: date) -> Sequence[Suspension]:
    """Return the suspensions of an organisation that have not ended on a day, the newest last."""
    s = Suspension
    mine = select(s).where(s.organisation_id == organisation_id, or_(s.until.is_(None), s.until >= on))
    return session.scalars(mine.order_by(s.at, s.id)).all()


def locked_organisation(session: Session, organisation_id: UUID) -> Organisation:
    """Return an organisation with its row locked until the transaction ends, or raise `NotFound`."""
    found = session.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("organisation", organisation_id)
    return found


class Held(NamedTuple):
    """What one booking has drawn in a year: of which licence, of its line for which code, kilograms."""

    licence_id: UUID
    code: str
    kg: int


def draw_of(session: Session, booking_id: UUID, year: int) -> Held | None:
    """Return what a booking has drawn from a licence in a year, if it has."""
    row = session.execute(
        select(LicenceLineRow.licence_id, LicenceLineRow.code, LicenceDraw.kg)
        .join(LicenceLineRow, LicenceLineRow.id == LicenceDraw.line_id)
        .where(LicenceDraw.deal_id == booking_id, LicenceDraw.year == year)
    ).one_or_none()
    return Held(*row) if row is not None else None


def lock_organisation(session: Session, organisation_id: UUID) -> None:
    """Hold an organisation's row until the transaction ends: whoever does the same for it waits."""
    session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())


def locked_licence(session: Session, licence_id: UUID) -> None:
    """Hold a licence's row until the transaction ends: its total is shared by all its lines."""
    session.execute(select(LicenceRow.id).where(LicenceRow.id == licence_id).with_for_update())


def locked_line(session: Session, licence_id: UUID, code: str, category: str) -> LicenceLineRow | None:
    """Return the licence line for a code with its row locked until the transaction ends."""
    found = session.scalars(
        select(LicenceLineRow)
        .where(
            LicenceLineRow.licence_id == licence_id,
            or_(LicenceLineRow.code == code, LicenceLineRow.code == category),
        )
        .order_by(LicenceLineRow.code)
        .with_for_update()
    ).all()
    return next((line for line in found if line.code == code), found[0] if found else None)
