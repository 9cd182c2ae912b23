"""Does a load come out of the batches it should, and do the ledgers of both ends say what became of it?"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.ledgers.drawing import SOURCES, Drawn, Lying, Moved, draw, remarks
from compliance.ledgers.rules import Table
from compliance.manifests.rules import Purpose
from compliance.registry.rules import Mode

DAY = date(2026, 11, 20)
GENERATED, OLD, NEW, BY_HAND = (
    Lying("CS", Table.GENERATED, 500),
    Lying("RK1", Table.STORED, 400),
    Lying("RK2", Table.STORED, 300),
    Lying("CK", Table.TAKEN_OUT, 100),
)
LYING = (GENERATED, OLD, NEW, BY_HAND)


@pytest.mark.parametrize(
    ("kg", "first", "wanted"),
    [
        (50, (), Drawn({}, {"CK": 50})),
        (150, (), Drawn({"RK1": 50}, {"CK": 100})),
        (900, (), Drawn({"RK1": 400, "RK2": 300}, {"CK": 100, "CS": 100})),
        (1_400, (), Drawn({"RK1": 400, "RK2": 300}, {"CK": 100, "CS": 500}, 100)),
        (350, ("RK2", "gone"), Drawn({"RK2": 300}, {"CK": 50})),
        (10, ("RK2", "RK1", "RK2"), Drawn({"RK2": 10}, {})),
    ],
)
def test_what_was_taken_out_goes_first_then_the_oldest_in_store(
    kg: int, first: tuple[str, ...], wanted: Drawn
) -> None:
    """A producer's oldest drums would stand over the year for ever by its ledger (G4)."""
    assert draw(kg, LYING, first) == wanted


@given(
    kg=st.integers(0, 10_000),
    lying=st.lists(
        st.tuples(st.sampled_from(SOURCES), st.integers(-50, 3_000)),
        max_size=8,
    ),
    first=st.lists(st.integers(0, 8).map(str), max_size=4),
)
def test_no_kilogram_is_drawn_twice_or_lost(
    kg: int, lying: list[tuple[Table, int]], first: list[str]
) -> None:
    """A batch would give more than lies of it, or the load less than it weighs."""
    offers = [Lying(str(place), table, left) for place, (table, left) in enumerate(lying)]
    found = draw(kg, offers, first)
    taken = {**found.stored, **found.direct}
    assert sum(taken.values()) + found.short_kg == kg
    assert all(0 < taken[one.batch] <= one.kg for one in offers if one.batch in taken)
    assert draw(kg, offers, first, taken) == found, "told again, it would move from batch to batch"
    fewer = draw(kg // 2, offers, (), taken)
    assert all(some <= taken[batch] for batch, some in {**fewer.stored, **fewer.direct}.items())


@pytest.mark.parametrize(
    ("moved", "out", "outsourced", "taken", "treated"),
    [
        (Moved(Purpose.TRANSFER, Mode.USE, 900), 0, None, None, False),
        (Moved(Purpose.TRANSFER, Mode.USE, 900, DAY), 900, 900, None, False),
        (Moved(Purpose.TRANSFER, Mode.USE, 900, DAY, 880, DAY), 900, 880, 880, False),
        (Moved(Purpose.TRANSFER, Mode.USE, 900, DAY, 880, DAY, DAY), 900, 880, 880, True),
        (Moved(Purpose.TRANSFER, Mode.STORE, 900, DAY, 880, DAY, DAY), 900, 880, 880, False),
        (Moved(Purpose.TRANSFER, Mode.USE, 900, DAY, 0), 900, 0, None, False),
        (Moved(Purpose.RETURN, Mode.STORE, 900, DAY), 0, None, None, False),
        (Moved(Purpose.RETURN, Mode.STORE, 900, DAY, 890, DAY), 0, None, 890, False),
        (Moved(Purpose.ONWARD, Mode.DISPOSE, 900, DAY), 0, None, None, False),
        (Moved(Purpose.ONWARD, Mode.DISPOSE, 900, DAY, 890, DAY, DAY), 0, 890, 890, True),
    ],
)
def test_each_end_says_what_became_of_a_load(
    moved: Moved, out: int, outsourced: int | None, taken: int | None, treated: bool
) -> None:
    """What goes on after a refusal would leave the works a second time, or what came back never arrive."""
    assert (moved.out_kg, moved.outsourced_kg, moved.taken_kg, moved.is_treated) == (
        out,
        outsourced,
        taken,
        treated,
    )


def test_a_shortage_is_said_and_stops_nothing() -> None:
    """A producer would not learn that its ledger lacks what has left (G4)."""
    assert remarks("1", "900-214-08", 0, DAY) == []
    (said,) = remarks("1", "900-214-08", 5, DAY)
    assert (said.rule, said.values["kg"]) == ("G4.not_in_stock", 5)
