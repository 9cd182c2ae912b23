"""Is leave to cross a border applied for, decided and drawn down, and does nobody cross without it?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from compliance.approvals import queries, service
from compliance.approvals.rules import Act, Load, Paper, State
from compliance.approvals.service import Application, Said
from compliance.approvals.tables import Approval
from compliance.manifests import service as manifests
from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, RuleBroken
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry.rules import Mode
from tests.factories import parties
from tests.factories.parties import CHANGSHA, MORNING, OIL, SCRAP, Cast, committed

TODAY = MORNING.date()
PAPERS = dict.fromkeys(Paper, "folder 3")
PROCEDURE = (Act.TAKE_UP, Act.CONSULT, Act.REPLY, Act.GRANT)


@pytest.fixture
def people(engine: Engine) -> Cast:
    """A producer, a processor and others; the processor has a site in another province too."""
    cast = committed(engine, parties.cast)

    def beyond(work: Work) -> UUID:
        assert cast.processor.organisation_id is not None
        return parties.site(work, cast.processor.organisation_id, (28.2, 113.0), CHANGSHA).id

    return replace(cast, destination_id=committed(engine, beyond))


def drafted(engine: Engine, cast: Cast, who: Who | None = None, **changes: object) -> UUID:
    """Draw an application up and return its id."""
    new = Application(
        cast.origin_id,
        cast.destination_id,
        OIL,
        Mode.USE,
        30_000,
        TODAY,
        TODAY + timedelta(days=60),
        PAPERS,
    )
    new = replace(new, **changes)  # type: ignore[arg-type]
    return committed(engine, lambda work: service.draft(work, new).id, who or cast.producer)


def move(engine: Engine, key: UUID, act: Act, who: Who, said: Said | None = None) -> Approval:
    """Take one step."""
    return committed(
        engine, lambda work: service.move(work, work.session.get_one(Approval, key), act, said), who
    )


def in_force(engine: Engine, cast: Cast, **changes: object) -> UUID:
    """Bring an application all the way."""
    key = drafted(engine, cast, **changes)
    move(engine, key, Act.SUBMIT, cast.producer)
    for act in PROCEDURE:
        move(engine, key, act, cast.inspector, Said(number="湘环2026-7"))
    return key


def load(cast: Cast, kg: int = 10_000) -> Load:
    """Return a load of oil over the border."""
    assert cast.producer.organisation_id is not None
    return Load(
        cast.producer.organisation_id, cast.processor.organisation_id, OIL, True, Mode.USE, kg, "42", "43"
    )


def draw(engine: Engine, cast: Cast, kg: int = 10_000) -> str:
    """Draw one load and return the broken rule's id, or nothing."""
    try:
        committed(engine, lambda work: service.draw(work, load(cast, kg), uuid4()))
    except RuleBroken as stopped:
        return stopped.rule
    return ""


def test_an_application_goes_its_whole_way(engine: Engine, people: Cast) -> None:
    """A producer would grant itself what only an authority may (X1 to X4)."""
    key = drafted(engine, people, papers={Paper.CONTRACT: "folder 3"})
    with pytest.raises(DomainError) as missing:
        move(engine, key, Act.SUBMIT, people.producer)
    assert len(getattr(missing.value, "errors", ())) == 2
    for paper in (Paper.RECEIVER_LICENCE, Paper.METHOD_STATEMENT):
        committed(
            engine,
            lambda work, paper=paper: service.attach(
                work, work.session.get_one(Approval, key), paper, "folder 4"
            ),
            people.producer,
        )
    move(engine, key, Act.SUBMIT, people.producer)
    with pytest.raises(Forbidden):
        move(engine, key, Act.TAKE_UP, people.producer)
    with pytest.raises(Conflict):
        move(engine, key, Act.GRANT, people.inspector, Said(number="1"))
    for act in PROCEDURE[:-1]:
        move(engine, key, act, people.inspector)
    with pytest.raises(Invalid):
        move(engine, key, Act.GRANT, people.inspector)
    row = move(engine, key, Act.GRANT, people.operator, Said(number="湘环2026-7", kg=20_000))
    assert (row.state, row.kg, row.valid_from, row.valid_to) == (
        State.IN_FORCE,
        20_000,
        TODAY,
        TODAY + timedelta(days=60),
    )
    with reading(engine) as session:
        assert [one.act for one in queries.steps(session, key)] == ["submit", *PROCEDURE]
        assert queries.listed(session, people.stranger) == []
        with pytest.raises(NotFound):
            queries.approval(session, key, people.stranger)


def test_what_cannot_be_applied_for_is_told_at_once(engine: Engine, people: Cast) -> None:
    """A producer would mend one field only to meet the next (X7)."""
    with pytest.raises(DomainError) as wrong:
        drafted(engine, people, kg=0, asked_to=date(2028, 1, 1))
    assert len(getattr(wrong.value, "errors", ())) == 2
    with pytest.raises(Forbidden):
        drafted(engine, people, people.processor)
    with pytest.raises(NotFound):
        drafted(engine, people, origin_site_id=people.destination_id)


def test_a_report_goes_to_both_provinces(engine: Engine, people: Cast) -> None:
    """Scrap would cross with the number of one province alone (X6)."""
    key = drafted(engine, people, code=SCRAP)
    move(engine, key, Act.SUBMIT, people.producer)
    with pytest.raises(Conflict):
        move(engine, key, Act.TAKE_UP, people.inspector)
    with pytest.raises(Invalid):
        move(engine, key, Act.ACKNOWLEDGE, people.operator, Said(number="1"))
    row = move(engine, key, Act.ACKNOWLEDGE, people.operator, Said(number="1", other_number="2"))
    assert (row.kind, row.state) == ("report", State.IN_FORCE)


def test_silence_takes_an_application_up(engine: Engine, people: Cast) -> None:
    """An application would lie with an authority that never says that it has it (X3)."""
    key = drafted(engine, people)
    assert committed(engine, lambda work: service.deem_taken_up(work, key)) is False
    move(engine, key, Act.SUBMIT, people.producer)
    assert committed(engine, lambda work: service.deem_taken_up(work, key)) is True
    with reading(engine) as session:
        assert session.get_one(Approval, key).state == State.IN_HAND


def test_many_loads_at_once_never_take_more_than_was_approved(engine: Engine, people: Cast) -> None:
    """Ten trucks that leave in one minute would carry a hundred tonnes on an approval of thirty (X4)."""
    key = in_force(engine, people)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: draw(engine, people), range(8)))
    assert sorted(told) == [""] * 3 + ["X4.quantity_exceeded"] * 5
    with reading(engine) as session:
        assert queries.drawn(session, [key]) == {key: 30_000}
        first = queries.draws(session, key)[0].booking_id
    committed(engine, lambda work: service.confirm(work, first, 4_000))
    assert draw(engine, people, 6_001) == "X4.quantity_exceeded"
    assert draw(engine, people, 6_000) == ""
    assert ledger.verify(engine) is None


def test_a_manifest_crosses_only_with_leave(engine: Engine, people: Cast) -> None:
    """A truck would leave the province with a number and no approval behind it (X1)."""
    row_id = committed(engine, lambda work: manifests.draft(work, people.load()).id)

    def issue(work: Work) -> None:
        manifests.act(work, work.session.get_one(Manifest, row_id), ManifestAct.ISSUE)

    with pytest.raises(RuleBroken) as stopped:
        committed(engine, issue, people.producer)
    assert stopped.value.rule == "X1.approval_missing"
    key = in_force(engine, people)
    committed(engine, issue, people.producer)
    with reading(engine) as session:
        assert [one.kg for one in queries.draws(session, key)] == [10_000]
