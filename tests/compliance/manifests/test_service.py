"""Does a manifest move only as the law lets it, signed by the right party, with every reason told?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from compliance.manifests import queries, service
from compliance.manifests.rules import NEXT, SIGNER, Act, Party, State
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.record.database import reading, transaction
from compliance.record.errors import Conflict, DomainError, Forbidden, NotFound, RuleBroken, Several
from compliance.record.who import SYSTEM, Role, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind
from compliance.registry.service import NewLicence
from compliance.registry.tables import LicenceRow, Person
from tests.compliance.record.appending import recorded
from tests.factories import parties
from tests.factories.parties import CHANGSHA, MORNING, OIL, SCRAP, XIANTAO, Cast, committed, work_in

LAST_OLD_DAY = datetime(2026, 8, 14, 15, 59, tzinfo=UTC)
FIRST_NEW_DAY = datetime(2026, 8, 14, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai between the repealed act and the Code."""
WHOLE_WAY = (
    (Act.ISSUE, Signing()),
    (Act.LOAD, Signing(lat=30.6, lon=114.3)),
    (Act.DEPART, Signing()),
    (Act.HAND_OVER, Signing()),
    (Act.ARRIVE, Signing()),
    (Act.ACCEPT, Signing(kg=9_950)),
    (Act.CONFIRM, Signing(kg=9_950)),
    (Act.TREAT, Signing()),
    (Act.CLOSE, Signing()),
)


@pytest.fixture
def people(engine: Engine) -> Cast:
    """A producer, a carrier, a processor and others, all papers in order."""
    return committed(engine, parties.cast)


def signer(cast: Cast, act: Act) -> Who:
    """Return the person whose turn it is."""
    return {Party.MOVER: cast.producer, Party.CARRIER: cast.driver, Party.RECEIVER: cast.processor}[
        SIGNER[act]
    ]


def drafted(engine: Engine, cast: Cast, now: datetime = MORNING, **changes: object) -> UUID:
    """Draw a manifest up and return its id."""
    return committed(engine, lambda work: service.draft(work, cast.load(**changes)), now=now).id


def do(
    engine: Engine,
    manifest_id: UUID,
    what: Act,
    who: Who = SYSTEM,
    signing: Signing | None = None,
    now: datetime = MORNING,
) -> Manifest:
    """Sign one act in a transaction of its own; the mass is on the scale before loading."""

    def sign(work: Work) -> Manifest:
        row = work.session.get_one(Manifest, manifest_id)
        if what is Act.LOAD:
            service.note_loaded(work, row.deal_id, 9_980)
        return service.act(work, row, what, signing)

    return committed(engine, sign, who, now)


def rules_of(refusal: DomainError) -> set[str]:
    """Return the ids of every rule in a refusal."""
    found = refusal.errors if isinstance(refusal, Several) else (refusal,)
    return {one.rule for one in found if isinstance(one, RuleBroken)}


def refused(engine: Engine, manifest_id: UUID, what: Act, who: Who, **more: object) -> dict[str, RuleBroken]:
    """Return the broken rules by id."""
    with pytest.raises((RuleBroken, Several)) as refusal:
        do(engine, manifest_id, what, who, **more)
    found = refusal.value.errors if isinstance(refusal.value, Several) else (refusal.value,)
    return {one.rule: one for one in found if isinstance(one, RuleBroken)}


def test_a_load_goes_the_whole_way_and_every_step_is_signed(engine: Engine, people: Cast) -> None:
    """An inspector would find a step without a name, a time or a hash."""
    key = drafted(engine, people)
    for number, (what, signing) in enumerate(WHOLE_WAY):
        do(engine, key, what, signer(people, what), signing, MORNING + timedelta(hours=number))
    with reading(engine) as session:
        row = session.get_one(Manifest, key)
        given = queries.signatures(session, key)
        stamp = service.document(work_in(session), row).hash()
    assert (row.state, row.number, row.loaded_kg, row.accepted_kg) == (
        State.CLOSED,
        "20264201000001",
        9_980,
        9_950,
    )
    assert [Act(one.act) for one in given] == [what for what, _ in WHOLE_WAY]
    assert [one.ordinal for one in given] == list(range(1, 10))
    assert [one.person_id for one in given] == [signer(people, what).person_id for what, _ in WHOLE_WAY]
    assert [one.at for one in given] == [MORNING + timedelta(hours=number) for number in range(9)]
    assert (given[1].lat, given[1].lon) == (30.6, 114.3)
    assert given[-1].document_hash == stamp
    assert [one.document_hash for one in given[5:]] == [stamp] * 4
    assert len({one.document_hash for one in given}) == 3
    events = [one.event for one in recorded(engine)]
    assert [event.kind for event in events] == ["ManifestDrafted", "ManifestIssued", *["ManifestSigned"] * 8]
    assert [event.data.get("document_hash") for event in events[1:]] == [one.document_hash for one in given]


def test_nothing_moves_that_the_table_does_not_let(engine: Engine, people: Cast) -> None:
    """A load could be closed before it arrived, or issued twice under two numbers."""
    key = drafted(engine, people)
    with Session(engine) as session:
        row = session.get_one(Manifest, key)
        row.loaded_kg = 9_980
        for state in State:
            for what in Act:
                if (state, what) in NEXT:
                    continue
                row.state = state.value
                with pytest.raises(Conflict) as refusal:
                    service.act(work_in(session, signer(people, what)), row, what, Signing(kg=1))
                assert refusal.value.code == "manifest_state"
                assert refusal.value.values == {"state": state.value, "act": what.value}
        session.rollback()
    assert len(recorded(engine)) == 1


def test_everything_moves_that_the_table_lets(engine: Engine, people: Cast) -> None:
    """A step that the law provides for could not be taken."""
    for (state, what), end in NEXT.items():
        with Session(engine) as session:
            row = service.draft(work_in(session), people.load())
            row.state, row.number, row.loaded_kg = state.value, "20264201000001", 9_980
            service.act(work_in(session, signer(people, what)), row, what, Signing(kg=9_000, reason="wet"))
            assert row.state == end.value
            session.rollback()


def test_only_the_right_party_in_the_right_role_signs(engine: Engine, people: Cast) -> None:
    """A driver could accept the own load, or a competitor sign for somebody else."""
    roles = {
        Party.MOVER: (people.producer,),
        Party.CARRIER: (people.driver, people.dispatcher),
        Party.RECEIVER: (people.processor,),
    }
    outsiders = [
        Who(None, "nobody", None, frozenset()),
        Who(None, "nobody", None, frozenset(Role)),
        *(
            replace(one, roles=frozenset({Role.INSPECTOR}))
            for one in (people.producer, people.driver, people.processor)
        ),
    ]
    key = drafted(engine, people)
    with Session(engine) as session:
        row = session.get_one(Manifest, key)
        for what in Act:
            allowed = roles[SIGNER[what]]
            for who in (*people.everyone, *outsiders):
                if who in allowed:
                    service._require_party(work_in(session, who), row, what)
                    continue
                with pytest.raises(Forbidden):
                    service.act(work_in(session, who), row, what, Signing(kg=1))


def test_the_same_deal_gets_one_manifest(engine: Engine, people: Cast) -> None:
    """A retried reaction would put two papers on one truck (M3)."""
    load = people.load()
    one = committed(engine, lambda work: service.draft(work, load))
    assert committed(engine, lambda work: service.draft(work, load)).id == one.id
    assert [row.event.kind for row in recorded(engine)] == ["ManifestDrafted"]


def test_an_unknown_code_gets_no_manifest(engine: Engine, people: Cast) -> None:
    """A truck would carry a paper that names no waste."""
    with pytest.raises(RuleBroken) as refusal:
        drafted(engine, people, code="123-456-08")
    assert refusal.value.rule == "C1.unknown_code"


def test_all_reasons_are_told_at_once(engine: Engine, people: Cast) -> None:
    """A driver at the gate would mend one paper and be sent back for the next, three times over."""
    key = drafted(engine, people)
    do(engine, key, Act.ISSUE, people.producer)

    def spoil(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        row.number = None
        row.driver_id = None
        row.carrier_id = people.stranger.organisation_id  # type: ignore[assignment]

    committed(engine, spoil)
    with pytest.raises(Several) as refusal:
        committed(
            engine,
            lambda work: service.act(work, work.session.get_one(Manifest, key), Act.LOAD),
            people.stranger,
        )
    assert rules_of(refusal.value) == {
        "L9.carrier_not_permitted",
        "L9.driver_not_permitted",
        "M4.not_weighed",
        "M7.no_manifest",
    }
    assert all(one.way_out and one.field for one in refusal.value.errors)
    with reading(engine) as session:
        assert session.get_one(Manifest, key).state == State.ISSUED
        assert len(queries.signatures(session, key)) == 1


def spoil_licences(engine: Engine, organisation_id: UUID | None, last: date) -> None:
    """Let every licence of an organisation end on a day."""

    def change(work: Work) -> None:
        for row in work.session.query(LicenceRow).filter_by(organisation_id=organisation_id):
            row.valid_to = last

    committed(engine, change)


@pytest.mark.parametrize(
    ("now", "laws"),
    [
        (LAST_OLD_DAY, ("固废法 第80条", "固废法 第82条第2款")),
        (FIRST_NEW_DAY, ("生态环境法典 第534条", "生态环境法典 第536条第2款")),
    ],
)
def test_issue_cites_the_law_of_its_day(
    engine: Engine, people: Cast, now: datetime, laws: tuple[str, ...]
) -> None:
    """A refusal would rest on a repealed act, or on one not yet in force, and fall in court."""
    key = drafted(engine, people, now)
    for who in (people.processor, people.dispatcher):
        spoil_licences(engine, who.organisation_id, date(2026, 8, 13))
    committed(engine, lambda work: abroad(work, key), now=now)
    with pytest.raises(Several) as refusal:
        do(engine, key, Act.ISSUE, people.producer, now=now)
    told = [(one.rule, one.field, one.article) for one in refusal.value.errors if isinstance(one, RuleBroken)]
    assert [(rule, field) for rule, field, _ in told] == [
        ("L3.expired", "receiver"),
        ("L3.expired", "carrier"),
        ("X1.approval_missing", "receiver"),
    ]
    of_receiver = [article for _, field, article in told if field == "receiver"]
    assert [article.startswith(law) for article, law in zip(of_receiver, laws, strict=True)] == [True, True]


def abroad(work: Work, manifest_id: UUID) -> None:
    """Move a manifest's destination into another province."""
    row = work.session.get_one(Manifest, manifest_id)
    place = parties.site(work, row.receiver_id, (28.2, 113.0), CHANGSHA)
    row.destination_site_id = place.id


@pytest.mark.parametrize(
    ("now", "transport_law", "manifest_law"),
    [
        (LAST_OLD_DAY, "固废法 第83条", "固废法 第82条第1款"),
        (FIRST_NEW_DAY, "生态环境法典 第537条", "生态环境法典 第536条第1款"),
    ],
)
def test_loading_cites_the_law_of_its_day(
    engine: Engine, people: Cast, now: datetime, transport_law: str, manifest_law: str
) -> None:
    """A driver turned away at the gate could not be shown the article (L9, M7)."""
    key = drafted(engine, people, now)
    do(engine, key, Act.ISSUE, people.producer, now=now)

    def expire(work: Work) -> None:
        work.session.get_one(Person, people.driver.person_id).permit_to = date(2026, 8, 13)
        work.session.get_one(Manifest, key).number = None

    committed(engine, expire)
    found = refused(engine, key, Act.LOAD, people.driver, now=now)
    assert set(found) == {"L9.driver_not_permitted", "M7.no_manifest"}
    assert found["L9.driver_not_permitted"].article.startswith(transport_law)
    assert found["M7.no_manifest"].article.startswith(manifest_law)
    assert "部令第23号" in found["M7.no_manifest"].article


def test_a_receiver_without_a_licence_gets_no_load(engine: Engine, people: Cast) -> None:
    """Oil agreed in spring would still leave in autumn for a works that lost its licence (L1, M4)."""
    key = drafted(engine, people, mode="dispose")
    assert set(refused(engine, key, Act.ISSUE, people.producer)) == {"L1.mode_not_covered"}
    other = drafted(engine, people, receiver_id=people.producer.organisation_id)
    assert set(refused(engine, other, Act.ISSUE, people.producer)) == {"L1.no_licence"}
    scrap = drafted(engine, people, code=SCRAP)
    assert set(refused(engine, scrap, Act.ISSUE, people.producer)) == {"L13.contractor_unverified"}


def test_issue_does_not_ask_for_the_booked_mass_again(engine: Engine, people: Cast) -> None:
    """The deal that took the last tonne could never be driven (L4)."""
    key = drafted(engine, people, planned_kg=1_000_000)

    def book(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        waste = service.catalogue_service.require(work, OIL, work.today, "code")
        registry.book(work, row.receiver_id, row.deal_id, waste, registry.Mode.USE, 1_000_000)

    committed(engine, book)
    assert do(engine, key, Act.ISSUE, people.producer).state == State.ISSUED


@pytest.mark.parametrize("kg", [None, 0, -5, 30_000])
def test_an_absurd_accepted_mass_is_refused(engine: Engine, people: Cast, kg: int | None) -> None:
    """A settlement would be made out over nothing, or over three times the truck (M10)."""
    key = drafted(engine, people)
    for what, signing in WHOLE_WAY[:5]:
        do(engine, key, what, signer(people, what), signing)
    for what in (Act.ACCEPT, Act.ACCEPT_PART):
        found = refused(engine, key, what, people.processor, signing=Signing(kg=kg))
        assert set(found) == {"M10.over_accepted" if kg == 30_000 else "M10.weight_missing"}


def test_the_loaded_mass_is_sealed_by_the_carriers_signature(engine: Engine, people: Cast) -> None:
    """A late weighing would change what was signed."""
    key = drafted(engine, people)

    def note(kg: int) -> None:
        committed(
            engine, lambda work: service.note_loaded(work, work.session.get_one(Manifest, key).deal_id, kg)
        )

    note(1)
    do(engine, key, Act.ISSUE, people.producer)
    note(9_000)
    do(engine, key, Act.LOAD, people.driver)
    note(5)
    with reading(engine) as session:
        assert session.get_one(Manifest, key).loaded_kg == 9_980


def test_a_stale_concurrent_edit_is_refused(engine: Engine, people: Cast) -> None:
    """Two people who press at once would both sign, and one act be lost."""
    key = drafted(engine, people)
    with reading(engine) as session:
        seen = session.get_one(Manifest, key)
    do(engine, key, Act.ISSUE, people.producer)

    def cancel_what_was_seen() -> None:
        with transaction(engine) as session:
            session.add(seen)
            service.act(work_in(session, people.producer), seen, Act.CANCEL)

    with pytest.raises(StaleDataError):
        cancel_what_was_seen()
    with reading(engine) as session:
        assert session.get_one(Manifest, key).state == State.ISSUED
        assert [one.act for one in queries.signatures(session, key)] == ["issue"]


def test_everybody_sees_what_concerns_them(engine: Engine, people: Cast) -> None:
    """A competitor would read who sells how much to whom, or a driver miss the own trip."""
    mine = drafted(engine, people)
    other_driver = drafted(engine, people, driver_id=uuid4())
    foreign = drafted(engine, people, carrier_id=people.stranger.organisation_id)
    every = {mine, other_driver, foreign}
    sees = {
        people.producer: every,
        people.processor: every,
        people.dispatcher: {mine, other_driver},
        people.driver: {mine},
        replace(people.driver, roles=frozenset({Role.DRIVER, Role.DISPATCHER})): {mine, other_driver},
        replace(people.producer, roles=frozenset({Role.DRIVER, Role.PRODUCER})): {
            mine,
            other_driver,
            foreign,
        },
        people.stranger: {foreign},
        people.inspector: every,
        people.operator: every,
        replace(people.producer, organisation_id=None): set(),
    }
    with reading(engine) as session:
        for who, expected in sees.items():
            assert {row.id for row in session.scalars(queries.visible_to(who))} == expected, who
            assert queries.counts(session, who) == ({"draft": len(expected)} if expected else {})
            if foreign not in expected:
                with pytest.raises(NotFound):
                    queries.manifest(session, foreign, who)


def test_a_pseudo_prefecture_numbers_its_counties(engine: Engine, people: Cast) -> None:
    """仙桃 stands right below its province: its loads would have no number (M2)."""

    def move(work: Work) -> UUID:
        assert people.producer.organisation_id is not None
        return parties.site(work, people.producer.organisation_id, (30.36, 113.42), XIANTAO).id

    key = drafted(engine, people, origin_site_id=committed(engine, move))
    assert do(engine, key, Act.ISSUE, people.producer).number == "20264290000001"


def test_a_new_permit_lets_the_same_load_go(engine: Engine, people: Cast) -> None:
    """A refusal would stick after its cause was mended."""
    key = drafted(engine, people, carrier_id=people.stranger.organisation_id)
    assert set(refused(engine, key, Act.ISSUE, people.producer)) == {"L9.carrier_not_permitted"}
    permit = NewLicence("DG-9", LicenceKind.DANGEROUS_GOODS, *parties.YEARS, classes=("6",))
    committed(engine, lambda work: registry.add_licence(work, people.stranger.organisation_id, permit))  # type: ignore[arg-type]
    assert do(engine, key, Act.ISSUE, people.producer).state == State.ISSUED
