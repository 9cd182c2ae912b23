"""Does each sign show where it should, and nowhere else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from compliance.exemptions.rules import Grant, Stage
from compliance.oversight import rules
from compliance.oversight.disclosure import disclosed
from compliance.oversight.rules import Load, Sign
from compliance.oversight.signs import SHEETS
from compliance.registry.rules import Licence, LicenceKind, LicenceLine, Mode

A, B, C, SITE_A, SITE_B = (UUID(int=number) for number in range(1, 6))
DAY = date(2026, 3, 2)
OIL = "900-214-08"


def load(number: int = 1, **changed: object) -> Load:
    """Return a load of 20 t of waste oil from A to B, accepted and treated."""
    sound = Load(
        id=UUID(int=1000 + number),
        mover=A,
        receiver=B,
        carrier=C,
        origin=SITE_A,
        destination=SITE_B,
        code=OIL,
        hazardous=True,
        loaded_kg=20_000,
        accepted_kg=20_000,
        drawn_up=DAY,
        accepted_on=DAY,
        treated_on=DAY,
    )
    return replace(sound, **changed)  # type: ignore[arg-type]


def licence(**changed: object) -> Licence:
    """Return B's licence for 100 t of waste oil a year."""
    held = Licence(
        id=UUID(int=9),
        organisation_id=B,
        number="S42",
        kind=LicenceKind.COMPREHENSIVE,
        modes=frozenset({Mode.USE}),
        classes=frozenset(),
        valid_from=date(2025, 1, 1),
        valid_to=date(2027, 1, 1),
        lines=(LicenceLine("HW08", 100_000, 0),),
    )
    return replace(held, **changed)  # type: ignore[arg-type]


def signs(found: list[rules.Found]) -> list[Sign]:
    """Return the signs alone."""
    return [one.sign for one in found]


def test_the_balance_of_a_site_is_what_came_less_what_left() -> None:
    """An inspector would look for missing waste where none is missing."""
    loads = [
        load(1),
        load(2, treated_on=None),
        load(3, origin=SITE_B, destination=SITE_A, mover=B, receiver=A, loaded_kg=5_000),
    ]
    (one,) = rules.balances(loads, frozenset({SITE_B}), {}, 2026, {})
    assert (one.in_kg, one.treated_kg, one.out_kg, one.stock_kg) == (40_000, 20_000, 5_000, 15_000)
    assert rules.stock_signs([one]) == []


def test_stock_below_nothing_and_above_the_limit_is_noticed() -> None:
    """A site would treat what it never took in, or store more than it may."""
    out = load(2, origin=SITE_B, destination=SITE_A, loaded_kg=5_000)
    assert signs(rules.stock_signs(rules.balances([load(1), out], frozenset({SITE_B}), {}, 2026, {}))) == [
        Sign.NEGATIVE_STOCK
    ]
    held = rules.balances([load(1, treated_on=None)], frozenset({SITE_B}), {SITE_B: 19_999}, 2026, {})
    assert signs(rules.stock_signs(held)) == [Sign.OVER_STORAGE]
    enough = rules.balances([load(1, treated_on=None)], frozenset({SITE_B}), {SITE_B: 20_000}, 2026, {})
    assert rules.stock_signs(enough) == []


def test_what_lay_there_when_the_year_began_is_no_sign() -> None:
    """A site that hands on last year's stock would be asked where it came from."""
    last = date(2025, 12, 30)
    before = load(1, drawn_up=last, accepted_on=last, treated_on=DAY)
    out = load(2, origin=SITE_B, destination=SITE_A, mover=B, receiver=A, loaded_kg=5_000)
    (one,) = rules.balances([before, out], frozenset({SITE_B}), {}, 2026, {SITE_B: 26_000})
    assert (one.opening_kg, one.in_kg, one.treated_kg, one.stock_kg) == (26_000, 0, 20_000, 1_000)
    assert rules.stock_signs([one]) == []
    (full,) = rules.balances([], frozenset({SITE_B}), {SITE_B: 19_999}, 2026, {SITE_B: 20_000})
    assert signs(rules.stock_signs([full])) == [Sign.OVER_STORAGE]


def test_a_load_that_comes_home_is_its_movers_own() -> None:
    """A producer whose load was refused would be shown as treating waste without a licence."""
    home = load(2, receiver=A, origin=SITE_B, destination=SITE_A, refused_before=True, treated_on=None)
    assert rules.licence_signs([home], {}, {}) == []
    assert rules.stored_too_long([home], DAY + timedelta(days=999)) == []
    assert rules.cancelled_after_loading([replace(home, cancelled=True)]) == []
    refused = load(1, accepted_kg=0, treated_on=None)
    onward = load(3, receiver=C, refused_before=True)
    told = {one.organisation: one for one in disclosed([refused, home], 2026)}
    assert (told[A].handed_over_kg, told[A].taken_in_kg) == (0, 0)
    told = {one.organisation: one for one in disclosed([refused, onward], 2026)}
    assert (told[A].handed_over_kg, told[A].loads, told[C].taken_in_kg) == (20_000, 1, 20_000)


def test_a_granted_exemption_stands_in_for_a_licence() -> None:
    """A user from point to point would be shown as unlicensed; another mover's waste must still be (L12)."""
    grant = Grant(B, OIL, Stage.USE, date(2026, 1, 1), date(2026, 12, 31), A)
    used = load(1, mode=Mode.USE)
    assert rules.licence_signs([used], {}, {}, [grant]) == []
    assert signs(rules.licence_signs([replace(used, mover=C)], {}, {}, [grant])) == [Sign.WITHOUT_LICENCE]
    burnt = replace(used, mode=Mode.DISPOSE)
    assert signs(rules.licence_signs([burnt], {B: [licence()]}, {OIL: "HW08"})) == [Sign.WITHOUT_LICENCE]


def test_hazardous_waste_is_not_stored_for_more_than_a_year() -> None:
    """Drums would stand in a yard for ever (L8)."""
    lying = load(1, treated_on=None)
    assert rules.stored_too_long([lying], DAY + timedelta(days=365)) == []
    (found,) = rules.stored_too_long([lying, load(2)], DAY + timedelta(days=366))
    assert (found.subjects, found.figures["kg"], found.figures["days"]) == ((SITE_B,), 20_000, 366)
    assert rules.stored_too_long([replace(lying, hazardous=False)], DAY + timedelta(days=999)) == []


@pytest.mark.parametrize(
    ("held", "loads", "expected"),
    [
        ([licence()], [load(1)], []),
        ([], [load(1)], [Sign.WITHOUT_LICENCE]),
        ([licence(valid_to=DAY - timedelta(days=1))], [load(1)], [Sign.WITHOUT_LICENCE]),
        ([licence(lines=(LicenceLine("HW09", 100_000, 0),))], [load(1)], [Sign.WITHOUT_LICENCE]),
        ([licence()], [load(n) for n in range(5)], []),
        ([licence()], [load(n) for n in range(6)], [Sign.BEYOND_LICENCE]),
        ([], [load(1, hazardous=False)], []),
    ],
)
def test_treatment_without_or_beyond_a_licence_is_noticed(
    held: list[Licence], loads: list[Load], expected: list[Sign]
) -> None:
    """Waste would go to whom nobody allowed to take it (L1, L4)."""
    assert signs(rules.licence_signs(loads, {B: held}, {OIL: "HW08"})) == expected


def test_a_load_counts_for_the_licence_of_its_day_and_purpose() -> None:
    """Who renewed its licence in summer would be accused of taking both halves of the year on the old one."""
    half = date(2026, 7, 1)
    old = licence(number="HW-1", valid_to=half - timedelta(days=1))
    new = licence(id=UUID(int=10), number="HW-2", valid_from=half)
    loads = [load(n, accepted_on=half + timedelta(days=30 * n - 135)) for n in range(1, 9)]
    assert rules.licence_signs(loads, {B: [old, new]}, {OIL: "HW08"}) == []
    burning = licence(number="HW-3", modes=frozenset({Mode.DISPOSE}), lines=(LicenceLine("HW08", 1_000, 0),))
    used = [replace(one, mode=Mode.USE) for one in loads]
    assert rules.licence_signs(used, {B: [burning, old, new]}, {OIL: "HW08"}) == []
    both = [licence(), licence(id=UUID(int=10), number="S43")]
    many = [load(n) for n in range(11)]
    assert rules.licence_signs(many[:10], {B: both}, {OIL: "HW08"}) == []
    (found,) = rules.licence_signs(many, {B: both}, {OIL: "HW08"})
    assert (found.figures["licence"], found.figures["percent"], len(found.manifests)) == ("S42", 120, 6)
    december = [load(n, accepted_on=date(2026 + n % 2, 1, 4)) for n in range(10)]
    assert rules.licence_signs(december, {B: [licence(valid_to=date(2028, 1, 1))]}, {OIL: "HW08"}) == []


def test_a_licences_total_is_a_limit_beside_its_lines() -> None:
    """A works would fill each of three lines, and with them twice what its licence allows (L3, L4)."""
    whole = LicenceLine("", 100_000, 0)
    lines = tuple(LicenceLine(code, 100_000, 0, whole=whole) for code in ("HW08", "HW09"))
    loads = [load(n, code=OIL if n % 2 else "900-007-09") for n in range(6)]
    names = {OIL: "HW08", "900-007-09": "HW09"}
    assert rules.licence_signs(loads[:5], {B: [licence(lines=lines)]}, names) == []
    (found,) = rules.licence_signs(loads, {B: [licence(lines=lines)]}, names)
    assert found.sign is Sign.BEYOND_LICENCE
    assert found.figures == {"licence": "S42", "kg": 120_000, "yearly_kg": 100_000, "percent": 120}
    assert len(found.manifests) == 6


def test_a_load_far_from_the_usual_is_noticed() -> None:
    """Two loads on one paper would not show among thirty others."""
    usual = [load(n, loaded_kg=20_000 + 50 * n) for n in range(10)]
    assert rules.outliers(usual) == []
    (found,) = rules.outliers([*usual, load(99, loaded_kg=39_000)])
    assert found.manifests == (UUID(int=1099),)
    assert rules.outliers([*usual[:5], load(99, loaded_kg=39_000)]) == []


def test_what_was_called_off_after_weighing_is_noticed() -> None:
    """A load would leave the yard and no paper say where to."""
    odd = load(1, cancelled=True)
    (found,) = rules.cancelled_after_loading([odd, load(2), load(3, cancelled=True, loaded_kg=None)])
    assert (found.manifests, found.figures["kg"]) == ((odd.id,), 20_000)


def test_every_sign_is_explained() -> None:
    """An inspector would read a code."""
    assert set(SHEETS) == set(Sign)
    assert all(sheet.name and sheet.means and sheet.remedy and sheet.rule for sheet in SHEETS.values())


def test_what_is_disclosed_adds_up_and_names_no_partner() -> None:
    """A company's customers would be made public, or its waste counted twice."""
    rows = disclosed([load(1), load(2, treated_on=None), load(3, cancelled=True)], 2026)
    assert [(one.organisation, one.handed_over_kg, one.taken_in_kg, one.treated_kg) for one in rows] == [
        (A, 40_000, 0, 0),
        (B, 0, 40_000, 20_000),
    ]
