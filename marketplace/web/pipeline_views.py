"""What is shown of a pipeline: both sides day by day and month by month, and its periods?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.pipelines import queries
from compliance.pipelines.periods import owed
from compliance.pipelines.rules import Act, Compared, Rhythm, Side, State, by_month, period_of
from compliance.pipelines.service import ROLES, NewReading
from compliance.pipelines.tables import MeterReading, PeriodManifest, Pipeline
from compliance.record.errors import N_, DomainError, Invalid, raise_all
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace.web.pages.typed import day, kilograms

CSV_HEAD = (
    N_("Day"),
    N_("Metered by the mover (kg)"),
    N_("Metered by the receiver (kg)"),
    N_("Difference (kg)"),
    N_("Apart (‰)"),
    N_("Result"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A pipeline with the names of both ends, and which end the reader is at."""

    row: Pipeline
    mover: str
    receiver: str
    side: Side | None


@dataclass(frozen=True, slots=True)
class Story:
    """A pipeline over one month, with its periods and what the reader may do."""

    line: Line
    first: date
    last: date
    days: Sequence[tuple[Compared, Mapping[str, MeterReading]]]
    month: Compared | None
    months: Sequence[Compared]
    periods: Sequence[PeriodManifest]
    owed: Sequence[str]
    """Periods that have ended and have no manifest, by their first day."""
    acts: Sequence[str]


def lines(work: Work, rows: Sequence[Pipeline]) -> list[Line]:
    """Return pipelines with names."""
    names = registry.names(work.session, {key for row in rows for key in (row.mover_id, row.receiver_id)})
    return [Line(row, names[row.mover_id], names[row.receiver_id], side_in(work, row)) for row in rows]


def side_in(work: Work, row: Pipeline) -> Side | None:
    """Return at which end the reader is; None for who oversees."""
    ends = {Side.MOVER: row.mover_id, Side.RECEIVER: row.receiver_id}
    own = work.who.organisation_id
    return next((side for side, key in ends.items() if key == own and work.who.has(ROLES[side])), None)


def month_of(text: str, today: date) -> tuple[date, date]:
    """Return the first and last day of the month asked for, this one where none is."""
    try:
        asked = date.fromisoformat(f"{text}-01") if text else today
    except ValueError:
        asked = today
    _, first, last = period_of(Rhythm.MONTH, asked)
    return first, last


def story(work: Work, row: Pipeline, asked: str) -> Story:
    """Gather one pipeline as one person sees it."""
    first, last = month_of(asked, work.today)
    days = queries.compared(work.session, row, first, last, work.today)
    held: dict[str, dict[str, MeterReading]] = {}
    for one in queries.rows(work.session, row.id, first, last):
        held.setdefault(one.day.isoformat(), {})[one.side] = one
    year = queries.compared(work.session, row, date(first.year, 1, 1), last, work.today)
    months = by_month(year, queries.tolerance_of(row))
    line = lines(work, [row])[0]
    return Story(
        line=line,
        first=first,
        last=last,
        days=[(one, held.get(one.name, {})) for one in days],
        month=next((one for one in months if one.name == f"{first:%Y-%m}"), None),
        months=months,
        periods=queries.periods(work.session, row.id),
        owed=[at.isoformat() for at in owed(work, row)],
        acts=_acts(row, line.side),
    )


def _acts(row: Pipeline, side: Side | None) -> list[str]:
    if side is None or row.state == State.ENDED.value:
        return []
    agrees = side is Side.RECEIVER and row.state == State.OFFERED.value
    return [Act.AGREE.value, Act.END.value] if agrees else [Act.END.value]


def csv_rows(days: Sequence[Compared]) -> list[list[object]]:
    """Return compared days as rows of a file."""
    return [
        [
            one.name,
            one.mover_kg,
            one.receiver_kg,
            one.difference_kg,
            None if one.permille is None else f"{float(one.permille):.2f}",
            one.verdict.value,
        ]
        for one in days
    ]


def readings_from(text: str) -> list[NewReading]:
    """Read days and tonnes as pasted from a meter's file: `2026-11-01, 12.345` a line.

    Raises every line that cannot be read.
    """
    found: list[NewReading] = []
    faults: list[DomainError] = []
    for number, typed in enumerate(text.splitlines(), 1):
        cells = typed.replace("\t", ",").replace(";", ",").replace("，", ",").split(",")
        if not typed.strip():
            continue
        try:
            if len(cells) < 2:
                raise Invalid(N_("A line has a day and tonnes."), field="readings")
            found.append(NewReading(day(cells[0], "readings"), kilograms(cells[1], "readings")))
        except DomainError:
            faults.append(
                Invalid(
                    N_("Line {number} cannot be read: {text}"),
                    field="readings",
                    way_out=N_("Write a day and tonnes, such as 2026-11-01, 12.345."),
                    values={"number": number, "text": typed.strip()[:60]},
                )
            )
    raise_all(faults)
    return found


def receivers(work: Work, own: UUID | None) -> list[tuple[UUID, str]]:
    """Return the sites of processors that a pipeline may lead to, by name."""
    owners = {
        key: one.name
        for key, one in registry.organisations(work.session).items()
        if "processor" in one.kinds and key != own
    }
    found = [
        (site.id, f"{owners[site.organisation_id]} · {site.name}")
        for site in registry.sites(work.session).values()
        if site.organisation_id in owners
    ]
    return sorted(found, key=lambda pair: pair[1])
