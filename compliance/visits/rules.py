"""Who is drawn for a re-check or a visit, what is looked at there, and what follows?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from compliance.record.errors import N_
from compliance.registry.rules import OrganisationKind
from compliance.visits import again

DIVISION = r"^([0-9]{2}|[0-9]{4}|[0-9]{6})?$"
"""The first digits of a division; empty: everywhere."""


class Purpose(StrEnum):
    """Why somebody goes there."""

    RECHECK = "qualification_recheck"
    """资质复查: are the papers still right?"""
    VISIT = "site_visit"
    """实地核查: is the works what the papers say?"""


class State(StrEnum):
    """Where a visit stands."""

    DRAWN = "drawn"
    PASSED = "passed"
    RECTIFYING = "rectifying"
    """Something was found, and is to be put right by a day."""
    RECTIFIED = "rectified"
    FAILED = "visit_failed"
    CALLED_OFF = "called_off"


class Act(StrEnum):
    """What moves a visit."""

    PASS = "pass_visit"  # noqa: S105 - what an inspector does, no password
    ORDER = "order"
    PASS_AGAIN = "pass_again"  # noqa: S105
    FAIL = "fail_visit"
    CALL_OFF = "call_off"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.DRAWN, Act.PASS): State.PASSED,
    (State.DRAWN, Act.ORDER): State.RECTIFYING,
    (State.DRAWN, Act.CALL_OFF): State.CALLED_OFF,
    (State.RECTIFYING, Act.PASS_AGAIN): State.RECTIFIED,
    (State.RECTIFYING, Act.FAIL): State.FAILED,
}
OPEN = frozenset({State.DRAWN, State.RECTIFYING})


class Answer(StrEnum):
    """What was found on one point of the list."""

    GOOD = "in_order"
    BAD = "not_in_order"
    NONE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to look at: `rule` is what asks for it; `grave`: it suspends at once."""

    key: str
    words: str
    rule: str
    grave: bool = False


_PAPERS = (
    Point("papers_true", N_("The originals agree with the scans."), "A1", grave=True),
    Point("papers_valid", N_("No paper has ended, been changed or withdrawn."), "L3"),
)
_BY_KIND: Mapping[OrganisationKind, tuple[Point, ...]] = {
    OrganisationKind.PRODUCER: (
        Point("store_marked", N_("Containers and store carry their labels and signs."), "G5"),
        Point("store_apart", N_("Wastes that react with each other lie apart."), "G9"),
        Point("ledger_kept", N_("The ledger is kept and agrees with the store."), "G4"),
        Point("plan_filed", N_("The management plan is filed and covers what is given away."), "M5"),
        Point("emergency_ready", N_("The emergency plan is filed, and its means are at hand."), "M18"),
    ),
    OrganisationKind.CARRIER: (
        Point("vehicles_there", N_("The vehicles are there, marked and fit for their classes."), "L9"),
        Point("crew_certified", N_("Drivers and escorts have their certificates with them."), "L9"),
        Point("tracked", N_("The vehicles' terminals work and are not tampered with."), "M7"),
        Point("emergency_ready", N_("The emergency plan is filed, and its means are at hand."), "M18"),
    ),
    OrganisationKind.PROCESSOR: (
        Point("works_licensed", N_("Plant and treatment are those of the licence."), "L3", grave=True),
        Point("scale_kept", N_("What was treated stays within the yearly quantity."), "L4", grave=True),
        Point("store_year", N_("Nothing has been stored for more than a year."), "L8"),
        Point("scale_verified", N_("The weighbridge is verified and sealed."), "M10"),
        Point("ledger_kept", N_("The ledger is kept and agrees with the store."), "G4"),
        Point("insured", N_("The pollution liability insurance is paid."), "L14"),
        Point("emergency_ready", N_("The emergency plan is filed, and its means are at hand."), "M18"),
    ),
}


def points_for(purpose: Purpose, kinds: Iterable[str]) -> tuple[Point, ...]:
    """Return what is looked at: the papers always, the works too on a visit; each point once."""
    found = {point.key: point for point in _PAPERS}
    if purpose is Purpose.VISIT:
        for kind in kinds:
            for point in _BY_KIND.get(OrganisationKind(kind), ()):
                found.setdefault(point.key, point)
    return tuple(found.values())


def drawn(seed: str, pool: Iterable[UUID], count: int) -> list[UUID]:
    """Return `count` of a pool as the seed decides: anyone can draw them again and gets the same."""
    return [UUID(one) for one in again.drawn(seed, map(str, pool), count)]


def pool_hash(pool: Iterable[UUID]) -> str:
    """Return the hash of a pool: with the seed it proves who could have been drawn."""
    return again.pool_hash(map(str, pool))


def assigned(seed: str, visits: Sequence[UUID], inspectors: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return which inspector goes where, drawn too (双随机): the load is even to within one visit."""
    going = again.assigned(seed, [str(one) for one in visits], [str(one) for one in inspectors])
    return {UUID(one): UUID(inspector) for one, inspector in going.items()}


def period_of(day: date) -> str:
    """Return the quarter in which a population is drawn from once, `2026-Q4`."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def overlap(one: str, other: str) -> bool:
    """Tell whether two divisions have parties in common: one lies in the other."""
    return one.startswith(other) or other.startswith(one)


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where the state does not allow it."""
    return NEXT.get((state, act))


def act_of(answers: Mapping[str, Answer]) -> Act:
    """Return what a first visit's answers mean: nothing found, or an order to put it right."""
    return Act.ORDER if Answer.BAD in answers.values() else Act.PASS


def grave_findings(points: Iterable[Point], answers: Mapping[str, Answer]) -> list[Point]:
    """Return the findings that suspend a party at once."""
    return [point for point in points if point.grave and answers.get(point.key) is Answer.BAD]
