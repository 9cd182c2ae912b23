"""Is a hand-in refused only where it cannot be right, and a lot never made up of more than its mass?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.collection.rules import (
    CODE_LENGTH,
    Giver,
    HandInDraft,
    Waiting,
    accounted,
    code_of,
    draft_faults,
    fill,
    name_of,
    plain,
)
from compliance.record.ids import new_id

NOW = datetime(2026, 11, 29, 2, tzinfo=UTC)
DAY = date(2026, 11, 29)


def faults(*, hazardous: bool = False, **changes: object) -> list[str | None]:
    """Return the fields at fault of a hand-in that is sound but for what is changed."""
    sound: dict[str, object] = {
        "point_id": UUID(int=1),
        "code": "900-005-S17",
        "grams": 2_450,
        "taken_at": NOW,
    }
    draft = HandInDraft(**(sound | changes))  # type: ignore[arg-type]
    return [one.field for one in draft_faults(draft, NOW, DAY, hazardous=hazardous)]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"grams": 1}, []),
        ({"grams": 5_000_000}, []),
        ({"grams": 0}, ["kg"]),
        ({"grams": 5_000_001}, ["kg"]),
        ({"taken_at": NOW - timedelta(days=31)}, []),
        ({"taken_at": NOW - timedelta(days=31, seconds=1)}, ["taken_at"]),
        ({"taken_at": NOW + timedelta(minutes=6)}, ["taken_at"]),
        ({"paid_fen": -1}, ["paid"]),
        ({"giver": Giver.SHOP}, ["giver_name"]),
        ({"giver": Giver.SHOP, "giver_name": "Corner shop"}, []),
        ({"hazardous": True}, []),
        ({"hazardous": True, "giver": Giver.OFFICE}, ["giver_name", "giver"]),
        ({"grams": -1, "paid_fen": -1}, ["kg", "paid"]),
    ],
)
def test_everything_wrong_with_a_hand_in_is_said_at_once(
    changes: dict[str, object], fields: list[str]
) -> None:
    """Somebody at the scale would correct one field after the other while a queue waits."""
    assert faults(**changes) == fields  # type: ignore[arg-type]


@given(st.lists(st.integers(1, 5_000_000), max_size=40), st.integers(0, 60_000_000))
def test_a_lot_takes_whole_hand_ins_in_order_and_never_more_than_its_mass(
    masses: list[int], room: int
) -> None:
    """A manifest would state more than was ever handed in, or a hand-in would travel on two."""
    waiting = [Waiting(UUID(int=place), grams) for place, grams in enumerate(masses)]
    chosen = fill(waiting, room)
    mass = {one.id: one.grams for one in waiting}
    assert sum(mass[one] for one in chosen) <= room
    assert chosen == [one.id for one in waiting if one.id in set(chosen)]
    left = room - sum(mass[one] for one in chosen)
    assert all(one.grams > left for one in waiting if one.id not in set(chosen))


def test_a_lot_is_accounted_for_by_whole_kilograms() -> None:
    """A gram short would be called accounted for, or a lot that is complete be warned of."""
    assert accounted(10, 10_000, DAY) == accounted(10, 12_500, DAY) == []
    (short,) = accounted(10, 9_999, DAY)
    assert short.values["open_kg"] == 1


def test_a_waste_is_called_by_its_short_name_where_it_has_one() -> None:
    """A receipt for newspapers would speak of recyclable waste, or print a whole paragraph."""
    assert name_of("可再生类废物", "废纸") == "废纸"
    assert (
        name_of("废矿物油与含矿物油废物", "车辆、轮船及其它机械维修过程中产生的废发动机油、制动器油")
        == "废矿物油与含矿物油废物"
    )
    assert name_of("可再生类废物", "") == "可再生类废物"


def test_a_receipts_code_is_read_however_it_is_typed() -> None:
    """A giver would be told that a receipt does not exist for want of a capital letter."""
    codes = {code_of(new_id()) for _ in range(100)}
    assert len(codes) == 100
    assert all(len(one) == CODE_LENGTH and one.isalnum() for one in codes)
    one = codes.pop()
    assert plain(f" {one[:4].lower()}-{one[4:8]} {one[8:]} ") == one
