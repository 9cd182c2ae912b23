"""What lies where, and may it: the figures and bars of a unit's storage limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.storage import queries
from compliance.storage.rules import held
from compliance.storage.tables import StorageLimit

WIDTH = 400.0


class HeldView(msgspec.Struct, frozen=True, kw_only=True):
    """One limit, kilograms, with the estimate of what lies there; `code` empty: all waste."""

    site_id: UUID
    site: str
    facility: str
    code: str
    kg: int
    source: str
    by_authority: bool
    set_at: datetime
    stock_kg: int
    percent: int
    over: bool

    @property
    def reach(self) -> float:
        """Return the greater of what lies there and what may, which a bar's width stands for."""
        return float(max(self.stock_kg, self.kg, 1))

    @property
    def stock_x(self) -> float:
        """Return how far the bar reaches."""
        return round(self.stock_kg / self.reach * WIDTH, 1)

    @property
    def limit_x(self) -> float:
        """Return where the limit stands."""
        return round(self.kg / self.reach * WIDTH, 1)


class LyingHere(msgspec.Struct, frozen=True, kw_only=True):
    """What lies at a site of one waste, kilograms, an estimate; no site: nobody told at which."""

    site_id: UUID | None
    site: str
    code: str
    kg: int


class UnitStore(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of a unit's sites, and what lies at each."""

    organisation_id: UUID
    name: str
    simulated: bool
    limits: list[HeldView]
    stocks: list[LyingHere]


def stores(work: Work, of: UUID | None = None) -> list[UnitStore]:
    """Return the stores of one unit, or of all that a person may see of which a limit is known, by fullness.

    The caller has made sure that the unit may be read.
    """
    session = work.session
    units = queries.units(session, work.who) if of is None else [of]
    known, owners = queries.limits(session, units), registry.organisations(session, units)
    found = [
        _store(work, unit, owners[unit].name, known.get(unit, []), simulated=owners[unit].simulated)
        for unit in units
    ]
    return sorted(found, key=lambda one: -max((limit.percent for limit in one.limits), default=0))


def _store(work: Work, unit: UUID, name: str, known: Sequence[StorageLimit], *, simulated: bool) -> UnitStore:
    stock = queries.stock_of(work.session, unit, known)
    names = {site.id: site.name for site in registry.sites_of(work.session, unit)}
    judged = zip(known, held(map(queries.plain, known), stock), strict=True)
    here = [(site, code, kg) for site, by_code in stock.sites.items() for code, kg in by_code.items()]
    lying = [LyingHere(site_id=site, site=names[site], code=code, kg=kg) for site, code, kg in here]
    loose = [LyingHere(site_id=None, site="", code=code, kg=kg) for code, kg in stock.unplaced.items()]
    return UnitStore(
        organisation_id=unit,
        name=name,
        simulated=simulated,
        limits=[
            HeldView(
                site_id=row.site_id,
                site=names[row.site_id],
                facility=row.facility,
                code=row.code,
                kg=row.kg,
                source=row.source,
                by_authority=row.by_authority,
                set_at=row.set_at,
                stock_kg=one.stock_kg,
                percent=one.percent,
                over=one.is_over,
            )
            for row, one in judged
        ],
        stocks=[*lying, *loose],
    )
