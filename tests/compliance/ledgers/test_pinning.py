"""Does what lies in a works keep its name, its label and its way out, whatever is done to the catalogue?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from compliance.catalogue import editions
from compliance.catalogue.rules import WasteType
from compliance.ledgers import importing, pinning, service
from compliance.ledgers.rules import Draft, Table
from compliance.ledgers.service import NewContainers
from compliance.ledgers.tables import Container
from compliance.record.database import reading
from compliance.record.errors import RuleBroken
from compliance.record.work import Work
from tests.factories.editions import drop_oil
from tests.factories.parties import MORNING, OIL, Cast, cast, committed
from tests.factories.snapshots import filled

NEXT_DAY = MORNING + timedelta(days=1)
NEW = "900-249-08"


@pytest.fixture
def parties(engine: Engine) -> Cast:
    """Everyone around one load, on each database."""
    return filled(engine, ("cast",), lambda: committed(engine, cast))


def packed(engine: Engine, parties: Cast, code: str = OIL) -> Container:
    """A registered drum of a waste."""
    new = NewContainers(code, 200, 180)
    return committed(
        engine, lambda work: service.register_containers(work, new)[0], parties.producer, NEXT_DAY
    )


def within(engine: Engine, drum: Container) -> WasteType:
    """What the label of a drum names."""
    with reading(engine) as session:
        return pinning.of_container(session, session.get_one(Container, drum.id))


def put(engine: Engine, parties: Cast, draft: Draft) -> str:
    """Enter or correct a line, and return its batch."""

    def enter(work: Work) -> str:
        row = service.correct(work, draft.batch, draft) if draft.batch else service.record(work, draft)
        return row.batch

    return committed(engine, enter, parties.producer, NEXT_DAY)


@pytest.mark.parametrize("edition", ["HW2025", "HW2027"])
def test_a_drum_keeps_its_label_and_is_moved_although_an_import_dropped_its_code(
    engine: Engine, parties: Cast, edition: str
) -> None:
    """Its label could not be printed again, and by the ledger it could neither be stored nor leave."""
    drum = packed(engine, parties)
    before = within(engine, drum)
    begins = date(2025, 1, 1) if edition == "HW2025" else NEXT_DAY.date()
    committed(engine, lambda work: drop_oil(work, edition, begins), parties.operator, NEXT_DAY)
    found = within(engine, drum)
    assert (found.edition, found.hazards, found.category_name) == ("HW2025", "T,I", before.category_name)
    line = Draft(Table.STORED, NEXT_DAY.date(), "HW90021408", 180, source=drum.batch)
    stored = put(engine, parties, line)
    out = Draft(Table.TAKEN_OUT, line.day, OIL, 180, source=stored, party="委外")
    assert put(engine, parties, out).startswith("HWCK")
    counted = Draft(Table.STORED, line.day, OIL, 179, batch=stored, source=drum.batch)
    with pytest.raises(RuleBroken) as gone:
        put(engine, parties, counted)
    assert gone.value.rule == "G4.more_than_is_there"
    with pytest.raises(RuleBroken) as new:
        put(engine, parties, Draft(Table.GENERATED, line.day, OIL, 180))
    assert new.value.rule.startswith("C1.")
    file = f"入库时间,废物代码,入库量（吨）,产生批次编码\n{line.day},{OIL},0.001,{drum.batch}\n".encode()

    def preview(work: Work) -> list[str]:
        rows = importing.preview(work, importing.receive(work, "b2.csv", file, Table.STORED))
        return [getattr(reason, "rule", "") for row in rows for reason in row.reasons]

    assert committed(engine, preview, parties.producer, NEXT_DAY) == ["G4.more_than_is_there"]


def test_a_drum_outlives_the_import_that_brought_its_code(engine: Engine, parties: Cast) -> None:
    """A wrong file taken back would leave drums whose label names no hazard, and that nobody could move."""

    committed(engine, lambda work: drop_oil(work, "HW2027", NEXT_DAY.date()), parties.operator)
    drum = packed(engine, parties, NEW)

    def take_back(work: Work) -> None:
        editions.roll_back(work, editions.imports(work.session)[0].id)

    committed(engine, take_back, parties.operator, NEXT_DAY)
    found = within(engine, drum)
    assert (found.edition, found.description, found.hazards) == ("HW2027", "其他废矿物油", "T")
    line = Draft(Table.STORED, NEXT_DAY.date(), NEW, 180, source=drum.batch)
    assert put(engine, parties, line).startswith("HWRK")
    with reading(engine) as session:
        row = session.get_one(Container, drum.id)
        row.waste, row.edition = "900-999-49", "HW1998"
        nowhere = pinning.of_container(session, row)
        assert (nowhere.category, nowhere.category_name) == ("HW49", row.name)
        session.rollback()
