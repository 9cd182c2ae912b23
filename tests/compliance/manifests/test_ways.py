"""Does a load that was refused, handed over or moved on paper keep its mass, its signers and its record?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from compliance.manifests import gates, handover, national, paper, queries, returns
from compliance.manifests.gates import Signing
from compliance.manifests.handover import Agreed, Means, Taking
from compliance.manifests.returns import Onward
from compliance.manifests.rules import Act, Purpose, State
from compliance.manifests.tables import Manifest
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, RuleBroken
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry.rules import Mode, OrganisationKind
from compliance.registry.tables import LicenceDraw, Person
from tests.compliance.manifests.signing import WHOLE_WAY, do, drafted, refused, rules_of, signer
from tests.factories import parties
from tests.factories.parties import EZHOU, EZHOU_POINT, MORNING, OIL, YEARS, Cast, committed


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


def send(engine: Engine, key: UUID, who: Who, onward: Onward | None = None, kg: int | None = None) -> UUID:
    """Send what was refused back or onward and return the new manifest's id."""
    return committed(
        engine, lambda work: returns.send(work, work.session.get_one(Manifest, key), onward, kg).id, who
    )


@pytest.fixture
def refused_load(engine: Engine, people: Cast) -> UUID:
    """A load of 9,980 kg that the receiver did not take."""
    key = moved(engine, people, 4)
    do(engine, key, Act.REFUSE, people.processor, Signing(reason="the drums leak"))
    return key


def test_a_refused_load_goes_home_under_a_linked_manifest(
    engine: Engine, people: Cast, refused_load: UUID
) -> None:
    """Ten tonnes of oil would stand at a gate with no paper to move under, or vanish from the books (M12)."""
    key = send(engine, refused_load, people.producer)
    back = stored(engine, key)
    assert (back.parent_id, back.purpose, back.planned_kg) == (refused_load, Purpose.RETURN, 9_980)
    assert (back.origin_site_id, back.destination_site_id) == (people.destination_id, people.origin_id)
    assert back.receiver_id == people.producer.organisation_id
    assert stored(engine, refused_load).state == State.RETURNING
    assert set(refused(engine, refused_load, Act.END_RETURN, people.producer)) == {"M12.rest_open"}
    way = [*WHOLE_WAY[:4], (Act.ACCEPT, Signing(kg=9_980)), (Act.CONFIRM, Signing())]
    for what, signing in way:
        at_home = what in {Act.ACCEPT, Act.CONFIRM}
        do(engine, key, what, people.producer if at_home else signer(people, what), signing)
    do(engine, key, Act.CLOSE, people.producer)
    assert do(engine, refused_load, Act.END_RETURN, people.producer).state == State.CLOSED
    with reading(engine) as session:
        row = session.get_one(Manifest, refused_load)
        assert [one.id for one in returns.family(parties.work_in(session), row)] == [refused_load, key]


def test_a_refused_load_goes_onward_to_who_may_take_it(
    engine: Engine, people: Cast, refused_load: UUID
) -> None:
    """A load would be sent on to a works without licence, or its mass be booked nowhere (L1, L4)."""

    def works(work: Work, *lines: tuple[str, int]) -> UUID:
        owner = parties.organisation(work, OrganisationKind.PROCESSOR, division_code=EZHOU).id
        if lines:
            parties.hazardous_licence(work, owner, *lines)
        return parties.site(work, owner, EZHOU_POINT, EZHOU).id

    bare = committed(engine, works)
    with pytest.raises(RuleBroken) as told:
        send(engine, refused_load, people.producer, Onward(bare, Mode.USE))
    assert told.value.rule == "L1.no_licence"
    assert stored(engine, refused_load).state == State.REFUSED
    good = committed(engine, lambda work: works(work, (OIL, 50_000)))
    key = send(engine, refused_load, people.processor, Onward(good, Mode.USE))
    with reading(engine) as session:
        assert [one.kg for one in session.query(LicenceDraw).filter_by(deal_id=key)] == [9_980]
    do(engine, key, Act.CANCEL, people.producer)
    with reading(engine) as session:
        assert [one.kg for one in session.query(LicenceDraw).filter_by(deal_id=key)] == [0]
    again = send(engine, refused_load, people.producer)
    assert stored(engine, again).purpose == Purpose.RETURN


def test_the_rest_of_a_part_accepted_is_sent_in_parts_and_never_twice(engine: Engine, people: Cast) -> None:
    """A manifest would be closed with two tonnes of its load on no paper at all."""
    key = moved(engine, people, 4)
    do(engine, key, Act.ACCEPT_PART, people.processor, Signing(kg=8_000, received_kg=9_980, reason="wet"))
    for what in (Act.CONFIRM, Act.TREAT):
        do(engine, key, what, people.processor)
    told = refused(engine, key, Act.CLOSE, people.processor)
    assert told["M12.rest_open"].values["kg"] == 1_980
    first = send(engine, key, people.producer, kg=980)
    for too_much in (1_001, 0, -1):
        with pytest.raises(Invalid) as wrong:
            send(engine, key, people.producer, kg=too_much)
        assert wrong.value.values == {"kg": too_much, "rest": 1_000}
    send(engine, key, people.processor)
    with pytest.raises(Invalid):
        send(engine, key, people.producer)
    with reading(engine) as session:
        row = session.get_one(Manifest, key)
        work = parties.work_in(session)
        assert (row.accepted_kg, row.refused_kg, gates.rest_kg(work, row)) == (8_000, 1_980, 0)
        assert gates.rest_kg(work, row, there=True) == 1_980
        assert first in [one.id for one in queries.linked(session, key)]


def test_a_whole_load_is_not_closed_before_it_was_treated(engine: Engine, people: Cast) -> None:
    """A receiver would close its books on waste that lies untreated in the yard (M10)."""
    key = moved(engine, people, 6)
    assert set(refused(engine, key, Act.CLOSE, people.processor)) == {"M10.treatment_missing"}


def second_carrier(work: Work) -> tuple[Who, Who]:
    """Register another carrier with a permit: its dispatcher and its driver."""
    owner = parties.organisation(work, OrganisationKind.CARRIER).id
    parties.carrier_permit(work, owner, "3", "6", "8", number="DG-2")
    parties.escort(work, owner)
    staff = (parties.person(work, owner, role, permit_to=YEARS[1]) for role in (Role.DISPATCHER, Role.DRIVER))
    one, two = staff
    return parties.as_who(one), parties.as_who(two)


def test_a_load_passes_from_lorry_to_barge(engine: Engine, people: Cast) -> None:
    """The second carrier would move a load whose paper names the first, or nobody (M9)."""
    dispatcher, driver = committed(engine, second_carrier)
    assert dispatcher.organisation_id is not None
    key = moved(engine, people, 3)
    agreed = Agreed(
        dispatcher.organisation_id, Means.BY_WATER, "Yangluo quay 3", MORNING + timedelta(hours=2)
    )

    def offer(work: Work, **changed: object) -> object:
        row = work.session.get_one(Manifest, key)
        return handover.offer(work, row, replace(agreed, **changed))  # type: ignore[arg-type]

    def take(work: Work) -> object:
        return handover.take_over(work, work.session.get_one(Manifest, key), Taking("Chang 7", None, None))

    with pytest.raises(DomainError):
        committed(engine, lambda work: offer(work, place=" "), people.driver)
    with pytest.raises(RuleBroken) as bare:
        committed(engine, lambda work: offer(work, carrier_id=people.stranger.organisation_id), people.driver)
    assert bare.value.rule == "L9.carrier_not_permitted"
    with pytest.raises(Conflict):
        committed(engine, take, people.driver)
    committed(engine, offer, people.driver)
    with pytest.raises(Forbidden):
        committed(engine, take, people.driver)
    committed(
        engine, lambda work: handover.keep(work, work.session.get_one(Manifest, key)), people.dispatcher
    )
    committed(engine, offer, people.driver)
    with reading(engine) as session:
        assert queries.manifest(session, key, dispatcher).state == State.HANDOVER
    committed(engine, take, dispatcher)
    row = stored(engine, key)
    assert (row.state, row.carrier_id, row.plate) == (State.IN_TRANSIT, dispatcher.organisation_id, "Chang 7")
    with reading(engine) as session:
        assert [leg.state for leg in queries.legs(session, key)] == ["called_off", "taken"]
        assert queries.manifest(session, key, people.dispatcher).id == key
    with pytest.raises(Forbidden):
        do(engine, key, Act.ARRIVE, people.driver)
    assert do(engine, key, Act.ARRIVE, driver).state == State.ARRIVED


def test_on_the_road_the_next_crew_shows_certificates(engine: Engine, people: Cast) -> None:
    """A load of oil would change into the hands of somebody without a certificate, unescorted (L9)."""
    dispatcher, driver = committed(engine, second_carrier)
    assert dispatcher.organisation_id is not None
    key = moved(engine, people, 3)
    agreed = Agreed(dispatcher.organisation_id, Means.BY_ROAD, "Huangpi yard", MORNING)
    committed(
        engine,
        lambda work: handover.offer(work, work.session.get_one(Manifest, key), agreed),
        people.dispatcher,
    )

    def take(driver_id: UUID | None, escort_id: UUID | None = None) -> None:
        taking = Taking("鄂B·20001", None, driver_id, escort_id)
        committed(
            engine,
            lambda work: handover.take_over(work, work.session.get_one(Manifest, key), taking),
            dispatcher,
        )

    for nobody in (None, people.driver.person_id):
        with pytest.raises(RuleBroken) as told:
            take(nobody)
        assert rules_of(told.value) == {"L9.driver_not_permitted"}
    for nobody in (driver.person_id, people.driver.person_id):
        with pytest.raises(RuleBroken) as told:
            take(driver.person_id, nobody)
        assert rules_of(told.value) == {"L9.escort_not_permitted"}
    take(driver.person_id)
    row = stored(engine, key)
    assert row.driver_id == driver.person_id
    with reading(engine) as session:
        assert session.get_one(Person, row.escort_id).organisation_id == dispatcher.organisation_id


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_a_transfer_without_signal_runs_on_paper_and_comes_back_in(
    engine: Engine, people: Cast, steps: int
) -> None:
    """A driver without signal would stand in the yard, or a load reach its end with no record (M15)."""
    key = moved(engine, people, steps)

    def go(work: Work, reason: str = "no signal in the valley") -> object:
        return paper.go_on_paper(work, work.session.get_one(Manifest, key), reason)

    with pytest.raises(Invalid):
        committed(engine, lambda work: go(work, " "), people.driver)
    committed(engine, go, people.driver)
    assert stored(engine, key).state == State.PAPER_BACKFILL
    told = paper.Paper("P-77", MORNING, MORNING + timedelta(hours=3), 9_990, 9_980, "scan 77.pdf")
    later = MORNING + timedelta(days=3)

    def enter(work: Work, said: paper.Paper) -> object:
        return paper.back_enter(work, work.session.get_one(Manifest, key), said)

    bad = paper.Paper("", later, MORNING, 0, 9_980, "")
    with pytest.raises(DomainError) as wrong:
        committed(engine, lambda work: enter(work, bad), people.producer, later)
    assert len(getattr(wrong.value, "errors", ())) == 4
    committed(engine, lambda work: enter(work, told), people.producer, later)
    row = stored(engine, key)
    assert (row.state, row.loaded_kg) == (State.ARRIVED, 9_990)
    assert row.number is not None
    assert do(engine, key, Act.ACCEPT, people.processor, Signing(kg=9_980)).state == State.ACCEPTED


def test_the_national_number_stands_beside_the_provisional_one(engine: Engine, people: Cast) -> None:
    """A provisional number would pass for one of the national system, or two loads bear one (M1, M2)."""
    key = drafted(engine, people)

    def enter(number: str, who: Who, at: UUID = key) -> Manifest:
        return committed(
            engine, lambda work: national.enter(work, work.session.get_one(Manifest, at), number), who
        )

    good = "20264201000777"
    with pytest.raises(Conflict):
        enter(good, people.producer)
    do(engine, key, Act.ISSUE, people.producer)
    with pytest.raises(Forbidden):
        enter(good, people.processor)
    for wrong in ("2026420100077", "20264301000777", "20264201O00777", ""):
        with pytest.raises(RuleBroken) as told:
            enter(wrong, people.producer)
        assert (told.value.rule, told.value.field) == ("M2.number", "national_number")
    row = enter(f" {good} ", people.producer)
    assert (row.number, row.national_number) == ("20264201000001", good)
    with pytest.raises(RuleBroken) as sealed:
        enter("20264201000778", people.producer)
    assert sealed.value.rule == "M16.sealed_field"
    other = drafted(engine, people)
    do(engine, other, Act.ISSUE, people.producer)
    with pytest.raises(Conflict):
        enter(good, people.producer, other)


def test_who_leaves_a_load_in_part_says_so(engine: Engine, people: Cast) -> None:
    """What arrived and was not taken would be nobody's."""
    key = moved(engine, people, 4)
    row = do(engine, key, Act.REFUSE, people.processor, Signing(reason="wrong drums", received_kg=9_960))
    assert (row.received_kg, row.accepted_kg, row.refused_kg) == (9_960, 0, 9_960)
