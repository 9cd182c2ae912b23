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


QUOTA_WARN_PERCENT = 80


@dataclass(frozen=True, slots=True)
class LicenceLine:
    """One waste of a licence: a full code, a category (`HW08`) or a family (`SW10`), with its yearly mass."""

    code: str
    yearly_kg: int
    drawn_kg: int

    @property
    def left_kg(self) -> int:
        """Return the mass that may still be booked this year, never below zero."""
        return max(0, self.yearly_kg - self.drawn_kg)

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

    def line_for(self, code: str, category: str) -> LicenceLine | None:
        """Return the narrowest line that covers a code, if any."""
        covering = [line for line in self.lines if line.covers(code, category)]
        return next((line for line in covering if line.code == code), covering[0] if covering else None)


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
    if not hazardous and nearest.refusal not in {None, Refusal.QUOTA}:
        return Judgement(nearest.licence, nearest.line, Refusal.CONTRACTOR)
    return nearest


_NEARNESS: dict[Refusal | None, int] = {
    Refusal.CODE: 0,
    Refusal.EXPIRED: 1,
    Refusal.NOT_YET: 2,
    Refusal.MODE: 3,
    Refusal.QUOTA: 4,
    None: 5,
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
    verdicts = [Judgement(licence, None, _day_fault(licence, on)) for licence in in_class]
    nearest = max(verdicts, key=lambda verdict: _NEARNESS[verdict.refusal])
    permit = {Refusal.EXPIRED: Refusal.PERMIT_EXPIRED, Refusal.NOT_YET: Refusal.PERMIT_NOT_YET}
    return nearest if nearest.refusal is None else replace(nearest, refusal=permit[nearest.refusal])


def quota_is_near(line: LicenceLine, kg: int) -> bool:
    """Tell whether booking `kg` more brings a line to 80 % of its yearly mass or above (L4)."""
    return (line.drawn_kg + kg) * 100 >= line.yearly_kg * QUOTA_WARN_PERCENT


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
