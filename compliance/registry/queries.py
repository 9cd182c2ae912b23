"""Which parties, places and licences are on file?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.registry.rules import (
    USUAL_QUOTA,
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
    statement = select(Organisation)
    if ids is not None:
        statement = statement.where(Organisation.id.in_(set(ids)))
    return {row.id: row for row in session.scalars(statement)}


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
    return {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(set(ids))))}


def people_of(session: Session, organisation_id: UUID) -> Sequence[Person]:
    """Return everybody of an organisation by name."""
    return session.scalars(
        select(Person).where(Person.organisation_id == organisation_id).order_by(Person.name, Person.id)
    ).all()


def drivers_of(session: Session, organisation_id: UUID) -> Sequence[Person]:
    """Return a carrier's drivers by name."""
    return [row for row in people_of(session, organisation_id) if Role.DRIVER in row.roles]


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
    rows = session.scalars(
        select(LicenceRow)
        .where(LicenceRow.organisation_id.in_(set(organisation_ids)))
        .order_by(LicenceRow.number, LicenceRow.id)
    ).all()
    drawn = _drawn(session, [line.id for row in rows for line in row.lines], year)
    policy, barred = quota_policy(session, date(year, 12, 31)), suspensions(session, organisation_ids)
    held: dict[UUID, list[Licence]] = {}
    for row in rows:
        one = licence_of(row, drawn, policy, barred.get(row.organisation_id))
        held.setdefault(row.organisation_id, []).append(one)
    return held


def quota_policy(session: Session, on: date) -> QuotaPolicy:
    """Return from which shares of a yearly quantity on is warned, blocked and alarmed on a day."""
    row = session.scalar(
        select(QuotaPolicyRow)
        .where(QuotaPolicyRow.since <= on)
        .order_by(QuotaPolicyRow.since.desc(), QuotaPolicyRow.at.desc())
        .limit(1)
    )
    return QuotaPolicy(row.warn_percent, row.block_percent, row.alarm_percent) if row else USUAL_QUOTA


def suspensions(session: Session, organisation_ids: Iterable[UUID]) -> dict[UUID, Suspension]:
    """Return the newest suspension of each of some organisations, over or not."""
    rows = session.scalars(
        select(Suspension)
        .where(Suspension.organisation_id.in_(set(organisation_ids)))
        .order_by(Suspension.at, Suspension.id)
    )
    return {row.organisation_id: row for row in rows}


def _drawn(session: Session, line_ids: list[UUID], year: int) -> dict[UUID, int]:
    rows = session.execute(
        select(LicenceDraw.line_id, func.sum(LicenceDraw.kg))
        .where(LicenceDraw.line_id.in_(line_ids), LicenceDraw.year == year)
        .group_by(LicenceDraw.line_id)
    ).all()
    return {line_id: int(total) for line_id, total in rows}


def licence_of(
    row: LicenceRow,
    drawn: dict[UUID, int],
    policy: QuotaPolicy = USUAL_QUOTA,
    barred: Suspension | None = None,
) -> Licence:
    """Return the rule's view of a stored licence, as of a year, with what stands in its holder's way."""
    taken = sum(drawn.get(line.id, 0) for line in row.lines)
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
            LicenceLine(line.code, line.yearly_kg, drawn.get(line.id, 0), policy, whole) for line in row.lines
        ),
        suspended_from=barred.since if barred else None,
        suspended_to=barred.until if barred else None,
    )


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
