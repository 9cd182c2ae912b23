"""Does a paper count only after as many people as it needs have seen it, and then where the gates look?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine

from compliance.catalogue import queries as catalogue
from compliance.deadlines import queries as deadlines
from compliance.deadlines import service as deadline_service
from compliance.qualification import queries, service
from compliance.qualification.entering import Terms, warnings
from compliance.qualification.rules import SHEETS, DocumentKind, State, Subject
from compliance.record.clock import local_date
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, RuleBroken, Several
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import gates, standing
from compliance.registry import queries as registry
from compliance.registry.rules import Mode, OrganisationKind
from compliance.registry.standing import Order
from compliance.rulebook.workdays import PUBLISHED_YEARS
from tests.compliance.qualification.papers import PDF, PNG, Memory, paper, subject_of, submitted
from tests.compliance.record.appending import recorded
from tests.factories import parties
from tests.factories.parties import MORNING, OIL, SCRAP, Cast, committed

DAY = local_date(MORNING)
K = DocumentKind


@pytest.fixture
def cast(engine: Engine) -> Cast:
    """Everyone around one load; the processor has applied to be a producer too."""

    def make(work: Work) -> Cast:
        found = parties.cast(work)
        owner = found.processor.organisation_id
        assert owner is not None
        standing.apply_for(work, owner, (OrganisationKind.PRODUCER,))
        return found

    return committed(engine, make)


def reviewer(engine: Engine, cast: Cast) -> Who:
    """Enter another reviewer."""
    owner = cast.operator.organisation_id
    assert owner is not None
    return committed(engine, lambda work: parties.as_who(parties.person(work, owner, Role.OPERATOR)))


def refused(engine: Engine, who: Who, *arguments: object, **more: object) -> set[tuple[str, str]]:
    """Show a paper that is refused; return (rule or code, field) of every reason."""
    with pytest.raises(DomainError) as refusal:
        committed(engine, lambda work: submitted(work, *arguments, **more), who)  # type: ignore[arg-type]
    several = refusal.value.errors if isinstance(refusal.value, Several) else (refusal.value,)
    return {(getattr(one, "rule", one.code), str(one.field)) for one in several}


def faults(engine: Engine, owner: UUID, code: str = OIL) -> list[str]:
    """Return by which rules a receiver may not take a load."""
    with reading(engine) as session:
        waste = catalogue.find(session, code, DAY)
        assert waste is not None
        return [one.rule for one in gates.receiver_faults(session, owner, waste, Mode.USE, 1, DAY)]


def test_a_licence_counts_after_two_different_reviewers(engine: Engine, cast: Cast) -> None:
    """One pair of eyes would be enough to let hazardous waste into a works that may not take it."""
    dispatcher_owner = cast.stranger.organisation_id
    assert dispatcher_owner is not None
    second = reviewer(engine, cast)
    document = committed(engine, lambda work: submitted(work, K.COMPREHENSIVE_LICENCE), cast.stranger)
    assert faults(engine, dispatcher_owner) == ["L1.no_licence"]
    committed(engine, lambda work: service.accept(work, document.id), cast.operator)
    assert faults(engine, dispatcher_owner) == ["L1.no_licence"]
    with pytest.raises(Forbidden) as twice:
        committed(engine, lambda work: service.accept(work, document.id), cast.operator)
    assert twice.value.code == "four_eyes"
    done = committed(engine, lambda work: service.accept(work, document.id, "as scanned"), second)
    assert (done.state, faults(engine, dispatcher_owner)) == (State.ACCEPTED.value, [])
    kinds = [row.event.kind for row in recorded(engine) if row.event.subject == document.id]
    assert kinds == ["DocumentSubmitted", "DocumentChecked", "DocumentAccepted"]
    with pytest.raises(Conflict):
        committed(engine, lambda work: service.accept(work, document.id), reviewer(engine, cast))


def test_a_revoked_licence_no_longer_counts_from_that_day_on(engine: Engine, cast: Cast) -> None:
    """A forged licence that was found out would go on opening the gate."""
    owner = cast.stranger.organisation_id
    assert owner is not None
    document = committed(engine, lambda work: submitted(work, K.COMPREHENSIVE_LICENCE), cast.stranger)
    for who in (cast.operator, reviewer(engine, cast)):
        committed(engine, lambda work: service.accept(work, document.id), who)
    with pytest.raises(Invalid):
        committed(engine, lambda work: service.revoke(work, document.id, " "), cast.inspector)
    with pytest.raises(Forbidden):
        committed(engine, lambda work: service.revoke(work, document.id, "mine"), cast.stranger)
    committed(engine, lambda work: service.revoke(work, document.id, "forged seal"), cast.inspector)
    assert faults(engine, owner) == ["L3.expired"]


def test_nobody_but_a_reviewer_of_another_house_decides(engine: Engine, cast: Cast) -> None:
    """A processor would wave its own licence through."""
    document = committed(engine, lambda work: submitted(work, K.EMERGENCY_PLAN), cast.processor)
    owner = cast.processor.organisation_id
    assert owner is not None
    insider = replace(cast.operator, organisation_id=owner)
    for who in (cast.processor, cast.inspector, insider):
        with pytest.raises(Forbidden):
            committed(engine, lambda work, who=who: service.accept(work, document.id), who)
    with pytest.raises(NotFound):
        committed(engine, lambda work: service.withdraw(work, document.id), cast.stranger)
    with pytest.raises(Invalid):
        committed(engine, lambda work: service.send_back(work, document.id, ""), cast.operator)
    done = committed(
        engine, lambda work: service.send_back(work, document.id, "page 2 is missing"), cast.operator
    )
    assert done.state == State.RETURNED.value
    again = committed(engine, lambda work: submitted(work, K.EMERGENCY_PLAN), cast.processor)
    assert (
        committed(engine, lambda work: service.withdraw(work, again.id), cast.processor).state == "withdrawn"
    )


def test_everything_wrong_with_a_paper_is_told_at_once(engine: Engine, cast: Cast) -> None:
    """A party would mend one field only to meet the next."""
    told = refused(
        engine,
        cast.processor,
        K.COMPREHENSIVE_LICENCE,
        number="",
        valid_to=date(2033, 1, 1),
        scan_sha256="0" * 64,
        terms=Terms((), (), ((SCRAP, 1), ("900-999-08", 5), ("HW08", 0)), None),
    )
    assert told == {
        ("invalid", "number"),
        ("L2.term_too_long", "valid_to"),
        ("invalid", "scan"),
        ("L3.data_missing", "modes"),
        ("invalid", "lines"),
        ("C1.unknown_code", "lines"),
    }
    ended = {"valid_to": date(2026, 11, 19)}
    assert refused(engine, cast.processor, K.EMERGENCY_PLAN, **ended) == {("invalid", "valid_to")}
    assert refused(engine, cast.processor, K.EMERGENCY_PLAN, valid_to=None) == {("invalid", "valid_to")}
    bare = {"terms": Terms()}
    assert refused(engine, cast.stranger, K.DANGEROUS_GOODS_PERMIT, **bare) == {
        ("L9.classes_missing", "classes")
    }
    committed(engine, lambda work: submitted(work, K.EMERGENCY_PLAN), cast.processor)
    assert refused(engine, cast.processor, K.EMERGENCY_PLAN) == {("document_known", "number")}


def test_an_unusual_number_only_warns() -> None:
    """A province that numbers in its own way would be locked out (L7)."""
    (told,) = warnings(SHEETS[K.COMPREHENSIVE_LICENCE], "鄂危许4201", [OIL], DAY)
    assert isinstance(told, RuleBroken)
    assert told.rule == "L7.number_form"
    assert warnings(SHEETS[K.COMPREHENSIVE_LICENCE], "4201000001", [OIL], DAY) == []


def test_a_role_opens_with_the_last_document_that_it_needs(engine: Engine, cast: Cast) -> None:
    """An organisation nobody has looked at would trade, or one that is complete wait for ever (A1)."""
    owner = cast.processor.organisation_id
    assert owner is not None

    def against() -> list[str]:
        with reading(engine) as session:
            kind = OrganisationKind.PRODUCER
            return [one.rule for one in gates.party_faults(session, owner, kind, DAY, "organisation")]

    assert against() == ["A1.not_approved"]
    document = committed(
        engine, lambda work: submitted(work, K.BUSINESS_LICENCE, valid_to=None), cast.processor
    )
    assert against() == ["A1.not_approved"]
    committed(engine, lambda work: service.accept(work, document.id), cast.operator)
    assert against() == []
    assert recorded(engine)[-1].event.kind == "OrganisationApproved"


def test_a_suspended_party_is_refused_until_it_is_lifted(engine: Engine, cast: Cast) -> None:
    """A works that dumps waste would go on receiving it, or one that mended it never come back (A1)."""
    owner = cast.processor.organisation_id
    assert owner is not None
    order = Order("stores beyond its limit", DAY)
    with pytest.raises(Forbidden):
        committed(engine, lambda work: standing.suspend(work, owner, order), cast.processor)
    committed(engine, lambda work: standing.suspend(work, owner, order), cast.inspector)
    assert faults(engine, owner) == ["A1.suspended"]
    with pytest.raises(Conflict):
        committed(engine, lambda work: standing.suspend(work, owner, order), cast.operator)
    with reading(engine) as session:
        (licence,) = registry.licences(session, [owner], 2026)[owner]
        assert (licence.is_suspended(DAY), licence.is_suspended(date(2026, 11, 19))) == (True, False)
    committed(engine, lambda work: standing.lift(work, owner, "stores are empty"), cast.inspector)
    assert faults(engine, owner) == []
    with pytest.raises(Conflict):
        committed(engine, lambda work: standing.lift(work, owner, "stores are empty"), cast.inspector)


def test_a_drivers_certificate_follows_the_accepted_papers(engine: Engine, cast: Cast) -> None:
    """A driver would drive on a certificate that nobody saw, or be stopped with a good one (L9)."""
    driver, owner = cast.driver.person_id, cast.driver.organisation_id
    assert driver is not None
    assert owner is not None
    about = subject_of(Subject.PERSON, driver, owner)

    def permit() -> date | None:
        with reading(engine) as session:
            return registry.people(session, [driver])[driver].permit_to

    first = committed(engine, lambda work: submitted(work, K.DRIVER_CERTIFICATE, about), cast.dispatcher)
    committed(engine, lambda work: service.accept(work, first.id), cast.operator)
    assert permit() == date(2027, 12, 31)
    committed(engine, lambda work: service.revoke(work, first.id, "not his"), cast.operator)
    assert permit() is None
    wrong = committed(engine, lambda work: paper(work, K.ROAD_PERMIT), cast.dispatcher)
    with pytest.raises(Invalid):
        committed(engine, lambda work: service.submit(work, about, wrong), cast.dispatcher)


def test_a_document_that_ends_becomes_a_deadline_and_a_renewed_one_ends_it(
    engine: Engine, cast: Cast
) -> None:
    """Insurance would run out and nobody notice (60, 30 and 7 days before)."""

    def sweep() -> list[tuple[str, str, int | None]]:
        committed(engine, lambda work: deadline_service.sweep(work, PUBLISHED_YEARS))
        with reading(engine) as session:
            rows = deadlines.listed(session, cast.processor, open_only=False)
            return [(row.kind, row.state, row.reminded) for row in rows]

    def shown(number: str, last: date) -> None:
        document = committed(
            engine,
            lambda work: submitted(work, K.LIABILITY_INSURANCE, number=number, valid_to=last),
            cast.processor,
        )
        committed(engine, lambda work: service.accept(work, document.id), cast.operator)

    shown("P-1", date(2026, 12, 20))
    assert sweep() == [("document", "ahead", 30)]
    shown("P-2", date(2027, 12, 20))
    assert sweep() == [("document", "kept", 30)]


def test_a_scan_belongs_to_the_house_that_uploaded_it(engine: Engine, cast: Cast) -> None:
    """Whoever knows a hash would show another's licence as the own one."""
    store = Memory()
    first = committed(engine, lambda work: service.keep_scan(work, store, PNG, "a\n.png"), cast.processor)
    again = committed(engine, lambda work: service.keep_scan(work, store, PNG, "b.png"), cast.processor)
    assert (first.sha256, first.name, again.name) == (again.sha256, "a.png", "a.png")
    assert refused(engine, cast.stranger, K.EMERGENCY_PLAN, scan_sha256=first.sha256) == {("invalid", "scan")}
    assert store.files == {first.sha256: PNG}
    document = committed(engine, lambda work: submitted(work, K.EMERGENCY_PLAN), cast.processor)
    with reading(engine) as session:
        assert (
            queries.document(session, document.id, cast.inspector).scan_sha256 == service.checked(PDF).sha256
        )
        with pytest.raises(NotFound):
            queries.document(session, document.id, cast.stranger)
