"""Is every refusal of a licence the right one, and the nearest?"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from compliance.registry.rules import (
    Judgement,
    Licence,
    LicenceKind,
    LicenceLine,
    Mode,
    PlaceFault,
    Refusal,
    judge_carrier,
    judge_processor,
    place_fault,
    quota_is_near,
    uscc_fault,
    uscc_of,
)
from tests.factories.parties import company_code

DAY = date(2026, 11, 20)
GOOD = Licence(
    id=uuid4(),
    organisation_id=uuid4(),
    number="HW-1",
    kind=LicenceKind.COMPREHENSIVE,
    modes=frozenset({Mode.USE, Mode.STORE}),
    classes=frozenset(),
    valid_from=DAY - timedelta(days=1),
    valid_to=DAY + timedelta(days=1),
    lines=(LicenceLine("900-214-08", 1000, 400),),
)
PERMIT = replace(GOOD, kind=LicenceKind.DANGEROUS_GOODS, classes=frozenset({"3", "6"}), lines=(), number="DG")
EXPIRED = {"valid_to": DAY - timedelta(days=1), "valid_from": DAY - timedelta(days=9)}
COMING = {"valid_from": DAY + timedelta(days=1), "valid_to": DAY + timedelta(days=9)}


def processor(*licences: Licence, kg: int = 100, mode: Mode = Mode.USE, hazardous: bool = True) -> Judgement:
    """Judge whether waste oil may go to the holder of these licences."""
    return judge_processor(
        licences, code="900-214-08", category="HW08", hazardous=hazardous, mode=mode, kg=kg, on=DAY
    )


def only(refusal: Refusal | None) -> tuple[Refusal, ...]:
    """Return the refusals of a licence that has this one fault, or none."""
    return () if refusal is None else (refusal,)


@pytest.mark.parametrize(
    ("licences", "kg", "mode", "refusal"),
    [
        ([], 100, Mode.USE, Refusal.NO_LICENCE),
        ([PERMIT], 100, Mode.USE, Refusal.NO_LICENCE),
        ([replace(GOOD, kind=LicenceKind.CONTRACTOR)], 100, Mode.USE, Refusal.NO_LICENCE),
        ([replace(GOOD, lines=(LicenceLine("HW09", 10**9, 0),))], 100, Mode.USE, Refusal.CODE),
        ([GOOD], 100, Mode.DISPOSE, Refusal.MODE),
        ([replace(GOOD, **COMING)], 100, Mode.USE, Refusal.NOT_YET),
        ([replace(GOOD, **EXPIRED)], 100, Mode.USE, Refusal.EXPIRED),
        ([GOOD], 601, Mode.USE, Refusal.QUOTA),
        ([GOOD], 600, Mode.USE, None),
        ([replace(GOOD, kind=LicenceKind.COLLECTION)], 600, Mode.STORE, None),
        ([replace(GOOD, valid_to=DAY)], 600, Mode.USE, None),
        ([replace(GOOD, valid_from=DAY)], 600, Mode.USE, None),
        ([replace(GOOD, lines=(LicenceLine("HW08", 1000, 0),))], 1000, Mode.USE, None),
    ],
)
def test_a_processor_is_refused_for_the_right_reason(
    licences: list[Licence], kg: int, mode: Mode, refusal: Refusal | None
) -> None:
    """A producer would be sent to mend the wrong paper, or waste go where it may not."""
    verdict = processor(*licences, kg=kg, mode=mode)
    assert verdict.refusals == only(refusal)
    assert verdict.allowed is (refusal is None)


NEARER_AND_NEARER = (
    (replace(GOOD, lines=()), Refusal.CODE),
    (replace(GOOD, **EXPIRED), Refusal.EXPIRED),
    (replace(GOOD, **COMING), Refusal.NOT_YET),
    (replace(GOOD, modes=frozenset({Mode.STORE})), Refusal.MODE),
    (replace(GOOD, lines=(LicenceLine("HW08", 10, 0),)), Refusal.QUOTA),
    (GOOD, None),
)


def test_the_nearest_miss_is_the_reason_given() -> None:
    """A receiver with ten licences would be told of the one that has nothing to do with the load."""
    for far, near in permutations(range(len(NEARER_AND_NEARER)), 2):
        expected = NEARER_AND_NEARER[max(far, near)]
        verdict = processor(NEARER_AND_NEARER[far][0], NEARER_AND_NEARER[near][0])
        assert (verdict.licence, verdict.refusals) == (expected[0], only(expected[1]))


@given(st.permutations(NEARER_AND_NEARER), st.integers(1, len(NEARER_AND_NEARER)))
def test_the_order_of_licences_does_not_matter(
    shuffled: list[tuple[Licence, Refusal | None]], count: int
) -> None:
    """The reason would change with the order in which a database returns rows."""
    chosen = shuffled[:count]
    expected = max(NEARER_AND_NEARER.index(one) for one in chosen)
    verdict = processor(*(licence for licence, _ in chosen))
    assert verdict.refusals == only(NEARER_AND_NEARER[expected][1])


@pytest.mark.parametrize(
    ("licences", "kg", "refusal"),
    [
        ([], 1, Refusal.CONTRACTOR),
        ([GOOD], 1, Refusal.CONTRACTOR),
        ([replace(GOOD, kind=LicenceKind.CONTRACTOR, lines=())], 1, Refusal.CONTRACTOR),
        ([replace(GOOD, kind=LicenceKind.CONTRACTOR, modes=frozenset())], 1, Refusal.CONTRACTOR),
        ([replace(GOOD, kind=LicenceKind.CONTRACTOR, **EXPIRED)], 1, Refusal.CONTRACTOR),
        ([replace(GOOD, kind=LicenceKind.CONTRACTOR)], 601, Refusal.QUOTA),
        ([replace(GOOD, kind=LicenceKind.CONTRACTOR)], 600, None),
    ],
)
def test_other_waste_needs_a_verified_contractor(
    licences: list[Licence], kg: int, refusal: Refusal | None
) -> None:
    """A load of scrap would be refused with an article on hazardous waste, or go to nobody we know (L13)."""
    assert processor(*licences, kg=kg, hazardous=False).refusals == only(refusal)


def test_everything_that_the_nearest_licence_lacks_is_told() -> None:
    """A processor would mend one fault, and learn of the next at the next try."""
    worst = replace(GOOD, modes=frozenset({Mode.STORE}), suspended_from=DAY, **EXPIRED)
    many = (Refusal.EXPIRED, Refusal.MODE, Refusal.SUSPENDED, Refusal.QUOTA)
    assert processor(worst, kg=601).refusals == many
    assert processor(worst, replace(GOOD, **COMING), kg=601).refusals == (Refusal.NOT_YET, Refusal.QUOTA)
    assert processor(worst, replace(GOOD, lines=()), kg=601).refusals == many
    other = replace(GOOD, kind=LicenceKind.CONTRACTOR, modes=frozenset(), **EXPIRED)
    assert processor(other, kg=601, hazardous=False).refusals == (Refusal.CONTRACTOR, Refusal.QUOTA)


def test_everything_that_the_nearest_permit_lacks_is_told() -> None:
    """A carrier would have its permit renewed, and then learn that it is of another class (L9)."""
    wrong = replace(PERMIT, suspended_from=DAY, **EXPIRED)
    all_of_it = (Refusal.CLASS, Refusal.PERMIT_EXPIRED, Refusal.SUSPENDED)
    assert judge_carrier([wrong], dg_class="8", on=DAY).refusals == all_of_it
    assert judge_carrier([wrong, PERMIT], dg_class="8", on=DAY).refusals == (Refusal.CLASS,)
    assert judge_carrier([wrong, PERMIT], dg_class="3", on=DAY).refusals == ()


def test_the_narrowest_line_counts() -> None:
    """A category's large quantity would lend itself to a code that has its own small one."""
    lines = (LicenceLine("HW08", 10_000, 0), LicenceLine("900-214-08", 50, 0))
    for ordered in (lines, lines[::-1]):
        assert processor(replace(GOOD, lines=ordered)).refusals == (Refusal.QUOTA,)


@pytest.mark.parametrize(
    ("licences", "dg_class", "refusal"),
    [
        ([], "3", Refusal.CARRIER),
        ([], None, Refusal.CARRIER),
        ([replace(PERMIT, kind=LicenceKind.ROAD)], "3", Refusal.CARRIER),
        ([GOOD], None, Refusal.CARRIER),
        ([PERMIT], "8", Refusal.CLASS),
        ([replace(PERMIT, **EXPIRED)], "3", Refusal.PERMIT_EXPIRED),
        ([replace(PERMIT, **COMING)], "3", Refusal.PERMIT_NOT_YET),
        ([replace(PERMIT, **EXPIRED), replace(PERMIT, **COMING)], "3", Refusal.PERMIT_NOT_YET),
        ([replace(PERMIT, **EXPIRED), PERMIT], "3", None),
        ([PERMIT], "6", None),
        ([PERMIT], None, None),
        ([replace(PERMIT, kind=LicenceKind.ROAD, classes=frozenset())], None, None),
        ([replace(PERMIT, valid_to=DAY, valid_from=DAY)], "3", None),
    ],
)
def test_a_carrier_is_refused_for_the_right_reason(
    licences: list[Licence], dg_class: str | None, refusal: Refusal | None
) -> None:
    """Dangerous goods would travel without a permit, or a good carrier be turned away (L9)."""
    assert judge_carrier(licences, dg_class=dg_class, on=DAY).refusals == only(refusal)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**6))
def test_what_is_left_and_what_is_near_agree(yearly: int, drawn: int, kg: int) -> None:
    """A processor would be warned too late, or see a negative quantity."""
    line = LicenceLine("HW08", yearly, drawn)
    assert line.left_kg >= 0
    if kg > line.left_kg:
        assert quota_is_near(line, kg)
    assert quota_is_near(line, kg) == (drawn + kg >= math.ceil(yearly * 4 / 5))


@given(st.integers(0, 10**9 - 1), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_the_check_character_finds_every_single_slip(serial: int, place: int, letter: str) -> None:
    """A contract would name a company that does not exist."""
    code = company_code(serial)
    assert not uscc_fault(code)
    slipped = code[:place] + letter + code[place + 1 :]
    assert uscc_fault(slipped) == (slipped != code)


@pytest.mark.parametrize(
    "code", ["", "9142", "91420100000000001", "9142010000000000YY1", "危" * 18, "0" * 19]
)
def test_a_malformed_code_is_a_fault_and_no_error(code: str) -> None:
    """A typing slip would end in a server error."""
    assert uscc_fault(code)


def test_a_code_is_kept_in_one_spelling() -> None:
    """The same company could register twice."""
    code = company_code(7)
    assert uscc_of(f" {code[:8].lower()} {code[8:].lower()} ") == code
    assert uscc.is_valid(code)


@pytest.mark.parametrize(
    ("lat", "lon", "fault"),
    [
        (30.6, 114.3, None),
        (3.9, 112.3, None),
        (114.3, 30.6, PlaceFault.SWAPPED),
        (51.5, -0.1, PlaceFault.OUTSIDE),
        (0.0, 0.0, PlaceFault.OUTSIDE),
        (91.0, 200.0, PlaceFault.OUTSIDE),
        (math.nan, 114.3, PlaceFault.OUTSIDE),
        (30.6, math.inf, PlaceFault.OUTSIDE),
    ],
)
def test_a_point_outside_china_is_told_from_a_swapped_one(
    lat: float, lon: float, fault: PlaceFault | None
) -> None:
    """A works would lie in the Barents Sea, and every truck be far from it."""
    assert place_fault(lat, lon) is fault


@given(st.floats(3, 54), st.floats(73, 135.5))
def test_every_chinese_point_is_good_and_swapped_when_swapped(lat: float, lon: float) -> None:
    """A right point would be refused, or a swapped one called merely wrong."""
    assert place_fault(lat, lon) is None
    assert place_fault(lon, lat) is PlaceFault.SWAPPED
