"""May construction waste leave a building site: by which plan, how much of it, whither, in which vehicle?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from compliance.profiles.rules import Profile, profile_of
from compliance.record.errors import RuleBroken
from compliance.rulebook.rules import broken


class State(StrEnum):
    """Where a treatment plan stands."""

    SUBMITTED = "submitted"
    FILED = "filed"
    SENT_BACK = "sent_back"
    ENDED = "ended"


class Act(StrEnum):
    """What moves a plan: its builder submits and ends it, the authority's word files it or sends it back."""

    SUBMIT = "submit"
    FILE = "file"
    SEND_BACK = "send_back"
    END = "end"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.SUBMITTED, Act.FILE): State.FILED,
    (State.SUBMITTED, Act.SEND_BACK): State.SENT_BACK,
    (State.SENT_BACK, Act.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Act.END): State.ENDED,
    (State.SENT_BACK, Act.END): State.ENDED,
    (State.FILED, Act.END): State.ENDED,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A filed plan as the gates see it, kilograms; without `sites` it may go to any permitted site."""

    number: str
    valid_from: date
    valid_to: date
    kg: int
    drawn_kg: int
    codes: Sequence[str] = ()
    sites: frozenset[UUID] = frozenset()

    @property
    def left_kg(self) -> int:
        """Return what may still leave under it."""
        return max(0, self.kg - self.drawn_kg)

    def covers(self, code: str, on: date) -> bool:
        """Tell whether it names this waste and counts on a day."""
        named = not self.codes or any(code == one or code.endswith(one[-3:]) for one in self.codes)
        return named and self.valid_from <= on <= self.valid_to


@dataclass(frozen=True, slots=True)
class Place:
    """What a disposal site may take in all, and what is drawn of it, kilograms."""

    name: str
    capacity_kg: int
    drawn_kg: int
    valid_to: date

    @property
    def left_kg(self) -> int:
        """Return the room that is left."""
        return max(0, self.capacity_kg - self.drawn_kg)


@dataclass(frozen=True, slots=True)
class Spoil:
    """What the gates ask about one load of construction waste; `place` is None where none is on record."""

    code: str
    plate: str
    destination: UUID
    to_disposal: bool
    plans: Sequence[Plan] = ()
    place: Place | None = None
    closed_to: date | None = None
    """Until when its vehicle is permitted as a closed one; None: it is not on record as such."""


def is_construction(code: str) -> bool:
    """Tell whether a waste is one of the construction family."""
    return profile_of(code) is Profile.CONSTRUCTION


def plan_for(spoil: Spoil, kg: int, on: date) -> Plan | None:
    """Return the filed plan under which a load goes: the one with most left that covers waste and goal."""
    best = plan_of(spoil, on)
    return best if best is not None and best.left_kg >= kg else None


def plan_of(spoil: Spoil, on: date) -> Plan | None:
    """Return the plan that covers waste and goal and has most left, be that nothing or less."""
    fitting = [
        one
        for one in spoil.plans
        if one.covers(spoil.code, on) and (not one.sites or spoil.destination in one.sites)
    ]
    return max(fitting, key=lambda one: one.left_kg, default=None)


def against_issue(spoil: Spoil, kg: int, on: date) -> list[RuleBroken]:
    """Return what stands against issuing: no plan, a goal it does not name, nothing left, a full site."""
    covering = [one for one in spoil.plans if one.covers(spoil.code, on)]
    found = []
    if not covering:
        found.append(broken("U1.no_plan", on, field="code", code=spoil.code))
    elif plan_of(spoil, on) is None:
        found.append(broken("U3.other_site", on, field="destination", plan=covering[0].number))
    elif plan_for(spoil, kg, on) is None:
        best = max(covering, key=lambda one: one.left_kg)
        told = {"kg": kg, "left_kg": best.left_kg, "plan": best.number}
        found.append(broken("U2.over_plan", on, field="kg", **told))
    if spoil.to_disposal:
        found += place_faults(spoil.place, kg, on)
    return found


def place_faults(place: Place | None, kg: int, on: date) -> list[RuleBroken]:
    """Return what stands against a load's ending at a place: no permit, or no room."""
    if place is None or place.valid_to < on:
        return [broken("U4.not_permitted", on, field="destination")]
    if place.left_kg < kg:
        told = {"kg": kg, "left_kg": place.left_kg, "site": place.name}
        return [broken("U4.site_full", on, field="destination", **told)]
    return []


def against_loading(spoil: Spoil, on: date) -> list[RuleBroken]:
    """Return what stands against loading: a vehicle that is not permitted as a closed one."""
    if spoil.closed_to is not None and spoil.closed_to >= on:
        return []
    return [broken("U5.not_closed", on, field="vehicle", plate=spoil.plate)]
