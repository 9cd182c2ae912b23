"""Is what a device is told to be stored what is stored?"""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tracking.intake.rules import MAX_RANGES, Received

SEQS = st.lists(st.lists(st.integers(1, 60), max_size=20), max_size=8)


@given(SEQS)
def test_it_covers_exactly_what_was_accepted(batches: list[list[int]]) -> None:
    """A number covered by mistake is a record that the device deletes and nobody has."""
    has = Received()
    for batch in batches:
        has = has.accept(batch)
    everything = {seq for batch in batches for seq in batch}
    assert {seq for seq in range(1, 62) if has.covers(seq)} == everything
    spans = [(0, has.watermark), *has.ranges]
    assert all(one[1] + 1 < other[0] for one, other in itertools.pairwise(spans))


@given(SEQS)
def test_the_order_of_arrival_does_not_matter(batches: list[list[int]]) -> None:
    """Two ingest processes, or a replay, must come to the same watermark."""
    forward, backward = Received(), Received()
    for batch in batches:
        forward = forward.accept(batch)
    for batch in reversed(batches):
        backward = backward.accept(batch)
    assert forward == backward


def test_a_device_cannot_open_gaps_without_end() -> None:
    """A mad terminal that jumps about in its numbers must not fill the database with ranges."""
    has = Received().accept(range(2, 4 * MAX_RANGES, 2))
    assert len(has.ranges) == MAX_RANGES
    assert has.covers(2 * MAX_RANGES)
    assert not has.covers(2 * MAX_RANGES + 2)
    grown = has.accept([1, 9 * MAX_RANGES])
    assert (grown.watermark, grown.covers(9 * MAX_RANGES)) == (2, True)
    assert not has.accept([9 * MAX_RANGES]).covers(9 * MAX_RANGES)
