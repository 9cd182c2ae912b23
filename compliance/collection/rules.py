"""What may be handed in at a collection point, and what of a lot do hand-ins account for?"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from compliance.record.errors import N_, DomainError, Invalid
from compliance.rulebook.rules import broken

LARGEST_GRAMS = 5_000_000
"""Five tonnes: what is more comes as a load of its own, under its own papers."""
BACK = timedelta(days=31)
"""So long after a hand-in it may still be entered."""
SLOW_CLOCK = timedelta(minutes=5)
"""A stall's clock may be fast by so much."""
CODE_LENGTH = 12
SHORT_NAME = 20


class PointKind(StrEnum):
    """How people reach a collection point."""

    STATION = "station"
    BOX = "box"
    ROUND = "round"
    TAKE_BACK = "take_back"


class Giver(StrEnum):
    """Who hands something in; nobody's name is asked of a household."""

    HOUSEHOLD = "from_household"
    SHOP = "from_shop"
    OFFICE = "from_office"


@dataclass(frozen=True, slots=True)
class HandInDraft:
    """What is handed in at a point: what, how much in grams, by whom, when, and what was paid in fen."""

    point_id: UUID
    code: str
    grams: int
    taken_at: datetime
    giver: Giver = Giver.HOUSEHOLD
    giver_name: str = ""
    paid_fen: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One hand-in that no lot holds yet, as far as a choice among them needs to know it."""

    id: UUID
    grams: int


def draft_faults(draft: HandInDraft, now: datetime, on: date, *, hazardous: bool) -> list[DomainError]:
    """Return everything that is wrong with a hand-in, empty where nothing is."""
    found: list[DomainError] = []
    if not 0 < draft.grams <= LARGEST_GRAMS:
        found.append(
            Invalid(
                N_("A hand-in weighs more than nothing and at most {limit} kg."),
                field="kg",
                way_out=N_("List what is more as a lot of its own."),
                values={"limit": LARGEST_GRAMS // 1000},
            )
        )
    if not now - BACK <= draft.taken_at <= now + SLOW_CLOCK:
        found.append(
            Invalid(
                N_("A hand-in is entered within {days} days, and never ahead of its time."),
                field="taken_at",
                values={"days": BACK.days},
            )
        )
    if draft.paid_fen < 0:
        found.append(Invalid(N_("What was paid is not negative."), field="paid"))
    if draft.giver is not Giver.HOUSEHOLD and not draft.giver_name.strip():
        found.append(Invalid(N_("Name the shop or office that hands it in."), field="giver_name"))
    if hazardous and draft.giver is not Giver.HOUSEHOLD:
        found.append(broken("R1.needs_manifest", on, field="giver"))
    return found


def accounted(lot_kg: int, grams: int, on: date, field: str = "collected") -> list[DomainError]:
    """Return what is to be said of a lot whose hand-ins do not make up its mass; it warns."""
    if grams // 1000 >= lot_kg:
        return []
    kg = grams // 1000
    return [broken("R2.not_accounted", on, field=field, kg=kg, lot_kg=lot_kg, open_kg=lot_kg - kg)]


def fill(waiting: Iterable[Waiting], grams: int) -> list[UUID]:
    """Choose hand-ins in the given order up to a mass; none is split, one too big is passed over."""
    chosen, left = [], grams
    for one in waiting:
        if one.grams <= left:
            chosen.append(one.id)
            left -= one.grams
    return chosen


def name_of(category: str, description: str) -> str:
    """Return by which short name people know a waste: 废纸 out of its description, else its category."""
    first = description.split("。", maxsplit=1)[0].strip()
    return first if 0 < len(first) <= SHORT_NAME else category


def code_of(key: UUID) -> str:
    """Return the code on a hand-in's receipt: 60 random bits of its id, in letters and digits 2 to 7."""
    return base64.b32encode(key.bytes[-8:]).decode("ascii")[1 : CODE_LENGTH + 1]


def plain(code: str) -> str:
    """Return a receipt's code as it is kept, however it was typed."""
    return "".join(code.split()).replace("-", "").upper()
