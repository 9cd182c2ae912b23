"""What does the smallest market look like that still shows a rule?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import numpy as np
from hypothesis import strategies as st

from matching.distances import Legs, Point
from matching.problem import (
    Calendar,
    Division,
    Limit,
    Lot,
    Mode,
    Problem,
    Taker,
    Vehicle,
    Weights,
    Window,
)

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
READY = Window(AT, AT + timedelta(days=3))
HUBEI, HUNAN = "42", "43"


@dataclass(frozen=True, slots=True)
class Grid:
    """Streets on a square grid, 100 km a degree and 60 km/h: easy to reckon by hand."""

    source: str = "grid"
    version: str = "1"

    def legs(self, origins: Sequence[Point], targets: Sequence[Point]) -> Legs:
        """Measure origin n to target n."""
        metres = [
            round((abs(a.lat - b.lat) + abs(a.lon - b.lon)) * 100_000)
            for a, b in zip(origins, targets, strict=True)
        ]
        m = np.array(metres, dtype=np.int64)
        return Legs(m, m * 60 // 1000, self.source, self.version)

    def matrix(self, points: Sequence[Point]) -> Legs:
        """Measure all pairs."""
        n = len(points)
        flat = self.legs([p for p in points for _ in points], [p for _ in points for p in points])
        return Legs(flat.metres.reshape(n, n), flat.seconds.reshape(n, n), self.source, self.version)


def lot(name: str = "L1", **changes: object) -> Lot:
    """Make ten tonnes of a lawful lot."""
    facts: dict[str, object] = {
        "id": name,
        "code": "SW17",
        "kg": 10_000,
        "point": Point(30.5, 114.3),
        "ready": READY,
        "province": HUBEI,
        "price_expectation": Decimal(100),
    }
    return Lot(**(facts | changes))  # type: ignore[arg-type]


def taker(name: str = "T1", **changes: object) -> Taker:
    """Make a taker with room for a hundred tonnes that pays 300 CNY/t, 50 km from the lot."""
    facts: dict[str, object] = {
        "id": name,
        "processor_id": f"P-{name}",
        "point": Point(30.5, 114.8),
        "province": HUBEI,
        "codes": {"SW17": 100_000},
        "total_kg": 100_000,
        "price": Decimal(300),
    }
    return Taker(**(facts | changes))  # type: ignore[arg-type]


def vehicle(name: str = "V1", **changes: object) -> Vehicle:
    """Make a ten-tonne lorry where the lot is."""
    facts: dict[str, object] = {
        "id": name,
        "carrier_id": "C1",
        "point": Point(30.5, 114.3),
        "capacity_kg": 10_000,
        "freight": Decimal("0.60"),
    }
    return Vehicle(**(facts | changes))  # type: ignore[arg-type]


def market(
    lots: Sequence[Lot] | None = None,
    takers: Sequence[Taker] | None = None,
    vehicles: Sequence[Vehicle] | None = None,
    **changes: object,
) -> Problem:
    """Make a market, by default of one lot, one taker and one vehicle."""
    facts: dict[str, object] = {
        "lots": tuple([lot()] if lots is None else lots),
        "takers": tuple([taker()] if takers is None else takers),
        "vehicles": tuple([vehicle()] if vehicles is None else vehicles),
        "at": AT,
        "distances": Grid(),
    }
    return Problem(**(facts | changes))  # type: ignore[arg-type]


CODES = ("SW17", "HW08")


def markets(divisible: bool = False) -> st.SearchStrategy[Problem]:
    """Draw markets small enough to try every answer.

    By seed and not field by field: lawful pairs that compete for room are what has to be common, and a
    search for the simplest example would mostly find empty markets.
    """
    return st.integers(0, 2**32).map(lambda seed: drawn_market(Random(seed), divisible))


def drawn_market(rnd: Random, divisible: bool) -> Problem:
    """Make a market of up to three lots, takers and vehicles in which most pairs are lawful."""
    return market(
        lots=[_lot(rnd, f"L{n}", divisible) for n in range(rnd.choice((0, 1, 2, 3, 3, 3, 3, 3, 3, 3)))],
        takers=[_taker(rnd, f"T{n}") for n in range(rnd.choice((0, 1, 2, 3, 3, 3, 3, 3, 3, 3)))],
        vehicles=[_vehicle(rnd, f"V{n}") for n in range(rnd.choice((0, 1, 2, 3)))],
        tariff=rnd.choice((None, Decimal("1.5"))),
        weights=Weights(reach_km=rnd.choice((None, None, 120))),
        approvals=frozenset(rnd.sample([("L0", "T0"), ("L1", "T1"), ("L0", "T2")], rnd.randint(0, 3))),
        excluded=frozenset(rnd.sample([("L0", "T1"), ("L2", "T0")], rnd.choice((0, 0, 1, 2)))),
        approved_kg={("L1", "T2"): rnd.randint(0, 4) * 1000} if rnd.random() < 0.3 else {},
    )


def _point(rnd: Random) -> Point:
    return Point(30 + rnd.randint(0, 20) / 20, 114 + rnd.randint(0, 20) / 20)


def _lot(rnd: Random, name: str, divisible: bool) -> Lot:
    code = rnd.choice(("SW17", "SW17", "HW08"))
    kg = rnd.randint(1, 3) * 1000
    return lot(
        name,
        code=code,
        kg=kg,
        point=_point(rnd),
        province=rnd.choice((HUBEI, HUBEI, HUBEI, HUNAN)),
        price_expectation=rnd.choice((None, Decimal(rnd.randint(-8, 2) * 50))),
        hazardous=code == "HW08",
        dg_class="9" if code == "HW08" else None,
        division=Division.SPLIT if divisible else rnd.choice(list(Division)),
        min_kg=0 if divisible else rnd.randint(0, kg // 1000) * 1000,
        modes=rnd.choice((frozenset(), frozenset({Mode.USE}))),
        one_trip=rnd.random() < 0.2,
        composition={} if rnd.random() < 0.2 else {"moisture": Decimal(rnd.randint(5, 60))},
    )


def _taker(rnd: Random, name: str) -> Taker:
    return taker(
        name,
        point=_point(rnd),
        province=rnd.choice((HUBEI, HUBEI, HUBEI, HUNAN)),
        codes={code: rnd.randint(0, 4) * 1000 for code in rnd.sample(CODES, rnd.choice((1, 2, 2)))},
        total_kg=rnd.randint(1, 5) * 1000,
        price=Decimal(rnd.randint(-4, 8) * 50),
        modes=rnd.choice((frozenset(Mode), frozenset(Mode), frozenset({Mode.DISPOSE}))),
        licence_slack=Decimal(rnd.randint(0, 10)) / 10,
        credit=rnd.choice((None, Decimal(rnd.randint(0, 100)))),
        limits=rnd.choice(((), (), (), (Limit("moisture", most=Decimal(rnd.randint(20, 60))),))),
        days=rnd.choice((None, None, None, Calendar(frozenset(rnd.sample(range(1, 8), 3))))),
    )


def _vehicle(rnd: Random, name: str) -> Vehicle:
    return vehicle(
        name,
        point=_point(rnd),
        capacity_kg=rnd.randint(1, 3) * 1000,
        freight=Decimal(rnd.randint(3, 9)) / 10,
        fixed=Decimal(rnd.randint(0, 3) * 100),
        hazardous_ok=rnd.random() < 0.7,
        dg_classes=frozenset(rnd.choice((("8", "9"), ("9",), ("8",), ()))),
    )
