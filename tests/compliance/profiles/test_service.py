"""Does a battery keep its origin through dismantling and from hand to hand?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine

from compliance.ledgers import service as ledgers
from compliance.ledgers.rules import Draft, Purpose, Table
from compliance.manifests import service as manifests
from compliance.manifests.tables import Manifest
from compliance.profiles import queries, service
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from compliance.record.work import Work
from tests.factories.parties import Cast, cast, committed
from tests.factories.snapshots import filled

PACK, MODULE, CELL = (f"001{kind}E081234567FBL000000{n}" for n, kind in enumerate("PMC", start=1))


@pytest.fixture
def parties(engine: Engine) -> Cast:
    """Everyone around one load, on each database."""
    return filled(engine, ("cast",), lambda: committed(engine, cast))


@pytest.fixture
def registered(engine: Engine, parties: Cast) -> Cast:
    """A pack with a module with a cell, held by the producer."""

    def make(work: Work) -> None:
        service.register(work, PACK)
        service.register(work, MODULE, PACK)
        service.register(work, CELL, MODULE)

    committed(engine, make, parties.producer)
    return parties


def refused(engine: Engine, make: Callable[[Work], object], who: object) -> DomainError:
    """Do something that must be refused, and return the refusal."""
    with pytest.raises(DomainError) as found:
        committed(engine, make, who)  # type: ignore[arg-type]
    return found.value


def test_a_battery_is_taken_apart_step_by_step_and_its_origin_stays(engine: Engine, registered: Cast) -> None:
    """Cells would come from nowhere, or a pack be sold again after it was emptied."""
    who = registered.producer
    committed(engine, lambda work: service.dismantle(work, PACK), who)
    committed(engine, lambda work: service.dismantle(work, MODULE), who)
    with reading(engine) as session:
        assert queries.came_out_of(session, PACK) == [MODULE]
        assert queries.came_out_of(session, MODULE) == [CELL]
        assert [one.step for one in queries.steps(session, MODULE)] == [
            "on_record",
            "taken_out",
            "dismantled",
        ]
        assert queries.battery(session, CELL, who).parent_code is None
        with pytest.raises(NotFound):
            queries.battery(session, CELL, registered.processor)
    assert refused(engine, lambda work: service.dismantle(work, PACK), who).code == "B3"
    assert refused(engine, lambda work: service.dismantle(work, CELL), who).code == "B3"


def test_what_does_not_fit_is_refused(engine: Engine, registered: Cast) -> None:
    """A pack would sit in a cell, or one code stand for two batteries (B1, B2)."""
    who = registered.producer
    other = PACK[:-1] + "9"
    cases = [
        (lambda work: service.register(work, PACK), "battery_exists"),
        (lambda work: service.register(work, "001"), "B1"),
        (lambda work: service.register(work, other, PACK), "B2"),
        (lambda work: service.register(work, MODULE[:-1] + "8", CELL), "B2"),
        (lambda work: service.register(work, MODULE[:-1] + "8", other), "B2"),
    ]
    for make, code in cases:
        assert refused(engine, make, who).code == code
    committed(engine, lambda work: service.register(work, other), who)
    assert isinstance(refused(engine, lambda work: service.dismantle(work, other), who), Invalid)
    assert isinstance(
        refused(engine, lambda work: service.register(work, other), registered.inspector), Forbidden
    )


def test_a_confirmed_load_hands_a_pack_on_with_all_inside(engine: Engine, registered: Cast) -> None:
    """The receiver could not take apart what it was given, or the sender could sell it twice."""
    load = committed(engine, lambda work: manifests.draft(work, registered.load()).id)

    def row(work: Work) -> Manifest:
        return work.session.get_one(Manifest, load)

    inside = refused(engine, lambda work: service.load(work, row(work), [MODULE]), registered.producer)
    assert inside.code == "B3"
    assert isinstance(
        refused(engine, lambda work: service.load(work, row(work), [PACK]), registered.processor), Forbidden
    )
    committed(engine, lambda work: service.load(work, row(work), [PACK]), registered.producer)
    assert committed(engine, lambda work: service.hand_on(work, row(work))) == 3
    assert committed(engine, lambda work: service.hand_on(work, row(work))) == 0
    with reading(engine) as session:
        for code in (PACK, MODULE, CELL):
            held = queries.battery(session, code, registered.processor)
            assert held.holder_id == registered.processor.organisation_id
            assert queries.battery(session, code, registered.producer).code == code
    assert isinstance(
        refused(engine, lambda work: service.dismantle(work, PACK), registered.producer), Forbidden
    )
    committed(engine, lambda work: service.dismantle(work, PACK), registered.processor)

    def leave(work: Work) -> None:
        row(work).state = "in_transit"
        work.session.flush()
        service.load(work, row(work), [])

    assert isinstance(refused(engine, leave, registered.producer), Conflict)


def test_phosphogypsum_is_balanced_from_the_ledger(engine: Engine, parties: Cast) -> None:
    """A plant would keep a second book for the same masses."""

    def make(work: Work) -> None:
        for table, purpose, tonnes, day in (
            (Table.GENERATED, Purpose.NONE, 40, date(2025, 12, 1)),
            (Table.STORED, Purpose.NONE, 40, date(2025, 12, 2)),
            (Table.GENERATED, Purpose.NONE, 100, date(2026, 5, 1)),
            (Table.TAKEN_OUT, Purpose.NONE, 10, date(2026, 5, 2)),
            (Table.TREATED, Purpose.DISPOSE, 40, date(2026, 5, 3)),
            (Table.TREATED, Purpose.USE, 70, date(2026, 5, 3)),
        ):
            ledgers.record(work, Draft(table, day, "SW10", tonnes * 1000, purpose, facility="MF1"))

    def prepare(work: Work) -> None:
        from sqlalchemy import update

        from compliance.catalogue.tables import CatalogueEntry

        scrap = update(CatalogueEntry).where(CatalogueEntry.code == "900-001-S17")
        work.session.execute(scrap.values(code="SW10", category="SW10", category_name="磷石膏"))

    committed(engine, prepare)
    committed(engine, make, parties.producer)
    unit = parties.producer.organisation_id
    assert unit is not None
    with reading(engine) as session:
        (found,) = queries.gypsum(session, unit, 2026).items()
    assert found[0] == "MF1"
    assert (found[1].used_percent, found[1].pile_kg, found[1].fresh_kg, found[1].open_kg) == (
        70,
        30_000,
        100_000,
        0,
    )
