"""Do the ledgers of both ends follow a pipeline's period, and give back what is corrected?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from compliance.ledgers import loads, service, stock
from compliance.ledgers import queries as ledgers
from compliance.ledgers.rules import Draft, Table
from compliance.ledgers.tables import LedgerEntry
from compliance.oversight import queries as oversight
from compliance.pipelines import books, documents, periods
from compliance.pipelines.rules import shared
from compliance.pipelines.tables import PeriodManifest, Pipeline
from compliance.record.database import reading
from compliance.record.work import Work
from compliance.storage import queries as storage
from compliance.storage import service as limits
from compliance.storage.service import NewLimit
from tests.compliance.pipelines.test_service import (
    OCTOBER,
    held_by,
    issued,
    laid,
    metered,
    parties,
    refused,
    step,
)
from tests.factories.parties import EZHOU, EZHOU_POINT, OIL, Cast, committed, site

__all__ = ["parties"]


def lines(engine: Engine, unit: UUID) -> dict[str, tuple[int, int, int]]:
    """What each table of a unit says: how many lines with a mass, how much, and how much from nowhere."""
    found: dict[str, tuple[int, int, int]] = {}
    with reading(engine) as session:
        for one in session.scalars(select(LedgerEntry).filter_by(organisation_id=unit)):
            count, kg, short = found.get(one.part, (0, 0, 0))
            found[one.part] = (count + bool(one.kg), kg + one.kg, short + one.short_kg)
    return found


def left(engine: Engine, unit: UUID) -> int:
    """What must lie in a works."""
    with reading(engine) as session:
        return stock.balances(session, unit, date(2026, 12, 31))[OIL].left_kg


def make(
    engine: Engine, parties: Cast, day: date, kg: int, table: Table = Table.GENERATED, **more: str
) -> str:
    """Enter what the mover generated or stored, and let what left earlier draw on it."""

    def enter(work: Work) -> str:
        row = service.record(work, Draft(table, day, OIL, kg, **more))  # type: ignore[arg-type]
        entry: dict[str, object] = {"table": row.part, "code": OIL, "batch": row.batch}

        def again(key: UUID) -> None:
            period = work.session.get_one(PeriodManifest, key)
            books.settle(work, work.session.get_one(Pipeline, period.pipeline_id), period)

        loads.entered(work, row.organisation_id, entry, again)
        return row.batch

    return committed(engine, enter, parties.producer)


def require_treated(engine: Engine, parties: Cast, period: UUID) -> None:
    """Insist that the signed treatment empties the receiver's store by one line out of all its days."""
    receiver = held_by(parties.processor)
    step(engine, period, parties.processor, periods.treat)
    assert lines(engine, receiver) == {
        "stored": (31, 30_000, 0),
        "taken_out": (1, 30_000, 0),
        "treated": (1, 30_000, 0),
    }
    assert left(engine, receiver) == 0
    with reading(engine) as session:
        (done,) = session.scalars(select(LedgerEntry).filter_by(part="treated"))
        out = ledgers.entry(session, receiver, done.source)
        assert out is not None
        assert len(stock.draws(session, [out.id])[out.id]) == 31


def test_a_period_draws_on_the_movers_batches_and_fills_the_receivers_store(
    engine: Engine, parties: Cast
) -> None:
    """What left through a pipe would lie in the mover's ledger for ever, and never arrive in the other."""
    mover, receiver = held_by(parties.producer), held_by(parties.processor)
    first = make(engine, parties, OCTOBER[0], 10_500)
    make(engine, parties, OCTOBER[0], 4_000, Table.STORED, source=first, facility="TS001")
    key = laid(engine, parties)
    metered(engine, key, parties.producer, 1_000)
    metered(engine, key, parties.processor, 995)
    period = issued(engine, key, parties.producer)
    step(engine, period, parties.processor, periods.confirm, 30_000)
    assert lines(engine, mover) == {
        "generated": (1, 10_500, 0),
        "stored": (1, 4_000, 0),
        "taken_out": (4, 4_000, 0),
        "outsourced": (31, 31_000, 20_500),
    }
    assert lines(engine, receiver) == {"stored": (31, 30_000, 0)}
    late = make(engine, parties, OCTOBER[10], 21_000)
    assert lines(engine, mover)["outsourced"] == (31, 31_000, 0)
    assert left(engine, mover) == 500
    with reading(engine) as session:
        days = session.scalars(
            select(LedgerEntry).filter_by(part="outsourced").order_by(LedgerEntry.day)
        ).all()
        told = [one.source for one in service.drafts_of(session, days)]
        assert (told[0], told[-1], days[-1].manifest_id) == ("HWCK20261001001", late, period)
    by_hand = replace(service.draft_of(days[0]), kg=1)
    sealed = refused(
        lambda: committed(engine, lambda w: service.correct(w, days[0].batch, by_hand), parties.producer)
    )
    assert "reopened" in str(sealed.way_out)
    require_treated(engine, parties, period)


def test_a_reopened_period_gives_back_and_its_document_proves_both_signatures(
    engine: Engine, parties: Cast
) -> None:
    """A corrected month would be taken from the stock twice, or be other than what both ends signed."""
    mover, receiver = held_by(parties.producer), held_by(parties.processor)
    make(engine, parties, OCTOBER[0], 40_000)
    key = laid(engine, parties)
    for who in (parties.producer, parties.processor):
        metered(engine, key, who, 1_000)
    period = issued(engine, key, parties.producer)
    with reading(engine) as session:
        signed = session.get_one(PeriodManifest, period).document_hash
    step(engine, period, parties.processor, periods.confirm)
    assert (left(engine, mover), left(engine, receiver)) == (9_000, 31_000)
    with reading(engine) as session:
        lies = storage.stock_of(session, receiver, [])
        assert lies.sites[parties.destination_id] == {OIL: 31_000}
    with reading(engine) as session:
        held = session.get_one(PeriodManifest, period)
        assert held.document is not None
        assert held.document_hash == documents.digest(held.document) != signed
        assert documents.digest(held.document | {"receiver": None}) == signed
    step(engine, period, parties.inspector, periods.reopen, "the meter was read in gallons")
    assert (left(engine, mover), left(engine, receiver)) == (40_000, 0)
    metered(engine, key, parties.producer, 500, OCTOBER[:1])
    assert issued(engine, key, parties.producer) == period
    step(engine, period, parties.processor, periods.confirm, 30_500, "one day was entered twice")
    assert (left(engine, mover), left(engine, receiver)) == (9_500, 30_500)
    assert lines(engine, mover)["outsourced"] == (31, 30_500, 0)
    assert lines(engine, receiver) == {"stored": (31, 30_500, 0)}


def test_a_period_that_waited_for_years_leaves_the_stock_when_it_is_treated(
    engine: Engine, parties: Cast
) -> None:
    """It would count in what lay there when the year began and never be treated in it: stock for ever."""
    key = laid(engine, parties)
    metered(engine, key, parties.producer, 1_000)
    metered(engine, key, parties.processor, 1_000)
    period = issued(engine, key, parties.producer)
    step(engine, period, parties.processor, periods.confirm, 31_000)
    step(engine, period, parties.processor, periods.treat)

    def years_later(work: Work) -> None:
        work.session.get_one(PeriodManifest, period).treated_at = datetime(2028, 3, 1, tzinfo=UTC)

    committed(engine, years_later)
    with reading(engine) as session:
        for year, opening, told in ((2028, 31_000, [31_000]), (2029, 0, [])):
            there = oversight.openings(session, parties.inspector, year)
            assert there.get(parties.destination_id, 0) == opening
            seen = oversight.loads(session, parties.inspector, year)
            assert [one.accepted_kg for one in seen if one.id == period] == told


def test_the_same_facility_of_two_sites_is_two(engine: Engine, parties: Cast) -> None:
    """An empty store would stand as over its limit because its namesake at another site is full."""
    receiver = held_by(parties.processor)
    key = laid(engine, parties)
    for who in (parties.producer, parties.processor):
        metered(engine, key, who, 1_000)
    step(engine, issued(engine, key, parties.producer), parties.processor, periods.confirm, 31_000)

    def twins(work: Work) -> tuple[UUID, UUID]:
        north = site(work, receiver, EZHOU_POINT, EZHOU).id
        stored = update(LedgerEntry).where(LedgerEntry.part == Table.STORED.value)
        work.session.execute(stored.values(facility="TS001"))
        for place in (parties.destination_id, north):
            limits.set_limit(work, place, NewLimit(20_000, "EIA 2025-17", facility="TS001"))
        return parties.destination_id, north

    full, empty = committed(engine, twins, parties.inspector)
    with reading(engine) as session:
        held = {one.limit.site: one.stock_kg for one in limits.held_by(session, receiver)}
    assert held == {full: 31_000, empty: 0}


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**8), min_size=1, max_size=40))
def test_shares_lose_no_kilogram(kg: int, metered_kg: list[int]) -> None:
    """What was accepted and what the daily lines say would differ by rounding, every month anew."""
    found = shared(kg, metered_kg)
    assert len(found) == len(metered_kg)
    assert min(found) >= 0
    assert sum(found) == (kg if sum(metered_kg) else 0)
