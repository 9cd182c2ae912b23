"""Does construction waste leave a site by its filed plan alone, and is the plan drawn down load by load?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from compliance.construction import queries, service
from compliance.construction.rules import Act, State
from compliance.construction.service import NewPlan
from compliance.manifests import exceptions
from compliance.manifests import service as manifests
from compliance.manifests.evidence import Missing
from compliance.manifests.exceptions import Asked
from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.situations import Situation
from compliance.manifests.tables import Manifest
from compliance.record.database import reading
from compliance.record.errors import DomainError, Forbidden, NotFound, Several
from compliance.record.who import SYSTEM, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind, Mode
from compliance.registry.service import NewLicence
from tests.factories.parties import MORNING, YEARS, Cast, committed, further, gathered

SOIL = "SW70"
TODAY = MORNING.date()


@pytest.fixture
def parties(engine: Engine) -> Cast:
    """Everyone around one load, and a processor that may take excavated soil."""
    cast = gathered(engine)

    def know(work: Work) -> None:
        further(work, SOIL)
        assert cast.processor.organisation_id is not None
        proof = NewLicence(
            "C-1", LicenceKind.CONTRACTOR, *YEARS, modes=(Mode.DISPOSE,), lines=((SOIL, 10**9),)
        )
        registry.add_licence(work, cast.processor.organisation_id, proof)

    committed(engine, know)
    return cast


def plan(parties: Cast, kg: int = 25_000) -> NewPlan:
    """Return a plan of 25 t from the producer's site to the processor's."""
    span = (TODAY, TODAY + timedelta(days=30))
    return NewPlan(parties.origin_id, "Metro line 12", (SOIL,), kg, *span, sites=(parties.destination_id,))


def filed(engine: Engine, parties: Cast, **changes: object) -> UUID:
    """Submit a plan and have it filed."""
    new = replace(plan(parties), **changes)  # type: ignore[arg-type]
    key = committed(engine, lambda work: service.submit(work, new).id, parties.producer)
    decide(engine, key, parties.inspector, Act.FILE, "JZ-2026-1")
    return key


def decide(engine: Engine, key: UUID, who: Who, act: Act, *more: str) -> None:
    """Enter a decision."""
    committed(
        engine, lambda work: service.decide(work, queries.plan(work.session, key, work.who), act, *more), who
    )


def load(engine: Engine, parties: Cast, kg: int = 10_000) -> UUID:
    """Draw up the manifest of one load of soil."""
    new = parties.load(code=SOIL, mode=Mode.DISPOSE.value, planned_kg=kg, deal_id=uuid4())
    return committed(engine, lambda work: manifests.draft(work, new).id)


def sign(engine: Engine, key: UUID, act: ManifestAct, who: Who, **said: object) -> None:
    """Sign an act on a manifest."""
    signing = manifests.Signing(**said)  # type: ignore[arg-type]
    committed(
        engine, lambda work: manifests.act(work, work.session.get_one(Manifest, key), act, signing), who
    )


def rules_of(refusal: DomainError) -> set[str]:
    """Return the rules that a refusal names."""
    found = refusal.errors if isinstance(refusal, Several) else [refusal]
    return {str(getattr(one, "rule", "")) for one in found}


def left(engine: Engine, key: UUID) -> int:
    """Return what a plan has left."""
    with reading(engine) as session:
        row = queries.plan(session, key, SYSTEM)
        return row.kg - queries.drawn(session, [key]).get(key, 0)


def test_a_load_needs_plan_site_room_and_a_closed_vehicle(engine: Engine, parties: Cast) -> None:
    """Soil would be tipped where nobody permitted it, from a project nobody knows of."""
    key = load(engine, parties)
    with pytest.raises(DomainError) as nothing:
        sign(engine, key, ManifestAct.ISSUE, parties.producer)
    assert rules_of(nothing.value) >= {"U1.no_plan", "U4.not_permitted"}
    project = filed(engine, parties)
    until = TODAY + timedelta(days=99)
    committed(
        engine,
        lambda work: service.permit_site(work, parties.destination_id, 15_000, "XN-1", until),
        parties.inspector,
    )
    sign(engine, key, ManifestAct.ISSUE, parties.producer)
    assert left(engine, project) == 15_000
    second = load(engine, parties)
    with pytest.raises(DomainError) as full:
        sign(engine, second, ManifestAct.ISSUE, parties.producer)
    assert rules_of(full.value) == {"U4.site_full"}
    with pytest.raises(DomainError) as open_body:
        sign(engine, key, ManifestAct.LOAD, SYSTEM)
    assert "U5.not_closed" in rules_of(open_body.value)
    with reading(engine) as session:
        row = session.get_one(Manifest, key)
        vehicle = (row.vehicle_id, row.carrier_id, row.plate)
    committed(engine, lambda work: service.permit_vehicle(work, vehicle, "ZY-1", until), parties.dispatcher)
    with pytest.raises(DomainError) as unweighed:
        sign(engine, key, ManifestAct.LOAD, SYSTEM)
    assert "U5.not_closed" not in rules_of(unweighed.value)
    sign(engine, key, ManifestAct.CANCEL, parties.producer, reason="rain")
    assert left(engine, project) == 25_000


def test_a_plan_is_drawn_down_and_follows_what_was_accepted(engine: Engine, parties: Cast) -> None:
    """A project would haul twice what was permitted, five per cent a load."""
    project = filed(engine, parties, sites=())
    committed(
        engine,
        lambda work: service.permit_site(work, parties.destination_id, 10**9, "XN-1", TODAY),
        parties.inspector,
    )
    key = load(engine, parties, 20_000)
    sign(engine, key, ManifestAct.ISSUE, parties.producer)
    with pytest.raises(DomainError) as over:
        sign(engine, load(engine, parties), ManifestAct.ISSUE, parties.producer)
    assert rules_of(over.value) == {"U2.over_plan"}

    def arrive(work: Work) -> None:
        row = work.session.get_one(Manifest, key)
        row.state, row.loaded_kg = ManifestState.ARRIVED.value, 20_000

    committed(engine, arrive)
    sign(engine, key, ManifestAct.ACCEPT, SYSTEM, kg=18_000)
    assert left(engine, project) == 7_000


@pytest.mark.sqlite_alone
def test_plans_are_the_own_houses_and_decided_by_who_oversees(engine: Engine, parties: Cast) -> None:
    """A builder would file its own plan, or read a rival's."""
    wrong = replace(plan(parties), project="", codes=("900-214-08",), kg=0, valid_to=date(2020, 1, 1))
    with pytest.raises(Several) as found:
        committed(engine, lambda work: service.submit(work, wrong), parties.producer)
    assert len(found.value.errors) == 4
    key = committed(engine, lambda work: service.submit(work, plan(parties)).id, parties.producer)
    with pytest.raises(Forbidden):
        decide(engine, key, parties.producer, Act.FILE, "JZ-1")
    with pytest.raises(NotFound):
        decide(engine, key, parties.stranger, Act.END)
    decide(engine, key, parties.inspector, Act.SEND_BACK, "", "name the disposal site")
    again = committed(engine, lambda work: service.submit(work, plan(parties), key), parties.producer)
    assert again.state == State.SUBMITTED.value


@pytest.mark.parametrize(
    ("situation", "second"), [(Situation.SIGNER_ABSENT, {"U2.over_plan"}), (Situation.AUTHORITY_ORDER, set())]
)
def test_a_load_that_leaves_by_leave_is_drawn_from_its_plan_all_the_same(
    engine: Engine, parties: Cast, situation: Situation, second: set[str]
) -> None:
    """A project whose signer is always ill would haul without end, or what was ordered would not count."""
    project = filed(engine, parties, sites=())
    committed(
        engine,
        lambda work: service.permit_site(work, parties.destination_id, 10**9, "XN-1", TODAY),
        parties.inspector,
    )
    for over in (set(), second):
        key = load(engine, parties, 20_000)
        by_leave(engine, key, situation, parties)
        if over:
            with pytest.raises(DomainError) as refusal:
                sign(engine, key, ManifestAct.ISSUE, parties.producer)
            assert rules_of(refusal.value) == over
            assert left(engine, project) == 5_000
        else:
            sign(engine, key, ManifestAct.ISSUE, parties.producer)
    assert left(engine, project) == (5_000 if second else -15_000)


def by_leave(engine: Engine, key: UUID, situation: Situation, parties: Cast) -> None:
    """Have leave to issue asked and granted."""
    asked = Asked(situation, ManifestAct.ISSUE, "as it is", "call", missing=Missing.NO_SIGNAL)

    def decided(work: Work, found: UUID) -> None:
        row = work.session.get_one(Manifest, key)
        exceptions.decide(work, row, exceptions.one(work.session, key, found), True, "seen")

    found = committed(
        engine,
        lambda work: exceptions.ask(work, work.session.get_one(Manifest, key), asked).id,
        parties.producer,
    )
    committed(engine, lambda work: decided(work, found), parties.inspector)
