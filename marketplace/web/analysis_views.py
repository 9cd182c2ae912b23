"""How do an analysis's figures become words and pictures?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.manifests.tables import Manifest
from compliance.oversight.circles import Bounds
from compliance.oversight.rules import Balance, Found, Sign
from compliance.oversight.service import Analysis
from compliance.oversight.signs import SHEETS, Sheet
from compliance.record.errors import N_
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation, Site
from marketplace.settings import Settings
from marketplace.web.ring_views import Ring, circle_of, ring_of

WIDTH = 400.0
FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "opening_kg": N_("there before"),
        "in_kg": N_("taken in"),
        "out_kg": N_("handed on"),
        "treated_kg": N_("treated"),
        "stock_kg": N_("stock (estimate)"),
        "limit_kg": N_("storage limit"),
        "facility": N_("storage facility"),
        "source": N_("by which paper"),
        "kg": N_("mass"),
        "days": N_("days at most"),
        "code": N_("waste code"),
        "loads": N_("loads"),
        "licence": N_("licence"),
        "yearly_kg": N_("yearly quantity"),
        "percent": N_("per cent of it"),
        "usual_kg": N_("usual"),
        "score": N_("deviation"),
        "legs_kg": N_("masses of the legs"),
        "round_kg": N_("may have gone round (weakest leg)"),
        "round_percent": N_("per cent of the first leg"),
        "first_at": N_("first left"),
        "last_at": N_("last arrived"),
        "ties": N_("shared"),
        "pipeline": N_("pipeline"),
        "month": N_("month"),
        "mover_kg": N_("metered by the mover"),
        "receiver_kg": N_("metered by the receiver"),
        "permille": N_("apart, ‰"),
        "telephone": N_("telephone"),
        "representative": N_("representative"),
        "address": N_("address"),
        "beneficiary": N_("beneficial owner"),
        "bank_account": N_("bank account"),
        "vehicle": N_("vehicle used by both"),
        "there_kg": N_("from the first to the second"),
        "back_kg": N_("from the second to the first"),
    }
)
"""What the figures of a sign are called."""
MOST = 200
EVIDENCE = frozenset({"all_kg", "legs"})
"""Figures that are drawn or tabled, and not told in the line."""
MOST_RINGS, MOST_ON_A_RING = 12, 12
BY_SITE = frozenset({Sign.NEGATIVE_STOCK, Sign.OVER_STORAGE, Sign.STORED_TOO_LONG})


@dataclass(frozen=True, slots=True)
class Bar:
    """One site's balance drawn: how far each mass reaches, out of `WIDTH`."""

    site: Site
    owner: str
    balance: Balance
    opening_x: float
    in_x: float
    treated_x: float
    out_x: float
    stock_x: float
    limit_x: float | None


@dataclass(frozen=True, slots=True)
class Named:
    """One sign with the names of those it is about, and its manifests by number."""

    found: Found
    subjects: tuple[tuple[str, bool], ...]
    manifests: tuple[tuple[UUID, str], ...]
    dots: tuple[float, ...]
    """Where the other loads lie on the strip, out of `WIDTH`; for outliers alone."""
    here: float
    ring: Ring | None = None
    """A picture of waste that goes round."""


@dataclass(frozen=True, slots=True)
class Group:
    """All findings of one sign."""

    sign: Sign
    sheet: Sheet
    found: tuple[Named, ...]


def bounds_of(settings: Settings) -> Bounds:
    """Return when waste that goes round is worth a question in this instance."""
    return Bounds(timedelta(days=settings.circle_window_days), settings.circle_least_percent)


def bars(session: Session, analysis: Analysis) -> tuple[Bar, ...]:
    """Return the balances as bars of one scale."""
    shown = analysis.balances[:MOST]
    sites = registry.sites(session, [one.site for one in shown])
    owners = registry.organisations(session, {site.organisation_id for site in sites.values()})
    reach = max((_largest(one) for one in shown), default=0) or 1
    return tuple(
        _bar(one, sites[one.site], owners[sites[one.site].organisation_id].name, reach) for one in shown
    )


def _largest(one: Balance) -> int:
    return max(one.opening_kg + one.in_kg, one.treated_kg + one.out_kg, abs(one.stock_kg), one.limit_kg or 0)


def _bar(one: Balance, site: Site, owner: str, reach: int) -> Bar:
    def x(kg: int) -> float:
        return round(max(0, kg) / reach * WIDTH, 1)

    return Bar(
        site=site,
        owner=owner,
        balance=one,
        opening_x=x(one.opening_kg),
        in_x=x(one.in_kg),
        treated_x=x(one.treated_kg),
        out_x=x(one.out_kg),
        stock_x=x(one.stock_kg),
        limit_x=x(one.limit_kg) if one.limit_kg is not None else None,
    )


def groups(session: Session, analysis: Analysis) -> tuple[Group, ...]:
    """Return the findings by sign, every sign named even where nothing was found."""
    by_sign: dict[Sign, list[Found]] = {sign: [] for sign in Sign}
    for one in analysis.found:
        by_sign[one.sign].append(one)
    shown = [one for found in by_sign.values() for one in found[:MOST]]
    names = _names(session, shown)
    numbers = _numbers(session, [key for one in shown for key in one.manifests[:5]])
    return tuple(
        Group(sign, SHEETS[sign], tuple(_named(one, names, numbers) for one in found[:MOST]))
        for sign, found in by_sign.items()
    )


def _names(session: Session, found: Sequence[Found]) -> Mapping[UUID, tuple[str, bool]]:
    places = {key for one in found if one.sign in BY_SITE for key in one.subjects}
    sites = registry.sites(session, places)
    people = {key for one in found if one.sign not in BY_SITE for key in one.subjects}
    owners: dict[UUID, Organisation] = registry.organisations(
        session, people | {site.organisation_id for site in sites.values()}
    )
    names = {key: (row.name, row.simulated) for key, row in owners.items()}
    for key, site in sites.items():
        owner = owners[site.organisation_id]
        names[key] = (f"{owner.name}: {site.name}", owner.simulated)
    return names


def _numbers(session: Session, keys: Sequence[UUID]) -> Mapping[UUID, str]:
    rows = session.execute(select(Manifest.id, Manifest.number).where(Manifest.id.in_(set(keys))))
    return {key: number or "—" for key, number in rows}


def _named(one: Found, names: Mapping[UUID, tuple[str, bool]], numbers: Mapping[UUID, str]) -> Named:
    every = one.figures.get("all_kg", [])
    masses = [int(str(kg)) for kg in every] if isinstance(every, list) else []
    reach = max(masses, default=0) or 1
    return Named(
        found=one,
        subjects=tuple(names.get(key, (str(key), False)) for key in one.subjects),
        manifests=tuple((key, numbers[key]) for key in one.manifests[:5] if key in numbers),
        dots=tuple(round(kg / reach * WIDTH, 1) for kg in masses),
        here=round(int(str(one.figures.get("kg", 0) or 0)) / reach * WIDTH, 1) if masses else 0.0,
        ring=circle_of(one, {key: name for key, (name, _) in names.items()})
        if one.sign is Sign.CIRCULAR
        else None,
    )


def rings(session: Session, analysis: Analysis) -> tuple[Ring, ...]:
    """Return the companies that hang together as pictures, the largest groups first."""
    shown = analysis.groups[:MOST_RINGS]
    owners = registry.organisations(session, {key for one in shown for key in one.members})
    names = {key: row.name for key, row in owners.items()}
    return tuple(ring_of(one, names) for one in shown if len(one.members) <= MOST_ON_A_RING)
