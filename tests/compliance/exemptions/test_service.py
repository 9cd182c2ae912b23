"""Does an exemption count only for whom, for what and on the days for which it was granted (L12)?"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, insert, select

from compliance.catalogue import files
from compliance.catalogue import queries as catalogue
from compliance.catalogue.tables import ExemptionItem
from compliance.exemptions import queries, service
from compliance.exemptions.rules import NEXT, Act, Grant, Stage, State, is_exempt, next_state
from compliance.exemptions.service import Decision, NewClaim
from compliance.record.clock import local_date
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Several
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry import bookings, gates
from compliance.registry.rules import Mode
from compliance.registry.tables import LicenceDraw
from tests.compliance.qualification.conftest import engine
from tests.compliance.qualification.papers import scanned
from tests.factories import parties
from tests.factories.parties import MORNING, OIL, Cast, committed

__all__ = ["engine"]

DAY = local_date(MORNING)
LAST = date(2027, 11, 19)


@pytest.fixture
def cast(engine: Engine) -> Cast:
    """Everyone around one load, with the exemption list of 2025 on file."""

    def make(work: Work) -> Cast:
        found = parties.cast(work)
        rows = [
            asdict(line) | {"edition": "HW2025", "basis": "carried_over_2021"}
            for line in files.exemption_lines()
        ]
        work.session.execute(insert(ExemptionItem), rows)
        return found

    return committed(engine, make)


def point_to_point() -> int:
    """Return the number of the line for directed use."""
    return next(line.line for line in files.exemption_lines() if line.item == 32)


def claimed(engine: Engine, who: Who, only_from: UUID | None, **more: object) -> UUID:
    """Claim directed use of waste oil."""

    def act(work: Work) -> UUID:
        new = NewClaim(
            point_to_point(), OIL, Stage.USE, "the province's plan of 2026, no. 7", scanned(work), only_from
        )
        return service.claim(work, replace(new, **more)).id  # type: ignore[arg-type]

    return committed(engine, act, who)


def against(engine: Engine, owner: UUID | None, mover: UUID | None, on: date = DAY) -> list[str]:
    """Return by which rules a receiver may not take a load of oil."""
    assert owner is not None
    with reading(engine) as session:
        waste = catalogue.find(session, OIL, on)
        assert waste is not None
        found = gates.receiver_faults(session, owner, waste, Mode.USE, 1, on, mover)
        return [one.rule for one in found]


def rules(refusal: DomainError) -> set[str]:
    """Return the rules that a refusal names."""
    several = refusal.errors if isinstance(refusal, Several) else (refusal,)
    return {getattr(one, "rule", one.code) for one in several}


def test_nothing_is_exempt_until_it_is_granted_and_only_for_its_unit_and_days(
    engine: Engine, cast: Cast
) -> None:
    """Whoever ticked a line would take hazardous waste without a licence, of anybody and for ever."""
    owner, mover = cast.stranger.organisation_id, cast.producer.organisation_id
    claim = claimed(engine, cast.stranger, mover)
    assert against(engine, owner, mover) == ["L1.no_licence"]
    grant = Decision(True, "plan and contract seen", valid_to=LAST)
    for who in (cast.stranger, cast.operator):
        with pytest.raises(Forbidden):
            committed(engine, lambda work, who=who: service.decide(work, claim, grant), who)
    endless = replace(grant, valid_to=None)
    with pytest.raises(Invalid):
        committed(engine, lambda work: service.decide(work, claim, endless), cast.inspector)
    committed(engine, lambda work: service.decide(work, claim, grant), cast.inspector)
    assert against(engine, owner, mover) == []
    assert against(engine, owner, None) == []
    assert against(engine, owner, uuid4()) == ["L1.no_licence"]
    assert against(engine, owner, mover, LAST) == []
    assert against(engine, owner, mover, date(2027, 11, 20)) == ["L1.no_licence"]
    assert against(engine, owner, mover, date(2026, 11, 19)) == ["L1.no_licence"]
    committed(engine, lambda work: service.revoke(work, claim, "contract ended"), cast.inspector)
    assert against(engine, owner, mover) == ["L1.no_licence"]
    with pytest.raises(Conflict):
        committed(engine, lambda work: service.revoke(work, claim, "contract ended"), cast.inspector)


def test_a_booking_under_an_exemption_draws_on_no_licence(engine: Engine, cast: Cast) -> None:
    """A deal that is exempt would fail for want of a licence line."""
    owner, mover = cast.stranger.organisation_id, cast.producer.organisation_id
    assert owner is not None
    claim = claimed(engine, cast.stranger, mover)
    grant = Decision(True, "plan and contract seen", valid_to=LAST)
    committed(engine, lambda work: service.decide(work, claim, grant), cast.inspector)

    def book(work: Work, of: UUID | None) -> bool:
        waste = catalogue.find(work.session, OIL, work.today)
        assert waste is not None
        return bookings.book(work, owner, uuid4(), waste, Mode.USE, 5_000, of)

    assert committed(engine, lambda work: book(work, mover)) is False
    with pytest.raises(DomainError):
        committed(engine, lambda work: book(work, uuid4()))


def test_what_was_exempt_draws_once_a_correction_makes_it_another_waste(engine: Engine, cast: Cast) -> None:
    """A load booked under an exemption would be corrected to a licensed waste that nobody counts (L4)."""
    owner, deal = cast.processor.organisation_id, uuid4()
    assert owner is not None

    def rebook(work: Work, *, moved: bool) -> list[int]:
        waste = catalogue.find(work.session, OIL, work.today)
        assert waste is not None
        bookings.rebook(work, owner, deal, waste, Mode.USE, 5_000, moved=moved)
        work.session.flush()
        return list(work.session.scalars(select(LicenceDraw.kg).where(LicenceDraw.deal_id == deal)))

    assert committed(engine, lambda work: rebook(work, moved=False)) == []
    assert committed(engine, lambda work: rebook(work, moved=True)) == [5_000]
    assert committed(engine, lambda work: rebook(work, moved=True)) == [5_000]


def test_what_an_exempt_load_draws_after_its_arrival_is_confirmed_in_its_year(
    engine: Engine, cast: Cast
) -> None:
    """A load of December, corrected in January, would stand as a mere booking against the new year (L4)."""
    owner, deal = cast.processor.organisation_id, uuid4()
    assert owner is not None

    def corrected(work: Work) -> None:
        waste = catalogue.find(work.session, OIL, work.today)
        assert waste is not None
        bookings.rebook(work, owner, deal, waste, Mode.USE, 5_000, moved=True, taken_in=DAY.year - 1)

    committed(engine, corrected)
    with reading(engine) as session:
        (row,) = session.scalars(select(LicenceDraw).where(LicenceDraw.deal_id == deal))
        assert (row.kg, row.year, row.confirmed) == (5_000, DAY.year - 1, True)


def test_a_claim_needs_a_line_that_fits_evidence_and_its_one_unit(engine: Engine, cast: Cast) -> None:
    """A claim would come before the inspector with nothing to look at."""
    bad = {"line": 1, "statement": "so", "evidence_sha256": "0" * 64}
    with pytest.raises(DomainError) as refused:
        claimed(engine, cast.stranger, None, **bad)
    assert {"L12.evidence_missing"} <= rules(refused.value)
    with pytest.raises(DomainError) as stage:
        claimed(engine, cast.stranger, cast.producer.organisation_id, stage=Stage.TRANSPORT)
    assert rules(stage.value) == {"L12.not_listed"}
    with pytest.raises(DomainError) as anyone:
        claimed(engine, cast.stranger, None)
    assert rules(anyone.value) == {"L12.point_to_point"}
    with pytest.raises(Forbidden):
        claimed(engine, cast.inspector, cast.producer.organisation_id)


def test_a_claim_is_its_houses_own_and_may_be_taken_back(engine: Engine, cast: Cast) -> None:
    """A rival would read a works' evidence."""
    claim = claimed(engine, cast.stranger, cast.producer.organisation_id)
    with reading(engine) as session:
        assert [row.id for row in queries.listed(session, cast.inspector)] == [claim]
        assert list(queries.listed(session, cast.processor)) == []
        with pytest.raises(NotFound):
            queries.claim(session, claim, cast.processor)
    done = committed(engine, lambda work: service.withdraw(work, claim), cast.stranger)
    assert done.state == "withdrawn"
    refuse = Decision(False, "no plan")
    with pytest.raises(Conflict):
        committed(engine, lambda work: service.decide(work, claim, refuse), cast.inspector)


def test_every_state_and_act_leads_where_the_table_says() -> None:
    """A refused claim would come to count."""
    for state in State:
        for act in Act:
            assert next_state(state, act) == NEXT.get((state, act))


def test_the_whole_way_covers_each_of_its_stages() -> None:
    """An exemption of the whole process would leave out its transport."""
    whole = Grant(uuid4(), OIL, Stage.WHOLE, DAY, LAST, None)
    assert all(is_exempt([whole], stage, DAY) for stage in Stage)
    use = replace(whole, stage=Stage.USE)
    assert not is_exempt([use], Stage.TRANSPORT, DAY)
