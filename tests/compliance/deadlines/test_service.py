"""Does each day bring what it must: papers watched, owners reminded, what is late made known, once?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from compliance.deadlines import queries, service
from compliance.deadlines.rules import Kind, State
from compliance.deadlines.service import About
from compliance.record.clock import local_date
from compliance.record.database import reading, transaction
from compliance.record.who import SYSTEM, Role, Who
from compliance.record.work import Work
from compliance.registry.rules import OrganisationKind
from compliance.rulebook.workdays import PUBLISHED_YEARS
from tests.compliance.record.appending import recorded
from tests.factories import parties
from tests.factories.parties import MORNING, OIL

T = TypeVar("T")
INSPECTOR = Who(None, "inspector", None, frozenset({Role.INSPECTOR}))


def on(engine: Engine, now: datetime, act: Callable[[Work], T]) -> T:
    """Do something at a moment, in a transaction of its own."""
    with transaction(engine) as session:
        return act(Work(session, now, SYSTEM))


def sweep(engine: Engine, day: date) -> int:
    """Bring a day's deadlines about."""
    now = MORNING + timedelta(days=(day - local_date(MORNING)).days)
    return on(engine, now, lambda work: service.sweep(work, PUBLISHED_YEARS))


def kinds(engine: Engine) -> list[str]:
    """List what the record tells of deadlines, oldest first."""
    return [row.event.kind for row in recorded(engine) if row.event.kind.startswith("Deadline")]


def states(engine: Engine, who: Who = INSPECTOR) -> dict[str, str]:
    """Return the state of each kind of deadline that a person sees."""
    with reading(engine) as session:
        return {row.kind: row.state for row in queries.listed(session, who, open_only=False)}


@pytest.fixture
def holder(engine: Engine) -> UUID:
    """A processor whose licence ends on 10 January 2027."""

    def act(work: Work) -> UUID:
        owner = parties.organisation(work, OrganisationKind.PROCESSOR).id
        parties.hazardous_licence(work, owner, (OIL, 1_000_000), days=(date(2022, 1, 11), date(2027, 1, 10)))
        return owner

    return on(engine, MORNING, act)


def confirm_load(engine: Engine, owner: UUID) -> UUID:
    """Let the five working days of a load begin on 20 November 2026."""
    subject = uuid4()
    about = About(subject, owner, "20264201000001")
    on(
        engine,
        MORNING,
        lambda work: service.start(work, Kind.CONFIRM, about, work.today, PUBLISHED_YEARS),
    )
    return subject


def test_a_load_not_confirmed_in_time_becomes_overdue_once(engine: Engine, holder: UUID) -> None:
    """The inspectors would not hear of it, or hear of it every night (M11)."""
    confirm_load(engine, holder)
    assert sweep(engine, date(2026, 11, 27)) >= 1
    assert states(engine)["confirm"] == State.AHEAD
    sweep(engine, date(2026, 11, 28))
    sweep(engine, date(2026, 11, 29))
    assert states(engine)["confirm"] == State.OVERDUE
    assert kinds(engine).count("DeadlineOverdue") == 1


def test_a_confirmation_ends_the_deadline_early_or_late(engine: Engine, holder: UUID) -> None:
    """A receiver that did its duty would be chased on."""
    early, late = confirm_load(engine, holder), confirm_load(engine, holder)
    on(engine, MORNING, lambda work: service.keep(work, Kind.CONFIRM, early))
    sweep(engine, date(2026, 12, 1))
    on(engine, MORNING + timedelta(days=12), lambda work: service.keep(work, Kind.CONFIRM, late))
    with reading(engine) as session:
        found = {row.subject_id: row.state for row in queries.listed(session, INSPECTOR, open_only=False)}
    assert (found[early], found[late]) == (State.KEPT, State.LATE)
    on(engine, MORNING, lambda work: service.keep(work, Kind.CONFIRM, uuid4()))


def test_a_second_beginning_changes_nothing(engine: Engine, holder: UUID) -> None:
    """A repeated event would give the receiver five days more."""
    subject = confirm_load(engine, holder)
    again = About(subject, holder, "20264201000001")
    later = MORNING + timedelta(days=3)
    on(engine, later, lambda work: service.start(work, Kind.CONFIRM, again, work.today, PUBLISHED_YEARS))
    with reading(engine) as session:
        (row,) = queries.listed(session, INSPECTOR)
    assert row.due_on == date(2026, 11, 27)
    assert not row.provisional


def test_a_licence_that_ends_is_watched_and_its_holder_reminded(engine: Engine, holder: UUID) -> None:
    """A holder would notice on the day on which its gate has to close (L5)."""
    for day in range(20, 31):
        sweep(engine, date(2026, 11, day))
    assert states(engine) == {"renew": State.AHEAD, "paper": State.AHEAD}
    assert kinds(engine).count("DeadlineNear") == 3
    sweep(engine, date(2027, 1, 4))
    assert states(engine)["renew"] == State.OVERDUE
    sweep(engine, date(2027, 1, 11))
    assert set(states(engine).values()) == {State.LAPSED}


def test_a_renewed_licence_ends_both_deadlines(engine: Engine, holder: UUID) -> None:
    """A holder with the new licence in hand would still be chased."""
    sweep(engine, date(2026, 11, 20))
    longer = (date(2026, 12, 1), date(2031, 11, 30))
    on(
        engine,
        MORNING,
        lambda work: parties.hazardous_licence(work, holder, (OIL, 1_000_000), days=longer),
    )
    sweep(engine, date(2026, 12, 1))
    assert set(states(engine).values()) == {State.KEPT}
    assert sweep(engine, date(2026, 12, 2)) == 0


def test_nobody_sees_the_deadlines_of_another_house(engine: Engine, holder: UUID) -> None:
    """A rival would read whose licence runs out."""
    sweep(engine, date(2026, 11, 20))
    own = Who(None, "holder", holder, frozenset({Role.PROCESSOR}))
    assert states(engine, own)
    assert states(engine, Who(None, "rival", uuid4(), frozenset({Role.PROCESSOR}))) == {}
    with reading(engine) as session:
        assert queries.counts(session, own) == {State.AHEAD.value: 2}
