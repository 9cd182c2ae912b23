"""What does the smallest market look like that still shows a rule?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
from hypothesis import strategies as st

from matching.distances import Legs, Point
from matching.problem import Division, Lot, Mode, Problem, Taker, Vehicle, Weights, Window

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
points = st.builds(
    Point,
    lat=st.integers(0, 20).map(lambda n: 30 + n / 20),
    lon=st.integers(0, 20).map(lambda n: 114 + n / 20),
)
prices = st.integers(-8, 8).map(lambda n: Decimal(n) * 50)
tonnes = st.integers(1, 3).map(lambda n: n * 1000)


@st.composite
def lots(draw: st.DrawFn, name: str, divisible: bool) -> Lot:
    """Draw a lot of one to three tonnes."""
    code = draw(st.sampled_from(CODES))
    kg = draw(tonnes)
    whole = not divisible and draw(st.booleans())
    return lot(
        name,
        code=code,
        kg=kg,
        point=draw(points),
        province=draw(st.sampled_from((HUBEI, HUBEI, HUNAN))),
        price_expectation=draw(st.none() | prices),
        hazardous=code == "HW08",
        dg_class="9" if code == "HW08" else None,
        division=Division.WHOLE if whole else Division.SPLIT,
        min_kg=0 if divisible else draw(st.integers(0, kg // 1000)) * 1000,
        modes=draw(st.sampled_from((frozenset(), frozenset({Mode.USE})))),
    )


@st.composite
def takers(draw: st.DrawFn, name: str) -> Taker:
    """Draw a taker with room for none to four tonnes of a code."""
    room = st.integers(0, 4).map(lambda n: n * 1000)
    return taker(
        name,
        point=draw(points),
        province=draw(st.sampled_from((HUBEI, HUBEI, HUNAN))),
        codes=draw(st.dictionaries(st.sampled_from(CODES), room)),
        total_kg=draw(st.integers(0, 6)) * 1000,
        price=draw(prices),
        modes=draw(st.sampled_from((frozenset(Mode), frozenset({Mode.DISPOSE})))),
        licence_slack=Decimal(draw(st.integers(0, 10))) / 10,
        credit=draw(st.none() | st.integers(0, 100).map(Decimal)),
    )


@st.composite
def vehicles(draw: st.DrawFn, name: str) -> Vehicle:
    """Draw a vehicle."""
    return vehicle(
        name,
        point=draw(points),
        capacity_kg=draw(tonnes),
        freight=Decimal(draw(st.integers(3, 9))) / 10,
        fixed=Decimal(draw(st.integers(0, 3)) * 100),
        hazardous_ok=draw(st.booleans()),
        dg_classes=frozenset(draw(st.sets(st.sampled_from(("8", "9"))))),
    )


@st.composite
def markets(draw: st.DrawFn, divisible: bool = False) -> Problem:
    """Draw a market small enough to try every answer."""
    return market(
        lots=[draw(lots(f"L{n}", divisible)) for n in range(draw(st.integers(0, 3)))],
        takers=[draw(takers(f"T{n}")) for n in range(draw(st.integers(0, 3)))],
        vehicles=[draw(vehicles(f"V{n}")) for n in range(draw(st.integers(0, 3)))],
        tariff=draw(st.none() | st.just(Decimal("1.5"))),
        weights=Weights(reach_km=draw(st.none() | st.just(120))),
        approvals=frozenset(draw(st.sets(st.sampled_from([("L0", "T0"), ("L1", "T1")])))),
        excluded=frozenset(draw(st.sets(st.sampled_from([("L0", "T1"), ("L2", "T0")])))),
    )
