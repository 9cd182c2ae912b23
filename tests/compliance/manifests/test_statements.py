"""Does a manifest go on saying what was signed, whatever becomes of lot, licence or name?"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, insert, update
from sqlalchemy.orm import Session

from compliance.ledgers.tables import ManagementPlan
from compliance.manifests import corrections, crew, handover, queries, service, statements
from compliance.manifests.crew import Crewed
from compliance.manifests.handover import Agreed, Means, Taking
from compliance.manifests.rules import FIRST_FORM, Act, Document, Stated
from compliance.manifests.seals import FACTS, SEALS, STATED, Field
from compliance.manifests.statements import Packed
from compliance.manifests.tables import Manifest, ManifestSignature, ManifestStatement
from compliance.profiles.rules import SPECS
from compliance.profiles.tables import ProfileFacts
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Several
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry.tables import LicenceRow, Organisation, Person, Site
from marketplace import schema
from tests.compliance.manifests.signing import do, drafted, refused
from tests.factories import parties
from tests.factories.parties import MORNING, Cast, committed, work_in

TOLD = {"form": "液态", "main": "矿物油", "emergency": "用砂土覆盖"}


def stated(engine: Engine, key: UUID, now: datetime = MORNING) -> Stated:
    """Return what a manifest states."""
    with reading(engine) as session:
        return statements.stated(work_in(session, now=now), session.get_one(Manifest, key))


def document(engine: Engine, key: UUID) -> Document:
    """Return a manifest's document as it stands."""
    with reading(engine) as session:
        row = session.get_one(Manifest, key)
        return service.as_signed(work_in(session), row, queries.signatures(session, key))


def newest(engine: Engine, key: UUID) -> ManifestSignature:
    """Return the newest signature on a manifest."""
    with reading(engine) as session:
        return queries.signatures(session, key)[-1]


def told(engine: Engine, cast: Cast) -> UUID:
    """Draw a manifest up whose lot and plan say everything, and return its id."""
    lot_id = uuid4()

    def tell(work: Work) -> None:
        own = cast.producer.organisation_id
        assert own is not None
        work.session.add(
            ProfileFacts(
                lot_id=lot_id, organisation_id=own, profile="hazardous", facts=TOLD, changed_at=work.now
            )
        )
        plan = {"year": 2026, "number": "GL-2026-17", "filed_on": date(2026, 3, 1), "lines": []}
        work.session.add(ManagementPlan(id=uuid4(), organisation_id=own, changed_at=work.now, **plan))

    committed(engine, tell)
    return drafted(engine, cast, lot_id=lot_id, packaging="200 升铁桶", remarks="含水")


def pack(engine: Engine, key: UUID, packed: Packed, who: Who) -> Stated:
    """Say how a load is packed."""
    return committed(
        engine, lambda work: statements.pack(work, work.session.get_one(Manifest, key), packed), who
    )


def meddle(work: Work) -> None:
    """Change everything that a manifest once read from elsewhere."""
    session = work.session
    session.execute(update(ProfileFacts).values(facts={"form": "固态"}))
    session.execute(update(LicenceRow).values(number="CHANGED"))
    session.execute(update(Organisation).values(name="CHANGED", contact="CHANGED"))
    session.execute(update(Site).values(address="CHANGED", name="CHANGED"))
    session.execute(update(ManagementPlan).values(number="CHANGED"))


def test_what_was_signed_stays_whatever_becomes_of_lot_licence_and_name(engine: Engine, people: Cast) -> None:
    """An edit of a lot or a licence would change what an old manifest says, and nobody could tell."""
    key = told(engine, people)
    packed = Packed(packages=40, un_number="un 1993", dg_class="3")
    committed(
        engine,
        lambda work: statements.pack(work, work.session.get_one(Manifest, key), packed),
        people.producer,
    )
    do(engine, key, Act.ISSUE, people.producer)
    said = stated(engine, key)
    assert said.facts == TOLD
    assert (said.packaging, said.packages, said.remarks) == ("200 升铁桶", 40, "含水")
    assert (said.dg_class, said.un_number, said.hazards) == ("3", "1993", "T,I")
    assert (said.management_plan, said.permit, said.licence) == ("GL-2026-17", "DG-1", "HW-1")
    assert said.mover["place"]
    assert document(engine, key).hash() == newest(engine, key).document_hash
    committed(engine, meddle)
    assert stated(engine, key, MORNING + timedelta(days=700)) == said
    assert document(engine, key).hash() == newest(engine, key).document_hash
    do(engine, key, Act.LOAD, people.driver)
    assert replace(stated(engine, key), crew={}) == said


def test_a_draft_follows_its_lot_until_it_is_signed(engine: Engine, people: Cast) -> None:
    """A mover would sign what the lot said weeks ago."""
    key = told(engine, people)
    assert stated(engine, key).facts == TOLD
    committed(engine, meddle)
    assert (stated(engine, key).facts, stated(engine, key).permit) == ({"form": "固态"}, "CHANGED")


def test_the_mover_alone_says_how_it_is_packed_and_only_before_it_signs(engine: Engine, people: Cast) -> None:
    """A carrier could state another class of dangerous goods, or somebody change it behind the signatures."""
    key = drafted(engine, people)
    bad = Packed(packages=-1, dg_class="6.9", un_number="19933")
    with pytest.raises(Several) as wrong:
        pack(engine, key, bad, people.producer)
    assert {one.field for one in wrong.value.errors} == {"packages", "dg_class", "un_number"}
    for who in (people.dispatcher, people.processor, people.inspector):
        with pytest.raises(Forbidden):
            pack(engine, key, Packed(packages=3), who)
    assert pack(engine, key, Packed(packages=3), people.producer).packages == 3
    do(engine, key, Act.ISSUE, people.producer)
    with pytest.raises(Conflict) as late:
        pack(engine, key, Packed(packages=4), people.producer)
    assert late.value.code == "manifest_stated"


def test_the_gates_ask_for_the_class_that_is_stated(engine: Engine, people: Cast) -> None:
    """A carrier without a permit for the class on the paper would drive off with it (M6, L9)."""
    key = drafted(engine, people)
    packed = Packed(dg_class="9")
    committed(
        engine,
        lambda work: statements.pack(work, work.session.get_one(Manifest, key), packed),
        people.producer,
    )
    assert "L9.class_not_covered" in refused(engine, key, Act.ISSUE, people.producer)


def correct(engine: Engine, key: UUID, cast: Cast, changes: dict[Field, str | int]) -> UUID:
    """Propose a correction as the mover."""

    def propose(work: Work) -> UUID:
        row = work.session.get_one(Manifest, key)
        return corrections.propose(work, row, changes, "counted again").id

    return committed(engine, propose, cast.producer)


def test_a_correction_changes_what_is_stated_once_all_approve(engine: Engine, people: Cast) -> None:
    """A wrong count could never be put right, or be put right by one side alone (M16)."""
    key = told(engine, people)
    do(engine, key, Act.ISSUE, people.producer)
    before = stated(engine, key)
    with pytest.raises(DomainError) as foreign:
        correct(engine, key, people, {Field.LICENCE: "NOT-ON-FILE", Field.UN_NUMBER: "x"})
    fields = {one.field for one in getattr(foreign.value, "errors", (foreign.value,))}
    assert fields == {"licence", "un_number"}
    found = correct(engine, key, people, {Field.PACKAGES: 38, Field.FORM: "半固态"})
    assert stated(engine, key) == before
    for who in (people.dispatcher, people.processor):

        def approve(work: Work) -> None:
            row = work.session.get_one(Manifest, key)
            corrections.answer(work, row, corrections.one(work.session, key, found), approves=True)

        committed(engine, approve, who)
    after = stated(engine, key)
    assert (after.packages, after.facts["form"], after.facts["main"]) == (38, "半固态", TOLD["main"])
    with reading(engine) as session:
        (revision,) = corrections.listed(session, key)
    assert revision.changes == {"packages": [None, 38], "form": ["液态", "半固态"]}
    assert revision.hash_before != revision.hash_after == document(engine, key).hash()


def test_who_takes_a_load_over_signs_for_its_own_permit(engine: Engine, people: Cast) -> None:
    """The paper would go on naming the permit of a carrier that no longer has the load (M9)."""
    key = told(engine, people)
    other = people.stranger.organisation_id
    assert other is not None
    committed(engine, lambda work: parties.carrier_permit(work, other, "3", "6", number="DG-2"))
    committed(engine, lambda work: parties.escort(work, other))
    driver = committed(
        engine, lambda work: parties.person(work, other, Role.DRIVER, permit_to=parties.YEARS[1]).id
    )
    for what in (Act.ISSUE, Act.LOAD, Act.DEPART):
        do(engine, key, what, people.producer if what is Act.ISSUE else people.driver)
    agreed = Agreed(other, Means.BY_ROAD, "Yangluo", MORNING)

    def offer(work: Work) -> None:
        handover.offer(work, work.session.get_one(Manifest, key), agreed)

    def take(work: Work) -> None:
        handover.take_over(work, work.session.get_one(Manifest, key), Taking("鄂A·1", None, driver))

    committed(engine, offer, people.dispatcher)
    committed(engine, take, people.stranger)
    assert (stated(engine, key).permit, stated(engine, key).licence) == ("DG-2", "HW-1")
    assert document(engine, key).plate == "鄂A·1"
    assert document(engine, key).hash() == newest(engine, key).document_hash


FIRST = {
    "number": "20264201000001",
    "mover": "M",
    "carrier": "C",
    "receiver": "R",
    "origin": "o",
    "destination": "d",
    "plate": "鄂A·70012",
    "driver": "",
    "code": "900-214-08",
    "edition": "HW-2021",
    "mode": "use",
    "planned_kg": 10_000,
    "loaded_kg": 9_980,
    "accepted_kg": None,
}


def test_the_first_form_is_hashed_as_it_always_was() -> None:
    """Every signature given before the second form would look forged."""
    text = json.dumps(FIRST, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    old = Document(**FIRST, escort="somebody", stated={"packages": 3}, form=FIRST_FORM)  # type: ignore[arg-type]
    assert old.hash() == hashlib.sha256(text.encode()).hexdigest()
    new = Document(**FIRST, escort="somebody", stated={"packages": 3})  # type: ignore[arg-type]
    assert new.hash() != Document(**FIRST, escort="other", stated={"packages": 3}).hash()  # type: ignore[arg-type]
    assert new.hash() != Document(**FIRST, escort="somebody", stated={"packages": 4}).hash()  # type: ignore[arg-type]


def test_what_was_signed_before_is_filled_in_and_said_to_be(engine: Engine, people: Cast) -> None:
    """An upgrade would pretend that somebody had signed what it filled in, or break the old signatures."""
    key, draft = told(engine, people), drafted(engine, people)
    do(engine, key, Act.ISSUE, people.producer)
    said = stated(engine, key)
    with reading(engine) as session:
        old = service.document(work_in(session), session.get_one(Manifest, key), FIRST_FORM)
    fields = {"act": "load", "party": "carrier", "person_name": "D", "at": MORNING, "credential": None}
    signed = {"id": uuid4(), "manifest_id": key, "ordinal": 2, "document_hash": old.hash(), **fields}
    with Session(engine) as session:
        session.execute(insert(ManifestSignature).values(form=1, **signed))
        session.commit()
    schema.downgrade(engine, "0038")
    schema.upgrade(engine)
    with reading(engine) as session:
        rows = {one: session.get_one(ManifestStatement, one) for one in (key, draft)}
    assert (rows[key].added, rows[draft].added, rows[draft].frozen_at) == (True, False, None)
    filled = statements.read(rows[key].stated)
    for name in ("hazards", "dg_class", "management_plan", "permit", "mover", "carrier", "receiver"):
        assert getattr(filled, name) == getattr(said, name), name
    assert newest(engine, key).form == FIRST_FORM
    assert document(engine, key).hash() == newest(engine, key).document_hash
    committed(engine, meddle)
    assert statements.read(rows[key].stated) == stated(engine, key)
    do(engine, draft, Act.ISSUE, people.producer)
    assert newest(engine, draft).form > FIRST_FORM


def test_everything_that_is_stated_can_be_corrected() -> None:
    """A fact that a family of waste asks could never be put right."""
    asked = {fact.key for spec in SPECS.values() for fact in spec.facts}
    assert asked == {field.value for field in FACTS}
    assert set(Field) == set(SEALS)
    assert {field.value for field in STATED} <= set(Stated.__dataclass_fields__)


def test_the_crew_is_what_it_was_when_the_loading_was_signed(engine: Engine, people: Cast) -> None:
    """A marriage or a slip put right in the register would rewrite who drove every earlier load (L9)."""
    key = drafted(engine, people)
    do(engine, key, Act.ISSUE, people.producer)
    assert stated(engine, key).crew == {}
    with reading(engine) as session:
        before = statements.digest(work_in(session), session.get_one(Manifest, key))
    committed(engine, lambda work: work.session.execute(update(Person).values(name="Wang Fang")))
    do(engine, key, Act.LOAD, people.driver)
    said = stated(engine, key).crew
    assert {place: told["name"] for place, told in said.items()} == {
        "driver": "Wang Fang",
        "escort": "Wang Fang",
    }
    assert said["driver"]["valid_to"] == parties.YEARS[1].isoformat()
    committed(engine, lambda work: work.session.execute(update(Person).values(name="Li Fang")))
    do(engine, key, Act.DEPART, people.driver)
    assert stated(engine, key).crew == said
    assert document(engine, key).hash() == newest(engine, key).document_hash
    with reading(engine) as session:
        known = session.get_one(ManifestStatement, key)
        assert crew.member(known, "driver", None) == Crewed("Wang Fang")
        assert statements.digest(work_in(session), session.get_one(Manifest, key)) == before


def test_the_crew_of_a_load_signed_for_earlier_is_filled_in_and_breaks_no_signature(
    engine: Engine, people: Cast
) -> None:
    """An old paper would go on changing with the register, or its signatures look forged from then on."""
    key = drafted(engine, people)
    for what in (Act.ISSUE, Act.LOAD):
        do(engine, key, what, people.producer if what is Act.ISSUE else people.driver)

    def forget(work: Work) -> None:
        known = work.session.get_one(ManifestStatement, key)
        known.stated = {name: told for name, told in known.stated.items() if name != "crew"}

    committed(engine, forget)
    hashed = document(engine, key).hash()
    schema.downgrade(engine, "0047")
    schema.upgrade(engine)
    committed(engine, lambda work: work.session.execute(update(Person).values(name="Li Fang")))
    with reading(engine) as session:
        known = session.get_one(ManifestStatement, key)
        told = [crew.member(known, place, None) for place in ("driver", "escort")]
    assert told == [Crewed("driver", added=True), Crewed("Escort", added=True)]
    assert document(engine, key).hash() == hashed
