"""What lies at each site of each waste, and is it more than may lie there? An estimate from plain lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from compliance.catalogue.rules import WasteCode, is_category

FULL_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A mass that came to a site (or left it, below nothing); no site where nobody told which."""

    code: str
    kg: int
    site: UUID | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that may lie at a site: in one of its facilities or in all, of one waste or of all of it.

    `code` is a waste code, a category such as HW08, or empty; `source` is the paper that says so.
    """

    site: UUID
    facility: str
    code: str
    kg: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Stock:
    """What a unit's places hold by code, kilograms; `unplaced` is what nobody told the site of.

    A facility is known by its site and its name: two sites may each have a `TS001`.
    """

    sites: Mapping[UUID, Mapping[str, int]]
    facilities: Mapping[tuple[UUID, str], Mapping[str, int]] = field(default_factory=dict)
    unplaced: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A limit with what lies there."""

    limit: Limit
    stock_kg: int

    @property
    def is_over(self) -> bool:
        """Tell whether more lies there than may."""
        return self.stock_kg > self.limit.kg

    @property
    def percent(self) -> int:
        """Return how full it is."""
        return self.stock_kg * FULL_PERCENT // max(1, self.limit.kg)


def placed(
    lines: Iterable[Line],
    sites: Iterable[UUID],
    facilities: Mapping[tuple[UUID, str], Mapping[str, int]],
) -> Stock:
    """Add up what lies where. A unit's only site is where everything of it lies.

    Of several sites, what left nobody knows from which counts in favour of each; what came nobody knows
    where to counts against none.
    """
    own = list(sites)
    sums: dict[UUID, dict[str, int]] = {site: defaultdict(int) for site in own}
    loose: dict[str, int] = defaultdict(int)
    for one in lines:
        site = own[0] if len(own) == 1 else one.site
        if site in sums:
            sums[site][one.code] += one.kg
        else:
            loose[one.code] += one.kg
    found = {
        site: {
            code: left
            for code, kg in sorted(by_code.items())
            if (left := max(0, kg + min(0, loose.get(code, 0))))
        }
        for site, by_code in sums.items()
    }
    unplaced = {code: kg for code, kg in sorted(loose.items()) if kg > 0}
    return Stock(found, facilities, unplaced)


def held(limits: Iterable[Limit], stock: Stock) -> list[Held]:
    """Say of each limit what lies there."""
    found = []
    for one in limits:
        inside = stock.facilities.get((one.site, one.facility), {})
        there = inside if one.facility else stock.sites.get(one.site, {})
        found.append(Held(one, sum(kg for code, kg in there.items() if covers(one.code, code))))
    return found


def covers(limit: str, code: str) -> bool:
    """Tell whether a limit's code, category or nothing at all covers a waste."""
    return limit in {"", code} or limit == category_of(code)


def category_of(code: str) -> str:
    """Return the category of a waste code, `HW08`; empty for what is no code."""
    try:
        return WasteCode.parse(code).category
    except ValueError:
        return ""


def read_code(text: str) -> str | None:
    """Return a limit's code in its canonical writing, empty for all waste; None for what is no code."""
    plain = text.strip().upper()
    if not plain or is_category(plain):
        return plain
    try:
        return WasteCode.parse(plain).text
    except ValueError:
        return None
