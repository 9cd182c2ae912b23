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
    """Whether licences carry an act: `licence` and `line` when they do, `refusal` when not."""

    licence: Licence | None
    line: LicenceLine | None
    refusal: Refusal | None

    @property
    def allowed(self) -> bool:
        """Tell whether the act may go ahead."""
        return self.refusal is None


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

    The nearest miss is the reason given: a licence that covers all but the quantity says `L4`, not `L1`.
    `L1` speaks of hazardous waste alone: for other waste, what nobody verified is `L13`.
    """
    kinds = {LicenceKind.COMPREHENSIVE, LicenceKind.COLLECTION} if hazardous else {LicenceKind.CONTRACTOR}
    fitting = [licence for licence in licences if licence.kind in kinds]
    if not fitting:
        return Judgement(None, None, Refusal.NO_LICENCE if hazardous else Refusal.CONTRACTOR)
    verdicts = [_judge_one(licence, code, category, mode, kg, on) for licence in fitting]
    nearest = max(verdicts, key=lambda verdict: _NEARNESS[verdict.refusal])
    if not hazardous and nearest.refusal not in {None, Refusal.QUOTA, Refusal.SUSPENDED}:
        return Judgement(nearest.licence, nearest.line, Refusal.CONTRACTOR)
    return nearest


_NEARNESS: dict[Refusal | None, int] = {
    Refusal.CODE: 0,
    Refusal.EXPIRED: 1,
    Refusal.NOT_YET: 2,
    Refusal.MODE: 3,
    Refusal.SUSPENDED: 4,
    Refusal.QUOTA: 5,
    None: 6,
}


def _judge_one(licence: Licence, code: str, category: str, mode: Mode, kg: int, on: date) -> Judgement:
    line = licence.line_for(code, category)
    if line is None:
        return Judgement(licence, None, Refusal.CODE)
    day_fault = _day_fault(licence, on)
    if day_fault is not None:
        return Judgement(licence, line, day_fault)
    if mode not in licence.modes:
        return Judgement(licence, line, Refusal.MODE)
    if licence.is_suspended(on):
        return Judgement(licence, line, Refusal.SUSPENDED)
    if kg > line.left_kg:
        return Judgement(licence, line, Refusal.QUOTA)
    return Judgement(licence, line, None)


def _day_fault(licence: Licence, on: date) -> Refusal | None:
    if on < licence.valid_from:
        return Refusal.NOT_YET
    return Refusal.EXPIRED if on > licence.valid_to else None


def judge_carrier(licences: Iterable[Licence], *, dg_class: str | None, on: date) -> Judgement:
    """Judge whether a carrier may move goods of a dangerous-goods class (None: ordinary) on a day (L9)."""
    kinds = {LicenceKind.DANGEROUS_GOODS} if dg_class else {LicenceKind.ROAD, LicenceKind.DANGEROUS_GOODS}
    fitting = [licence for licence in licences if licence.kind in kinds]
    if not fitting:
        return Judgement(None, None, Refusal.CARRIER)
    in_class = [licence for licence in fitting if dg_class is None or dg_class in licence.classes]
    if not in_class:
        return Judgement(fitting[0], None, Refusal.CLASS)
    verdicts = [Judgement(licence, None, _permit_fault(licence, on)) for licence in in_class]
    nearest = max(verdicts, key=lambda verdict: _NEARNESS[verdict.refusal])
    permit = {Refusal.EXPIRED: Refusal.PERMIT_EXPIRED, Refusal.NOT_YET: Refusal.PERMIT_NOT_YET}
    told = nearest.refusal and permit.get(nearest.refusal, nearest.refusal)
    return replace(nearest, refusal=told)


def _permit_fault(licence: Licence, on: date) -> Refusal | None:
    fault = _day_fault(licence, on)
    return Refusal.SUSPENDED if fault is None and licence.is_suspended(on) else fault


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
