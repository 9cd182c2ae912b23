"""Is a weight called still only when it stands still, above the scale's Min, after a seen zero?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.weighbridge.deck import DeckEvent, DeckRule, DeckWatch

RULE = DeckRule(division_kg=20, frames=5, seconds=0.5, threshold_kg=400)


def watched(weights: list[int], *, period: float = 0.2) -> tuple[DeckWatch, list[DeckEvent]]:
    """Show weights at a steady pace."""
    watch = DeckWatch(RULE)
    events = [watch.feed(weight, b"f%d" % i, i * period) for i, weight in enumerate(weights)]
    return watch, [event for event in events if event is not None]


def test_a_weight_is_still_after_enough_equal_readings() -> None:
    """A weight taken while the truck still rocks would be paid for."""
    for count, still in ((4, None), (5, 45_020)):
        watch, _ = watched([0, 20_000, *[45_000, 45_020] * 2, 45_020][: 2 + count])
        assert (watch.still.weight_kg if watch.still else None) == still


def test_readings_in_a_burst_do_not_count_as_time() -> None:
    """A line that delivers a second of frames at once proves nothing about standing still."""
    watch, _ = watched([0, *[45_000] * 8], period=0.01)
    assert watch.still is None


def test_more_than_one_division_is_motion() -> None:
    """A creeping weight is not a weighing."""
    watch, _ = watched([0, *range(40_000, 40_400, 20)])
    assert watch.occupied
    assert watch.still is None


def test_without_a_zero_before_there_is_no_weight() -> None:
    """A deck with something left on it adds that to every truck."""
    _, events = watched([300, *[45_000] * 9, 0])
    assert [(e.still, e.peak_kg, e.zero_seen) for e in events] == [(None, 45_000, False)]


def test_each_stay_ends_with_one_event() -> None:
    """Every deck event is recorded, also the one without a ticket."""
    _, events = watched([0, *[15_000] * 6, 0, 0, *[44_000] * 6, 3_000, 100])
    assert [e.still.weight_kg for e in events if e.still] == [15_000, 44_000]
    assert [e.peak_kg for e in events] == [15_000, 44_000]


@given(st.lists(st.integers(-40, 3_000).map(lambda n: n * 20), max_size=60))
def test_a_still_weight_is_always_backed_by_its_frames(weights: list[int]) -> None:
    """Whatever is shown, a still weight without enough frames within one division is a forged one."""
    watch = DeckWatch(RULE)
    for i, weight in enumerate(weights):
        watch.feed(weight, str(weight).encode(), i * 0.2)
        if watch.still is not None:
            shown = [int(frame) for frame in watch.still.frames]
            assert shown == weights[i + 1 - RULE.frames : i + 1]
            assert max(shown) - min(shown) <= RULE.division_kg
            assert watch.still.weight_kg == weight >= RULE.threshold_kg
