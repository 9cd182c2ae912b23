"""Do ledgers, containers, plans and declarations hold together in the database, and are they one's own?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, func, select

from compliance.deadlines import queries as deadlines
from compliance.deadlines.rules import Kind
from compliance.deadlines.rules import State as DeadlineState
from compliance.ledgers import declarations, importing, plans, queries, service
from compliance.ledgers.planning import PlanLine
from compliance.ledgers.rules import Draft, Purpose, Table
from compliance.ledgers.service import NewContainers
from compliance.ledgers.tables import Declaration, LedgerEntry
from compliance.record import ledger
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Several
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from compliance.rulebook.workdays import Workdays
from tests.factories.parties import MORNING, OIL, SCRAP, Cast, cast, committed
from tests.factories.snapshots import filled

TODAY = date(2026, 11, 20)
FEBRUARY = datetime(2027, 2, 10, 1, 0, tzinfo=UTC)


@pytest.fixture
def parties(engine: Engine) -> Cast:
    """Everyone around one load, on each database."""
    return filled(engine, ("cast",), lambda: committed(engine, cast))


def draft(**more: object) -> Draft:
    """A sound line of table B.1."""
    return Draft(**({"table": Table.GENERATED, "day": TODAY, "code": OIL, "kg": 500} | more))  # type: ignore[arg-type]


def refused(engine: Engine, make: Callable[[Work], object], who: object) -> DomainError:
    """Do something that must be refused, and return the refusal."""
    with pytest.raises(DomainError) as found:
        committed(engine, make, who)  # type: ignore[arg-type]
    return found.value


def test_batches_of_a_day_count_up_for_each_unit(engine: Engine, parties: Cast) -> None:
    """Two batches would carry one code, or a code that somebody typed would be given again (G4)."""

    def make(work: Work) -> list[str]:
        typed = service.record(work, draft(batch="HWCS20261120003"))
        made = [service.record(work, draft()).batch for _ in range(3)]
        return [typed.batch, *made, service.record(work, draft(code=SCRAP)).batch]

    found = committed(engine, make, parties.producer)
    assert found == [
        "HWCS20261120003",
        "HWCS20261120004",
        "HWCS20261120005",
        "HWCS20261120006",
        "SWCS20261120001",
    ]
    other = committed(engine, lambda work: service.record(work, draft()).batch, parties.processor)
    assert other == "HWCS20261120001"
    twice = refused(engine, lambda work: service.record(work, draft(batch=found[0])), parties.producer)
    assert twice.code == "ledger_entry_exists"
    assert isinstance(
        refused(engine, lambda work: service.record(work, draft()), parties.inspector), Forbidden
    )


def test_a_correction_leaves_what_was_said_before_on_the_record(engine: Engine, parties: Cast) -> None:
    """A ledger could be changed after the inspection without a trace."""
    batch = committed(engine, lambda work: service.record(work, draft()).batch, parties.producer)
    committed(engine, lambda work: service.correct(work, batch, draft(kg=499)), parties.producer)
    with reading(engine) as session:
        events = [one.event for one in ledger.read(session, 0, 1000)]
        row = queries.entry(session, parties.producer.organisation_id, batch)  # type: ignore[arg-type]
    changed = [one for one in events if one.kind == "LedgerEntryCorrected"]
    assert row is not None
    assert row.kg == 499
    assert [(one.data["before"]["kg"], one.data["entry"]["kg"]) for one in changed] == [(500, 499)]  # type: ignore[index]
    assert isinstance(
        refused(engine, lambda work: service.correct(work, batch, draft()), parties.processor), Invalid
    )


def test_containers_have_codes_of_their_own_and_a_line_each(engine: Engine, parties: Cast) -> None:
    """Two drums would carry one code, or be missing in the ledger (G7, G8)."""
    new = NewContainers(OIL, 200, 180, count=2, main="油")

    def make(work: Work) -> list[str]:
        return [one.code for one in service.register_containers(work, new)]

    codes = committed(engine, make, parties.producer) + committed(engine, make, parties.producer)
    assert [code[-3:] for code in codes] == ["001", "002", "003", "004"]
    with reading(engine) as session:
        rows = session.scalars(select(LedgerEntry).order_by(LedgerEntry.batch)).all()
    assert [row.container for row in rows] == codes
    wrong = refused(
        engine, lambda work: service.register_containers(work, NewContainers(OIL, 0, 0, 0)), parties.producer
    )
    assert isinstance(wrong, Several)
    assert {getattr(one, "rule", "") for one in wrong.errors} == {"G5.weight", "G6.volume", "G7.serial"}
    scrap = NewContainers(SCRAP, 200, 180)
    assert refused(engine, lambda work: service.register_containers(work, scrap), parties.producer).field == (
        "code"
    )


def test_a_file_is_shown_first_and_taken_in_once(engine: Engine, parties: Cast) -> None:
    """A wrong file would be in the ledger before anybody has looked at it, or twice."""
    committed(engine, lambda work: service.record(work, draft(batch="HWCS20261120001")), parties.producer)
    committed(engine, lambda work: service.record(work, draft(batch="HWCS20261120002")), parties.producer)
    lines = [
        "批次,产生时间,废物代码,产生量（吨）".replace("批次", "产生批次编码"),
        f"HWCS20261120001,2026-11-20,{OIL},0.5",
        f"HWCS20261120002,2026-11-20,{OIL},0.6",
        f",2026-11-19,{OIL},1.25",
        ",2026-11-19,900-999-99,1",
        f",2026-12-19,{OIL},0",
    ]
    content = "\r\n".join(lines).encode()

    def send(work: Work) -> importing.LedgerImport:
        return importing.receive(work, "ledger.csv", content, Table.GENERATED)

    row = committed(engine, send, parties.producer)
    wanted = ["ignored", "updated", "inserted", "failed", "failed"]
    with reading(engine) as session:
        seen = importing.preview(Work(session, MORNING, parties.producer), row)
        assert [one.outcome.value for one in seen] == wanted
        assert [len(one.reasons) for one in seen] == [0, 0, 0, 1, 2]
        assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 2
    taken = committed(engine, lambda work: importing.take_in(work, row.id), parties.producer)
    assert [one["outcome"] for one in taken.outcomes or []] == wanted
    with reading(engine) as session:
        masses = session.scalars(select(LedgerEntry.kg).order_by(LedgerEntry.batch)).all()
    assert masses == [1250, 500, 600]
    assert isinstance(
        refused(engine, lambda work: importing.take_in(work, row.id), parties.producer), Conflict
    )
    again = committed(engine, send, parties.producer)
    assert isinstance(
        refused(engine, lambda work: importing.take_in(work, again.id), parties.producer), Conflict
    )
    assert isinstance(
        refused(engine, lambda work: importing.take_in(work, again.id), parties.processor), NotFound
    )


def test_a_period_is_owed_once_and_kept_by_its_number(engine: Engine, parties: Cast) -> None:
    """A unit would be reminded of what it has declared, or not at all (G3)."""
    committed(
        engine, lambda work: service.record(work, draft(day=date(2026, 7, 1), kg=20_000)), parties.producer
    )
    assert committed(engine, lambda work: declarations.watch(work, Workdays())) == 1
    assert committed(engine, lambda work: declarations.watch(work, Workdays())) == 0
    with reading(engine) as session:
        (row,) = session.scalars(select(Declaration)).all()
        deadline = deadlines.of(session, Kind.DECLARE, row.id)
    assert (row.period, row.due_on) == ("2026-Q3", date(2026, 10, 15))
    assert deadline is not None
    assert deadline.due_on == row.due_on
    noted = committed(engine, lambda work: declarations.declare(work, row.id, "R-1"), parties.producer)
    assert noted.figures == [
        {"code": OIL, "generated": 20_000, "stored": 0, "taken_out": 0, "treated": 0, "outsourced": 0}
    ]
    with reading(engine) as session:
        kept = deadlines.of(session, Kind.DECLARE, row.id)
    assert kept is not None
    assert kept.state == DeadlineState.KEPT.value
    for who, number in ((parties.producer, "R-2"), (parties.processor, "R-2")):
        refused(engine, lambda work, number=number: declarations.declare(work, row.id, number), who)


def test_a_plan_is_owed_in_its_season_and_ends_with_its_number(engine: Engine, parties: Cast) -> None:
    """A unit would be reminded of a plan that it has filed (G2), and warned of what it covers (M5)."""
    committed(engine, lambda work: service.record(work, draft(kg=5_000)), parties.producer)
    committed(engine, lambda work: declarations.watch(work, Workdays()), SYSTEM, FEBRUARY)
    unit = parties.producer.organisation_id
    assert unit is not None

    def file(work: Work) -> None:
        lines = [PlanLine(OIL, 10_000)]
        declarations.plan_filed(work, plans.file_plan(work, 2027, "P-1", date(2027, 2, 1), lines))

    with reading(engine) as session:
        owed = {one.period: one.id for one in session.scalars(select(Declaration))}
        assert set(owed) == {"2026", "2027-P"}
        assert [one.rule for one in plans.warnings(Work(session, FEBRUARY, SYSTEM), unit, OIL, 1)] == [
            "M5.no_plan"
        ]
    committed(engine, file, parties.producer, FEBRUARY)
    with reading(engine) as session:
        kept = deadlines.of(session, Kind.PLAN, owed["2027-P"])
        assert kept is not None
        assert kept.state == DeadlineState.KEPT.value
        work = Work(session, FEBRUARY, SYSTEM)
        assert plans.warnings(work, unit, OIL, 10_000) == []
        assert [one.rule for one in plans.warnings(work, unit, OIL, 10_001)] == ["M5.over_plan"]
        assert plans.standing_of(work, unit).unit == "registered"

    def bad(work: Work) -> None:
        plans.file_plan(work, 2027, " ", date(2028, 1, 1), [PlanLine("1", 0)])

    wrong = refused(engine, bad, parties.producer)
    assert isinstance(wrong, Several)
    assert len(wrong.errors) == 4


def test_what_leaves_the_works_lowers_what_is_left_of_the_plan(engine: Engine, parties: Cast) -> None:
    """A producer would list beyond its plan without a word (M5)."""
    unit = parties.producer.organisation_id
    assert unit is not None
    lines = [PlanLine(OIL, 1_000)]
    committed(engine, lambda work: plans.file_plan(work, 2026, "P", TODAY, lines), parties.producer)
    out = draft(table=Table.OUTSOURCED, purpose=Purpose.USE, kg=600)
    committed(engine, lambda work: service.record(work, out), parties.producer)
    with reading(engine) as session:
        work = Work(session, MORNING, SYSTEM)
        assert [one.rule for one in plans.warnings(work, unit, OIL, 401)] == ["M5.over_plan"]
        assert plans.warnings(work, unit, OIL, 400) == []
