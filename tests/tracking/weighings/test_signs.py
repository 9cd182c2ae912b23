"""Does each sign of cheating show where it is, and stay silent where nothing is known?"""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from benchmarks.weighing_alerts.simulated import cases
from benchmarks.weighing_alerts.simulated_curves import Drive, axles_of, drive
from devices.readings import Load
from devices.simulator.scale import SimulatedScale
from devices.weighbridge.curve import WeightCurve
from tests.tracking.world import START
from tracking.alerts.kinds import Kind
from tracking.alerts.sheets import SHEETS
from tracking.weighings.curve import Sample, shape, usual
from tracking.weighings.reconciliation import Compared, disagreement, drift
from tracking.weighings.rules import Part
from tracking.weighings.signs import RULES, Facts, Near, signs
from tracking.weighings.tares import Band, How
from tracking.weighings.tolerance import Basis, Tolerance

BAND = Band(9_000, 200, 9)
EMPTY = Facts(9_000, 20, Part.TARE)
FULL = Facts(21_000, 20, Part.GROSS, capacity_kg=15_000, band=BAND)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (EMPTY, set()),
        (FULL, set()),
        (Facts(9_000, 20, Part.TARE, band=BAND), set()),
        (Facts(9_500, 20, Part.TARE, band=BAND), {Kind.TARE_ADDED}),
        (Facts(10_900, 20, Part.TARE, band=BAND), {Kind.TARE_BAND}),
        (Facts(8_700, 20, Part.TARE, band=BAND), {Kind.TARE_BAND}),
        (Facts(8_700, 20, Part.TARE, band=BAND, how=How.STORED), {Kind.TYPED_TARE}),
        (Facts(9_300, 20, Part.TARE, other_tare_kg=9_000, tare_error_kg=80), {Kind.TARE_ADDED}),
        (Facts(9_180, 20, Part.TARE, other_tare_kg=9_000, tare_error_kg=80), set()),
        (Facts(40_000, 20, Part.GROSS, capacity_kg=15_000, band=BAND), {Kind.TWO_VEHICLES}),
        (Facts(8_000, 20, Part.GROSS, band=BAND), {Kind.HALF_ON_DECK}),
        (Facts(21_000, 20, near=Near(9_000, 60)), {Kind.VEHICLE_ELSEWHERE}),
        (Facts(21_000, 20, near=Near(9_000, 500)), set()),
        (Facts(21_000, 20, Part.GROSS, near=Near(9, 5, Load.EMPTY)), {Kind.LOAD_CONTRADICTS}),
        (Facts(21_000, 20, Part.GROSS, near=Near(9, 5, Load.HALF)), set()),
        (Facts(21_000, 20, shadow=True), {Kind.SHADOW_WEIGHING}),
        (Facts(21_000, 20, shadow=True, ticketed=True), set()),
        (Facts(900, 20, shadow=True), set()),
        (Facts(21_000, 20, zero_seen=False), {Kind.ZERO_MISSED}),
        (Facts(21_000, 20, missing=(3, 4)), {Kind.TICKET_GAP}),
        (Facts(21_000, 20, reprints=1), {Kind.REPRINTED}),
        (Facts(21_000, 20, has_frames=False), {Kind.TYPED_WEIGHT}),
        (Facts(21_000, 20, how=How.TYPED), {Kind.TYPED_WEIGHT}),
        (Facts(21_000, 20, plates=frozenset({"鄂A1", "鄂A2"})), {Kind.PLATES_DIFFER}),
        (Facts(21_000, 20, plates=frozenset({"鄂A1"})), set()),
        (Facts(21_000, 20, photo_of=("front", 3)), {Kind.PHOTO_AGAIN}),
        (Facts(21_000, 20, Part.GROSS, void=(3, "x")), {Kind.VOID_AFTER_SIGNING}),
        (Facts(21_000, 20, void=(3, "x")), set()),
    ],
)
def test_a_sign_shows_where_it_is(facts: Facts, found: set[Kind]) -> None:
    """A cheat would go unseen, or an honest driver be accused."""
    assert set(signs(facts)) == found


def test_every_rule_has_its_sheet() -> None:
    """An inspector would read a code and not know what to do."""
    assert set(RULES) <= set(SHEETS)


@pytest.mark.parametrize("seed", range(12))
def test_an_honest_curve_shows_its_axles_and_no_trick(seed: int) -> None:
    """A driver who brakes on the deck, rolls back or gets out would be taken for a cheat."""
    chance = random.Random(seed)
    seen = shape(drive(chance, Drive(axles_of(chance, 24_000, 4))), 20)
    assert seen is not None
    assert (seen.jumps, seen.sag_kg, seen.bare) == ((), 0, False)
    assert 3 <= seen.axles_on <= 4


@pytest.mark.parametrize("jump", [0.0, 900.0])
def test_a_curve_of_few_points_shows_the_same(jump: float) -> None:
    """A scale keeps the points at which the weight changes; its curves would be read as other vehicles'."""
    kept = WeightCurve(20)
    chance = random.Random(5)
    whole = drive(chance, Drive(axles_of(chance, 24_000, 4), jump_kg=jump))
    for one in whole:
        kept.add(one.kg, one.ms / 1000)
    few = tuple(Sample(*point) for point in kept.points())
    dense, sparse = shape(whole, 20), shape(few, 20)
    assert dense is not None
    assert sparse is not None
    assert len(few) < len(whole)
    assert (sparse.axles_on, len(sparse.jumps)) == (dense.axles_on, len(dense.jumps))
    assert len(sparse.jumps) == bool(jump)


@pytest.mark.parametrize("seed", range(50))
def test_the_simulated_scales_trucks_come_on_as_vehicles_do(seed: int) -> None:
    """Else every load of the demonstration stands under an alarm, and nobody looks at the next one."""
    now = [5.0]
    indicator = SimulatedScale("scale", seed, monotonic=lambda: now[0])
    indicator.drive_on("鄂A12345", 12_940)
    curve = WeightCurve(20)
    for step in range(30):
        now[0] = 5 + seed / 500 + step / 9.7
        curve.add(indicator.shown_kg(), now[0])
    seen = shape([Sample(ms, kg) for ms, kg in curve.points()], 20)
    assert seen is not None
    assert (seen.bare, seen.axles_on, seen.jumps) == (False, 1, ())


def test_a_curve_without_a_vehicle_shows_nothing() -> None:
    """Wind, a person on the deck or a lost line would be called a vehicle."""
    assert shape((), 20) is None
    assert shape([Sample(ms, 80) for ms in range(0, 5_000, 100)], 20) is None
    assert usual([4, 4]) is None
    assert usual([4, 4, 3, 4, 5, 4]) == (4, 4)


def test_the_rules_find_most_simulated_faults_and_rarely_cry_wolf() -> None:
    """A change to a rule that makes it blind would be seen by nobody until a cheat is paid."""
    faults: Counter[Kind] = Counter()
    hits: Counter[Kind] = Counter()
    wrong = 0
    for case in cases(7, loads=300, fleet=8):
        found = signs(case.facts)
        if case.fault is None:
            wrong += bool(found)
        else:
            faults[case.fault] += 1
            hits[case.fault] += case.fault in found
    assert sum(faults.values()) > 20
    assert sum(hits.values()) / sum(faults.values()) > 0.85
    assert wrong < 15


def test_two_nets_disagree_only_outside_their_tolerance() -> None:
    """A dispute would be opened over what the instruments may be off."""
    allowed = Tolerance(290, Basis.INSTRUMENTS)
    assert disagreement(30_290, 30_000, allowed) is None
    told = disagreement(30_291, 30_000, allowed)
    assert told is not None
    assert (told["gap_kg"], told["tolerance_kg"], told["basis"]) == (291, 290, "instruments")


def loads(*permilles: float, other: str = "b") -> list[Compared]:
    """Return a load a day of thirty tonnes, the own scale off by so many per mille."""
    return [
        Compared(START + timedelta(days=day), round(30_000 * (1 + each / 1000)), 30_000, other)
        for day, each in enumerate(permilles)
    ]


def test_a_scale_that_was_recalibrated_shows() -> None:
    """A scale that is turned by four per mille would earn its owner a load in two hundred and fifty."""
    found = drift(loads(*[0.5, -0.5] * 8, *[4.0] * 6))
    assert found is not None
    assert (found.since, round(found.now_permille)) == (START + timedelta(days=16), 4)
    assert drift(loads(*[0.5, -0.5] * 11)) is None
    assert drift(loads(*[0.0] * 5, *[4.0] * 6)) is None


def test_another_customer_is_no_drift() -> None:
    """A scale would be accused of what its new counterpart's scale is off."""
    ours, theirs = loads(*[0.0] * 22), loads(*[4.0] * 22, other="c")
    both = [pair[day % 2] for day, pair in enumerate(zip(ours, theirs, strict=True))][:16]
    assert drift([*both, *theirs[16:]]) is None
    assert drift([*both, *loads(*[4.0] * 22)[16:]]) is not None
