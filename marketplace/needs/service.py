"""How does a processor say what it takes, and at which price?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from compliance.catalogue import service as catalogue
from compliance.record.errors import (
    N_,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    RuleBroken,
    raise_all,
)
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Mode
from compliance.rulebook.rules import broken
from marketplace.lots.rules import LARGEST_KG, LONGEST_WINDOW, Figure, figure_faults, price_is_well_formed
from marketplace.needs import queries
from marketplace.needs.tables import Need


class Edge(StrEnum):
    """Which end of what is accepted of a figure."""

    LEAST = "least"
    MOST = "most"


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """What a processor writes on the form; kilograms and CNY per tonne the taker pays (P1).

    `limits` bounds the figures of a lot; `weekdays` (ISO, 1 = Monday) are those of the gate, none: all.
    """

    site_id: UUID
    code: str
    mode: Mode
    price: Decimal
    kg: int
    valid_to: date
    limits: Mapping[Figure, Mapping[Edge, Decimal]] = field(default_factory=dict)
    weekdays: frozenset[int] = frozenset()


def open_need(work: Work, draft: NeedDraft) -> Need:
    """Open a need; the licence must cover code and mode already now (A1, L1, L3)."""
    if not work.who.has(Role.PROCESSOR) or work.who.organisation_id is None:
        raise Forbidden(N_("Only a processor opens needs."))
    raise_all(_faults(work, draft, work.who.organisation_id))
    row = Need(
        id=work.new_id(),
        organisation_id=work.who.organisation_id,
        site_id=draft.site_id,
        code=catalogue.require(work, draft.code, work.today, "code").code,
        mode=draft.mode.value,
        price=draft.price,
        left_kg=draft.kg,
        valid_to=draft.valid_to,
        limits={
            figure.value: {edge.value: f"{value:f}" for edge, value in edges.items()}
            for figure, edges in draft.limits.items()
            if edges
        },
        weekdays=sorted(draft.weekdays),
        open=True,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.append("NeedOpened", row.id, code=row.code, kg=draft.kg, price=str(draft.price))
    return row


def _faults(work: Work, draft: NeedDraft, organisation_id: UUID) -> list[DomainError]:
    """Return everything that stands against a need, field by field."""
    faults: list[DomainError] = []
    if not 0 < draft.kg <= LARGEST_KG * 1000:
        faults.append(broken("P5.mass", work.today, field="kg", kg=draft.kg, largest_kg=LARGEST_KG * 1000))
    if not price_is_well_formed(draft.price):
        faults.append(broken("P1.price_form", work.today, field="price", price=str(draft.price)))
    if registry.site(work.session, draft.site_id).organisation_id != organisation_id:
        faults.append(Forbidden(N_("A need is for one of your own sites."), field="site_id"))
    for edge in Edge:
        faults += figure_faults({name: edges[edge] for name, edges in draft.limits.items() if edge in edges})
    faults += [
        Invalid(N_("The least that is accepted lies above the most."), field=name.value)
        for name, edges in draft.limits.items()
        if len(edges) == len(Edge) and edges[Edge.LEAST] > edges[Edge.MOST]
    ]
    if not draft.weekdays <= set(range(1, 8)):
        faults.append(Invalid(N_("A weekday is a number from 1, Monday, to 7."), field="weekdays"))
    if not work.today <= draft.valid_to < work.today + LONGEST_WINDOW:
        faults.append(broken("W4.window", work.today, field="valid_to"))
    try:
        waste = catalogue.require(work, draft.code, work.today, "code")
    except RuleBroken as unknown:
        return [unknown, *faults]
    return faults + gates.receiver_faults(work.session, organisation_id, waste, draft.mode, 0, work.today)


def close_need(work: Work, need_id: UUID) -> Need:
    """Close a need: what was agreed stays agreed, nothing new is matched with it."""
    row = queries.own_need(work.session, need_id, work.who)
    row.open = False
    work.append("NeedClosed", row.id, left_kg=row.left_kg)
    return row


def take(row: Need, kg: int) -> None:
    """Draw a deal's mass from a need."""
    raise_all(shortage(row, kg))
    row.left_kg -= kg


def shortage(row: Need, kg: int) -> list[DomainError]:
    """Return why a mass cannot be drawn from a need, empty where it can."""
    if row.open and kg <= row.left_kg:
        return []
    return [
        Conflict(
            N_("The processor takes only {left_kg} kg more."),
            code="need_taken",
            way_out=N_("Look at the matches again."),
            values={"left_kg": row.left_kg if row.open else 0},
        )
    ]


def give_back(work: Work, need_id: UUID, kg: int) -> None:
    """Give a need the mass of a deal that came to nothing back; a closed need stays closed."""
    queries.locked(work.session, need_id).left_kg += kg
