"""Is what an inspector types understood, and judged by all that stands behind it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from compliance.manifests.rules import State
from tracking.road_checks.rules import (
    By,
    Remark,
    Seen,
    Verdict,
    read,
    remarks_on,
    remarks_on_place,
    verdict_of,
    verdict_of_all,
)

KEY = "0199aa00-1111-7222-8333-444455556666"
HASH = "ab" * 32
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "by", "key"),
    [
        ("鄂A·12345", By.PLATE, "鄂A12345"),
        (" 鄂ａd12345 ", By.PLATE, "鄂AD12345"),
        ("2026 4201 000001", By.NUMBER, "20264201000001"),
        (f"https://huanlian.example/manifests/{KEY}\n20264201000001\n{HASH}", By.QR, KEY),
        (f"https://huanlian.example/manifests/{KEY}20264201000001{HASH}", By.QR, KEY),
    ],
)
def test_plates_numbers_and_codes_are_told_apart(text: str, by: By, key: str) -> None:
    """An inspector in the rain would type it again and again."""
    found = read(text)
    assert found is not None
    assert (found.by, found.key, found.document_hash) == (by, key, HASH if by is By.QR else "")


@pytest.mark.parametrize(
    "text", ["", "   ", "鄂A", "123456", "HELLO", "https://elsewhere.example/x", "2026420100000"]
)
def test_anything_else_is_not_guessed(text: str) -> None:
    """A typing error would read as “none found”, and a truck be held for it."""
    assert read(text) is None


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_verdict(state: State) -> None:
    """A manifest that is over would still open the road, or a load at the gate be called a fraud."""
    over = {
        State.ACCEPTED,
        State.PARTLY_ACCEPTED,
        State.CONFIRMED,
        State.TREATED,
        State.CLOSED,
        State.CANCELLED,
    }
    if state is State.DRAFT:
        assert verdict_of(state, ()) is Verdict.NONE_FOUND
    elif state in over:
        assert verdict_of(state, ()) is Verdict.EXPIRED
        assert Remark.OVER in remarks_on(state, "", ())
    else:
        assert verdict_of(state, ()) is Verdict.VALID
        assert verdict_of(state, ["L9.expired"]) is Verdict.EXPIRED


def test_one_bad_manifest_spoils_the_vehicle() -> None:
    """A good paper would cover a bad load on the same truck."""
    assert verdict_of_all([Verdict.VALID, Verdict.EXPIRED]) is Verdict.EXPIRED
    assert verdict_of_all([Verdict.VALID]) is Verdict.VALID
    assert verdict_of_all([]) is verdict_of_all([Verdict.NONE_FOUND]) is Verdict.NONE_FOUND


def test_a_changed_or_old_paper_is_named() -> None:
    """A printed sheet with another weight on it would pass."""
    assert remarks_on(State.IN_TRANSIT, HASH, ["cd" * 32]) == [Remark.PAPER_CHANGED]
    assert remarks_on(State.IN_TRANSIT, HASH, [HASH, "cd" * 32]) == [Remark.PAPER_OLD]
    assert remarks_on(State.IN_TRANSIT, HASH, ["cd" * 32, HASH]) == []


def test_a_vehicle_that_is_elsewhere_is_named() -> None:
    """A copied plate would show the papers of the real one."""

    def seen(apart_m: float | None, minutes: int = 1) -> Seen:
        return Seen(30.6, 114.3, NOW - timedelta(minutes=minutes), 50.0, apart_m)

    assert remarks_on_place(seen(20_000), NOW) == [Remark.ELSEWHERE]
    assert remarks_on_place(seen(800), NOW) == remarks_on_place(seen(None), NOW) == []
    assert remarks_on_place(seen(800, 90), NOW) == remarks_on_place(None, NOW) == [Remark.NO_POSITION]
