"""Which facts do the analyses of a year rest on? For those who oversee alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Subquery, and_, case, false, func, not_, or_, select
from sqlalchemy.orm import Session

from compliance.catalogue.tables import CatalogueEntry
from compliance.manifests import queries as manifests
from compliance.manifests.rules import Act, State
from compliance.manifests.tables import Manifest, ManifestSignature
from compliance.oversight.links import Company, Tie
from compliance.oversight.meters import Metered
from compliance.oversight.rules import Load
from compliance.oversight.tables import CompanyFact
from compliance.pipelines import queries as pipelines
from compliance.pipelines.tables import PeriodManifest, Pipeline
from compliance.record.clock import SHANGHAI, local_date
from compliance.record.who import Who
from compliance.registry.rules import Mode, OrganisationKind
from compliance.registry.tables import Organisation, Site

BEFORE = timedelta(days=366)
"""Loads of the year before are looked at too: what was taken in then may still lie there."""
LYING = (State.ACCEPTED.value, State.PARTLY_ACCEPTED.value, State.CONFIRMED.value)
"""Taken in, and nobody has said that it was treated."""


def loads(session: Session, who: Who, year: int) -> list[Load]:
    """Return the loads that a person may see and of which a year may tell something.

    They were drawn up in it or up to `BEFORE` ahead of it; of older ones, those on which something was done
    since it began, and those that still lie untreated (L8): a load counts where its day lies, wherever the
    turn of the year found it.
    """
    start = datetime(year, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
    end = datetime(year + 1, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
    recent = or_(
        Manifest.created_at >= start - BEFORE, Manifest.changed_at >= start, Manifest.state.in_(LYING)
    )
    within = manifests.visible_to(who).where(recent, Manifest.created_at < end)
    found = [_load(row) for row in session.execute(_facts(within))]
    since = local_date(start - BEFORE)
    periods = pipelines.accepted(session, who, since, date(year, 12, 31), lying_at=start)
    return found + [_metered(pipe, period) for pipe, period in periods]


def _metered(pipe: Pipeline, period: PeriodManifest) -> Load:
    """Return what a confirmed period of a pipeline moved, as one load that nobody carried."""
    return Load(
        id=period.id,
        mover=pipe.mover_id,
        receiver=pipe.receiver_id,
        carrier=pipe.mover_id,
        origin=pipe.origin_site_id,
        destination=pipe.destination_site_id,
        code=pipe.code,
        hazardous=pipe.hazardous,
        loaded_kg=period.mover_kg,
        accepted_kg=period.accepted_kg,
        drawn_up=period.first,
        accepted_on=period.last,
        treated_on=_day(period.treated_at),
        metered=True,
        number=period.number,
    )


def metered(session: Session, who: Who, year: int, today: date) -> list[Metered]:
    """Return every finished month of a year of every pipeline, as both ends metered it."""
    return [
        Metered(pipe.name, pipe.code, pipe.mover_id, pipe.receiver_id, month)
        for pipe, month in pipelines.months(session, who, year, today)
    ]


def openings(session: Session, who: Who, year: int) -> dict[UUID, int]:
    """Return what lay at each processor's site when a year began, kilograms, by the loads drawn up before."""
    start = datetime(year, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
    seen = _facts(manifests.visible_to(who).where(Manifest.created_at < start)).subquery()
    receiving = receiving_sites(session)
    over = func.coalesce(seen.c.treated_at < start, false())
    there = case((and_(seen.c.accepted_at < start, not_(over)), seen.c.accepted_kg))
    left = case((and_(seen.c.state != State.CANCELLED.value, seen.c.parent_id.is_(None)), seen.c.loaded_kg))
    found: dict[UUID, int] = defaultdict(int)
    for sign, site, kg in ((1, seen.c.destination_site_id, there), (-1, seen.c.origin_site_id, left)):
        for key, total in session.execute(select(site, func.sum(kg)).group_by(site)):
            if key in receiving:
                found[key] += sign * int(total or 0)
    for pipe, period in pipelines.accepted(session, who, date.min, date(year - 1, 12, 31)):
        one = _metered(pipe, period)
        if one.accepted_on and one.accepted_on.year < year and not _treated_before(one, year):
            found[one.destination] += one.accepted_kg or 0
    return dict(found)


def _treated_before(one: Load, year: int) -> bool:
    return one.treated_on is not None and one.treated_on.year < year


def _signed(seen: Subquery) -> Subquery:
    """Return when each manifest's load left, was accepted and was treated, by its signatures."""
    accepted = case(
        (ManifestSignature.act.in_([Act.ACCEPT.value, Act.ACCEPT_PART.value]), ManifestSignature.at)
    )
    treated = case((ManifestSignature.act == Act.TREAT.value, ManifestSignature.at))
    left = case((ManifestSignature.act == Act.DEPART.value, ManifestSignature.at))
    return (
        select(
            ManifestSignature.manifest_id,
            func.min(left).label("left_at"),
            func.min(accepted).label("accepted_at"),
            func.min(treated).label("treated_at"),
        )
        .where(ManifestSignature.manifest_id.in_(select(seen.c.id)))
        .group_by(ManifestSignature.manifest_id)
        .subquery()
    )


def _facts(within: Select[Manifest]) -> Select[*tuple[Any, ...]]:
    seen = within.with_only_columns(Manifest.id).subquery()
    signed = _signed(seen)
    m = Manifest
    return (
        select(
            m.id,
            m.mover_id,
            m.receiver_id,
            m.carrier_id,
            m.origin_site_id,
            m.destination_site_id,
            m.code,
            m.hazardous,
            m.loaded_kg,
            m.accepted_kg,
            m.created_at,
            m.state,
            m.parent_id,
            m.mode,
            m.number,
            signed.c.left_at,
            signed.c.accepted_at,
            signed.c.treated_at,
        )
        .join(seen, seen.c.id == m.id)
        .join(signed, signed.c.manifest_id == m.id, isouter=True)
        .order_by(m.created_at, m.id)
    )


def _load(row: Row[Any]) -> Load:
    return Load(
        id=row.id,
        mover=row.mover_id,
        receiver=row.receiver_id,
        carrier=row.carrier_id,
        origin=row.origin_site_id,
        destination=row.destination_site_id,
        code=row.code,
        hazardous=row.hazardous,
        loaded_kg=row.loaded_kg,
        accepted_kg=row.accepted_kg,
        drawn_up=local_date(row.created_at),
        accepted_on=_day(row.accepted_at),
        treated_on=_day(row.treated_at),
        cancelled=row.state == State.CANCELLED.value,
        refused_before=row.parent_id is not None,
        mode=Mode(row.mode),
        number=row.number or "",
        left_at=row.left_at,
        accepted_at=row.accepted_at,
    )


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else local_date(moment)


def receiving_sites(session: Session) -> frozenset[UUID]:
    """Return the sites of those who process waste."""
    rows = session.execute(
        select(Site.id, Organisation.kinds).join(Organisation, Organisation.id == Site.organisation_id)
    )
    return frozenset(key for key, kinds in rows if OrganisationKind.PROCESSOR.value in kinds)


def categories(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return the category of each waste code, `HW08`."""
    rows = session.execute(
        select(CatalogueEntry.code, CatalogueEntry.category).where(CatalogueEntry.code.in_(set(codes)))
    )
    return dict(rows.all())


def companies(session: Session) -> list[Company]:
    """Return what may tie companies to each other."""
    addresses: dict[UUID, list[str]] = defaultdict(list)
    for owner, address in session.execute(select(Site.organisation_id, Site.address)):
        addresses[owner].append(address)
    facts: dict[UUID, list[tuple[Tie, str, str]]] = defaultdict(list)
    for row in session.scalars(select(CompanyFact)):
        facts[row.organisation_id].append((Tie(row.kind), row.key, row.shown))
    return [
        Company(row.id, row.contact, tuple(addresses[row.id]), tuple(facts[row.id]))
        for row in session.scalars(select(Organisation).order_by(Organisation.created_at))
    ]


def plates(session: Session, who: Who, year: int) -> dict[str, set[UUID]]:
    """Return for which carriers each vehicle moved loads in a year, where there were several."""
    start = datetime(year, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
    end = datetime(year + 1, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
    within = manifests.visible_to(who).where(Manifest.created_at >= start, Manifest.created_at < end)
    pairs = within.with_only_columns(Manifest.plate, Manifest.carrier_id).distinct()
    found: dict[str, set[UUID]] = defaultdict(set)
    for plate, carrier in session.execute(pairs):
        found[plate].add(carrier)
    return {plate: carriers for plate, carriers in found.items() if len(carriers) > 1}
