"""Is the demonstration's world whole, lawful, plausible, and the same for the same seed?"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from compliance.cases.tables import CaseFile
from compliance.catalogue import queries as catalogue
from compliance.catalogue import service as catalogue_service
from compliance.ledgers.rules import faults
from compliance.ledgers.service import draft_of
from compliance.ledgers.tables import LedgerEntry, ManagementPlan
from compliance.qualification import queries as qualification
from compliance.qualification import quotas
from compliance.qualification.rules import Subject, checklist, is_complete
from compliance.qualification.tables import Document, DocumentDecision
from compliance.record.clock import local_date
from compliance.record.database import open_database, reading, transaction
from compliance.record.who import SYSTEM, Role
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry.rules import Mode, OrganisationKind, uscc_fault
from compliance.registry.tables import LicenceRow, Organisation, Person, Site
from compliance.visits.tables import SiteVisit
from marketplace import preparing
from marketplace.accounts.tables import Account
from marketplace.deals.tables import Deal
from marketplace.demo import names, world
from marketplace.demo.known import GATEWAY, LOGINS
from marketplace.lots.tables import Lot
from marketplace.needs.tables import Need
from marketplace.settings import Settings
from marketplace.settlements import journal
from marketplace.verification import verify
from tests.factories.trade import START
from tracking.alerts.tables import Alert
from tracking.fleet.rules import tenant_of
from tracking.fleet.tables import Device, Vehicle

HUBEI = (108.3, 29.0, 116.2, 33.3)
"""West, south, east, north of the province, degrees."""


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A world as the first start makes it; SQLite only, for it takes seconds to make."""
    folder = tmp_path_factory.mktemp("world")
    engine = preparing.prepare(Settings(var=folder))
    yield engine
    engine.dispose()


@pytest.fixture
def session(seeded: Engine) -> Iterator[Session]:
    """A look at the world."""
    with reading(seeded) as session:
        yield session


def everything(session: Session, model: type) -> list[Any]:
    """Return all rows of a kind."""
    return list(session.scalars(select(model)))


def test_the_world_is_as_large_as_promised(session: Session) -> None:
    """A visitor would see an empty map."""
    organisations = everything(session, Organisation)
    assert len(organisations) >= 200
    assert len(everything(session, Vehicle)) == 60
    assert len(everything(session, Lot)) >= world.LOTS
    kinds = Counter(kind for one in organisations for kind in one.kinds)
    assert min(kinds[kind] for kind in ("producer", "processor", "carrier")) >= world.CARRIERS
    assert all(one.simulated for one in organisations)


def test_every_name_is_there_once_and_every_code_is_valid(session: Session) -> None:
    """A visitor would take an invented party for a real one, or the register refuse its own data."""
    organisations = everything(session, Organisation)
    assert [one.uscc for one in organisations if uscc_fault(one.uscc)] == []
    assert all(names.UNUSED_BODY in one.uscc for one in organisations)
    assert max(Counter(one.name for one in organisations).values()) == 1
    assert max(Counter(one.plate_key for one in everything(session, Vehicle)).values()) == 1


def test_every_site_and_truck_stands_in_hubei(session: Session) -> None:
    """Trucks would drive through lakes of another province."""
    west, south, east, north = HUBEI
    places = [(one.location.x, one.location.y) for one in everything(session, Site)]
    places += [(one.home_lon, one.home_lat) for one in everything(session, Vehicle)]
    assert [place for place in places if not (west < place[0] < east and south < place[1] < north)] == []
    assert {one.division_code[:2] for one in everything(session, Site)} == {"42"}


def test_every_need_is_licensed(session: Session) -> None:
    """The demonstration would show hazardous waste going where it may not go."""
    needs, hazardous = everything(session, Need), 0
    today = local_date(needs[0].created_at)
    for need in needs:
        waste = catalogue.find(session, need.code, today)
        assert waste is not None
        hazardous += waste.kind == gates.HAZARDOUS
        assert gates.receiver_faults(session, need.organisation_id, waste, Mode(need.mode), 1, today) == []
    assert hazardous > 20


def test_every_truck_has_a_driver_and_a_terminal(session: Session) -> None:
    """A deal would be agreed for which nobody can drive."""
    people = {one.id: one for one in everything(session, Person)}
    devices = {one.id: one for one in everything(session, Device)}
    for vehicle in everything(session, Vehicle):
        driver = people[vehicle.driver_id]
        assert Role.DRIVER in driver.roles
        assert driver.organisation_id == vehicle.carrier_id
        assert (driver.permit_to is not None) == bool(vehicle.dg_classes)
        assert devices[vehicle.device_id].tenant == tenant_of(vehicle.carrier_id)
    assert GATEWAY in devices


def test_there_is_a_login_for_every_kind_of_visitor(session: Session) -> None:
    """A visitor would read of a login that is not there."""
    logins = {one.login: session.get_one(Person, one.person_id) for one in everything(session, Account)}
    assert set(logins) == set(LOGINS)
    assert all(login in person.roles for login, person in logins.items())


def test_the_books_and_the_record_hold_from_the_start(seeded: Engine, session: Session) -> None:
    """`huanlian verify` would find fault with a world that nobody has touched."""
    assert verify(seeded).findings == ()
    assert sum(journal.sums(session).values()) == 0


def test_a_second_start_seeds_nothing(seeded: Engine) -> None:
    """Every start would double the world."""
    before = verify(seeded).head
    preparing.prepare(Settings(database_url=str(seeded.url))).dispose()
    assert verify(seeded).head == before


def test_the_dispatchers_login_has_a_day_to_plan(session: Session) -> None:
    """A visitor would open an empty board."""
    person_id = session.scalars(select(Account.person_id).where(Account.login == "dispatcher")).one()
    carrier_id = session.get_one(Person, person_id).organisation_id
    agreed = [row for row in everything(session, Deal) if row.carrier_id == carrier_id]
    assert len(agreed) == world.VEHICLES[0] - 1
    vehicles = {row.id: row for row in everything(session, Vehicle)}
    assert len({row.vehicle_id for row in agreed}) == len(agreed)
    assert all(vehicles[row.vehicle_id].capacity_kg >= row.kg for row in agreed)
    driven = session.scalars(select(Account.person_id).where(Account.login == "driver")).one()
    assert driven not in {vehicles[row.vehicle_id].driver_id for row in agreed}


def houses(session: Session, *logins: str) -> list[Organisation]:
    """Return the organisations that logins belong to."""
    found = session.scalars(
        select(Organisation)
        .join(Person, Person.organisation_id == Organisation.id)
        .join(Account, Account.person_id == Person.id)
        .where(Account.login.in_(logins))
    )
    return list(found)


def test_most_papers_are_in_order_some_end_soon_and_some_were_given_back(session: Session) -> None:
    """A newcomer would open empty checklists, or a world in which nothing is ever amiss."""
    papers = everything(session, Document)
    states = Counter(one.state for one in papers)
    assert states["accepted"] > 0.9 * len(papers) > 500
    assert min(states["submitted"], states["returned"]) >= 3
    today = local_date(everything(session, Lot)[0].created_at)
    soon = [(one.valid_to - today).days for one in papers if one.valid_to and one.state == "accepted"]
    assert min(soon) > 0
    assert all(sum(days <= limit for days in soon) >= 3 for limit in (30, 60))
    returned = {one.id for one in papers if one.state == "returned"}
    reasons = [one.reason for one in everything(session, DocumentDecision) if one.document_id in returned]
    assert len(reasons) == len(returned)
    assert all(reasons)


def test_a_visitors_house_may_act_by_its_papers(session: Session) -> None:
    """A login would be approved for a business that its own checklist says it may not do."""
    today = local_date(everything(session, Lot)[0].created_at)
    for row in houses(session, "producer", "processor", "dispatcher"):
        held = qualification.held(session, Subject.ORGANISATION, [row.id])[row.id]
        for kind in row.kinds:
            assert is_complete(checklist(OrganisationKind(kind), held, today))


def test_what_the_ledgers_begin_with_could_have_been_entered(session: Session) -> None:
    """The first correction of a visitor would be refused for what the seed had written."""
    rows = everything(session, LedgerEntry)
    assert len(rows) > 400
    kept = {(one.organisation_id, one.batch): one for one in rows}
    taken: Counter[tuple[object, str]] = Counter()
    for one in rows:
        assert faults(draft_of(one), local_date(one.created_at), hazardous=one.hazardous) == []
        if one.source:
            source = kept[one.organisation_id, one.source]
            assert (source.code, source.day <= one.day) == (one.code, True)
            taken[one.organisation_id, one.source] += one.kg
    assert all(kg <= kept[key].kg for key, kg in taken.items())
    visited = {one.id for one in houses(session, "producer", "processor")}
    assert visited <= {one.organisation_id for one in everything(session, ManagementPlan)}


def test_there_is_something_on_the_inspectors_desk(session: Session) -> None:
    """An inspector would look at empty lists and think that nothing works."""
    states = {one.state for one in everything(session, SiteVisit)}
    assert {"drawn", "passed", "rectifying"} <= states
    assert {"received", "assigned", "answered"} == {one.state for one in everything(session, CaseFile)}
    assert {"open", "assigned", "closed"} == {one.state for one in everything(session, Alert)}
    assert len(quotas.pressing(session, everything(session, SiteVisit)[0].created_at.year)) >= 2


def picture(session: Session) -> list[object]:
    """Return what a seed makes, without ids and days, which are always new."""
    told: list[object] = sorted((one.uscc, one.name) for one in everything(session, Organisation))
    told += sorted((one.location.x, one.location.y) for one in everything(session, Site))
    told += sorted((one.plate, one.capacity_kg, one.home_lat) for one in everything(session, Vehicle))
    told += sorted((one.code, one.kg, one.price) for one in everything(session, Lot))
    told += sorted((one.code, one.left_kg, one.price) for one in everything(session, Need))
    told += sorted((one.number, one.kind) for one in everything(session, LicenceRow))
    told += sorted((one.kind, one.state, one.label) for one in everything(session, Document))
    return told + sorted((one.code, one.part, one.kg) for one in everything(session, LedgerEntry))


def test_the_same_seed_makes_the_same_world(session: Session, sqlite_template: Path, tmp_path: Path) -> None:
    """A fault seen in one demonstration could not be shown again in another."""
    database = tmp_path / "again.db"
    shutil.copy(sqlite_template, database)
    engine = open_database(f"sqlite:///{database}")
    with transaction(engine) as again:
        work = Work(again, START, SYSTEM)
        catalogue_service.load(work)
        world.seed(work, Settings().seed)
        again.flush()
        assert picture(again) == picture(session)
    engine.dispose()


def test_another_seed_makes_other_names() -> None:
    """Every demonstration would be the same one."""
    made = [[names.Namer(seed).organisation("武汉", "化工") for _ in range(3)] for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


def test_names_do_not_run_out() -> None:
    """A larger world would hang, or have two parties of one name."""
    namer = names.Namer(3)
    made = [namer.organisation("武汉", "化工")[0] for _ in range(3 * len(names.BRANDS))]
    assert len(set(made)) == len(made)
