"""Who stands around the loads of the machine, with which little licences, plans and leaves?

Two producers, three processors (one beyond the province's border), two carriers, an inspector, an operator.
Every scale is so small that a few loads fill it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from litestar.testing import TestClient
from sqlalchemy import Engine, update

from compliance.approvals.rules import Kind, State
from compliance.approvals.tables import Approval
from compliance.construction import service as construction
from compliance.construction.rules import Act
from compliance.construction.service import NewPlan
from compliance.ledgers import service as ledgers
from compliance.ledgers.rules import Draft, Table
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind, Mode, OrganisationKind
from compliance.registry.service import NewLicence
from compliance.registry.tables import LicenceLineRow, LicenceRow
from marketplace.accounts.tables import Account
from marketplace.settings import Settings
from tests.factories.parties import further
from tests.factories.rooms import application
from tests.factories.site import PASSWORD, hashed
from tests.factories.snapshots import filled
from tests.factories.trade import OIL, Market, open_market
from tests.factories.traders import Cast, add_party, license_processor
from tracking.fleet import queries as fleet_queries
from tracking.fleet import service as fleet
from tracking.fleet.service import NewVehicle

GREASE, SOLVENT, SOIL = "900-249-08", "900-404-06", "SW70"
"""Another oil that the processors may take, one that nobody may, and what a building site digs out."""
HENAN = (34.75, 113.62)
SCALES = {"processor": (45_000, 25_000, 60_000), "distant": (20_000, 10_000, 25_000), "abroad": (50_000,) * 3}
"""By processor what its licence lets it take in a year, kilograms: oil, grease, all in all."""
APPROVED_KG, PLANNED_KG, ROOM_KG = 25_000, 45_000, 60_000
"""What may cross the border, what may leave the building site, what the disposal site may take."""
BATCHES_KG = (15_000, 30_000)


@dataclass
class People:
    """Everybody who may act, by name, with the token that the sign-in gave, and who drives."""

    market: Market
    everyone: dict[str, Who] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names in their order."""
        return tuple(self.everyone)

    def acting_for(self, organisation_id: UUID) -> str:
        """Return who signs for an organisation."""
        return self.market.name_of(organisation_id)

    def named(self, person_id: UUID | None) -> str | None:
        """Return under which name a person stands here."""
        return next((name for name, who in self.everyone.items() if who.person_id == person_id), None)


def gathered(engine: Engine) -> People:
    """Register everybody on a fresh database, or copy one where they are."""

    def fill() -> People:
        people = People(open_market(engine))
        _register(people)
        _sign_in(people)
        people.market.engine = None  # type: ignore[assignment]
        return people

    people = filled(engine, ("machine",), fill)
    people.market.engine = engine
    return people


def _register(people: People) -> None:
    market = people.market
    with market.work() as work:
        for code in (GREASE, SOLVENT, SOIL):
            further(work, code)
        cast = Cast(market.parties, market.drivers, market.vehicles)
        add_party(work, cast, "abroad", OrganisationKind.PROCESSOR, Role.PROCESSOR, "410100", HENAN)
        license_processor(work, cast.parties["abroad"].id)
        _rival(work, cast)
        for name, scale in SCALES.items():
            _narrow(work, cast.parties[name].id, *scale)
        _approve(work, cast)
        _dig(work, cast)
    for name in ("producer", "neighbour"):
        with market.work(name) as work:
            for kg in BATCHES_KG:
                ledgers.record(work, Draft(Table.GENERATED, work.today - timedelta(days=3), OIL, kg))
    market.open_need("abroad", price=Decimal(-2200))
    for code, mode in ((GREASE, Mode.USE), (SOIL, Mode.DISPOSE)):
        market.open_need("processor", code=code, mode=mode)
    drivers = {f"driver {number}": who for number, who in enumerate(market.drivers)}
    people.everyone = {name: party.who for name, party in market.parties.items()} | drivers


def _rival(work: Work, cast: Cast) -> None:
    """Register another carrier with a driver, an escort and a truck."""
    rival = add_party(work, cast, "rival", OrganisationKind.CARRIER, Role.DISPATCHER, "420100", (30.5, 114.2))
    last = work.today + timedelta(days=200)
    permit = NewLicence("D42-777", LicenceKind.DANGEROUS_GOODS, work.today, last, classes=("3", "6"))
    registry.add_licence(work, rival.id, permit)
    registry.add_person(work, rival.id, "Other escort", [], None, last)
    driver = registry.add_person(work, rival.id, "Other driver", [Role.DRIVER], last)
    work.session.flush()
    truck = NewVehicle(
        carrier_id=rival.id,
        plate="鄂B70777",
        capacity_kg=30_000,
        home_lat=30.5,
        home_lon=114.2,
        driver_id=driver.id,
        dg_classes=("3", "6"),
        permit_to=last,
    )
    cast.vehicles.append(fleet.add_vehicle(work, truck).id)
    cast.drivers.append(Who(driver.id, driver.name, rival.id, frozenset({Role.DRIVER})))


def _narrow(work: Work, organisation_id: UUID, oil: int, grease: int, total: int) -> None:
    """Leave a processor little room, and let it take grease and soil as well."""
    (licence,) = work.session.query(LicenceRow).filter_by(
        organisation_id=organisation_id, kind=LicenceKind.COMPREHENSIVE.value
    )
    licence.total_kg = total
    work.session.execute(
        update(LicenceLineRow).where(LicenceLineRow.licence_id == licence.id).values(yearly_kg=oil)
    )
    line = LicenceLineRow(id=work.new_id(), licence_id=licence.id, code=GREASE, yearly_kg=grease)
    work.session.add(line)
    span = work.today - timedelta(days=200), work.today + timedelta(days=200)
    soil = NewLicence(
        "C42-070", LicenceKind.CONTRACTOR, *span, modes=(Mode.DISPOSE,), lines=((SOIL, 80_000),)
    )
    registry.add_licence(work, organisation_id, soil)


def _approve(work: Work, cast: Cast) -> None:
    """Let both producers send a little oil across the border."""
    for name in ("producer", "neighbour"):
        work.session.add(
            Approval(
                id=work.new_id(),
                kind=Kind.APPROVAL.value,
                state=State.IN_FORCE.value,
                mover_id=cast.parties[name].id,
                receiver_id=cast.parties["abroad"].id,
                origin="420100",
                destination="410100",
                code=OIL,
                waste_name="oil",
                category="HW08",
                hazardous=True,
                mode=Mode.USE.value,
                kg=APPROVED_KG,
                asked_from=work.today,
                asked_to=work.today + timedelta(days=200),
                papers={},
                valid_from=work.today,
                valid_to=work.today + timedelta(days=200),
                created_at=work.now,
                changed_at=work.now,
            )
        )


def _dig(work: Work, cast: Cast) -> None:
    """File the plan of a building site, permit where its soil ends and every vehicle."""
    last = work.today + timedelta(days=200)
    producer, goal = cast.parties["producer"], cast.parties["processor"].site_id
    new = NewPlan(producer.site_id, "Metro line 12", (SOIL,), PLANNED_KG, work.today, last, sites=(goal,))
    plan = construction.submit(Work(work.session, work.now, producer.who), new)
    authority = Work(work.session, work.now, cast.parties["inspector"].who)
    construction.decide(authority, plan, Act.FILE, "JZ-1")
    construction.permit_site(authority, goal, ROOM_KG, "XN-1", last)
    for number, vehicle_id in enumerate(cast.vehicles):
        row = fleet_queries.vehicle(work.session, vehicle_id, authority.who)
        construction.permit_vehicle(authority, (row.id, row.carrier_id, row.plate), f"ZY-{number}", last)


def _sign_in(people: People) -> None:
    """Give everybody a login, and let each get a token over the API with the password."""
    market = people.market
    with market.work() as work:
        for number, who in enumerate(people.everyone.values()):
            assert who.person_id is not None
            row = Account(person_id=who.person_id, login=f"p{number}", password_hash=hashed(), failures=0)
            work.session.add(row)
    app = application(Settings(demo=False), market.engine, market.now, wall=market.now)
    with TestClient(app) as client:
        for number, name in enumerate(people.names):
            said = {"login": f"p{number}", "password": PASSWORD}
            people.tokens[name] = client.post("/api/v1/tokens", json=said).json()["token"]
