"""Is the manifest's table of states whole, and does its number mean what the rule says?"""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.manifests.rules import (
    NEXT,
    OPEN_STATES,
    RESUMES,
    SIGNER,
    SIGNING_ROLES,
    Act,
    Document,
    Party,
    State,
    acts_from,
    next_state,
    number_of,
)

DOCUMENT = Document(
    number="20264201000001",
    mover="91420100000000001Y",
    carrier="914201000000000022",
    receiver="914201000000000035",
    origin="o",
    destination="d",
    plate="鄂A·70012",
    driver="p",
    code="900-214-08",
    edition="HW2025",
    mode="use",
    planned_kg=10_000,
    loaded_kg=9_980,
    accepted_kg=None,
)
LAST = {State.CANCELLED}


def test_every_state_is_reached_and_left() -> None:
    """A load would get stuck in a state that nothing leads out of."""
    reached, grown = {State.DRAFT}, True
    while grown:
        more = {end for (start, _), end in NEXT.items() if start in reached} - reached
        reached, grown = reached | more, bool(more)
    assert reached == set(State)
    assert {state for state in State if not acts_from(state)} == LAST | {State.UNDER_CORRECTION}
    assert {at for at, act in NEXT if act is Act.CORRECT} >= RESUMES
    assert set(State) - LAST - {State.CLOSED} == OPEN_STATES


def test_every_act_has_its_signer() -> None:
    """An act without a signer could be done by anybody, or by nobody."""
    assert set(SIGNER) == set(Act) == {act for _, act in NEXT}
    assert set(SIGNING_ROLES) == set(Party)
    assert {act for act, party in SIGNER.items() if party is Party.RECEIVER} == {
        Act.ACCEPT,
        Act.ACCEPT_PART,
        Act.REFUSE,
        Act.CONFIRM,
        Act.TREAT,
        Act.CLOSE,
    }


def test_cancelling_ends_with_the_load() -> None:
    """A load could vanish from the books on the road."""
    assert {state for state in State if Act.CANCEL in acts_from(state)} == {State.DRAFT, State.ISSUED}
    assert next_state(State.LOADED, Act.CANCEL) is None


@given(st.integers(2000, 9999), st.sampled_from(["420100", "429000", "110100"]), st.integers(1, 999_999))
def test_a_number_says_year_prefecture_and_serial(year: int, prefecture: str, serial: int) -> None:
    """An authority could not tell where a load came from (M2)."""
    number = number_of(year, prefecture, serial)
    assert re.fullmatch(r"\d{14}", number)
    assert (number[:4], number[4:8], number[8:]) == (f"{year}", prefecture[:4], f"{serial:06d}")


@pytest.mark.parametrize(
    ("year", "prefecture", "serial"), [(2026, "420100", 1_000_000), (2026, "42", 1), (2026, "4x01", 1)]
)
def test_what_has_no_fourteen_digits_is_no_number(year: int, prefecture: str, serial: int) -> None:
    """The millionth load of a year would get fifteen digits and be unreadable to every authority."""
    with pytest.raises(ValueError, match="no manifest number"):
        number_of(year, prefecture, serial)


@pytest.mark.parametrize("name", [field.name for field in fields(Document)])
def test_the_hash_changes_with_each_sealed_field(name: str) -> None:
    """A field outside the hash could be changed after everybody signed."""
    old = getattr(DOCUMENT, name)
    other = f"{old}x" if isinstance(old, str) else (old or 0) + 1
    changed = replace(DOCUMENT, **{name: other})
    assert changed.hash() != DOCUMENT.hash()
    assert replace(changed, **{name: old}).hash() == DOCUMENT.hash()


def test_the_hash_is_a_plain_sha256() -> None:
    """Nobody outside could check a signature with a tool of their own."""
    assert re.fullmatch("[0-9a-f]{64}", DOCUMENT.hash())
