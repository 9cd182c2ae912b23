"""Which parties exist, and does a licence cover an act on a day?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError


class OrganisationKind(StrEnum):
    """What an organisation does on the market; one may do several."""

    PRODUCER = "producer"
    CARRIER = "carrier"
    PROCESSOR = "processor"
    OPERATOR = "operator"
    AUTHORITY = "authority"


class LicenceKind(StrEnum):
    """Which permission a document gives (L2, L9)."""

    COMPREHENSIVE = "comprehensive"
    COLLECTION = "collection"
    CONTRACTOR = "contractor"
    """No national licence exists for non-hazardous waste: the verified status of L13."""
    DANGEROUS_GOODS = "dangerous_goods"
    ROAD = "road"


class Mode(StrEnum):
    """What a processor does with waste (L1)."""

    COLLECT = "collect"
    STORE = "store"
    USE = "use"
    DISPOSE = "dispose"


class Refusal(StrEnum):
    """Why a licence does not carry an act; the value is the rule id with its detail."""

    NO_LICENCE = "L1.no_licence"
    CODE = "L1.code_not_covered"
    MODE = "L1.mode_not_covered"
    NOT_YET = "L3.not_yet_valid"
    EXPIRED = "L3.expired"
    QUOTA = "L4.quota_exceeded"
    CARRIER = "L9.carrier_not_permitted"
    PERMIT_NOT_YET = "L9.not_yet_valid"
    PERMIT_EXPIRED = "L9.expired"
    CLASS = "L9.class_not_covered"
    CONTRACTOR = "L13.contractor_unverified"
    SUSPENDED = "A1.suspended"


@dataclass(frozen=True, slots=True)
class QuotaPolicy:
    """At how many per cent of a yearly quantity a booking is warned of, blocked, and an alarm raised (L4)."""

    warn_percent: int = 80
    block_percent: int = 100
    alarm_percent: int = 120

    def fault(self) -> str | None:
        """Return the field that cannot be so: the law wants a new licence beyond 120 per cent."""
        if not 1 <= self.warn_percent <= self.block_percent:
            return "warn_percent"
        if not self.block_percent <= LAW_PERCENT:
            return "block_percent"
        return None if self.block_percent <= self.alarm_percent <= LAW_PERCENT else "alarm_percent"


LAW_PERCENT = 120
"""More than this of the approved yearly scale needs a new application (L4)."""
USUAL_QUOTA = QuotaPolicy()


@dataclass(frozen=True, slots=True)
class LicenceLine:
    """One waste of a licence: a full code, a category (`HW08`) or a family (`SW10`), with its yearly mass."""

    code: str
    yearly_kg: int
    drawn_kg: int
    policy: QuotaPolicy = USUAL_QUOTA
    whole: LicenceLine | None = None
    """The licence as a whole, where it states a total: no line leaves more than it does."""

    @property
    def left_kg(self) -> int:
        """Return the mass that may still be booked this year, never below zero."""
        own = max(0, self.yearly_kg * self.policy.block_percent // 100 - self.drawn_kg)
        return own if self.whole is None else min(own, self.whole.left_kg)

    def percent(self, more_kg: int = 0) -> int:
        """Return how much of the year is taken, in whole per cent: the fuller of line and whole."""
        own = (self.drawn_kg + more_kg) * 100 // max(1, self.yearly_kg)
        return own if self.whole is None else max(own, self.whole.percent(more_kg))

    def covers(self, code: str, category: str) -> bool:
        """Tell whether the line names this code or its whole category."""
        return self.code in {code, category}


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence as of a year: its kind, modes, days of validity and lines."""

    id: UUID
    organisation_id: UUID
    number: str
    kind: LicenceKind
    modes: frozenset[Mode]
    classes: frozenset[str]
    valid_from: date
    valid_to: date
    lines: tuple[LicenceLine, ...]
    suspended_from: date | None = None
    """From this day on its holder may not act."""
    suspended_to: date | None = None

    def is_suspended(self, on: date) -> bool:
        """Tell whether its holder may not act on a day."""
        since, until = self.suspended_from, self.suspended_to
        return since is not None and since <= on and (until is None or on <= until)

    def without(self, code: str, kg: int) -> Licence:
        """Return the licence as it would be had one of its lines not been drawn upon by a mass."""
        if not kg:
            return self
        lines = []
        for line in self.lines:
            whole = line.whole and replace(line.whole, drawn_kg=line.whole.drawn_kg - kg)
            drawn_kg = line.drawn_kg - (kg if line.code == code else 0)
            lines.append(replace(line, drawn_kg=drawn_kg, whole=whole))
        return replace(self, lines=tuple(lines))

    def line_for(self, code: str, category: str) -> LicenceLine | None:
        """Return the narrowest line that covers a code, if any."""
        covering = [line for line in self.lines if line.covers(code, category)]
        return next((line for line in covering if line.code == code), covering[0] if covering else None)


@dataclass(frozen=True, slots=True)
class Driver:
    """Who drives, and the last valid day of the dangerous-goods certificate, if any (L9)."""

    name: str
    permit_to: date | None


@dataclass(frozen=True, slots=True)
class Escort:
    """Who rides along to watch over the load, and the last valid day of the certificate, if any (L9)."""

    name: str
    escort_to: date | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether licences carry an act: the nearest of them, its line, and everything that it lacks."""

    licence: Licence | None
    line: LicenceLine | None
    refusals: tuple[Refusal, ...] = ()

    @property
    def allowed(self) -> bool:
        """Tell whether the act may go ahead."""
        return not self.refusals


def uscc_of(text: str) -> str:
    """Return a Unified Social Credit Code as it is kept: capitals, without the blanks people type."""
    return str(uscc.compact(text))


def uscc_fault(code: str) -> bool:
    """Tell whether a Unified Social Credit Code is malformed or has a wrong check character (GB 32100)."""
    try:
        uscc.validate(code)
    except ValidationError:
        return True
    return False


def judge_processor(
    licences: Iterable[Licence],
    *,
    code: str,
    category: str,
    hazardous: bool,
    mode: Mode,
    kg: int,
    on: date,
) -> Judgement:
    """Judge whether a processor may take `kg` of a waste for a purpose on a day (L1, L3, L4, L13).

    The nearest licence is judged, and everything that it lacks is told at once: one that covers the waste
    is nearer than any that does not, then the one with the fewest faults. `L1` speaks of hazardous waste
    alone: for other waste, what nobody verified is `L13`.
    """
    kinds = {LicenceKind.COMPREHENSIVE, LicenceKind.COLLECTION} if hazardous else {LicenceKind.CONTRACTOR}
    fitting = [licence for licence in licences if licence.kind in kinds]
    if not fitting:
        return Judgement(None, None, (Refusal.NO_LICENCE if hazardous else Refusal.CONTRACTOR,))
    nearest = _nearest(_judge_one(licence, code, category, mode, kg, on) for licence in fitting)
    if hazardous or nearest.allowed:
        return nearest
    verified = tuple(one for one in nearest.refusals if one in {Refusal.SUSPENDED, Refusal.QUOTA})
    unverified = () if verified == nearest.refusals else (Refusal.CONTRACTOR,)
    return replace(nearest, refusals=(*unverified, *verified))


_NEARNESS: dict[Refusal, int] = {
    Refusal.CODE: 0,
    Refusal.CLASS: 0,
    Refusal.EXPIRED: 1,
    Refusal.PERMIT_EXPIRED: 1,
    Refusal.NOT_YET: 2,
    Refusal.PERMIT_NOT_YET: 2,
    Refusal.MODE: 3,
    Refusal.SUSPENDED: 4,
    Refusal.QUOTA: 5,
}
"""Of two licences with as many faults each, the one whose gravest is easier to mend is nearer."""
_NOTHING_TO_DO_WITH_IT = frozenset({Refusal.CODE, Refusal.CLASS})


def _nearest(verdicts: Iterable[Judgement]) -> Judgement:
    """Return the first that carries the act, which is most often the first of all, or the nearest miss."""
    misses = []
    for verdict in verdicts:
        if not verdict.refusals:
            return verdict
        misses.append(verdict)
    return max(misses, key=_nearness)


def _nearness(verdict: Judgement) -> tuple[bool, int, int]:
    found = verdict.refusals
    return found[0] not in _NOTHING_TO_DO_WITH_IT, -len(found), _NEARNESS[found[0]]


def _judge_one(licence: Licence, code: str, category: str, mode: Mode, kg: int, on: date) -> Judgement:
    """Judge one licence; its faults stand in the order of `_NEARNESS`, the gravest first."""
    line = licence.line_for(code, category)
    found = [] if line is not None else [Refusal.CODE]
    if on > licence.valid_to:
        found.append(Refusal.EXPIRED)
    elif on < licence.valid_from:
        found.append(Refusal.NOT_YET)
    if mode not in licence.modes:
        found.append(Refusal.MODE)
    if licence.is_suspended(on):
        found.append(Refusal.SUSPENDED)
    if line is not None and kg > line.left_kg:
        found.append(Refusal.QUOTA)
    return Judgement(licence, line, tuple(found))


def judge_carrier(licences: Iterable[Licence], *, dg_class: str | None, on: date) -> Judgement:
    """Judge whether a carrier may move goods of a dangerous-goods class (None: ordinary) on a day (L9).

    Everything that the nearest permit lacks is told; one of the class is nearer than any other.
    """
    kinds = {LicenceKind.DANGEROUS_GOODS} if dg_class else {LicenceKind.ROAD, LicenceKind.DANGEROUS_GOODS}
    fitting = [licence for licence in licences if licence.kind in kinds]
    if not fitting:
        return Judgement(None, None, (Refusal.CARRIER,))
    return _nearest(Judgement(one, None, _permit_faults(one, dg_class, on)) for one in fitting)


def _permit_faults(permit: Licence, dg_class: str | None, on: date) -> tuple[Refusal, ...]:
    found = [Refusal.CLASS] if dg_class is not None and dg_class not in permit.classes else []
    if on > permit.valid_to:
        found.append(Refusal.PERMIT_EXPIRED)
    elif on < permit.valid_from:
        found.append(Refusal.PERMIT_NOT_YET)
    if permit.is_suspended(on):
        found.append(Refusal.SUSPENDED)
    return tuple(found)


def quota_is_near(line: LicenceLine, kg: int) -> bool:
    """Tell whether booking `kg` more brings a line, or its licence, to 80 % of the year or above (L4)."""
    near = (line.drawn_kg + kg) * 100 >= line.yearly_kg * line.policy.warn_percent
    return near or (line.whole is not None and quota_is_near(line.whole, kg))


def quota_is_broken(line: LicenceLine) -> bool:
    """Tell whether more than 120 % of what a line, or its licence, allows in the year is taken (L4)."""
    broken = line.drawn_kg * 100 > line.yearly_kg * line.policy.alarm_percent
    return broken or (line.whole is not None and quota_is_broken(line.whole))


class PlaceFault(StrEnum):
    """Why a point cannot be a site here; the value is the rule id."""

    OUTSIDE = "GEO.outside_china"
    SWAPPED = "GEO.swapped"


CHINA = (73.0, 3.0, 135.5, 54.0)
"""West, south, east, north of the box that holds every Chinese site, degrees."""


def place_fault(lat: float, lon: float) -> PlaceFault | None:
    """Tell why a point cannot be in China; latitude and longitude in the wrong order are told apart."""
    west, south, east, north = CHINA
    if west <= lon <= east and south <= lat <= north:
        return None
    if west <= lat <= east and south <= lon <= north:
        return PlaceFault.SWAPPED
    return PlaceFault.OUTSIDE
