"""After which waste does a carrier's vehicle need a cleaning before which other, and where is it cleaned?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.catalogue.rules import WasteCode, is_category
from matching.distances import Point

MOST_RULES = 100
MOST_PLACES = 20
MOST_MINUTES = 480
LONGEST_NAME = 60
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class CleaningRule:
    """After `after` a cleaning before `before`: each a waste code, a category such as HW08, or empty.

    Empty `after`: any waste. Empty `before`: any waste of another code than the one before it.
    """

    after: str = ""
    before: str = ""

    def asks(self, earlier: str, later: str) -> bool:
        """Tell whether a waste may follow another, by their codes, only after a cleaning."""
        return _is(self.after, earlier) and (_is(self.before, later) if self.before else earlier != later)


@dataclass(frozen=True, slots=True)
class CleaningPlace:
    """Where vehicles are cleaned, at any hour: minutes and fee; without a point at the vehicles' homes."""

    name: str
    lat: float | None
    lon: float | None
    minutes: int
    fee_fen: int

    @property
    def point(self) -> Point | None:
        """Return where it is; None: at the homes of the carrier's vehicles."""
        return None if self.lat is None or self.lon is None else Point(self.lat, self.lon)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What a carrier has stated about cleaning; without a rule nothing has to be cleaned."""

    rules: tuple[CleaningRule, ...] = ()
    places: tuple[CleaningPlace, ...] = ()

    def pairs(self, earlier: Iterable[str], later: Iterable[str]) -> frozenset[tuple[str, str]]:
        """Return which of the later wastes may follow which of the earlier only after a cleaning."""
        first, second = sorted(set(earlier)), sorted(set(later))
        return frozenset((a, b) for a in first for b in second if any(one.asks(a, b) for one in self.rules))

    def spots(self, homes: Iterable[Point]) -> dict[Point, CleaningPlace]:
        """Return every point at which vehicles with these homes are cleaned; the first stated counts."""
        yards, found = list(homes), dict[Point, CleaningPlace]()
        for place in self.places:
            for point in yards if place.point is None else [place.point]:
                found.setdefault(point, place)
        return found


def waste_meant(text: str) -> str:
    """Return the code or the category that a person typed, empty for any. Raises `ValueError` for neither."""
    bare = text.strip().upper()
    return bare if not bare or is_category(bare) else WasteCode.parse(bare).text


def _is(stated: str, code: str) -> bool:
    return stated in {"", code} or stated == WasteCode.parse(code).category
