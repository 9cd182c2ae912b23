"""Do the ledgers of both ends follow a load, in whatever order it departs, is corrected or comes back?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from compliance.catalogue import service as catalogue
from compliance.ledgers import loads, queries, service, stock
from compliance.ledgers.rules import Draft, Table
from compliance.ledgers.service import NewContainers
from compliance.ledgers.tables import LedgerDraw, LedgerEntry
from compliance.manifests import service as manifests
from compliance.manifests.rules import Act, Purpose
from compliance.manifests.tables import Manifest, ManifestSignature
from compliance.record.database import open_database, reading
from compliance.record.errors import DomainError, Several
from compliance.record.work import Work
from compliance.registry.rules import Mode
from tests.factories import parties
from tests.factories.parties import MORNING, OIL, SCRAP, Cast, cast, committed, work_in
from tests.factories.snapshots import filled

TODAY = date(2026, 11, 20)
KG = st.integers(1, 3_000)
STEPS = ("make", "store", "take", "lower", "depart", "accept", "refuse", "back", "onward", "treat", "reload")
STEPS += ("recount", "remode", "recode", "name")


def draft(table: Table = Table.GENERATED, kg: int = 500, **more: object) -> Draft:
    """A sound line of a table."""
    return Draft(**({"table": table, "day": TODAY, "code": OIL, "kg": kg} | more))  # type: ignore[arg-type]


def signed(work: Work, row: Manifest, act: Act, **fields: object) -> None:
    """Put an act on a manifest as if it had been signed, with what it fills in."""
    for name, value in fields.items():
        setattr(row, name, value)
    count = len(work.session.scalars(select(ManifestSignature).filter_by(manifest_id=row.id)).all())
    work.session.add(
        ManifestSignature(
            id=work.new_id(),
            manifest_id=row.id,
            ordinal=count + 1,
            act=act.value,
            party="mover",
            person_name="Zhang",
            at=work.now,
            document_hash="",
        )
    )
    work.session.flush()
    loads.settle(work, row)


def accepted(work: Work, row: Manifest, kg: int) -> None:
    """Let the receiver accept and confirm a load."""
    signed(work, row, Act.ACCEPT, accepted_kg=kg, received_kg=row.loaded_kg)
    signed(work, row, Act.CONFIRM)


def on_again(work: Work, row: Manifest, kg: int, way: Purpose) -> Manifest:
    """Send a refused mass back or onward, until it is confirmed there."""
    own = row.mover_id if way is Purpose.RETURN else row.receiver_id
    linked = manifests.draft(
        work,
        manifests.NewManifest(
            deal_id=row.deal_id,
            mover_id=row.mover_id,
            carrier_id=row.carrier_id,
            receiver_id=own,
            origin_site_id=row.destination_site_id,
            destination_site_id=row.origin_site_id,
            vehicle_id=row.vehicle_id,
            plate=row.plate,
            driver_id=row.driver_id,
            code=row.code,
            mode=Mode.STORE.value if way is Purpose.RETURN else row.mode,
            planned_kg=kg,
            parent=row,
            purpose=way,
        ),
    )
    work.session.flush()
    signed(work, linked, Act.DEPART)
    accepted(work, linked, kg)
    return linked


def again(work: Work) -> Callable[[UUID], None]:
    """What is done with a load whose lines are to be worked out anew."""
    return lambda key: loads.settle(work, work.session.get_one(Manifest, key))


def everything(session: Session) -> tuple[list[object], list[object]]:
    """All lines and draws as they stand."""
    entries = session.scalars(select(LedgerEntry).order_by(LedgerEntry.organisation_id, LedgerEntry.batch))
    draws = session.scalars(select(LedgerDraw).order_by(LedgerDraw.entry_id, LedgerDraw.source))
    return (
        [(one.batch, one.kg, one.out_kg, one.short_kg, one.version) for one in entries],
        [(one.source, one.kg) for one in draws],
    )


@dataclass
class Works:
    """A producer and a processor whose ledgers are tried, in a transaction that is never committed."""

    work: Work
    cast: Cast
    loads: list[Manifest] = field(default_factory=list)

    def do(self, step: str, pick: int, kg: int) -> None:
        """Do one step; what a form would refuse is left out."""
        try:
            self._enter(step, pick, kg) if step in STEPS[:4] else self._move(step, pick, kg)
        except (DomainError, Several):
            return

    def _enter(self, step: str, pick: int, kg: int) -> None:
        unit = self.unit(self.cast.producer.organisation_id)
        held = [one for one, _ in stock.batches(self.work.session, unit)]
        parts = {"store": Table.GENERATED, "take": Table.STORED}
        fitting = [one for one in held if step not in parts or one.part == parts[step].value]
        if step == "make":
            code = OIL if pick else SCRAP
            row = service.record(self.work, draft(kg=kg, code=code))
        elif not fitting:
            return
        else:
            one = fitting[pick % len(fitting)]
            if step == "lower":
                said = service.draft_of(one)
                row = service.correct(
                    self.work, one.batch, draft(said.table, kg, code=said.code, source=said.source)
                )
            else:
                table = Table.STORED if step == "store" else Table.TAKEN_OUT
                row = service.record(self.work, draft(table, kg, source=one.batch, code=one.code))
        entry = {"table": row.part, "code": row.code, "batch": row.batch}
        loads.entered(self.work, unit, entry, again(self.work))

    def _move(self, step: str, pick: int, kg: int) -> None:
        work = self.work
        if step == "depart" and len(self.loads) < 3:
            row = manifests.draft(work, self.cast.load(mode=Mode.USE.value))
            work.session.flush()
            self.loads.append(row)
            signed(work, row, Act.DEPART, loaded_kg=kg)
        if not self.loads or step == "depart":
            return
        row = self.loads[pick % len(self.loads)]
        said = {Act(one) for one in work.session.scalars(_acts(row.id))}
        spoken = said & {Act.ACCEPT, Act.REFUSE}
        refused = row.refused_kg - sum(one.planned_kg for one in _linked(work, row))
        if step == "accept" and not spoken:
            accepted(work, row, min(kg, row.loaded_kg or 0))
        elif step == "refuse" and not spoken:
            signed(work, row, Act.REFUSE, accepted_kg=0, received_kg=row.loaded_kg)
        elif step in {"back", "onward"} and refused > 0:
            way = Purpose.RETURN if step == "back" else Purpose.ONWARD
            on_again(work, row, min(kg, refused), way)
        elif step == "treat" and Act.CONFIRM in said and Act.TREAT not in said:
            signed(work, row, Act.TREAT)
        elif step == "recount" and Act.CONFIRM in said and not _linked(work, row):
            row.accepted_kg = min(kg, row.received_kg or 0)
        elif step == "reload":
            row.loaded_kg = kg
        elif step == "remode":
            row.mode = Mode.DISPOSE.value if row.mode == Mode.USE.value else Mode.USE.value
        elif step == "recode":
            waste = catalogue.require(work, SCRAP if row.code == OIL else OIL, TODAY, "code")
            row.code, row.edition = waste.code, waste.edition
        elif step == "name":
            unit = self.unit(row.mover_id)
            loads.name(work, row, [one.batch for one, _ in stock.batches(work.session, unit)][-2:])
        work.session.flush()
        loads.settle(work, row)

    @staticmethod
    def unit(key: UUID | None) -> UUID:
        """Return an organisation's id."""
        assert key is not None
        return key

    def check(self) -> None:
        """Hold what came in against what lies there, is treated and has left; told again, all is the same."""
        session = self.work.session
        session.flush()
        before = everything(session)
        for row in self.loads:
            loads.settle(self.work, row)
        assert everything(session) == before
        for who in (self.cast.producer, self.cast.processor):
            unit = self.unit(who.organisation_id)
            held = stock.batches(session, unit)
            every = session.scalars(select(LedgerEntry).filter_by(organisation_id=unit)).all()
            for code, one in stock.balances(session, unit, TODAY).items():
                lies = sum(kg for row, kg in held if row.code == code)
                short = sum(row.short_kg for row in every if row.code == code)
                assert lies - short == one.left_kg, (code, one, lies, short)
            assert all(_left(session, row) >= 0 for row in every)
            assert all(row.batch.startswith("HW") is row.hazardous is (row.code == OIL) for row in every)
        for row in self.loads:
            (line,) = [
                one for one in stock.of_load(session, row.mover_id, row.id, Table.OUTSOURCED) if one.out_kg
            ]
            taken = stock.draws(session, [line.id]).get(line.id, {})
            assert line.out_kg == row.loaded_kg == sum(taken.values()) + line.short_kg


def _left(session: Session, row: LedgerEntry) -> int:
    return stock.left(session, row.organisation_id, row.batch, UUID(int=0))


def _acts(manifest_id: UUID) -> object:
    return select(ManifestSignature.act).where(ManifestSignature.manifest_id == manifest_id)


def _linked(work: Work, row: Manifest) -> list[Manifest]:
    return list(work.session.scalars(select(Manifest).where(Manifest.parent_id == row.id)))


@pytest.fixture(scope="module")
def kept(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Cast]]:
    """One database with the cast; every try is rolled back."""
    place = tmp_path_factory.mktemp("loads") / "one.db"
    place.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{place}")
    yield engine, committed(engine, parties.cast)
    engine.dispose()


@settings(max_examples=8)
@example(steps=[("recode", 0, 1), ("accept", 0, 900), ("recode", 0, 1)])
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3), KG), max_size=10))
def test_what_came_in_lies_there_is_treated_or_has_left(
    kept: tuple[Engine, Cast], steps: list[tuple[str, int, int]]
) -> None:
    """A kilogram would vanish from the ledgers, or stand there twice, by the order of what happens."""
    engine, people = kept
    with Session(engine) as session:
        works = Works(work_in(session, people.producer), people)
        for step in [("make", 1, 2_000), ("store", 0, 1_000), ("depart", 0, 1_500), *steps]:
            works.do(*step)
        works.check()
        session.rollback()


@pytest.fixture
def people(engine: Engine) -> Cast:
    """Everyone around one load, on each database."""
    return filled(engine, ("cast",), lambda: committed(engine, cast))


def lines(engine: Engine, unit: UUID | None) -> list[tuple[str, int, int]]:
    """A unit's lines: batch code, kilograms, and what of them came from nowhere."""
    with reading(engine) as session:
        rows = session.scalars(
            select(LedgerEntry).where(LedgerEntry.organisation_id == unit).order_by(LedgerEntry.batch)
        )
        return [(one.batch, one.kg, one.short_kg) for one in rows]


def test_a_load_draws_down_the_store_and_fills_the_receivers(engine: Engine, people: Cast) -> None:
    """The store of a works would stay full on paper after everything has left (G4)."""

    def begin(work: Work) -> UUID:
        for kg in (300, 400):
            made = service.record(work, draft(kg=kg))
            service.record(work, draft(Table.STORED, kg, source=made.batch))
        row = manifests.draft(work, people.load())
        work.session.flush()
        signed(work, row, Act.DEPART, loaded_kg=600)
        return row.id

    def end(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        accepted(work, row, 590)
        signed(work, row, Act.TREAT)

    key = committed(engine, begin, people.producer)
    committed(engine, end)
    assert lines(engine, people.producer.organisation_id) == [
        ("HWCK20261120001", 600, 0),
        ("HWCS20261120001", 300, 0),
        ("HWCS20261120002", 400, 0),
        ("HWRK20261120001", 300, 0),
        ("HWRK20261120002", 400, 0),
        ("HWWWLY20261120001", 590, 0),
    ]
    assert lines(engine, people.processor.organisation_id) == [
        ("HWCK20261120001", 590, 0),
        ("HWRK20261120001", 590, 0),
        ("HWZXLY20261120001", 590, 0),
    ]
    unit = Works.unit(people.producer.organisation_id)
    with reading(engine) as session:
        assert [(row.batch, kg) for row, kg in stock.batches(session, unit)] == [("HWRK20261120002", 100)]
        assert stock.balances(session, unit, TODAY)[OIL].left_kg == 100
        rows = session.scalars(select(LedgerEntry).filter_by(manifest_id=key, organisation_id=unit)).all()
        told = [one.source for one in service.drafts_of(session, rows)]
    assert sorted(told) == ["HWCK20261120001", "HWRK20261120001、HWRK20261120002"]


def test_a_shortage_is_noted_and_filled_by_what_is_entered_late(engine: Engine, people: Cast) -> None:
    """A load would be held because a form is missing, or the form entered later count for nothing (G4)."""

    def leave(work: Work) -> None:
        row = manifests.draft(work, people.load())
        work.session.flush()
        signed(work, row, Act.DEPART, loaded_kg=600)

    def late(work: Work) -> None:
        made = service.record(work, draft(kg=500))
        entry = {"table": made.part, "code": OIL, "batch": made.batch}
        loads.entered(work, made.organisation_id, entry, again(work))

    committed(engine, leave)
    unit = people.producer.organisation_id
    assert lines(engine, unit) == [("HWWWLY20261120001", 600, 600)]
    committed(engine, late, people.producer)
    assert lines(engine, unit) == [("HWCS20261120001", 500, 0), ("HWWWLY20261120001", 600, 100)]


def test_the_named_batches_and_the_labels_read_go_first(engine: Engine, people: Cast) -> None:
    """The drums on the vehicle would stay in the ledger, and others be gone (G4, G8)."""

    def act(work: Work) -> tuple[str, ...]:
        drums = service.register_containers(work, NewContainers(OIL, 200, 100, count=3))
        service.record(work, draft(Table.STORED, 100, source=drums[1].batch))
        row = manifests.draft(work, people.load())
        work.session.flush()
        loads.label_read(work, row, drums[2].code)
        signed(work, row, Act.DEPART, loaded_kg=100)
        assert _lie(work) == {drums[0].batch, "HWRK20261120001"}
        named = loads.name(work, row, [drums[1].code])
        assert _lie(work) == {drums[0].batch, drums[2].batch}
        with pytest.raises(DomainError):
            loads.name(work, row, ["HWRK20261120009"])
        scrap = service.record(work, draft(code=SCRAP))
        with pytest.raises(DomainError) as other:
            loads.name(work, row, [scrap.batch])
        assert getattr(other.value, "rule", "") == "G4.source"
        return named

    assert committed(engine, act, people.producer) == ("HWCS20261120002",)
    with reading(engine) as session:
        entry = queries.entry(session, Works.unit(people.producer.organisation_id), "HWCK20261120001")
        assert entry is not None
        assert entry.kg == 100


def _lie(work: Work) -> set[str]:
    return {row.batch for row, _ in stock.batches(work.session, Works.unit(work.who.organisation_id))}


def test_whoever_takes_out_of_a_works_batches_waits_for_who_does(engine: Engine, people: Cast) -> None:
    """Two loads at once would be drawn from the same drum (G4); SQLite has one writer anyway."""
    if engine.dialect.name == "sqlite":
        return
    unit = Works.unit(people.producer.organisation_id)
    committed(engine, lambda work: stock.hold(work.session, [unit]))
    with Session(engine) as first, Session(engine) as second:
        stock.hold(first, [unit])
        second.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError):
            stock.hold(second, [unit])


def test_only_its_mover_names_a_loads_batches(engine: Engine, people: Cast) -> None:
    """Somebody else would decide which drums a producer has left."""

    def act(work: Work) -> None:
        row = manifests.draft(work, people.load())
        work.session.flush()
        loads.name(work, row, [])

    with pytest.raises(DomainError):
        committed(engine, act, people.processor)
    assert MORNING.year == TODAY.year
