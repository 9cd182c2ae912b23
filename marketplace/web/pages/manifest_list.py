"""Which manifests does a person see, by state and by what was typed?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from compliance.manifests import queries as manifests
from compliance.manifests.rules import OPEN_STATES, State
from compliance.manifests.tables import Manifest
from compliance.record.who import Who
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation
from tracking.fleet.rules import plate_key

OPEN = "open"
ALL = "all"
PER_PAGE = 50
OVER = frozenset({State.CLOSED, State.CANCELLED, State.REFUSED, State.RETURNING})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person filters by: a state (or `open`, `all`), words, and the page, from 1."""

    state: str = OPEN
    text: str = ""
    page: int = 1

    @staticmethod
    def read(query: Mapping[str, str]) -> Asked:
        """Read a filter from a page's address; what makes no sense there is ignored."""
        state = query.get("state", OPEN)
        page = query.get("page", "1")
        return Asked(
            state if state in {OPEN, ALL, *State} else OPEN,
            query.get("q", "").strip()[:60],
            max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One manifest as a table shows it."""

    manifest: Manifest
    mover: str
    carrier: str
    receiver: str


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice of the filter with how many manifests it holds."""

    state: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of manifests, with the choices above it."""

    asked: Asked
    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    has_more: bool

    @property
    def filtered(self) -> bool:
        """Tell whether anything but the open manifests was asked for."""
        return bool(self.asked.text) or self.asked.state != OPEN


def listing(session: Session, who: Who, asked: Asked) -> Listing:
    """Return one page of the manifests that a person may see, the last changed first."""
    statement = _matching(manifests.visible_to(who), asked)
    start = (asked.page - 1) * PER_PAGE
    rows = session.scalars(
        statement.order_by(Manifest.changed_at.desc(), Manifest.id).offset(start).limit(PER_PAGE + 1)
    ).all()
    return Listing(
        asked, tabs(session, who, asked), lines(session, rows[:PER_PAGE]), has_more=len(rows) > PER_PAGE
    )


def lines(session: Session, rows: Sequence[Manifest]) -> tuple[Line, ...]:
    """Return manifests with the names of their parties."""
    wanted: set[UUID] = {key for row in rows for key in (row.mover_id, row.carrier_id, row.receiver_id)}
    names = {key: one.name for key, one in registry.organisations(session, wanted).items()}
    return tuple(
        Line(row, names[row.mover_id], names[row.carrier_id], names[row.receiver_id]) for row in rows
    )


def tabs(session: Session, who: Who, asked: Asked) -> tuple[Tab, ...]:
    """Return the choices by state: the open ones, every state that holds something, and all."""
    counts = manifests.counts(session, who)
    still_open = sum(number for state, number in counts.items() if State(state) not in OVER)
    choices = [(OPEN, still_open)]
    choices += [(one.value, counts.get(one, 0)) for one in State if counts.get(one) or asked.state == one]
    choices.append((ALL, sum(counts.values())))
    return tuple(Tab(state, number, asked.state == state) for state, number in choices)


def _matching(statement: Select[Manifest], asked: Asked) -> Select[Manifest]:
    if asked.state == OPEN:
        statement = statement.where(Manifest.state.in_([one.value for one in OPEN_STATES - OVER]))
    elif asked.state != ALL:
        statement = statement.where(Manifest.state == asked.state)
    if not asked.text:
        return statement
    named = select(Organisation.id).where(
        or_(
            Organisation.name.contains(asked.text, autoescape=True),
            Organisation.name_en.icontains(asked.text, autoescape=True),
            Organisation.uscc == asked.text.upper(),
        )
    )
    return statement.where(
        or_(
            Manifest.number.contains(asked.text, autoescape=True),
            Manifest.national_number.contains(asked.text, autoescape=True),
            Manifest.plate.contains(asked.text, autoescape=True),
            Manifest.plate.contains(plate_key(asked.text), autoescape=True),
            Manifest.code.contains(asked.text, autoescape=True),
            Manifest.mover_id.in_(named),
            Manifest.carrier_id.in_(named),
            Manifest.receiver_id.in_(named),
        )
    )
