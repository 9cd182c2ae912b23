"""Does a drawn visit end in an order, a second look and, where nothing was put right, a closed gate?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from compliance.anchors import queries as anchored
from compliance.anchors import service as anchors
from compliance.catalogue import queries as catalogue
from compliance.qualification import service as qualification
from compliance.record.clock import local_date
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Several
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from compliance.registry import gates, standing
from compliance.registry.rules import Mode, OrganisationKind
from compliance.visits import again, queries, service
from compliance.visits.rules import Answer, Purpose, drawn
from compliance.visits.service import Findings, Wanted
from compliance.visits.tables import SiteVisit
from marketplace import schema
from marketplace.web.party_views import suspension_on
from tests.compliance.qualification.conftest import engine
from tests.compliance.qualification.papers import PDF, PNG, Memory
from tests.compliance.record.appending import recorded
from tests.factories import parties
from tests.factories.parties import MORNING, OIL, Cast, committed

__all__ = ["engine"]

DAY = local_date(MORNING)


@pytest.fixture
def cast(engine: Engine) -> Cast:
    """Everyone around one load."""
    cast = committed(engine, parties.cast)
    approved = cast.processor.organisation_id
    assert approved is not None
    committed(engine, lambda work: work.append("OrganisationApproved", approved, trade="processor"))
    committed(engine, anchors.anchor)
    committed(engine, lambda work: anchors.published(work, 1))
    return cast


def visit(engine: Engine, cast: Cast, purpose: Purpose = Purpose.VISIT) -> SiteVisit:
    """Draw the one processor there is."""
    wanted = Wanted(purpose, OrganisationKind.PROCESSOR, 1, "42")
    (row,) = committed(engine, lambda work: service.draw(work, wanted)[1], cast.inspector)
    return row


def answers(row: SiteVisit, *bad: str) -> dict[str, Answer]:
    """Answer every point of a visit: in order, but for some."""
    return {point.key: Answer.BAD if point.key in bad else Answer.GOOD for point in service.points_of(row)}


def against(engine: Engine, owner: UUID | None) -> list[str]:
    """Return by which rules a receiver may not take a load."""
    assert owner is not None
    with reading(engine) as session:
        waste = catalogue.find(session, OIL, DAY)
        assert waste is not None
        return [one.rule for one in gates.receiver_faults(session, owner, waste, Mode.USE, 1, DAY)]


def fields(refusal: DomainError) -> set[str]:
    """Return the fields that a refusal names."""
    return {str(one.field) for one in (refusal.errors if isinstance(refusal, Several) else (refusal,))}


def test_a_draw_is_on_the_record_and_can_be_drawn_again(engine: Engine, cast: Cast) -> None:
    """Nobody could show that the draw was not arranged, or its seed tried until a friend was left out."""
    row = visit(engine, cast)
    told = recorded(engine)[-1].event
    with reading(engine) as session:
        kept, anchor = queries.draw(session, row.draw_id), anchored.newest(session)
        assert anchor is not None
        assert kept.seed == again.seed_of(vars(kept))
        assert (kept.form, kept.earlier, kept.anchor_digest) == (again.FORM, 0, anchor.digest)
        assert drawn(kept.seed, map(UUID, kept.pool), kept.count) == [row.organisation_id]
        assert kept.inspectors == [str(cast.inspector.person_id)]
        assert row.inspector_id == cast.inspector.person_id
    assert (told.kind, told.data["seed"], told.data["anchor_digest"], told.data["drawn"]) == (
        "VisitsDrawn",
        kept.seed,
        anchor.digest,
        [str(row.organisation_id)],
    )
    wanted = Wanted(Purpose.VISIT, OrganisationKind.PRODUCER, 1)
    with pytest.raises(Forbidden):
        committed(engine, lambda work: service.draw(work, wanted), cast.processor)


def test_the_same_parties_are_drawn_from_again_only_with_a_reason(engine: Engine, cast: Cast) -> None:
    """Whoever draws would draw until the outcome pleases, or call the same parties by a wider division."""

    producer, processor = OrganisationKind.PRODUCER, OrganisationKind.PROCESSOR

    def draw(reason: str = "", division: str = "42", kind: OrganisationKind = producer) -> int:
        wanted = Wanted(Purpose.VISIT, kind, 1, division, reason)
        return committed(engine, lambda work: service.draw(work, wanted)[0].number, cast.inspector)

    assert draw() == 1
    for division in ("42", "", "4201"):
        with pytest.raises(Invalid) as refused:
            draw(division=division)
        assert refused.value.field == "reason"
    with pytest.raises(Invalid) as empty:
        draw("one producer had closed its works")
    assert empty.value.field == "kind", "who is being visited cannot be drawn"
    assert draw(kind=processor) == 2
    with reading(engine) as session:
        assert [one.period for one in queries.draws(session)] == ["2026-Q4", "2026-Q4"]


def test_no_other_draw_moves_a_seed(engine: Engine, cast: Cast) -> None:
    """Whoever draws would draw another kind first, until the seed of the one she means pleases her."""

    def seed(kind: OrganisationKind) -> str:
        wanted = Wanted(Purpose.VISIT, kind, 1, "42")
        work = Work(session, MORNING, cast.inspector)
        return str(service._seeded(work, wanted, "2026-Q4", "ab" * 32)["seed"])

    with reading(engine) as session:
        first = seed(OrganisationKind.PRODUCER), seed(OrganisationKind.PROCESSOR)
    visit(engine, cast)
    with reading(engine) as session:
        assert seed(OrganisationKind.PRODUCER) == first[0]
        assert seed(OrganisationKind.PROCESSOR) != first[1]


def test_nobody_draws_by_an_anchor_that_is_not_published(engine: Engine, cast: Cast) -> None:
    """Whoever runs the database would know a seed that nobody else can, and search for a better one."""

    def next_day(work: Work) -> None:
        anchors.anchor(Work(work.session, MORNING + timedelta(days=1), SYSTEM))

    committed(engine, next_day)
    with pytest.raises(Conflict) as refused:
        visit(engine, cast)
    assert refused.value.code == "anchor_unpublished"
    committed(engine, lambda work: anchors.published(work, 2))
    assert visit(engine, cast).state == "drawn"


def test_a_visit_without_findings_passes_and_only_then_is_seen_by_the_party(
    engine: Engine, cast: Cast
) -> None:
    """A party would be warned of the visit to come."""
    row = visit(engine, cast, Purpose.RECHECK)
    with reading(engine) as session, pytest.raises(NotFound):
        queries.visit(session, row.id, cast.processor)
    done = committed(
        engine, lambda work: service.record(work, row.id, Findings(answers(row))), cast.inspector
    )
    assert done.state == "passed"
    with reading(engine) as session:
        assert queries.visit(session, row.id, cast.processor).id == row.id
        assert queries.listed(session, cast.stranger) == []
        assert queries.listed(session, cast.driver) == []
    with pytest.raises(Conflict):
        committed(engine, lambda work: service.call_off(work, row.id, "too late"), cast.inspector)


def test_findings_need_answers_an_order_a_day_and_pictures(engine: Engine, cast: Cast) -> None:
    """An order would come without a day, or a finding without proof."""
    row = visit(engine, cast)
    few = Findings({"papers_true": Answer.BAD, "odd": Answer.GOOD}, photos=("0" * 64,), due_on=DAY)
    with pytest.raises(Several) as refused:
        committed(engine, lambda work: service.record(work, row.id, few), cast.inspector)
    assert fields(refused.value) == {"answers", "photos", "order", "due_on"}
    store = Memory()
    pdf = committed(engine, lambda work: qualification.keep_scan(work, store, PDF, "a.pdf"), cast.inspector)
    bad = Findings(answers(row), photos=(pdf.sha256,))
    with pytest.raises(Invalid):
        committed(engine, lambda work: service.record(work, row.id, bad), cast.inspector)
    png = committed(engine, lambda work: qualification.keep_scan(work, store, PNG, "a.png"), cast.inspector)
    good = Findings(answers(row), "all well", (png.sha256,))
    assert (
        committed(engine, lambda work: service.record(work, row.id, good), cast.inspector).state == "passed"
    )


def ordered(engine: Engine, cast: Cast, *bad: str) -> SiteVisit:
    """Visit the processor and order what is bad to be put right."""
    row = visit(engine, cast)
    found = Findings(answers(row, *bad), due_on=DAY + timedelta(days=10), order="label the store")
    return committed(engine, lambda work: service.record(work, row.id, found), cast.inspector)


def test_an_order_that_was_followed_leaves_the_party_free(engine: Engine, cast: Cast) -> None:
    """A works that put it right would stay under suspicion."""
    row = ordered(engine, cast, "ledger_kept")
    assert (row.state, against(engine, cast.processor.organisation_id)) == ("rectifying", [])
    again = Findings(answers(row))
    done = committed(engine, lambda work: service.look_again(work, row.id, again), cast.operator)
    assert (done.state, against(engine, cast.processor.organisation_id)) == ("rectified", [])


def test_an_order_that_was_not_followed_closes_the_gate(engine: Engine, cast: Cast) -> None:
    """Findings would have no consequence (A1)."""
    row = ordered(engine, cast, "ledger_kept")
    silent = Findings(answers(row, "ledger_kept"))
    with pytest.raises(Invalid) as unsaid:
        committed(engine, lambda work: service.look_again(work, row.id, silent), cast.inspector)
    assert unsaid.value.field == "note"
    told = Findings(answers(row, "ledger_kept"), "still no ledger")
    done = committed(engine, lambda work: service.look_again(work, row.id, told), cast.inspector)
    assert (done.state, against(engine, cast.processor.organisation_id)) == (
        "visit_failed",
        ["A1.suspended"],
    )


def test_what_is_grave_closes_the_gate_at_once_and_opens_it_when_put_right(
    engine: Engine, cast: Cast
) -> None:
    """A works without the plant it is licensed for would take loads for ten more days."""
    row = ordered(engine, cast, "works_licensed")
    assert against(engine, cast.processor.organisation_id) == ["A1.suspended"]
    again = Findings(answers(row))
    committed(engine, lambda work: service.look_again(work, row.id, again), cast.inspector)
    assert against(engine, cast.processor.organisation_id) == []


def test_what_is_grave_bars_in_its_own_right(engine: Engine, cast: Cast) -> None:
    """A works barred for a paper would be freed of its missing plant as soon as the paper comes."""
    owner = cast.processor.organisation_id
    assert owner is not None
    order = standing.Order("permit ran out", DAY, DAY + timedelta(days=3))
    committed(engine, lambda work: standing.suspend(work, owner, order), cast.inspector)
    row = ordered(engine, cast, "works_licensed")
    shown = [committed(engine, lambda work: suspension_on(work, owner))]
    committed(engine, lambda work: standing.lift(work, owner, "the permit came"), cast.inspector)
    assert against(engine, owner) == ["A1.suspended"]
    shown.append(committed(engine, lambda work: suspension_on(work, owner)))
    assert [one.reason for one in shown if one] == ["permit ran out", "label the store"]
    committed(engine, lambda work: service.look_again(work, row.id, Findings(answers(row))), cast.inspector)
    assert against(engine, owner) == []
    committed(engine, lambda work: standing.suspend(work, owner, order), cast.inspector)
    assert against(engine, owner) == ["A1.suspended"]


def test_a_visit_is_called_off_with_a_reason_and_never_by_the_visited(engine: Engine, cast: Cast) -> None:
    """Whoever was drawn would strike itself off."""
    row = visit(engine, cast)
    with pytest.raises(Invalid):
        committed(engine, lambda work: service.call_off(work, row.id, ""), cast.inspector)
    with pytest.raises(Forbidden):
        committed(engine, lambda work: service.call_off(work, row.id, "not now"), cast.processor)
    done = committed(engine, lambda work: service.call_off(work, row.id, "works is closed"), cast.inspector)
    assert done.state == "called_off"


def test_a_database_with_visits_is_taken_back_and_brought_up_again(engine: Engine, cast: Cast) -> None:
    """SQLite would refuse to make a table of draws anew that visits refer to, and no instance would start."""
    row = visit(engine, cast)
    schema.downgrade(engine, "0044")
    schema.upgrade(engine)
    with reading(engine) as session:
        kept = session.get_one(SiteVisit, row.id)
        assert queries.draw(session, kept.draw_id).number == 1
        if engine.dialect.name == "sqlite":
            assert session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
