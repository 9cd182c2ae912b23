"""Under which profile does a waste fall, and which facts and documents does that ask for?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from compliance.record.errors import N_, DomainError, Invalid
from compliance.rulebook.rules import broken

LONGEST = 120


class Profile(StrEnum):
    """A family of waste with rules of its own."""

    HAZARDOUS = "hazardous"
    INDUSTRIAL = "industrial"
    CONSTRUCTION = "construction"
    BATTERY = "battery"
    PHOSPHOGYPSUM = "phosphogypsum"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a profile wants to know of a load; `needed` facts that are missing are told at the gates."""

    key: str
    words: str
    needed: bool = False
    choices: Mapping[str, str] | None = None
    rule: str = "F1.fact_missing"
    """Which rule asks for it."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What one profile asks: its facts, and the documents that go with a load."""

    profile: Profile
    words: str
    facts: tuple[Fact, ...]
    documents: tuple[str, ...]


SPECS: Mapping[Profile, Spec] = {
    one.profile: one
    for one in (
        Spec(
            Profile.HAZARDOUS,
            N_("Hazardous waste"),
            (
                Fact("form", N_("Waste form"), needed=True),
                Fact("main", N_("Main components")),
                Fact("harmful", N_("Harmful components")),
                Fact("emergency", N_("Emergency measures"), needed=True),
            ),
            (N_("Manifest"), N_("Label on each container"), N_("Management plan")),
        ),
        Spec(
            Profile.INDUSTRIAL,
            N_("Industrial solid waste"),
            (Fact("process", N_("Process it arises in")), Fact("form", N_("Waste form"))),
            (N_("Contract with a verified contractor"), N_("Ledger of industrial solid waste")),
        ),
        Spec(
            Profile.CONSTRUCTION,
            N_("Construction waste"),
            (
                Fact("project", N_("Construction project"), needed=True),
                Fact(
                    "plan_number",
                    N_("Filing number of the treatment plan"),
                    needed=True,
                    rule="F2.plan_not_filed",
                ),
                Fact("permit_number", N_("Number of the municipal disposal permit")),
            ),
            (N_("Manifest"), N_("Filed treatment plan"), N_("Municipal disposal permit, where one is asked")),
        ),
        Spec(
            Profile.BATTERY,
            N_("Recyclables and used power batteries"),
            (
                Fact(
                    "condition",
                    N_("Condition of the batteries, where there are any"),
                    choices={
                        "intact": N_("intact"),
                        "damaged": N_("damaged or leaking"),
                        "dismantled": N_("dismantled to modules or cells"),
                    },
                ),
                Fact("vehicle", N_("Vehicle that they come from")),
            ),
            (N_("24-character identity of each battery"),),
        ),
        Spec(
            Profile.PHOSPHOGYPSUM,
            N_("Phosphogypsum"),
            (
                Fact(
                    "age",
                    N_("Fresh or from the pile"),
                    needed=True,
                    choices={"fresh": N_("fresh"), "pile": N_("from the pile")},
                ),
                Fact(
                    "grade",
                    N_("Treatment before it leaves"),
                    needed=True,
                    choices={
                        "raw": N_("untreated"),
                        "washed": N_("washed"),
                        "neutralised": N_("neutralised"),
                        "calcined": N_("calcined"),
                    },
                ),
                Fact("ore", N_("Source of the ore"), needed=True),
            ),
            (N_("Ledger with ore source, quantity and flow"),),
        ),
        Spec(
            Profile.HOUSEHOLD,
            N_("Household waste and recyclables collected from it"),
            (Fact("point", N_("Collection point"), needed=True), Fact("sorted", N_("How it was sorted"))),
            (N_("Contract with the collecting company"),),
        ),
    )
}
GYPSUM_FAMILY, RECYCLABLES = 10, 17


def profile_of(code: str) -> Profile:
    """Return the profile of a waste by its code: hazardous, or by the family of other waste."""
    family = code[-3:] if "S" in code[-3:] else code
    if "S" not in family:
        return Profile.HAZARDOUS
    number = int(family[-2:])
    if number == GYPSUM_FAMILY:
        return Profile.PHOSPHOGYPSUM
    if number == RECYCLABLES:
        return Profile.BATTERY
    if 60 <= number < 70:
        return Profile.HOUSEHOLD
    return Profile.CONSTRUCTION if 70 <= number < 80 else Profile.INDUSTRIAL


def missing(profile: Profile, facts: Mapping[str, str], on: date) -> list[DomainError]:
    """Return what a profile needs to know and is not told; it warns, for a load must be able to leave."""
    return [
        broken(fact.rule, on, field=fact.key, name=fact.words)
        for fact in SPECS[profile].facts
        if fact.needed and not facts.get(fact.key, "").strip()
    ]


def wrong(profile: Profile, facts: Mapping[str, str]) -> list[DomainError]:
    """Return what cannot be right among facts: unknown ones, none of the choices, too long."""
    known = {fact.key: fact for fact in SPECS[profile].facts}
    found: list[DomainError] = []
    for key, value in facts.items():
        fact = known.get(key)
        if fact is None:
            found.append(Invalid(N_("This field is not known here."), field=key))
        elif len(value) > LONGEST:
            text = N_("Must have at most {limit} characters or entries.")
            found.append(Invalid(text, field=key, values={"limit": LONGEST}))
        elif value and fact.choices is not None and value not in fact.choices:
            text = N_("{value} is not one of the choices.")
            found.append(Invalid(text, field=key, values={"value": value}))
    return found
