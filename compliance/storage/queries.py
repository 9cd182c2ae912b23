"""What do ledgers and manifests say lies at a unit's sites, and which limits are known?

The ledgers say it of everything that they have a line of. A load that was accepted and has no line yet, for
it is not confirmed or older than the ledgers, is taken from its manifest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from compliance.ledgers import stock as ledgers
from compliance.ledgers.rules import Table
from compliance.ledgers.tables import LedgerEntry
from compliance.manifests.rules import Act, Purpose, State
from compliance.manifests.tables import Manifest, ManifestSignature
from compliance.pipelines.tables import PeriodManifest, Pipeline
from compliance.record.who import Who
from compliance.registry import queries as registry
from compliance.registry.tables import Site
from compliance.storage.rules import Limit, Line, Stock, placed
from compliance.storage.tables import StorageLimit


def limits(session: Session, units: Collection[UUID]) -> dict[UUID, list[StorageLimit]]:
    """Return what these units' sites may store, by unit."""
    rows = session.execute(
        select(Site.organisation_id, StorageLimit)
        .join(Site, Site.id == StorageLimit.site_id)
        .where(Site.organisation_id.in_(units))
        .order_by(Site.name, StorageLimit.facility, StorageLimit.code)
    )
    found: dict[UUID, list[StorageLimit]] = defaultdict(list)
    for owner, row in rows:
        found[owner].append(row)
    return dict(found)


def units(session: Session, who: Who, most: int = 200) -> list[UUID]:
    """Return the units of which a limit is known: for who oversees all, else the own one."""
    owners = select(Site.organisation_id).join(StorageLimit, StorageLimit.site_id == Site.id).distinct()
    if not who.oversees:
        owners = owners.where(Site.organisation_id == who.organisation_id)
    return list(session.scalars(owners.order_by(Site.organisation_id).limit(most)))


def whole_sites(session: Session) -> dict[UUID, int]:
    """Return what sites may store in all, kilograms, where it is known."""
    every = select(StorageLimit.site_id, StorageLimit.kg)
    return dict(session.execute(every.where(StorageLimit.facility == "", StorageLimit.code == "")).all())


def plain(row: StorageLimit) -> Limit:
    """Return a limit as the rules know it."""
    return Limit(row.site_id, row.facility, row.code, row.kg, row.source)


def stock_of(session: Session, unit: UUID, known: Sequence[StorageLimit]) -> Stock:
    """Estimate what lies at the sites of a unit; a limit of a facility tells at which site that is."""
    sites = [site.id for site in registry.sites_of(session, unit)]
    homes = _homes(known)
    lines = [*_by_hand(session, unit, homes), *_by_loads(session, unit), *_without_lines(session, unit)]
    limited = any(row.facility for row in known)
    return placed(lines, sites, _facilities(session, unit, homes, sites) if limited else {})


def _homes(known: Sequence[StorageLimit]) -> dict[str, UUID]:
    """Return at which site each facility is whose name only one site has a limit for."""
    found: dict[str, set[UUID]] = defaultdict(set)
    for row in known:
        if row.facility:
            found[row.facility].add(row.site_id)
    return {name: next(iter(sites)) for name, sites in found.items() if len(sites) == 1}


def _by_hand(session: Session, unit: UUID, homes: Mapping[str, UUID]) -> list[Line]:
    """Return what was entered by hand; what was brought to a known facility lies at its site from then on."""
    e = LedgerEntry
    rows = session.execute(
        select(e.code, e.part, e.facility, func.sum(e.kg), func.sum(func.coalesce(e.out_kg, e.kg)))
        .where(e.organisation_id == unit, e.manifest_id.is_(None))
        .group_by(e.code, e.part, e.facility)
    )
    found = []
    for code, part, facility, kg, out_kg in rows:
        table, home = Table(part), homes.get(facility)
        if table is Table.GENERATED:
            found.append(Line(code, int(kg)))
        elif table is Table.STORED and home is not None:
            found += [Line(code, -int(kg)), Line(code, int(kg), home)]
        elif table in {Table.TREATED, Table.OUTSOURCED}:
            found.append(Line(code, -int(out_kg), home))
    return found


def _by_loads(session: Session, unit: UUID) -> list[Line]:
    """Return what the lines of loads, and of pipelines' periods, say: it came to, or left, a known site."""
    e, p = LedgerEntry, Pipeline
    told = (e.code, e.part, func.sum(e.kg), func.sum(func.coalesce(e.out_kg, e.kg)))
    of_load = select(*told, Manifest.origin_site_id, Manifest.destination_site_id).join(
        Manifest, Manifest.id == e.manifest_id
    )
    of_period = (
        select(*told, p.origin_site_id, p.destination_site_id)
        .join(PeriodManifest, PeriodManifest.id == e.manifest_id)
        .join(p, p.id == PeriodManifest.pipeline_id)
    )
    ends = (Manifest.origin_site_id, Manifest.destination_site_id), (p.origin_site_id, p.destination_site_id)
    rows = [
        row
        for lines, places in zip((of_load, of_period), ends, strict=True)
        for row in session.execute(lines.where(e.organisation_id == unit).group_by(e.code, e.part, *places))
    ]
    found = []
    for code, part, kg, out_kg, origin, destination in rows:
        table = Table(part)
        if table is Table.STORED:
            found.append(Line(code, int(kg), destination))
        elif table is Table.TREATED:
            found.append(Line(code, -int(kg), destination))
        elif table is Table.OUTSOURCED:
            found.append(Line(code, -int(out_kg), origin))
    return found


def _without_lines(session: Session, unit: UUID) -> list[Line]:
    """Return what came, or left a receiver's site, by manifests of which the unit's ledgers have no line."""
    m, e = Manifest, LedgerEntry
    lined = exists().where(e.organisation_id == unit, e.manifest_id == m.id)
    stored, gone = (lined.where(e.part == part.value) for part in (Table.STORED, Table.OUTSOURCED))
    came = (
        select(m.code, m.destination_site_id, func.sum(m.accepted_kg))
        .where(m.receiver_id == unit, m.accepted_kg > 0, ~stored, ~_signed(Act.TREAT))
        .group_by(m.code, m.destination_site_id)
    )
    went = (
        select(m.code, m.origin_site_id, -func.sum(m.loaded_kg))
        .where(
            m.mover_id == unit,
            m.purpose == Purpose.TRANSFER.value,
            m.state != State.CANCELLED.value,
            m.loaded_kg > 0,
            or_(_signed(Act.DEPART), m.accepted_kg > 0),
            ~gone,
        )
        .group_by(m.code, m.origin_site_id)
    )
    receives = session.scalar(select(exists().where(m.receiver_id == unit)))
    rows = [*session.execute(came), *(session.execute(went) if receives else ())]
    return [Line(code, int(kg), site) for code, site, kg in rows]


def _signed(act: Act) -> ColumnElement[bool]:
    s = ManifestSignature
    return exists().where(s.manifest_id == Manifest.id, s.act == act.value)


def _facilities(
    session: Session, unit: UUID, homes: Mapping[str, UUID], sites: Sequence[UUID]
) -> dict[tuple[UUID, str], dict[str, int]]:
    """Return what lies in each storage facility of a unit by its batches.

    A load's batch lies at the site that its manifest names; what was entered by hand, where the name alone
    tells it. What nobody told the site of counts against none.
    """
    rows = [
        (row, left)
        for row, left in ledgers.batches(session, unit)
        if row.part == Table.STORED.value and row.facility
    ]
    ends = _ends(session, {row.manifest_id for row, _ in rows if row.manifest_id is not None})
    found: dict[tuple[UUID, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row, left in rows:
        brought = ends.get(row.manifest_id) if row.manifest_id is not None else None
        home = sites[0] if len(sites) == 1 else brought or homes.get(row.facility)
        if home is not None:
            found[home, row.facility][row.code] += left
    return {place: dict(by_code) for place, by_code in found.items()}


def _ends(session: Session, loads: Collection[UUID]) -> dict[UUID, UUID]:
    """Return to which site each load, or period of a pipeline, was brought."""
    of_loads = select(Manifest.id, Manifest.destination_site_id).where(Manifest.id.in_(loads))
    of_periods = (
        select(PeriodManifest.id, Pipeline.destination_site_id)
        .join(Pipeline, Pipeline.id == PeriodManifest.pipeline_id)
        .where(PeriodManifest.id.in_(loads))
    )
    return {key: site for which in (of_loads, of_periods) for key, site in session.execute(which)}
