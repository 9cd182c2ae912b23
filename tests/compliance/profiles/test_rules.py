"""Is each family of waste asked what it should be, a battery's code read right, and the gypsum balanced?"""

from __future__ import annotations

from datetime import date

import pytest

from compliance.ledgers.rules import Purpose, Table
from compliance.profiles.gypsum import Balance, Flow, balance, remarks, target_percent
from compliance.profiles.identity import LENGTH, SEGMENTS, Fault, Identity, Kind, plain, read
from compliance.profiles.rules import SPECS, Profile, missing, profile_of, wrong

TODAY = date(2026, 11, 20)
PACK = "001PE08" + "1234567" + "FBL" + "0000001"


@pytest.mark.parametrize(
    ("code", "profile"),
    [
        ("900-214-08", Profile.HAZARDOUS),
        ("900-052-31", Profile.HAZARDOUS),
        ("SW10", Profile.PHOSPHOGYPSUM),
        ("900-005-S17", Profile.BATTERY),
        ("900-099-S59", Profile.INDUSTRIAL),
        ("900-099-S64", Profile.HOUSEHOLD),
        ("SW72", Profile.CONSTRUCTION),
    ],
)
def test_the_code_decides_the_profile(code: str, profile: Profile) -> None:
    """A load of phosphogypsum would be asked for the emergency measures of waste oil."""
    assert profile_of(code) is profile


@pytest.mark.parametrize("profile", list(Profile))
def test_what_is_needed_and_not_told_is_named(profile: Profile) -> None:
    """A producer would learn at the gate what the paper lacks (F1)."""
    spec = SPECS[profile]
    needed = [fact for fact in spec.facts if fact.needed]
    assert [one.field for one in missing(profile, {}, TODAY)] == [fact.key for fact in needed]
    told = {fact.key: next(iter(fact.choices)) if fact.choices else "x" for fact in spec.facts}
    assert missing(profile, told, TODAY) == []
    assert wrong(profile, told) == []
    assert spec.documents
    bad = {"colour": "red", **{fact.key: "x" * 121 for fact in spec.facts}}
    assert len(wrong(profile, bad)) == len(bad)


def test_a_choice_is_one_of_those_offered() -> None:
    """A receiver would read a grade that nobody knows."""
    assert [one.field for one in wrong(Profile.PHOSPHOGYPSUM, {"grade": "polished"})] == ["grade"]


def test_a_battery_tells_its_maker_kind_and_day() -> None:
    """A module would be taken for a pack, or a typing error for a battery (B1)."""
    assert len(PACK) == LENGTH == sum(SEGMENTS)
    found = read(f" {PACK[:7].lower()}-{PACK[7:]} ")
    assert isinstance(found, Identity)
    assert (found.maker, found.kind, found.chemistry, found.specification) == ("001", Kind.PACK, "E", "08")
    assert (found.year, found.month, found.day, found.serial) == (2025, 11, 20, "0000001")
    assert plain("00 1p-") == "001P"


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        (PACK[:-1], [Fault.LENGTH]),
        (PACK + "0", [Fault.LENGTH]),
        ("", [Fault.LENGTH]),
        (PACK[:3] + "X" + PACK[4:], [Fault.KIND]),
        (PACK[:-1] + "O", [Fault.ALPHABET]),
        (PACK[:-1] + "电", [Fault.ALPHABET]),
        (PACK[:14] + "0BL" + PACK[17:], [Fault.DAY]),
        (PACK[:14] + "FDL" + PACK[17:], [Fault.DAY]),
        (PACK[:14] + "FBZ" + PACK[17:], [Fault.DAY]),
        (PACK[:3] + "I" + PACK[4:14] + "000" + PACK[17:], [Fault.ALPHABET, Fault.KIND, Fault.DAY]),
    ],
)
def test_each_segment_that_cannot_be_right_is_named(code: str, faults: list[Fault]) -> None:
    """A person would look for the mistake in 24 characters."""
    assert read(code) == faults


def flows(**kg: int) -> list[Flow]:
    """A plant's year by short names, tonnes."""
    at = {
        "made": (Table.GENERATED, Purpose.NONE),
        "piled": (Table.STORED, Purpose.NONE),
        "off": (Table.TAKEN_OUT, Purpose.NONE),
        "used": (Table.OUTSOURCED, Purpose.USE),
        "own": (Table.TREATED, Purpose.USE),
        "harmless": (Table.TREATED, Purpose.DISPOSE),
    }
    return [Flow(*at[name], amount * 1000) for name, amount in kg.items()]


def test_a_plant_is_balanced_fresh_and_from_the_pile() -> None:
    """A plant would count what it took off the pile as used from this year's make (以用定产)."""
    found = balance(flows(made=100, piled=50, off=20, used=40, own=10, harmless=20), pile_before_kg=5_000)
    assert (found.used_kg, found.harmless_kg) == (50_000, 20_000)
    assert (found.fresh_kg, found.pile_kg, found.open_kg) == (50_000, 35_000, 0)
    assert (found.used_percent, found.may_make_kg) == (50, 70_000)
    assert balance([]).used_percent is None


@pytest.mark.parametrize(
    ("found", "year", "rules"),
    [
        (balance(flows(made=100, used=65, harmless=35)), 2026, []),
        (balance(flows(made=100, used=64, harmless=36)), 2026, ["H1.use_below_target"]),
        (balance(flows(made=100, used=66, piled=34)), 2026, ["H2.more_made_than_used"]),
        (balance(flows(made=100, used=66, piled=34)), 2025, []),
        (balance(flows(made=100, used=54, piled=46)), 2022, []),
        (balance(flows(made=100, used=10, piled=90)), 2021, []),
        (balance(flows(made=10, used=10, off=1)), 2026, ["H3.balance"]),
        (balance(flows(made=10, used=11)), 2026, ["H3.balance"]),
    ],
)
def test_targets_hold_for_their_years(found: Balance, year: int, rules: list[str]) -> None:
    """A plant would be warned by a target of another year, or not at all (H1 to H3)."""
    told = remarks(found, year, TODAY)
    assert [one.rule for one in told] == rules
    assert all(one.article for one in told)


def test_the_targets_rise_to_their_last() -> None:
    """The target of a later year would be missing."""
    assert [target_percent(year) for year in (2021, 2022, 2025, 2026, 2030)] == [None, 50, 65, 65, 65]
