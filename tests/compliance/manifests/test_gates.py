"""Is a load stopped where a paper is missing, by the law of its day, with every reason told?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from compliance.approvals.rules import Kind, Leave
from compliance.manifests import gates, queries, service
from compliance.manifests.rules import Act, State
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.papers.rules import digital_code, spaced
from compliance.record.database import reading
from compliance.record.errors import Conflict, Forbidden, Invalid, RuleBroken, Several
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry import bookings, standing
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind
from compliance.registry.service import NewLicence
from compliance.registry.tables import LicenceRow, Organisation, Person
from tests.compliance.manifests.signing import WHOLE_WAY, do, drafted, refused, rules_of, signer
from tests.factories import parties
from tests.factories.parties import CHANGSHA, MORNING, OIL, SCRAP, Cast, committed

LAST_OLD_DAY = datetime(2026, 8, 14, 15, 59, tzinfo=UTC)
FIRST_NEW_DAY = datetime(2026, 8, 14, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai between the repealed act and the Code."""


def spoil_licences(engine: Engine, organisation_id: UUID | None, last: date) -> None:
    """Let every licence of an organisation end on a day."""

    def change(work: Work) -> None:
        for row in work.session.query(LicenceRow).filter_by(organisation_id=organisation_id):
            row.valid_to = last

    committed(engine, change)


def abroad(work: Work, manifest_id: UUID) -> None:
    """Move a manifest's destination into another province."""
    row = work.session.get_one(Manifest, manifest_id)
    place = parties.site(work, row.receiver_id, (28.2, 113.0), CHANGSHA)
    row.destination_site_id = place.id


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
        "M1.no_manifest",
        "M4.not_weighed",
        "M7.no_manifest",
    }
    assert all(one.way_out and one.field for one in refusal.value.errors)
    with reading(engine) as session:
        assert session.get_one(Manifest, key).state == State.ISSUED
        assert len(queries.signatures(session, key)) == 1


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
        ("L9.expired", "carrier"),
        ("X1.approval_missing", "receiver"),
    ]
    of_receiver = [article for _, field, article in told if field == "receiver"]
    assert [article.startswith(law) for article, law in zip(of_receiver, laws, strict=True)] == [True, True]


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
    assert set(found) == {"L9.driver_not_permitted", "M1.no_manifest", "M7.no_manifest"}
    assert found["L9.driver_not_permitted"].article.startswith(transport_law)
    assert found["M7.no_manifest"].article.startswith(manifest_law)
    assert "部令第23号" in found["M7.no_manifest"].article


def test_what_ran_out_since_the_issue_is_asked_at_loading(engine: Engine, people: Cast) -> None:
    """A load would leave for a works whose licence, or over a border whose approval, has run out (L3, X4)."""
    key = drafted(engine, people)
    do(engine, key, Act.ISSUE, people.producer)
    last = MORNING.date() - timedelta(days=1)

    def ask(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        known = gates.facts(work, row)
        load = replace(known.load, destination="43")
        leave = Leave(row.id, Kind.APPROVAL, load.receiver_id, OIL, load.mode, "43", last, last, 99_000)
        for until, told in ((last, {"X4.not_valid"}), (work.today, set())):
            crossing = replace(known, load=load, leaves=[replace(leave, valid_to=until)])
            found = {one.rule for one in gates.against(crossing, row, Act.LOAD, work.today)}
            assert found - {"M4.not_weighed"} == told

    committed(engine, ask)
    spoil_licences(engine, people.processor.organisation_id, last)
    assert refused(engine, key, Act.LOAD, people.driver)["L3.expired"].field == "receiver"


def test_hazardous_waste_leaves_with_an_escort_who_is_not_the_driver(engine: Engine, people: Cast) -> None:
    """A tanker of waste oil would be on the road with nobody to watch it, or a paper name a stranger (L9)."""
    key = drafted(engine, people)
    do(engine, key, Act.ISSUE, people.producer)

    def name(person_id: UUID | None, who: Who = people.dispatcher) -> None:
        assert person_id is not None
        committed(
            engine,
            lambda work: service.escort_by(work, work.session.get_one(Manifest, key), person_id),
            who,
        )

    def certify(last: date | None) -> UUID:
        def change(work: Work) -> UUID:
            row = work.session.get_one(Person, work.session.get_one(Manifest, key).escort_id)
            row.escort_to = last
            return row.id

        return committed(engine, change)

    escort_id = certify(date(2026, 11, 19))
    told = refused(engine, key, Act.LOAD, people.driver)
    assert set(told) == {"L9.escort_not_permitted"}
    assert told["L9.escort_not_permitted"].values["plate"] == "鄂A·70012"
    certify(date(2026, 11, 20))
    for wrong in (people.driver.person_id, people.stranger.person_id):
        with pytest.raises(Invalid):
            name(wrong)
    with pytest.raises(Forbidden):
        name(escort_id, people.producer)
    name(people.dispatcher.person_id)
    assert set(refused(engine, key, Act.LOAD, people.driver)) == {"L9.escort_not_permitted"}
    name(escort_id)
    assert do(engine, key, Act.LOAD, people.driver).state == State.LOADED
    with pytest.raises(Conflict):
        name(escort_id)


def test_a_label_that_was_read_is_the_loads(engine: Engine, people: Cast) -> None:
    """Drums of another works, or of another waste, would be loaded under this paper (M6)."""
    key = drafted(engine, people)
    do(engine, key, Act.ISSUE, people.producer)
    with reading(engine) as session:
        mover = session.get_one(Organisation, people.producer.organisation_id)
    right = digital_code(mover.uscc, OIL, date(2026, 11, 20), 3)
    for wrong in ("8" + right[1:], right[:18] + "90024908" + right[26:], right[:-1], "x"):
        told = refused(engine, key, Act.LOAD, people.driver, signing=Signing(label=wrong))
        assert set(told) == {"M6.label_differs"}
    assert do(engine, key, Act.LOAD, people.driver, Signing(label=spaced(right))).state == State.LOADED


def test_who_is_not_insured_neither_takes_nor_moves_a_load(engine: Engine, people: Cast) -> None:
    """A spill on the road would be nobody's to pay for (L14)."""
    key = drafted(engine, people)

    def insure(last: date | None) -> None:
        def change(work: Work) -> None:
            for row in work.session.query(Organisation):
                row.insured_to = last

        committed(engine, change)

    insure(date(2026, 11, 19))
    told = refused(engine, key, Act.ISSUE, people.producer)
    assert set(told) == {"L14.not_insured"}
    assert told["L14.not_insured"].article == "生态环境法典 第484条"
    insure(date(2026, 11, 20))
    assert do(engine, key, Act.ISSUE, people.producer).state == State.ISSUED


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
        bookings.book(work, row.receiver_id, row.deal_id, waste, registry.Mode.USE, 1_000_000)

    committed(engine, book)
    assert do(engine, key, Act.ISSUE, people.producer).state == State.ISSUED


@pytest.mark.parametrize("kg", [None, 0, -5, 30_000])
def test_an_absurd_accepted_mass_is_refused(engine: Engine, people: Cast, kg: int | None) -> None:
    """A settlement would be made out over nothing, or over three times the truck (M10)."""
    key = drafted(engine, people)
    for what, signing in WHOLE_WAY[:4]:
        do(engine, key, what, signer(people, what), signing)
    for what in (Act.ACCEPT, Act.ACCEPT_PART):
        found = refused(engine, key, what, people.processor, signing=Signing(kg=kg))
        assert set(found) == {"M10.over_accepted" if kg == 30_000 else "M10.weight_missing"}


def test_a_new_permit_lets_the_same_load_go(engine: Engine, people: Cast) -> None:
    """A refusal would stick after its cause was mended."""
    key = drafted(engine, people, carrier_id=people.stranger.organisation_id)
    assert set(refused(engine, key, Act.ISSUE, people.producer)) == {"L9.carrier_not_permitted"}
    permit = NewLicence("DG-9", LicenceKind.DANGEROUS_GOODS, *parties.YEARS, classes=("6",))
    committed(engine, lambda work: registry.add_licence(work, people.stranger.organisation_id, permit))  # type: ignore[arg-type]
    assert do(engine, key, Act.ISSUE, people.producer).state == State.ISSUED


def test_facts_that_were_read_once_serve_both_gates(engine: Engine, people: Cast) -> None:
    """Whoever asks about both gates at once would be told other reasons than at each gate by itself."""
    key = drafted(engine, people)
    spoil_licences(engine, people.processor.organisation_id, date(2026, 1, 1))
    spoil_licences(engine, people.dispatcher.organisation_id, date(2026, 1, 1))

    def ask(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        known = gates.facts(work, row)
        told = {}
        for act in (Act.ISSUE, Act.LOAD):
            alone = service.reasons_against(work, row, act, Signing())
            together = service.reasons_against(work, row, act, Signing(), known)
            assert [vars(one) for one in together] == [vars(one) for one in alone]
            told[act] = {getattr(one, "rule", one.code) for one in together}
        assert {"L3.expired", "L9.expired"} <= told[Act.ISSUE]
        assert "L9.expired" in told[Act.LOAD]

    committed(engine, ask)


@pytest.mark.parametrize("act", [Act.ISSUE, Act.LOAD])
def test_a_suspended_mover_neither_issues_nor_loads(engine: Engine, people: Cast, act: Act) -> None:
    """A house that was barred after a visit would go on sending waste off under deals made before (A1)."""
    key = drafted(engine, people)
    if act is Act.LOAD:
        do(engine, key, Act.ISSUE, people.producer)
    owner = people.producer.organisation_id
    assert owner is not None
    order = standing.Order("found on a visit", MORNING.date())
    committed(engine, lambda work: standing.suspend(work, owner, order), people.inspector)
    assert refused(engine, key, act, signer(people, act))["A1.suspended"].field == "mover"
