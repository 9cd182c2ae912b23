"""Is there a way on from every locked gate, and does what was signed change only by those it affects?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Engine

from compliance.manifests import corrections, exceptions, paper, queries, returns, service
from compliance.manifests.evidence import Missing
from compliance.manifests.exceptions import Asked
from compliance.manifests.gates import Signing
from compliance.manifests.rules import Act, Party, State
from compliance.manifests.seals import SEALS, Field, affected
from compliance.manifests.situations import WAYS, Situation, ways_past
from compliance.manifests.tables import Manifest, ManifestRevision
from compliance.receipts import service as receipts
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, RuleBroken
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry.rules import OrganisationKind
from compliance.registry.tables import Person
from compliance.rulebook.rule import Gate, Severity
from compliance.rulebook.rules import asked_at
from tests.compliance.manifests.signing import WHOLE_WAY, do, drafted, refused, signer
from tests.compliance.record.appending import recorded
from tests.factories import parties
from tests.factories.parties import OIL, SCRAP, YEARS, Cast, committed

WHY = {"reason": "nobody opens the gate", "evidence": "photo 17", "missing": Missing.NO_SIGNAL}


def moved(engine: Engine, cast: Cast, steps: int) -> UUID:
    """Bring a load some steps along its way."""
    key = drafted(engine, cast)
    for what, signing in WHOLE_WAY[:steps]:
        do(engine, key, what, signer(cast, what), signing)
    return key


def stored(engine: Engine, key: UUID) -> Manifest:
    """Return a manifest as it is stored."""
    with reading(engine) as session:
        return session.get_one(Manifest, key)


def ask(engine: Engine, key: UUID, who: Who, situation: Situation, act: Act, **more: object) -> UUID:
    """Ask for an exception and return its id."""
    asked = Asked(situation, act, **(WHY | more))  # type: ignore[arg-type]
    return committed(
        engine, lambda work: exceptions.ask(work, work.session.get_one(Manifest, key), asked).id, who
    )


def decide(engine: Engine, key: UUID, found: UUID, who: Who, grant: bool = True) -> None:
    """Decide upon an exception."""

    def act(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        exceptions.decide(work, row, exceptions.one(work.session, key, found), grant, "seen on the phone")

    committed(engine, act, who)


@pytest.mark.parametrize(("gate", "act"), [(Gate.ISSUE, Act.ISSUE), (Gate.LOADING, Act.LOAD)])
def test_every_block_has_a_way_past(gate: Gate, act: Act) -> None:
    """A truck would stand before a rule from which nothing leads on."""
    blocks = [rule.id for rule in asked_at(gate) if rule.severity is Severity.BLOCK]
    assert blocks
    assert [rule for rule in blocks if not ways_past(rule, act)] == []
    assert all(way.grants for way in WAYS.values())
    receipt = [rule.id for rule in asked_at(Gate.RECEIPT) if rule.severity is Severity.BLOCK]
    acts = (Act.ACCEPT, Act.CLOSE, Act.CORRECT)
    assert [rule for rule in receipt if not any(ways_past(rule, one) for one in acts)] == []


def test_a_closed_company_does_not_hold_the_truck(engine: Engine, people: Cast) -> None:
    """A truck of oil would spend the night at a locked gate, since only the absent may sign."""
    key = moved(engine, people, 4)
    with pytest.raises(Forbidden):
        do(engine, key, Act.REFUSE, people.driver, Signing(reason="closed"))
    with pytest.raises(Invalid):
        ask(engine, key, people.driver, Situation.COMPANY_CLOSED, Act.REFUSE, missing=None)
    with pytest.raises(Invalid):
        ask(engine, key, people.driver, Situation.COMPANY_CLOSED, Act.ISSUE)
    with pytest.raises(Forbidden):
        ask(engine, key, people.stranger, Situation.COMPANY_CLOSED, Act.REFUSE)
    found = ask(engine, key, people.driver, Situation.COMPANY_CLOSED, Act.REFUSE)
    for nobody in (people.driver, people.dispatcher, people.processor, people.stranger):
        with pytest.raises(Forbidden):
            decide(engine, key, found, nobody)
    decide(engine, key, found, people.producer)
    with pytest.raises(Conflict):
        decide(engine, key, found, people.operator)
    committed(
        engine,
        lambda work: receipts.refuse(work, work.session.get_one(Manifest, key), "closed"),
        people.driver,
    )
    assert stored(engine, key).state == State.REFUSED
    with reading(engine) as session:
        last = queries.signatures(session, key)[-1]
        assert (last.party, last.person_id, last.exception_id) == ("receiver", people.driver.person_id, found)
        assert exceptions.one(session, key, found).state == "used"
    again = ask(engine, key, people.driver, Situation.COMPANY_CLOSED, Act.RETURN)
    decide(engine, key, again, people.inspector)
    back = committed(
        engine, lambda work: returns.send(work, work.session.get_one(Manifest, key)).id, people.driver
    )
    assert stored(engine, back).planned_kg == 9_980
    assert {"ExceptionGranted", "ExceptionUsed"} <= {one.event.kind for one in recorded(engine)}


def test_an_absent_signer_is_stood_in_for_by_the_own_house(engine: Engine, people: Cast) -> None:
    """A load would wait at the scale until the one clerk with the right role is back."""
    key = moved(engine, people, 4)
    guard = replace(people.processor, person_id=None, name="gatekeeper", roles=frozenset())
    signing = Signing(kg=9_980)
    with pytest.raises(Forbidden):
        do(engine, key, Act.ACCEPT, guard, signing)
    found = ask(engine, key, people.driver, Situation.SIGNER_ABSENT, Act.ACCEPT)
    decide(engine, key, found, people.operator)
    with pytest.raises(Forbidden):
        do(engine, key, Act.ACCEPT, people.driver, signing)
    assert do(engine, key, Act.ACCEPT, guard, signing).state == State.ACCEPTED
    assert do(engine, key, Act.CONFIRM, guard).state == State.CONFIRMED
    with pytest.raises(Forbidden):
        do(engine, key, Act.TREAT, guard)


def test_a_wrong_carrier_is_named_and_asked_for_its_permits(engine: Engine, people: Cast) -> None:
    """Another firm's truck at the gate would leave with a paper that names the first (M6, L9)."""
    key = moved(engine, people, 1)

    def other(work: Work) -> Who:
        owner = parties.organisation(work, OrganisationKind.CARRIER).id
        parties.carrier_permit(work, owner, "3", "6", "8", number="DG-3")
        parties.escort(work, owner)
        return parties.as_who(parties.person(work, owner, Role.DRIVER, permit_to=YEARS[1]))

    driver = committed(engine, other)
    with pytest.raises(Invalid):
        ask(engine, key, people.producer, Situation.WRONG_CARRIER, Act.LOAD)
    more = {"carrier_id": driver.organisation_id, "plate": "鄂B·20001", "driver_id": driver.person_id}
    found = ask(engine, key, people.producer, Situation.WRONG_CARRIER, Act.LOAD, **more)
    with pytest.raises(Forbidden):
        decide(engine, key, found, people.producer)
    decide(engine, key, found, people.dispatcher)
    assert stored(engine, key).plate == "鄂B·20001"
    with pytest.raises(Forbidden):
        do(engine, key, Act.LOAD, people.driver)
    committed(engine, lambda work: setattr(work.session.get_one(Person, driver.person_id), "permit_to", None))
    assert set(refused(engine, key, Act.LOAD, driver)) == {"L9.driver_not_permitted"}
    committed(
        engine, lambda work: setattr(work.session.get_one(Person, driver.person_id), "permit_to", YEARS[1])
    )
    assert do(engine, key, Act.LOAD, driver).state == State.LOADED


def test_a_broken_scale_does_not_stop_the_load(engine: Engine, people: Cast) -> None:
    """A scale without power would hold every truck of the day on both sides (M4, M10)."""
    key = moved(engine, people, 1)

    def load(work: Work) -> None:
        service.act(work, work.session.get_one(Manifest, key), Act.LOAD)

    with pytest.raises(RuleBroken) as stopped:
        committed(engine, load, people.driver)
    assert stopped.value.rule == "M4.not_weighed"
    with pytest.raises(Invalid):
        ask(engine, key, people.driver, Situation.WRONG_WEIGHT, Act.LOAD)
    found = ask(engine, key, people.driver, Situation.WRONG_WEIGHT, Act.LOAD, kg=9_900)
    decide(engine, key, found, people.producer)
    committed(engine, load, people.driver)
    assert stored(engine, key).loaded_kg == 9_900
    for what in (Act.DEPART, Act.ARRIVE):
        do(engine, key, what, people.driver)

    def take(work: Work) -> None:
        receipts.sign(work, work.session.get_one(Manifest, key), 9_880)

    with pytest.raises(RuleBroken):
        committed(engine, take, people.processor)
    found = ask(engine, key, people.processor, Situation.WRONG_WEIGHT, Act.ACCEPT, kg=9_880)
    decide(engine, key, found, people.producer)
    committed(engine, take, people.processor)
    row = stored(engine, key)
    assert (row.state, row.accepted_kg, row.refused_kg) == (State.CONFIRMED, 9_880, 0)


def propose(
    engine: Engine, key: UUID, who: Who, changes: Mapping[Field, str | int], reason: str = "typed wrongly"
) -> ManifestRevision:
    """Propose a correction."""
    return committed(
        engine,
        lambda work: corrections.propose(work, work.session.get_one(Manifest, key), changes, reason),
        who,
    )


def reply(engine: Engine, key: UUID, found: UUID, who: Who, approves: bool, reason: str = "") -> None:
    """Answer a correction."""

    def act(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        corrections.answer(work, row, corrections.one(work.session, key, found), approves, reason)

    committed(engine, act, who)


def test_a_wrong_code_found_at_the_gate_is_corrected_by_leave(engine: Engine, people: Cast) -> None:
    """The wrong waste would either stand in the road, or be taken under a name it does not have (L1)."""
    key = moved(engine, people, 4)
    with pytest.raises(RuleBroken) as stopped:
        propose(engine, key, people.processor, {Field.CODE: SCRAP})
    assert stopped.value.rule == "L13.contractor_unverified"
    leave = ask(engine, key, people.processor, Situation.WRONG_CODE, Act.CORRECT)
    with pytest.raises(Forbidden):
        decide(engine, key, leave, people.operator)
    decide(engine, key, leave, people.inspector)
    found = propose(engine, key, people.processor, {Field.CODE: SCRAP})
    assert stored(engine, key).state == State.ARRIVED
    reply(engine, key, found.id, people.producer, approves=True)
    assert stored(engine, key).code == OIL
    reply(engine, key, found.id, people.dispatcher, approves=True)
    row = stored(engine, key)
    assert (row.code, row.hazardous, row.state) == (SCRAP, False, State.ARRIVED)


def test_a_phone_without_signal_needs_no_leave(engine: Engine, people: Cast) -> None:
    """A driver in a valley would have to call somebody for leave, without signal (M15)."""
    key = moved(engine, people, 2)
    committed(
        engine,
        lambda work: paper.go_on_paper(work, work.session.get_one(Manifest, key), "no signal"),
        people.driver,
    )
    assert "TransferOnPaper" in {one.event.kind for one in recorded(engine)}


def test_only_the_affected_parties_correct_what_was_signed(engine: Engine, people: Cast) -> None:
    """One side would rewrite what the other had signed, or a third party block it (M16)."""
    key = moved(engine, people, 5)
    for wrong, why in (({}, "x"), ({Field.ACCEPTED_KG: 0}, "x"), ({Field.ACCEPTED_KG: 9_000}, " ")):
        with pytest.raises(DomainError):
            propose(engine, key, people.processor, wrong, why)
    with pytest.raises(RuleBroken) as much:
        propose(engine, key, people.processor, {Field.ACCEPTED_KG: 9_981})
    assert much.value.rule == "M10.over_accepted"
    found = propose(engine, key, people.processor, {Field.ACCEPTED_KG: 9_000})
    assert found.asked_of == [str(people.producer.organisation_id)]
    assert stored(engine, key).state == State.UNDER_CORRECTION
    with pytest.raises(Conflict):
        do(engine, key, Act.CONFIRM, people.processor)
    with pytest.raises(Conflict):
        propose(engine, key, people.producer, {Field.PLANNED_KG: 9_000})
    for nobody in (people.dispatcher, people.processor, people.stranger, people.inspector):
        with pytest.raises(Forbidden):
            reply(engine, key, found.id, nobody, approves=True)
    with pytest.raises(Invalid):
        reply(engine, key, found.id, people.producer, approves=False)
    reply(engine, key, found.id, people.producer, approves=False, reason="the ticket says 9,950")
    row = stored(engine, key)
    assert (row.state, row.accepted_kg) == (State.ACCEPTED, 9_950)
    second = propose(engine, key, people.processor, {Field.ACCEPTED_KG: 9_000})
    reply(engine, key, second.id, people.producer, approves=True)
    row = stored(engine, key)
    assert (row.state, row.accepted_kg, row.received_kg, row.refused_kg) == (
        State.ACCEPTED,
        9_000,
        9_950,
        950,
    )
    with reading(engine) as session:
        first, last = corrections.listed(session, key)
        assert (first.state, last.state) == ("rejected", "approved")
        assert last.changes == {"accepted_kg": [9_950, 9_000]}
        assert last.hash_after == service.document(parties.work_in(session), row).hash()
        assert last.hash_before == queries.signatures(session, key)[4].document_hash
        assert [one.approves for one in corrections.answers(session, first.id)] == [False]


def test_a_correction_is_taken_back_by_who_proposed_it(engine: Engine, people: Cast) -> None:
    """A manifest would stay under correction for ever while the other side is silent."""
    key = moved(engine, people, 1)
    found = propose(engine, key, people.producer, {Field.PLANNED_KG: 9_000})

    def take_back(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        corrections.withdraw(work, row, corrections.one(work.session, key, found.id))

    with pytest.raises(Forbidden):
        committed(engine, take_back, people.dispatcher)
    committed(engine, take_back, people.producer)
    assert stored(engine, key).state == State.ISSUED
    with pytest.raises(Conflict):
        reply(engine, key, found.id, people.dispatcher, approves=True)


def test_each_field_knows_whose_signature_covers_it() -> None:
    """A party would be asked about what it never signed, or not about what it did."""
    assert set(SEALS) == set(Field)
    assert affected([Field.ACCEPTED_KG], {Act.ISSUE}) == frozenset()
    assert affected([Field.LOADED_KG], {Act.ISSUE, Act.LOAD}) == frozenset(Party)
    assert affected([Field.PLATE, Field.MODE], {Act.ISSUE}) == {Party.MOVER, Party.RECEIVER}
