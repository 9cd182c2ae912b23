"""What does a live market look like that is as large as a province's?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from matching.problem import Division, Limit, Lot, Point, Problem, Taker, Vehicle, Window

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
CODES = tuple(f"SW{n}" for n in range(12))
KINDS = (
    (10_000, "0.60", "200", ()),
    (25_000, "0.45", "300", ()),
    (30_000, "0.45", "350", ()),
    (20_000, "0.90", "600", ("9",)),
    (30_000, "0.85", "700", ("8", "9")),
)


def live_market(lots: int, takers: int, whole: float = 0.0, vehicles: int = 200, seed: int = 1) -> Problem:
    """Make a market in which rooms are scarce; `whole` is the share of lots that go entire."""
    rnd = Random(seed)
    homes = [_place(rnd) for _ in range(40)]
    return Problem(
        lots=tuple(_lot(rnd, f"L{n}", whole) for n in range(lots)),
        takers=tuple(_taker(rnd, f"T{n}") for n in range(takers)),
        vehicles=tuple(_vehicle(rnd, f"V{n}", homes) for n in range(vehicles)),
        at=AT,
    )


def _lot(rnd: Random, name: str, whole: float) -> Lot:
    hazardous = rnd.random() < 0.2
    return Lot(
        id=name,
        code=rnd.choice(CODES),
        kg=rnd.randint(2, 400) * 100,
        point=_place(rnd),
        ready=Window(AT, AT + timedelta(days=rnd.randint(1, 14))),
        province="42",
        price_expectation=Decimal(rnd.randint(-300, 100)) if rnd.random() < 0.7 else None,
        hazardous=hazardous,
        dg_class="9" if hazardous else None,
        division=Division.WHOLE if rnd.random() < whole else Division.SPLIT,
        composition={"moisture_percent": Decimal(rnd.randint(5, 60))},
    )


def _taker(rnd: Random, name: str) -> Taker:
    limits = (Limit("moisture_percent", most=Decimal(rnd.randint(30, 60))),) if rnd.random() < 0.2 else ()
    return Taker(
        id=name,
        processor_id=f"P-{name}",
        point=_place(rnd),
        province=rnd.choice(["42"] * 9 + ["43"]),
        codes={code: rnd.randint(1, 60) * 10_000 for code in rnd.sample(CODES, 3)},
        total_kg=rnd.randint(20, 90) * 10_000,
        price=Decimal(rnd.randint(-400, 300)),
        licence_slack=Decimal(rnd.randint(0, 100)) / 100,
        credit=Decimal(rnd.randint(30, 95)),
        limits=limits,
    )


def _vehicle(rnd: Random, name: str, homes: list[Point]) -> Vehicle:
    capacity, freight, fixed, classes = rnd.choice(KINDS)
    return Vehicle(
        id=name,
        carrier_id="carrier",
        point=rnd.choice(homes),
        capacity_kg=capacity,
        freight=Decimal(freight),
        fixed=Decimal(fixed),
        hazardous_ok=bool(classes),
        dg_classes=frozenset(classes),
    )


def _place(rnd: Random) -> Point:
    return Point(29 + rnd.random() * 4, 108 + rnd.random() * 8)
