"""Does a manifest move only as the law lets it, signed by the right party?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from compliance.manifests import queries, service
from compliance.manifests.rules import NEXT, Act, Party, Purpose, State, signers
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.record.database import reading, transaction
from compliance.record.errors import Conflict, Forbidden, RuleBroken
from compliance.record.who import Role, Who
from compliance.record.work import Work
from tests.compliance.manifests.signing import WHOLE_WAY, do, drafted, signer
from tests.compliance.record.appending import recorded
from tests.factories import parties
from tests.factories.parties import MORNING, XIANTAO, Cast, committed, work_in


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
    assert [one.ordinal for one in given] == list(range(1, 9))
    assert [one.person_id for one in given] == [signer(people, what).person_id for what, _ in WHOLE_WAY]
    assert [one.at for one in given] == [MORNING + timedelta(hours=number) for number in range(8)]
    assert (given[1].lat, given[1].lon) == (30.6, 114.3)
    assert given[-1].document_hash == stamp
    assert [one.document_hash for one in given[4:]] == [stamp] * 4
    assert len({one.document_hash for one in given}) == 3
    events = [one.event for one in recorded(engine)]
    assert [event.kind for event in events] == ["ManifestDrafted", "ManifestIssued", *["ManifestSigned"] * 7]
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
            if (state, what) == (State.CONFIRMED, Act.CLOSE):
                row.purpose = Purpose.RETURN.value
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
            allowed = [one for party in signers(what) for one in roles[party]]
            for who in (*people.everyone, *outsiders):
                if who in allowed:
                    service.require_party(work_in(session, who), row, what)
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


def test_the_loaded_mass_is_sealed_by_the_carriers_signature(engine: Engine, people: Cast) -> None:
    """A late weighing would change what was signed."""
    key = drafted(engine, people)

    def note(kg: int) -> None:
        committed(engine, lambda work: service.note_loaded(work, key, kg))

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


def test_a_pseudo_prefecture_numbers_its_counties(engine: Engine, people: Cast) -> None:
    """仙桃 stands right below its province: its loads would have no number (M2)."""

    def move(work: Work) -> UUID:
        assert people.producer.organisation_id is not None
        return parties.site(work, people.producer.organisation_id, (30.36, 113.42), XIANTAO).id

    key = drafted(engine, people, origin_site_id=committed(engine, move))
    assert do(engine, key, Act.ISSUE, people.producer).number == "20264290000001"
