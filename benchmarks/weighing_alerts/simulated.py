"""What might honest and dishonest weighings look like? A SIMULATOR: no vehicle, scale or fault in it is real.

Vehicles with their own tares, axles and capacity, half a year of loads weighed empty and full, three scales.
Honest oddities are not labelled: fuel, mud, rain, a passenger, a new body, terminals with gaps and drifting
fixes, load sensors that stick, second tries. Each fault is drawn by itself, about one weighing in fourteen.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from benchmarks.weighing_alerts.simulated_curves import Drive, axles_of, drive
from devices.readings import Load
from tracking.alerts.kinds import Kind
from tracking.weighings.curve import shape, usual
from tracking.weighings.reconciliation import Compared
from tracking.weighings.rules import Part
from tracking.weighings.signs import Facts, Near
from tracking.weighings.tares import How, Tare, band

BEGUN = datetime(2026, 3, 1, tzinfo=UTC)
E_KG = 20
FAULTY = 0.07
HONEST_FIRST = 8


@dataclass
class Truck:
    """A simulated vehicle with what is remembered of it."""

    tare_kg: float
    axles: int
    capacity_kg: int
    rebuilt: int
    tares: list[Tare] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """One weighing as the rules see it, and which fault was put into it; None for an honest one."""

    facts: Facts
    fault: Kind | None


def cases(seed: int, loads: int = 1_500, fleet: int = 40) -> Iterator[Case]:
    """Yield the weighings of half a year, a tare and a gross for each load."""
    chance = random.Random(seed)
    trucks = [_truck(chance, loads) for _ in range(fleet)]
    for number in range(loads):
        at = BEGUN + timedelta(minutes=170 * number)
        truck = chance.choice(trucks)
        empty = truck.tare_kg + (700 if number > truck.rebuilt else 0) + chance.uniform(-120, 120)
        empty += 75 if chance.random() < 0.04 else 0
        load = chance.uniform(0.4, 1.05) * truck.capacity_kg
        for part, kg in ((Part.TARE, empty), (Part.GROSS, empty + load)):
            known = len(truck.tares) >= HONEST_FIRST
            fault = chance.choice(OF_PART[part]) if known and chance.random() < FAULTY else None
            yield Case(_weighed(chance, truck, at, part, kg, fault), fault)


def _truck(chance: random.Random, loads: int) -> Truck:
    axles = chance.choice((2, 3, 4, 6))
    rebuilt = chance.randint(0, loads) if chance.random() < 0.05 else loads
    return Truck(chance.gauss(3_500 + 2_000 * axles, 600), axles, 5_000 * axles, rebuilt)


def _weighed(
    chance: random.Random, truck: Truck, at: datetime, part: Part, kg: float, fault: Kind | None
) -> Facts:
    facts, told = _honest(chance, truck, part, kg)
    if fault is not None:
        facts, told = FAULTS[fault](chance, facts, told)
    seen = shape(drive(chance, told), E_KG)
    shown = round(facts.kg / E_KG) * E_KG
    if seen is not None and fault in MEASURED:
        shown = seen.top_kg
    facts = replace(
        facts,
        kg=shown,
        shape=seen,
        usual_axles=usual(truck.counts[-15:]),
        band=band(truck.tares, at),
    )
    if part is Part.TARE and not facts.shadow:
        truck.tares.append(Tare(facts.kg, at, E_KG, facts.how))
    if seen is not None:
        truck.counts.append(seen.axles_on)
    return facts


def _honest(chance: random.Random, truck: Truck, part: Part, kg: float) -> tuple[Facts, Drive]:
    metres = abs(chance.gauss(60, 60)) + (chance.uniform(100, 400) if chance.random() < 0.02 else 0)
    near = Near(metres, abs(chance.gauss(15, 10)), _load(chance, part))
    if chance.random() < 0.03:
        near = Near(chance.uniform(500, 6_000), chance.uniform(240, 600), near.load)
    facts = Facts(
        kg=round(kg),
        division_kg=E_KG,
        part=part,
        zero_seen=True,
        tare_error_kg=60,
        capacity_kg=truck.capacity_kg,
        near=near if chance.random() < 0.95 else None,
    )
    return facts, Drive(axles_of(chance, kg, truck.axles), E_KG)


def _load(chance: random.Random, part: Part) -> Load:
    right = Load.EMPTY if part is Part.TARE else Load.FULL
    wrong = Load.FULL if part is Part.TARE else Load.EMPTY
    return chance.choices((right, Load.HALF, Load.UNKNOWN, wrong), (60, 10, 29.7, 0.3))[0]


Fault = Callable[[random.Random, Facts, Drive], tuple[Facts, Drive]]


def _jump(chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
    size = chance.choice((-1, 1)) * chance.uniform(200, 4_000)
    size = abs(size) if facts.part is Part.TARE else size
    return facts, replace(told, jump_kg=size)


def _bare(_chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
    return facts, replace(told, bare=True)


def _half(chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
    return facts, replace(told, left_off=chance.randint(1, max(1, len(told.axles) // 2)))


def _two(chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
    second = axles_of(chance, chance.uniform(6_000, 20_000), chance.randint(2, 4))
    return facts, replace(told, follower=second)


def _propped(chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
    if chance.random() < 0.3:
        return facts, replace(told, zero_shift_kg=chance.choice((-1, 1)) * chance.uniform(30, 200))
    return facts, replace(told, prop=chance.uniform(0.03, 0.12))


def _swapped(chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
    other = facts.kg + chance.choice((-1, 1)) * chance.uniform(250, 4_000)
    return replace(facts, kg=round(other)), replace(told, axles=axles_of(chance, other, len(told.axles)))


def _added(chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
    heavier = facts.kg + chance.uniform(150, 900)
    return replace(facts, kg=round(heavier)), replace(told, axles=axles_of(chance, heavier, len(told.axles)))


def _elsewhere(chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
    near = Near(10 ** chance.uniform(2.7, 5), abs(chance.gauss(15, 20)), _load(chance, Part.GROSS))
    return replace(facts, near=near), told


def _contradicts(chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
    wrong = Load.FULL if facts.part is Part.TARE else Load.EMPTY
    says = wrong if chance.random() < 0.8 else Load.UNKNOWN
    return replace(facts, near=Near(50, 10, says)), told


def _flags(**changed: object) -> Fault:
    def put(_chance: random.Random, facts: Facts, told: Drive) -> tuple[Facts, Drive]:
        return replace(facts, **changed), told  # type: ignore[arg-type]

    return put


FAULTS: dict[Kind, Fault] = {
    Kind.WEIGHT_JUMP: _jump,
    Kind.NO_AXLES: _bare,
    Kind.HALF_ON_DECK: _half,
    Kind.TWO_VEHICLES: _two,
    Kind.DECK_PROPPED: _propped,
    Kind.TARE_BAND: _swapped,
    Kind.TARE_ADDED: _added,
    Kind.VEHICLE_ELSEWHERE: _elsewhere,
    Kind.LOAD_CONTRADICTS: _contradicts,
    Kind.SHADOW_WEIGHING: _flags(shadow=True, part=None, near=None),
    Kind.ZERO_MISSED: _flags(zero_seen=False),
    Kind.TICKET_GAP: _flags(missing=(11, 12)),
    Kind.REPRINTED: _flags(reprints=1),
    Kind.TYPED_WEIGHT: _flags(how=How.TYPED, has_frames=False),
    Kind.TYPED_TARE: _flags(how=How.STORED),
}
ONLY_TARES = {Kind.TARE_BAND, Kind.TARE_ADDED, Kind.TYPED_TARE}
OF_PART = {Part.TARE: list(FAULTS), Part.GROSS: [kind for kind in FAULTS if kind not in ONLY_TARES]}
MEASURED = {Kind.WEIGHT_JUMP, Kind.HALF_ON_DECK, Kind.TWO_VEHICLES, Kind.DECK_PROPPED}
"""Faults that change the weight the indicator shows."""


def scales(seed: int, count: int = 200) -> Iterator[tuple[list[Compared], bool]]:
    """Yield the loads of scales against three others, and whether their calibration was changed."""
    chance = random.Random(seed)
    for _ in range(count):
        drifts = chance.random() < 0.3
        moved = chance.choice((-1, 1)) * chance.uniform(0.002, 0.015) if drifts else 0.0
        others = {f"other-{place}": chance.gauss(0, 0.0012) for place in range(3)}
        history = []
        for number in range(40):
            other = chance.choice(list(others))
            true = chance.uniform(8_000, 32_000)
            own = true * (1 + (moved if number >= 32 else 0))
            theirs = true * (1 + others[other] + chance.gauss(-0.0004, 0.0006))
            kilograms = [round((kg + chance.gauss(0, 15)) / E_KG) * E_KG for kg in (own, theirs)]
            history.append(Compared(BEGUN + timedelta(days=number), *kilograms, other))
        yield history, drifts
