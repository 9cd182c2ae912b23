"""Are odd weights and ways found, and honest ones left in peace?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.learning.simulated_faults import driven, weighed
from matching.learning.anomalies import Driven, Finding, Odd, Weighed, odd_ways, odd_weights
from matching.learning.history import Flags


def marks(findings: Sequence[Finding], fault: Flags) -> tuple[float, float]:
    """Return precision and recall over the second half, when every key has a past."""
    flags = np.zeros(len(fault), dtype=np.bool_)
    flags[[one.row for one in findings]] = True
    flags[: len(fault) // 2] = False
    fault = fault & (np.arange(len(fault)) >= len(fault) // 2)
    hit = int((flags & fault).sum())
    return hit / int(flags.sum()), hit / int(fault.sum())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_most_false_weights_are_found_and_few_honest_ones(seed: int) -> None:
    """An inspector would look at heaps of honest loads, or miss the ones that were tampered with."""
    made, fault = weighed(seed)
    precision, recall = marks(odd_weights(made), fault)
    assert precision >= 0.75
    assert recall >= 0.8


def test_most_ways_round_are_found() -> None:
    """A load could be tipped on the way without anybody being asked to look."""
    found = [marks(odd_ways(made), fault) for made, fault in map(driven, range(1, 6))]
    precision, recall = np.mean(found, axis=0)
    assert precision >= 0.45
    assert recall >= 0.8


def loads(tare: Sequence[float], receiver: Sequence[float] = (), vehicle: Sequence[str] = ()) -> Weighed:
    """Return loads of 20 t with these tares."""
    n = len(tare)
    even = np.full(n, 20_000.0)
    return Weighed(
        vehicle=np.array(vehicle or ["A"] * n),
        sender=np.array(["S"] * n),
        day=np.arange(n),
        tare_kg=np.array(tare, dtype=np.float64),
        sender_kg=even,
        receiver_kg=np.array(receiver, dtype=np.float64) if receiver else even,
        declared_kg=even,
    )


def test_water_in_the_tare_is_found_with_its_band() -> None:
    """A haulier could weigh in with a full tank and be paid for water, load after load."""
    (found,) = odd_weights(loads([14_000, 14_040, 13_980, 14_020, 14_000, 14_600]))
    assert (found.row, found.odd, found.past) == (5, Odd.TARE, 5)
    assert found.low < 14_000 < found.high < found.value
    assert found.times > 1


def test_a_new_body_is_normal_after_a_while() -> None:
    """A haulier who bought a heavier body would be suspected for ever."""
    found = odd_weights(loads([14_000] * 12 + [14_700] * 12))
    assert [one.row for one in found] == list(range(12, 18))


def test_a_vehicle_without_a_past_is_not_judged_by_others() -> None:
    """A small lorry's first load would be reported because the others are large."""
    assert odd_weights(loads([14_000] * 200 + [4_000], vehicle=["A"] * 200 + ["B"])) == []


@pytest.mark.parametrize(("receiver", "odd"), [(19_830.0, False), (19_800.0, True), (20_200.0, True)])
def test_nets_may_differ_by_scales_and_tolerance_only(receiver: float, odd: bool) -> None:
    """A missing tonne would pass, or every honest pair of scales be reported."""
    found = odd_weights(loads([14_000], receiver=[receiver]))
    assert bool(found) is odd


def ways(ratio: Sequence[float], stop: Sequence[float] = (), vehicle: Sequence[str] = ()) -> Driven:
    """Return ways of 100 km on one lane."""
    n = len(ratio)
    return Driven(
        lane=np.array(["A>B"] * n),
        vehicle=np.array(vehicle or [f"v{place}" for place in range(n)]),
        day=np.arange(n),
        planned_km=np.full(n, 100.0),
        driven_km=100 * np.array(ratio),
        stop_minutes=np.array(stop, dtype=np.float64) if stop else np.zeros(n),
    )


def test_a_way_round_that_others_take_too_is_a_closed_road() -> None:
    """Every driver on a closed road would be suspected until it is open again."""
    found = odd_ways(ways([1.0] * 10 + [1.4] * 10))
    assert [one.row for one in found] == [10, 11]


def test_the_same_vehicle_again_is_no_excuse() -> None:
    """A driver who always takes the way round by the river would excuse himself."""
    found = odd_ways(
        ways([1.0] * 60 + [1.4] * 4, vehicle=[f"v{place}" for place in range(60)] + ["thief"] * 4)
    )
    assert sorted(one.row for one in found) == [60, 61, 62, 63]


def test_a_short_way_is_no_detour_and_a_meal_no_long_stop() -> None:
    """Drivers would be asked to explain a short cut, or their dinner."""
    assert odd_ways(ways([1.0] * 10 + [0.5], stop=[0.0] * 10 + [45.0])) == []
    (found,) = odd_ways(ways([1.0] * 11, stop=[0.0] * 10 + [120.0]))
    assert (found.odd, found.value) == (Odd.LONG_STOP, 120.0)


def test_the_worst_is_told_first() -> None:
    """An inspector with an hour would spend it on the least of the findings."""
    made, _ = weighed(1)
    times = [one.times for one in odd_weights(made)]
    assert times == sorted(times, reverse=True)
    assert min(times) > 1


def test_nothing_is_odd_about_nothing() -> None:
    """A market's first morning would end in an error."""
    assert odd_weights(loads([])) == []
    assert odd_ways(ways([])) == []
