"""Which signs does a year of loads show? Plain rules over plain facts; what is not known is no sign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import TypeVar
from uuid import UUID

from compliance.exemptions.rules import STAGE_OF, Grant, is_exempt
from compliance.registry.rules import Licence, LicenceLine, Mode

K = TypeVar("K", bound=Hashable)

OUTLIER = 3.5
"""A modified z-score beyond this is an outlier (Iglewicz and Hoaglin, 1993)."""
FEWEST = 8
"""Of fewer loads nobody can tell what is usual."""
LEAST_SPREAD = 0.02
"""Loads differ by two per cent of their median at least; less is the scale's rounding."""
STORED_FOR = timedelta(days=365)
FULL_PERCENT = 100


class Sign(StrEnum):
    """What an analysis found."""

    NEGATIVE_STOCK = "negative_stock"
    OVER_STORAGE = "over_storage"
    STORED_TOO_LONG = "stored_too_long"
    WITHOUT_LICENCE = "without_licence"
    BEYOND_LICENCE = "beyond_licence"
    OUTLIER = "outlier"
    CIRCULAR = "circular"
    CANCELLED_LOADED = "cancelled_loaded"
    LINKED = "linked"
    METERS_DISAGREE = "meters_disagree"


@dataclass(frozen=True, slots=True)
class Load:
    """One manifest as the analyses see it; masses in kilograms, days by Shanghai's calendar."""

    id: UUID
    mover: UUID
    receiver: UUID
    carrier: UUID
    origin: UUID
    destination: UUID
    code: str
    hazardous: bool
    loaded_kg: int | None
    accepted_kg: int | None
    drawn_up: date
    accepted_on: date | None = None
    treated_on: date | None = None
    cancelled: bool = False
    refused_before: bool = False
    """It moves what a receiver refused, back or onward: it left nobody's stock."""
    mode: Mode | None = None
    """What the receiver is to do with it, where that is told."""
    metered: bool = False
    """It is a period of a pipeline, not a trip: its mass is no usual load's."""
    number: str = ""
    left_at: datetime | None = None
    accepted_at: datetime | None = None

    @property
    def comes_home(self) -> bool:
        """Tell whether it brings back to a mover what was the mover's own."""
        return self.mover == self.receiver


@dataclass(frozen=True, slots=True)
class Balance:
    """What went through a site in a year: there before, taken in, handed on, treated, and what is left."""

    site: UUID
    in_kg: int
    out_kg: int
    treated_kg: int
    limit_kg: int | None = None
    opening_kg: int = 0

    @property
    def stock_kg(self) -> int:
        """Return the estimate of what is there: there before or taken in, neither treated nor handed on."""
        return self.opening_kg + self.in_kg - self.treated_kg - self.out_kg


@dataclass(frozen=True, slots=True)
class Found:
    """One sign: about whom or where, on which manifests it rests, and the figures that say so."""

    sign: Sign
    subjects: tuple[UUID, ...]
    manifests: tuple[UUID, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict)


def balances(
    loads: Iterable[Load],
    receiving: frozenset[UUID],
    limits: Mapping[UUID, int],
    year: int,
    opening: Mapping[UUID, int],
) -> list[Balance]:
    """Return the year's balance of every site that receives, the largest stock first.

    `receiving` are sites of processors: what a producer's site hands on arose there. `opening` is what lay at
    a site when the year began. Each load counts on the days on which it was taken in, treated, handed on.
    """
    taken: dict[UUID, int] = defaultdict(int)
    handed: dict[UUID, int] = defaultdict(int)
    treated: dict[UUID, int] = defaultdict(int)
    for one in loads:
        if (one.accepted_on or one.drawn_up).year == year:
            taken[one.destination] += one.accepted_kg or 0
        if one.treated_on is not None and one.treated_on.year == year:
            treated[one.destination] += one.accepted_kg or 0
        leaves = one.origin in receiving and not one.cancelled and not one.refused_before
        if leaves and one.drawn_up.year == year:
            handed[one.origin] += one.loaded_kg or 0
    found = [
        Balance(site, taken[site], handed[site], treated[site], limits.get(site), opening.get(site, 0))
        for site in receiving
        if taken[site] or handed[site] or treated[site] or opening.get(site) or site in limits
    ]
    return sorted(found, key=lambda one: (-one.stock_kg, one.site.int))


def stock_signs(found: Iterable[Balance]) -> list[Found]:
    """Say where more left than came, and where more lies than may."""
    signs = []
    for one in found:
        figures = {
            "opening_kg": one.opening_kg,
            "in_kg": one.in_kg,
            "out_kg": one.out_kg,
            "treated_kg": one.treated_kg,
        }
        if one.stock_kg < 0:
            signs.append(Found(Sign.NEGATIVE_STOCK, (one.site,), (), figures | {"stock_kg": one.stock_kg}))
        if one.limit_kg is not None and one.stock_kg > one.limit_kg:
            more = {"stock_kg": one.stock_kg, "limit_kg": one.limit_kg}
            signs.append(Found(Sign.OVER_STORAGE, (one.site,), (), figures | more))
    return signs


def stored_too_long(loads: Iterable[Load], today: date) -> list[Found]:
    """Say which hazardous loads lie untreated for more than a year (L8); what came home is the mover's."""
    old = [
        one
        for one in loads
        if one.hazardous
        and not one.comes_home
        and one.accepted_kg
        and one.accepted_on is not None
        and one.treated_on is None
        and today - one.accepted_on > STORED_FOR
    ]
    return [
        Found(
            Sign.STORED_TOO_LONG,
            (site,),
            tuple(one.id for one in own),
            {
                "kg": sum(one.accepted_kg or 0 for one in own),
                "days": max((today - one.accepted_on).days for one in own if one.accepted_on),
            },
        )
        for site, own in _by(old, lambda one: one.destination)
    ]


def licence_signs(
    loads: Iterable[Load],
    held: Mapping[UUID, Sequence[Licence]],
    categories: Mapping[str, str],
    grants: Iterable[Grant] = (),
) -> list[Found]:
    """Say who took hazardous waste without a licence that day (L1), or more than the year's mass (L4).

    A load that comes home to its mover needs none, nor does one whose stage is exempt by a grant (L12).
    """
    granted: dict[tuple[UUID, str], list[Grant]] = defaultdict(list)
    for grant in grants:
        granted[grant.holder_id, grant.code].append(grant)
    taken = [
        one
        for one in loads
        if one.hazardous
        and one.accepted_kg
        and one.accepted_on is not None
        and not one.comes_home
        and not _exempt(granted[one.receiver, one.code], one)
    ]
    found = []
    for (receiver, code), own in _by(taken, lambda one: (one.receiver, one.code)):
        category = categories.get(code, "")
        licences = held.get(receiver, ())
        bare = [one for one in own if not _covering(licences, one, category)]
        if bare:
            kg = sum(one.accepted_kg or 0 for one in bare)
            figures: dict[str, object] = {"code": code, "kg": kg, "loads": len(bare)}
            found.append(Found(Sign.WITHOUT_LICENCE, (receiver,), tuple(one.id for one in bare), figures))
    return found + _beyond(taken, held, categories)


def _exempt(grants: Iterable[Grant], load: Load) -> bool:
    if load.mode is None or load.accepted_on is None:
        return False
    return is_exempt(grants, STAGE_OF[load.mode], load.accepted_on, load.mover)


def _covering(licences: Sequence[Licence], load: Load, category: str) -> list[tuple[Licence, LicenceLine]]:
    """Return the licences, each with its line, that covered a load on the day of its acceptance."""
    on = load.accepted_on
    return [
        (one, line)
        for one in licences
        if on is not None
        and one.valid_from <= on <= one.valid_to
        and (load.mode is None or load.mode in one.modes)
        and (line := one.line_for(load.code, category)) is not None
    ]


@dataclass(slots=True)
class _Year:
    """What a year took of one licence: of one line of it, or of all together."""

    holder: UUID
    number: str
    code: str
    """The line's; empty for the licence as a whole."""
    yearly_kg: int
    kg: int = 0
    loads: list[Load] = field(default_factory=list)

    def take(self, load: Load) -> None:
        self.kg += load.accepted_kg or 0
        self.loads.append(load)

    def has_room(self, load: Load) -> bool:
        return self.kg + (load.accepted_kg or 0) <= self.yearly_kg

    def found(self) -> Found:
        percent = self.kg * FULL_PERCENT // max(1, self.yearly_kg)
        named = {"licence": self.number} | ({"code": self.code} if self.code else {})
        figures = {**named, "kg": self.kg, "yearly_kg": self.yearly_kg, "percent": percent}
        return Found(Sign.BEYOND_LICENCE, (self.holder,), tuple(one.id for one in self.loads), figures)


def _beyond(
    taken: Iterable[Load], held: Mapping[UUID, Sequence[Licence]], categories: Mapping[str, str]
) -> list[Found]:
    """Say which lines, and which licences as a whole, took more in a year than they allow (L3, L4).

    A load counts for a licence that covered it on the day; of several, for the first that has room for it.
    """
    years: dict[tuple[UUID, str, int], _Year] = {}
    for one in taken:
        covering = _covering(held.get(one.receiver, ()), one, categories.get(one.code, ""))
        counts = [_counts(years, licence, line, one) for licence, line in covering]
        fits = (these for these in counts if all(year.has_room(one) for year in these))
        for year in next(fits, counts[0] if counts else []):
            year.take(one)
    return [year.found() for year in years.values() if year.kg > year.yearly_kg]


def _counts(
    years: dict[tuple[UUID, str, int], _Year], licence: Licence, line: LicenceLine, load: Load
) -> list[_Year]:
    """Return what a load counts for: a licence's line, and the licence where it states a total."""
    assert load.accepted_on is not None
    return [
        years.setdefault(
            (licence.id, one.code, load.accepted_on.year),
            _Year(load.receiver, licence.number, one.code, one.yearly_kg),
        )
        for one in (line, line.whole)
        if one is not None
    ]


def outliers(loads: Iterable[Load]) -> list[Found]:
    """Say which loads of a mover and code are far from what is usual there, by the median."""
    weighed = [one for one in loads if one.loaded_kg and not (one.cancelled or one.metered)]
    found = []
    for (mover, code), own in _by(weighed, lambda one: (one.mover, one.code)):
        if len(own) < FEWEST:
            continue
        middle = median(one.loaded_kg or 0 for one in own)
        spread = median(abs((one.loaded_kg or 0) - middle) for one in own)
        spread = max(spread, middle * LEAST_SPREAD)
        for one in own:
            score = 0.6745 * ((one.loaded_kg or 0) - middle) / spread
            if abs(score) > OUTLIER:
                figures = {
                    "code": code,
                    "kg": one.loaded_kg,
                    "usual_kg": round(middle),
                    "score": round(score, 1),
                    "all_kg": sorted(other.loaded_kg or 0 for other in own)[:200],
                }
                found.append(Found(Sign.OUTLIER, (mover,), (one.id,), figures))
    return found


def cancelled_after_loading(loads: Iterable[Load]) -> list[Found]:
    """Say whose manifests were called off after a scale had weighed the load: where did it go?

    The paper of a refused load that goes elsewhere in the end names its mass before any scale does.
    """
    odd = [one for one in loads if one.cancelled and one.loaded_kg and not one.refused_before]
    return [
        Found(
            Sign.CANCELLED_LOADED,
            parties,
            tuple(one.id for one in own),
            {"loads": len(own), "kg": sum(one.loaded_kg or 0 for one in own)},
        )
        for parties, own in _by(odd, lambda one: (one.mover, one.carrier))
    ]


def _by(loads: Iterable[Load], key: Callable[[Load], K]) -> list[tuple[K, list[Load]]]:
    """Return loads in groups, in the order in which the groups first appear."""
    groups: dict[K, list[Load]] = {}
    for one in loads:
        groups.setdefault(key(one), []).append(one)
    return list(groups.items())
