"""Which manifests does a person see, by state, words, division, code and alerts, in which order?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from compliance.manifests import queries as manifests
from compliance.manifests.behind import PARTIES, with_parties
from compliance.manifests.rules import OPEN_STATES, State
from compliance.manifests.tables import Manifest
from compliance.record.errors import Invalid
from compliance.record.who import Who
from compliance.registry import queries as registry
from marketplace.edge.paging import Page, cursor_of, cut, newest_of
from marketplace.oversight.filters import ANY, Wanted, divisions, matching, standing_of
from marketplace.oversight.rules import code_pattern, division_prefix, plain_of
from tracking.alerts.kinds import Kind, Severity

OPEN = "open"
ALL = "all"
PER_PAGE = 50
COUNTED = 1000
"""So many of one state are counted: a table is read, not a census."""
OVER = frozenset({State.CLOSED, State.CANCELLED})
STILL_OPEN = frozenset(one.value for one in OPEN_STATES)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person filters by, as the address says it: a state (or `open`, `all`) and the rest."""

    state: str = OPEN
    text: str = ""
    division: str = ""
    code: str = ""
    alert: str = ""
    cursor: str = ""

    @staticmethod
    def read(query: Mapping[str, str]) -> Asked:
        """Read a filter from a page's address; what makes no sense there is ignored."""
        state, alert = query.get("state", OPEN), query.get("alert", "")
        division, code = query.get("division", ""), plain_of(query.get("code", ""))[:12]
        return Asked(
            state if state in {OPEN, ALL, *State} else OPEN,
            query.get("q", "").strip()[:60],
            division if division_prefix(division) else "",
            code if code_pattern(code) else "",
            alert if alert in {ANY, *Severity, *Kind} else "",
            sound(query.get("cursor", "")),
        )

    @property
    def wanted(self) -> Wanted:
        """Return the filter as the query takes it."""
        states = STILL_OPEN if self.state == OPEN else frozenset() if self.state == ALL else {self.state}
        return Wanted(frozenset(states), self.text, self.division, self.code, self.alert)

    def address(self, base: str, **changed: str) -> str:
        """Return the address of this filter with some of it changed; a change begins the list anew."""
        said = {
            "state": self.state,
            "q": self.text,
            "division": self.division,
            "code": self.code,
            "alert": self.alert,
        }
        return f"{base}?{urlencode({name: value for name, value in (said | changed).items() if value})}"


def sound(text: str) -> str:
    """Return a cursor as it is, and nothing for a text that is none."""
    try:
        cursor_of(text)
    except Invalid:
        return ""
    return text


@dataclass(frozen=True, slots=True)
class Line:
    """One manifest as a table shows it."""

    manifest: Manifest
    mover: str
    carrier: str
    receiver: str
    alerts: int = 0
    """How many alerts about it still want a look, among those its reader may see."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice of the filter with how many manifests it holds, counted up to `COUNTED`."""

    state: str
    count: int
    chosen: bool

    @property
    def more(self) -> bool:
        """Tell whether there are more than were counted."""
        return self.count >= COUNTED


@dataclass(frozen=True, slots=True)
class Listing:
    """One part of the manifests, with the choices above it; `next` leads to the following part."""

    asked: Asked
    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    next: str = ""
    divisions: tuple[tuple[str, str], ...] = field(default=())

    @property
    def filtered(self) -> bool:
        """Tell whether anything but the open manifests was asked for."""
        return self.asked != Asked(cursor=self.asked.cursor)


def listing(session: Session, who: Who, asked: Asked) -> Listing:
    """Return one part of the manifests that a person may see, the last changed first."""
    part = part_of(session, who, asked.wanted, asked.cursor)
    return Listing(
        asked,
        tabs(session, who, asked),
        tuple(part.items),
        part.next or "",
        tuple(divisions(session)),
    )


def part_of(session: Session, who: Who, wanted: Wanted, cursor: str = "") -> Page[Line]:
    """Return one part of the manifests that a person may see, dressed for a table, in one look."""
    at, key = Manifest.changed_at, Manifest.id
    found = newest_of(dressed(who, wanted), at, key, cursor=cursor or None, limit=PER_PAGE)
    rows = session.execute(found).all()
    return cut(rows, at, key, lambda row: Line(*row), limit=PER_PAGE, thing=lambda row: row[0])


@lru_cache(maxsize=256)
def dressed(who: Who, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """Return the statement for manifests with names and alerts, the columns of a `Line`.

    It is built once for a person and filter: a list is read again for every part, and whenever its page is.
    """
    seen = with_parties(matching(who, wanted))
    return seen.add_columns(*(one.name for one in PARTIES), standing_of(who))


def lines(session: Session, rows: Sequence[Manifest]) -> tuple[Line, ...]:
    """Return manifests with the names of their parties."""
    wanted: set[UUID] = {key for row in rows for key in (row.mover_id, row.carrier_id, row.receiver_id)}
    names = registry.names(session, wanted)
    return tuple(
        Line(
            row,
            names[row.mover_id],
            names[row.carrier_id],
            names[row.receiver_id],
        )
        for row in rows
    )


def tabs(session: Session, who: Who, asked: Asked) -> tuple[Tab, ...]:
    """Return the choices by state: the open ones, every state that holds something, and all."""
    counts = counted(session, who)
    still_open = min(COUNTED, sum(number for state, number in counts.items() if state in STILL_OPEN))
    choices = [(OPEN, still_open)]
    choices += [(one.value, counts.get(one, 0)) for one in State if counts.get(one) or asked.state == one]
    choices.append((ALL, min(COUNTED, sum(counts.values()))))
    return tuple(Tab(state, number, asked.state == state) for state, number in choices)


def counted(session: Session, who: Who) -> dict[str, int]:
    """Return how many manifests a person sees in each state, none counted further than `COUNTED`."""
    parts = []
    for state in State:
        some = manifests.visible_to(who).where(Manifest.state == state.value).limit(COUNTED)
        few = some.with_only_columns(Manifest.id).subquery()
        parts.append(select(literal(state.value), select(func.count()).select_from(few).scalar_subquery()))
    return {state: number for state, number in session.execute(union_all(*parts)) if number}
