"""Does what flows through a pipeline have its manifest, its ledger and its place in the balances?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from compliance.ledgers import queries as ledgers
from compliance.oversight import queries as oversight
from compliance.oversight.rules import Sign, balances
from compliance.oversight.service import analyse
from compliance.pipelines import periods, pinning, queries, service
from compliance.pipelines.rules import Act, Carrying, How, Rhythm, Tolerance, days_of
from compliance.pipelines.service import NewPipeline, NewReading
from compliance.pipelines.tables import PeriodManifest
from compliance.qualification import quotas
from compliance.record import ledger
from compliance.record.credential import ProofWanted
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, NotFound, RuleBroken
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry.rules import Mode
from tests.factories.editions import drop_oil
from tests.factories.parties import MORNING, OIL, SCRAP, Cast, committed, gathered

T = TypeVar("T")
OCTOBER = days_of(date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
def parties(engine: Engine) -> Cast:
    """Everyone around one load, on each database."""
    return gathered(engine)


def new(parties: Cast, **changes: object) -> NewPipeline:
    """Return a sound pipeline of waste oil that runs since the first of October."""
    sound = NewPipeline(
        name="P-101",
        carrying=Carrying.PIPE,
        origin_site_id=parties.origin_id,
        destination_site_id=parties.destination_id,
        code=OIL,
        mode=Mode.USE,
        started_on=OCTOBER[0],
        tolerance=Tolerance(20, 10),
    )
    return replace(sound, **changes)  # type: ignore[arg-type]


def laid(engine: Engine, parties: Cast) -> UUID:
    """Offer a pipeline and let its receiver agree."""
    key = committed(engine, lambda work: service.offer(work, new(parties)).id, parties.producer)
    on(engine, key, parties.processor, lambda work, row: service.move(work, row, Act.AGREE))
    return key


def on(engine: Engine, key: UUID, who: Who, act: Callable[[Work, object], T]) -> T:
    """Do something with a pipeline as somebody."""
    return committed(engine, lambda work: act(work, queries.pipeline(work.session, key, work.who)), who)


def metered(engine: Engine, key: UUID, who: Who, kg: int, days: list[date] = OCTOBER) -> None:
    """Enter the same mass for each day of a side."""
    given = [NewReading(day, kg) for day in days]
    on(engine, key, who, lambda work, row: service.enter(work, row, given))  # type: ignore[arg-type]


def issued(engine: Engine, key: UUID, who: Who) -> UUID:
    """Issue October's manifest."""
    return on(engine, key, who, lambda work, row: periods.issue(work, row, OCTOBER[3]).id)  # type: ignore[arg-type]


def step(engine: Engine, period: UUID, who: Who, act: Callable[..., object], *more: object) -> None:
    """Move a period as somebody."""

    def done(work: Work) -> None:
        held = queries.period(work.session, period, work.who)
        act(work, queries.pipeline(work.session, held.pipeline_id, work.who), held, *more)

    committed(engine, done, who)


def held_by(who: Who) -> UUID:
    """Return somebody's house."""
    assert who.organisation_id is not None
    return who.organisation_id


def refused(act: Callable[[], object]) -> DomainError:
    """Do something that must be refused, and return the refusal."""
    with pytest.raises(DomainError) as found:
        act()
    return found.value


def test_a_period_goes_from_meters_to_manifest_ledger_licence_and_balance(
    engine: Engine, parties: Cast
) -> None:
    """Waste would flow for a month under no manifest, and a site's balance would not know of it."""
    key = laid(engine, parties)
    metered(engine, key, parties.producer, 1000, OCTOBER[:-1])
    lacking = refused(lambda: issued(engine, key, parties.producer))
    assert (lacking.code, lacking.values["count"], lacking.values["first"]) == ("M13", 1, "2026-10-31")
    metered(engine, key, parties.producer, 1000, OCTOBER[-1:])
    period = issued(engine, key, parties.producer)
    assert refused(lambda: step(engine, period, parties.processor, periods.confirm)).code == "M13"
    metered(engine, key, parties.processor, 995)
    step(engine, period, parties.processor, periods.confirm)
    assert isinstance(refused(lambda: metered(engine, key, parties.producer, 1)), DomainError)
    with reading(engine) as session:
        held = session.get_one(PeriodManifest, period)
        assert (held.state, held.mover_kg, held.accepted_kg) == ("confirmed", 31_000, 30_845)
        assert held.number.startswith("20264201")
        mover = parties.producer.organisation_id
        receiver = parties.processor.organisation_id
        assert mover is not None
        assert receiver is not None
        assert ledgers.moved_kg(session, mover, OIL, 2026) == 31_000
        (line,) = quotas.quotas(session, [receiver], 2026)
        assert line.taken.confirmed_kg == 30_845
        loads = oversight.loads(session, parties.inspector, 2026)
        (site,) = balances(loads, frozenset({parties.destination_id}), {}, 2026, {})
        assert (site.in_kg, site.stock_kg) == (30_845, 30_845)
        assert oversight.openings(session, parties.inspector, 2027)[parties.destination_id] == 30_845
    step(engine, period, parties.processor, periods.treat)
    with reading(engine) as session:
        loads = oversight.loads(session, parties.inspector, 2026)
        (site,) = balances(loads, frozenset({parties.destination_id}), {}, 2026, {})
        assert site.stock_kg == 0
        assert parties.destination_id not in oversight.openings(session, parties.inspector, 2027)


def test_no_period_is_signed_by_a_password_of_long_ago(engine: Engine, parties: Cast) -> None:
    """Whoever finds a PC unlocked would sign for a month of waste in its owner's name."""
    key = laid(engine, parties)
    metered(engine, key, parties.producer, 1000)
    metered(engine, key, parties.processor, 1000)

    def late(act: Callable[..., object]) -> Callable[..., object]:
        return lambda work, *more: act(replace(work, credential=None), *more)

    told = [
        refused(lambda: on(engine, key, parties.producer, lambda w, r: late(periods.issue)(w, r, OCTOBER[3])))
    ]
    period = issued(engine, key, parties.producer)
    for act in (periods.confirm, periods.treat):
        told.append(refused(lambda act=act: step(engine, period, parties.processor, late(act))))  # type: ignore[misc]
        step(engine, period, parties.processor, act)
    assert [type(one) for one in told] == [ProofWanted] * 3


def test_sides_that_differ_need_a_reason_and_are_shown_to_the_inspector(
    engine: Engine, parties: Cast
) -> None:
    """A leak, or a second pipe, would be confirmed with a click."""
    key = laid(engine, parties)
    metered(engine, key, parties.producer, 1000)
    metered(engine, key, parties.processor, 900)
    period = issued(engine, key, parties.producer)
    told = refused(lambda: step(engine, period, parties.processor, periods.confirm))
    assert isinstance(told, RuleBroken)
    assert told.rule == "M13.sides_differ"
    step(engine, period, parties.processor, periods.confirm, None, "meter of the mover out of calibration")
    analysis = committed(engine, lambda work: analyse(work, 2026), parties.inspector)
    (sign,) = [one for one in analysis.found if one.sign is Sign.METERS_DISAGREE]
    assert sign.figures["month"] == "2026-10"


def test_a_reopened_period_keeps_its_number_and_its_entries_follow_the_correction(
    engine: Engine, parties: Cast
) -> None:
    """A corrected meter would leave two manifests and two months in the ledger."""
    key = laid(engine, parties)
    metered(engine, key, parties.producer, 1000)
    metered(engine, key, parties.processor, 1000)
    period = issued(engine, key, parties.producer)
    step(engine, period, parties.processor, periods.confirm)
    assert isinstance(
        refused(lambda: step(engine, period, parties.processor, periods.reopen, "wrong month")), Forbidden
    )
    step(engine, period, parties.inspector, periods.reopen, "the meter was read in gallons")
    metered(engine, key, parties.producer, 2000, OCTOBER[:1])
    assert issued(engine, key, parties.producer) == period
    step(engine, period, parties.processor, periods.confirm, None, "one day was entered twice")
    with reading(engine) as session:
        mover = parties.producer.organisation_id
        assert mover is not None
        assert ledgers.moved_kg(session, mover, OIL, 2026) == 32_000
        assert len(session.scalars(select(PeriodManifest)).all()) == 1


def test_a_period_is_confirmed_and_closed_although_the_catalogue_dropped_its_code(
    engine: Engine, parties: Cast
) -> None:
    """What had flowed for a month could not be confirmed, and nobody would be to blame for the waste."""
    key = laid(engine, parties)
    for who in (parties.producer, parties.processor):
        metered(engine, key, who, 1000)
    period = issued(engine, key, parties.producer)
    committed(engine, lambda work: drop_oil(work, "HW2025", date(2025, 1, 1)), parties.operator)
    step(engine, period, parties.processor, periods.confirm)
    step(engine, period, parties.inspector, periods.reopen, "the meter was read in gallons")
    assert issued(engine, key, parties.producer) == period
    step(engine, period, parties.processor, periods.confirm)
    step(engine, period, parties.processor, periods.treat)
    with reading(engine) as session:
        held = session.get_one(PeriodManifest, period)
        assert (held.edition, held.state) == ("HW2025", "treated")
        told = periods.stated(one.event for one in ledger.about(session, [period]))
        assert (told["edition"], told["hazards"]) == ("HW2025", "T,I")
        pipe = queries.pipeline(session, key, parties.inspector)
        assert pinning.edition_on(session, pipe, OCTOBER[-1]) == pipe.edition
        (line,) = quotas.quotas(session, [held_by(parties.processor)], 2026)
        assert line.taken.confirmed_kg == 31_000
    assert refused(lambda: laid(engine, parties)).code == "C1"


@pytest.mark.sqlite_alone
def test_what_cannot_be_is_refused_with_every_reason(engine: Engine, parties: Cast) -> None:
    """A slip of the unit, another's meter or a period that still runs would stand in a manifest."""

    def offer(**changes: object) -> DomainError:
        return refused(
            lambda: committed(
                engine, lambda work: service.offer(work, new(parties, **changes)), parties.producer
            )
        )

    faults = offer(name="", tolerance=Tolerance(500, 10), rhythm=Rhythm.YEAR, code=SCRAP)
    assert len(getattr(faults, "errors", [])) == 4
    assert isinstance(offer(destination_site_id=parties.origin_id), DomainError)
    key = laid(engine, parties)
    wrong = [NewReading(MORNING.date() + timedelta(days=3), -1, How.METER, 5, 9)]
    told = refused(lambda: on(engine, key, parties.producer, lambda w, r: service.enter(w, r, wrong)))  # type: ignore[arg-type]
    assert {one.code for one in getattr(told, "errors", [told])} == {"M13"}
    assert isinstance(
        refused(lambda: on(engine, key, parties.producer, lambda w, r: periods.issue(w, r, w.today))),  # type: ignore[arg-type]
        Conflict,
    )
    for who in (parties.stranger, parties.dispatcher):
        assert isinstance(refused(lambda who=who: metered(engine, key, who, 1)), NotFound)  # type: ignore[misc]
    assert isinstance(refused(lambda: metered(engine, key, parties.inspector, 1)), Forbidden)
