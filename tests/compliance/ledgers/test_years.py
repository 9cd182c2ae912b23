"""Are the tables of a year read cell by cell, held against what happened, and read off the ledgers?"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from compliance.ledgers import declarations, industrial, plans, queries, service, years
from compliance.ledgers.comparing import Done, Matter, compare
from compliance.ledgers.files import csv_of, rows_of
from compliance.ledgers.forms import SPECS, Form, Row, cells, merged, read
from compliance.ledgers.rules import Draft, Purpose, Table
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Several
from compliance.record.work import Work
from tests.factories.parties import MORNING, OIL, SCRAP, Cast, cast, committed
from tests.factories.snapshots import filled

TODAY = date(2026, 11, 20)
SAMPLES: dict[Form, Row] = {
    Form.UNIT: {"name": "甲厂", "uscc": "914201000000000015", "lon": "114.3", "lat": "30.6"},
    Form.FACILITIES: {"facility": "TS001", "kind": "store", "capacity": "3.5", "unit": "t"},
    Form.GENERATION: {"code": OIL, "facility": "MF1", "state": "liquid", "kg": 1_500, "last_kg": 0},
    Form.STORAGE: {"code": OIL, "facility": "TS001", "kg": 0},
    Form.TREATMENT: {"code": OIL, "purpose": "use", "method": "R9", "kg": 700},
    Form.REDUCTION: {"code": OIL, "measure": "filter longer", "kg": 20},
    Form.TRANSFER: {"code": OIL, "kg": 1_000, "receiver": "91420704RECEIVER01", "reach": "across"},
    Form.INDUSTRIAL: {"code": SCRAP, "process": "press", "state": "solid", "kg": 9_000},
}


@pytest.fixture
def parties(engine: Engine) -> Cast:
    """Everyone around one load, on each database."""
    return filled(engine, ("cast",), lambda: committed(engine, cast))


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("chinese", [True, False])
def test_a_table_of_a_year_reads_back_as_it_was_written(form: Form, chinese: bool) -> None:
    """A plan that goes through a spreadsheet would lose a unit or a choice."""
    spec, row = SPECS[form], SAMPLES[form]
    content = csv_of(years.sheet(form, [row], chinese=chinese), chinese=chinese)
    (said,) = rows_of(content, spec.columns, spec.number)
    assert read(spec, said) == (row, [])


def test_every_wrong_cell_is_named_and_a_key_stands_once() -> None:
    """A person would send the plan once for each mistake, or count a waste twice."""
    row, wrong = read(SPECS[Form.TREATMENT], {"purpose": "烧", "kg": "-1", "capacity_kg": "much"})
    assert row is None
    assert sorted(str(one.field) for one in wrong) == ["capacity_kg", "code", "kg", "purpose"]
    spec, line = SPECS[Form.GENERATION], SAMPLES[Form.GENERATION]
    more = {**line, "kg": 2_000}
    assert merged(spec, [line], [more, {**line, "facility": "MF2"}]) == [more, {**line, "facility": "MF2"}]
    assert cells(spec, line)["kg"] == "1.500"


def test_what_goes_beyond_the_plan_is_said_and_an_empty_table_says_nothing() -> None:
    """A unit would learn at the inspection that its plan was exceeded (G2)."""
    plan: dict[Form, list[Row]] = {
        Form.GENERATION: [SAMPLES[Form.GENERATION], {"code": OIL, "facility": "MF2", "kg": 500}],
        Form.TREATMENT: [SAMPLES[Form.TREATMENT]],
    }
    kg = {Matter.GENERATED: 2_001, Matter.TREATED: 700, Matter.TRANSFERRED: 5}
    ways = frozenset({("use", "R9 再生"), ("dispose", "D10")})
    found = compare(plan, [Done(OIL, kg, ways), Done("900-249-08", {Matter.TREATED: 1})], 2026, TODAY)
    told = {(one.code, one.matter): [said.rule for said in one.told] for one in found}
    assert told == {
        (OIL, Matter.GENERATED): ["G2.over_plan"],
        (OIL, Matter.TREATED): ["G2.other_treatment"],
        (OIL, Matter.TRANSFERRED): [],
        ("900-249-08", Matter.TREATED): ["G2.over_plan"],
    }
    assert [one.planned_kg for one in found] == [2_000, 700, None, 0]


def test_a_file_of_a_table_is_shown_first_and_taken_in_once(engine: Engine, parties: Cast) -> None:
    """A plan would be overwritten by a file that nobody has looked at (G2)."""
    lines = [
        "废物代码,本年度预计转移量（吨）,拟接收单位统一社会信用代码",
        f"{OIL},1,A",
        f"{OIL},2,B",
        f"{SCRAP},1,",
        ",x,",
    ]
    content = "\r\n".join(lines).encode()

    def begin(work: Work) -> object:
        years.put(work, 2026, Form.TRANSFER, {"code": OIL, "kg": "1", "receiver": "A"})
        declarations.plan_filed(work, plans.file_plan(work, 2026, "P-1", TODAY, []))
        return years.receive(work, "plan.csv", content, 2026, Form.TRANSFER).id

    key = committed(engine, begin, parties.producer)
    wanted = ["ignored", "inserted", "failed", "failed"]
    with reading(engine) as session:
        work = Work(session, MORNING, parties.producer)
        seen = years.preview(work, queries.imported(session, key, parties.producer))  # type: ignore[arg-type]
    assert [one.outcome.value for one in seen] == wanted
    taken = committed(engine, lambda work: years.take_file(work, key), parties.producer)  # type: ignore[arg-type]
    assert [one["outcome"] for one in taken.outcomes or []] == wanted
    with pytest.raises(Conflict):
        committed(engine, lambda work: years.take_file(work, key), parties.producer)  # type: ignore[arg-type]
    with reading(engine) as session:
        unit = parties.producer.organisation_id
        assert unit is not None
        plan = queries.filed(queries.plan(session, unit, 2026))
    assert plan is not None
    assert [(one.code, one.kg, one.receiver) for one in plan.lines] == [(OIL, 1_000, "A"), (OIL, 2_000, "B")]


def test_a_table_is_filled_whole_or_not_at_all_and_by_its_keeper(engine: Engine, parties: Cast) -> None:
    """Half a plan would stand there, or somebody else's."""
    good = {"code": OIL, "kg": "1"}
    with pytest.raises(Several) as refused:
        committed(
            engine,
            lambda work: years.fill(
                work, 2026, Form.GENERATION, [good, {"code": SCRAP, "kg": "1"}, {"kg": ""}]
            ),
            parties.producer,
        )
    assert [one.field for one in refused.value.errors] == ["rows.1.code", "rows.2.code", "rows.2.kg"]
    with pytest.raises(Forbidden):
        committed(engine, lambda work: years.fill(work, 2026, Form.GENERATION, [good]), parties.inspector)
    committed(engine, lambda work: years.fill(work, 2026, Form.GENERATION, [good]), parties.producer)
    out = committed(engine, lambda work: years.take_out(work, 2026, Form.GENERATION, 0), parties.producer)
    assert out == []
    with pytest.raises(DomainError):
        committed(engine, lambda work: years.take_out(work, 2026, Form.GENERATION, 0), parties.producer)


def test_where_industrial_waste_went_is_read_off_the_ledger(engine: Engine, parties: Cast) -> None:
    """A unit would copy its ledger into the announcement's tables by hand (G10)."""

    def enter(work: Work) -> None:
        for part, day, kg, purpose in (
            (Table.GENERATED, date(2025, 12, 30), 400, Purpose.NONE),
            (Table.GENERATED, date(2026, 3, 1), 1_000, Purpose.NONE),
            (Table.TREATED, date(2026, 3, 2), 300, Purpose.USE),
            (Table.OUTSOURCED, date(2026, 4, 1), 900, Purpose.DISPOSE),
        ):
            service.record(work, Draft(part, day, SCRAP, kg, purpose, party="乙"))
        service.record(work, Draft(Table.GENERATED, date(2026, 3, 1), OIL, 5))
        years.fill(work, 2026, Form.INDUSTRIAL, [{"code": SCRAP, "kg": "1.4"}])

    committed(engine, enter, parties.producer)
    unit = parties.producer.organisation_id
    assert unit is not None
    with reading(engine) as session:
        found = industrial.flows(session, unit, 2026)
        book = industrial.book(session, unit, 2026, chinese=True)
    assert [(one.month, one.generated_kg, one.own_use_kg, one.stored_kg, one.stock_kg) for one in found] == [
        (3, 1_000, 300, 700, 1_100),
        (4, 0, 0, -900, 200),
    ]
    rows = {sheet.name: len(sheet.rows) for sheet in book}
    assert rows == {"表1": 1, "表2": 2, "表3": 1, "表4": 1, "表5 入库": 0, "表5 出库": 0, "表6": 1, "表7": 0}
    (left,) = next(sheet.rows for sheet in book if sheet.name == "表3")
    assert (left["kg"], left["purpose"], left["party"]) == ("0.900", "委托处置", "乙")
