"""Which invented parties, vehicles, needs and lots does the demonstration world hold?"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

from sqlalchemy import select

from compliance.catalogue.tables import Division
from compliance.record.who import Role, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind, Mode, OrganisationKind
from compliance.registry.service import NewLicence, NewOrganisation
from compliance.registry.tables import Organisation, Person, Site
from devices.datum import Datum, convert
from marketplace.accounts import service as accounts
from marketplace.demo.day import Seller, agree_a_day
from marketplace.demo.known import GATEWAY, PASSWORD
from marketplace.demo.names import Namer
from marketplace.demo.past.bringing import bring
from marketplace.lots import service as lots
from marketplace.lots.rules import LotDraft
from marketplace.needs import service as needs
from marketplace.needs.service import NeedDraft
from marketplace.settlements import service as settlements
from tracking.fleet import service as fleet
from tracking.fleet.rules import DeviceKind, tenant_of
from tracking.fleet.service import NewDevice, NewVehicle
from tracking.fleet.tables import Vehicle

PRODUCERS_PER_ROW = 3
PROCESSORS_PER_ROW = 2
CARRIERS = 20
VEHICLES = (6, *(3,) * 16, 2, 2, 2)
"""How many vehicles each carrier has: the first, which the dispatcher's login plans, has most."""
LOTS = 40
FUNDS_FEN = 5_000_000_00
TOWN_SPREAD_DEG = 0.04
INSURED_FOR = timedelta(days=350)
"""Until the past that it brings has shown each house's own policy and emergency plan."""
HOME = "HB038"
"""The row of the profile on which the demonstration logins live: waste mineral oil in Wuhan."""
HAZARD_CLASSES = ("3", "6", "8", "9")
DISPOSERS = ("焚烧", "填埋", "处置", "中和")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `hubei_profile.csv`: a waste in a city, who holds it, who takes it, at which price."""

    id: str
    city: str
    division: str
    waste: str
    code: str
    hazardous: bool
    producer_types: tuple[str, ...]
    processor_types: tuple[str, ...]
    producers: int
    processors: int
    tonnes: int
    low: int
    high: int


@dataclass(slots=True)
class Party:
    """An invented organisation with its site and the person who acts for it."""

    organisation: Organisation
    site: Site
    person: Person
    visited: bool = False
    """Whether one of the demonstration's logins signs in there."""

    def who(self) -> Who:
        """Return the acting person."""
        roles = frozenset(Role(role) for role in self.person.roles)
        return Who(self.person.id, self.person.name, self.organisation.id, roles)


@dataclass(slots=True)
class World:
    """What was made, for the seeding steps that follow."""

    producers: list[tuple[Row, Party]] = field(default_factory=list)
    processors: list[tuple[Row, Party]] = field(default_factory=list)
    carriers: list[Party] = field(default_factory=list)
    vehicles: list[Vehicle] = field(default_factory=list)
    overseers: list[Party] = field(default_factory=list)


def rows() -> Iterator[Row]:
    """Yield the usable lines of the profile: those with a waste code that the catalogue can know."""
    text = files("marketplace.demo").joinpath("data/hubei_profile.csv").read_text(encoding="utf-8")
    for line in csv.DictReader(text.splitlines()):
        code = line["waste_code"].removesuffix(" family").removesuffix(" families").split(";")[0]
        if code[:2] != "SW" and line["code_status"] != "in catalogue":
            continue
        yield Row(
            id=line["row_id"],
            city=line["city_zh"],
            division=line["division_code"],
            waste=line["waste_zh"],
            code=code,
            hazardous=line["hazardous"] == "1",
            producer_types=tuple(_plain(kind) for kind in line["producer_types"].split(";")),
            processor_types=tuple(_plain(kind) for kind in line["processor_types"].split(";")),
            producers=min(PRODUCERS_PER_ROW, int(line["demo_producers"])),
            processors=min(PROCESSORS_PER_ROW, int(line["demo_processors"])),
            tonnes=int(line["tonnes_per_year"]),
            low=int(line["price_low_cny_t"]),
            high=int(line["price_high_cny_t"]),
        )


def _plain(kind: str) -> str:
    return kind.partition("(")[0]


class Builder:
    """Makes the world inside one transaction, the same for the same seed."""

    def __init__(self, work: Work, seed: int) -> None:
        self.work = work
        self.names = Namer(seed)
        self.random = random.Random(seed)  # noqa: S311 - a repeatable world, no secret
        self.profile = list(rows())
        self.towns = self._towns()
        self.world = World()

    def build(self) -> World:
        """Make everything; the caller's transaction makes it whole or not at all."""
        self._overseers()
        self._gateway()
        for row in self.profile:
            self._traders(row)
        for number in range(CARRIERS):
            self._carrier(number)
        self._needs()
        self._lots()
        agree_a_day(self.work, self._near_home(), self.world.vehicles[1 : VEHICLES[0]], self.random)
        return self.world

    def _near_home(self) -> list[Seller]:
        """Return who has hazardous waste in the dispatcher's city, but for the producer's login."""
        home = next(row for row in self.profile if row.id == HOME)
        return [
            Seller(party.who(), party.site.id, row.code, Decimal((row.low + row.high) // 2))
            for row, party in self.world.producers
            if row.division == home.division and row.hazardous and row.id != HOME
        ]

    def _towns(self) -> dict[str, list[tuple[float, float]]]:
        """Return the county towns of each prefecture, WGS-84, from the divisions' GCJ-02 centres."""
        found: dict[str, list[tuple[float, float]]] = {}
        for division in self.work.session.scalars(select(Division).where(Division.code.like("42%"))):
            if division.level == "province" or division.lat is None or division.lon is None:
                continue
            place = convert(division.lat, division.lon, Datum.GCJ02)
            for key in {division.code, division.parent_code or ""}:
                found.setdefault(key, []).append(place)
        return found

    def _place(self, division: str) -> tuple[float, float]:
        lat, lon = self.random.choice(self.towns[division])
        spread = TOWN_SPREAD_DEG
        return (
            round(lat + self.random.uniform(-spread, spread), 6),
            round(lon + self.random.uniform(-spread, spread), 6),
        )

    def _party(self, city: str, division: str, kind: str, does: OrganisationKind, role: Role) -> Party:
        name, name_en = self.names.organisation(city, kind)
        organisation = registry.register_organisation(
            self.work,
            NewOrganisation(
                uscc=self.names.uscc(division),
                name=name,
                name_en=name_en,
                division_code=division,
                kinds=(does,),
                simulated=True,
                insured_to=self.work.today + INSURED_FOR,
                emergency_to=self.work.today + INSURED_FOR,
            ),
        )
        lat, lon = self._place(division)
        site = registry.add_site(self.work, organisation.id, f"{name}厂区", lat, lon, division, city)
        person = registry.add_person(self.work, organisation.id, self.names.person(), [role])
        settlements.fund(self.work, organisation.id, FUNDS_FEN, self.work.new_id())
        return Party(organisation, site, person)

    def _gateway(self) -> None:
        device = NewDevice(id=GATEWAY, tenant="demo", kind=DeviceKind.GATEWAY, simulated=True)
        fleet.enrol_device(self.work, device)

    def _overseers(self) -> None:
        for login, kind, does, role in (
            ("inspector", "生态环境执法演示中心", OrganisationKind.AUTHORITY, Role.INSPECTOR),
            ("operator", "环链演示运营", OrganisationKind.OPERATOR, Role.OPERATOR),
        ):
            party = self._party("武汉", "420100", kind, does, role)
            self.world.overseers.append(party)
            self._visit(party, login)

    def _visit(self, party: Party, login: str) -> None:
        party.visited = True
        self._login(party.person, login)

    def _login(self, person: Person, login: str) -> None:
        self.work.session.flush()
        accounts.create_account(self.work.session, person.id, login, PASSWORD)

    def _traders(self, row: Row) -> None:
        home = row.id == HOME
        for number in range(row.producers):
            kind = self.random.choice(row.producer_types)
            party = self._party(row.city, row.division, kind, OrganisationKind.PRODUCER, Role.PRODUCER)
            self.world.producers.append((row, party))
            if home and number == 0:
                self._visit(party, "producer")
        for number in range(row.processors):
            kind = self.random.choice(row.processor_types)
            party = self._party(row.city, row.division, kind, OrganisationKind.PROCESSOR, Role.PROCESSOR)
            first_at_home = home and number == 0
            self._licence(row, party, kind, wide=first_at_home)
            self.world.processors.append((row, party))
            if first_at_home:
                self._visit(party, "processor")

    def _licence(self, row: Row, party: Party, kind: str, wide: bool) -> None:
        """Give a processor its licence; the demonstration's own processor may take all of Wuhan's kinds."""
        covered = [row]
        if wide:
            covered = [one for one in self.profile if one.division == row.division and one.hazardous]
        today = self.work.today
        yearly = max(1_000, row.tonnes // max(1, row.processors)) * 1000
        registry.add_licence(
            self.work,
            party.organisation.id,
            NewLicence(
                number=f"S{row.division}{self.random.randrange(10_000):04d}",
                kind=LicenceKind.COMPREHENSIVE if row.hazardous else LicenceKind.CONTRACTOR,
                valid_from=today - timedelta(days=self.random.randrange(30, 700)),
                valid_to=today + timedelta(days=self.random.randrange(400, 1500)),
                issued_by="演示颁证机关",
                modes=(Mode.COLLECT, Mode.STORE, Mode.USE, Mode.DISPOSE),
                lines=tuple((code, yearly) for code in sorted({one.code for one in covered})),
            ),
        )

    def _carrier(self, number: int) -> None:
        row = (
            next(r for r in self.profile if r.id == HOME) if number == 0 else self.random.choice(self.profile)
        )
        party = self._party(row.city, row.division, "物流", OrganisationKind.CARRIER, Role.DISPATCHER)
        dangerous = number % 3 != 2
        self._carrier_licence(party, number, dangerous)
        self.world.carriers.append(party)
        for _ in range(VEHICLES[number]):
            self._vehicle(party, len(self.world.vehicles), dangerous)
            if dangerous:
                self._escort(party)
        if number == 0:
            self._visit(party, "dispatcher")

    def _carrier_licence(self, party: Party, number: int, dangerous: bool) -> None:
        registry.add_licence(
            self.work,
            party.organisation.id,
            NewLicence(
                number=f"鄂交运管许可{420000 + number}号",
                kind=LicenceKind.DANGEROUS_GOODS if dangerous else LicenceKind.ROAD,
                valid_from=self.work.today - timedelta(days=300),
                valid_to=self.work.today + timedelta(days=900),
                classes=HAZARD_CLASSES if dangerous else (),
                issued_by="演示颁证机关",
            ),
        )

    def _vehicle(self, party: Party, number: int, dangerous: bool) -> None:
        permit = self.work.today + timedelta(days=700)
        driver = self._driver(party, permit if dangerous else None)
        lat, lon = self._parking(party, number)
        vehicle = fleet.add_vehicle(
            self.work,
            NewVehicle(
                carrier_id=party.organisation.id,
                plate=f"鄂{self.random.choice('ABCDEFG')}{70000 + number * 37}",
                capacity_kg=self.random.choice((15_000, 20_000, 25_000, 30_000)) if number else 25_000,
                home_lat=lat,
                home_lon=lon,
                home_site_id=party.site.id,
                driver_id=driver.id,
                dg_classes=HAZARD_CLASSES if dangerous else (),
                permit_to=permit,
                simulated=True,
            ),
        )
        self._terminal(party, vehicle, number)
        self.world.vehicles.append(vehicle)
        if number == 0:
            self._login(driver, "driver")

    def _driver(self, party: Party, permit: date | None) -> Person:
        name = self.names.person()
        return registry.add_person(self.work, party.organisation.id, name, [Role.DRIVER], permit)

    def _escort(self, party: Party) -> Person:
        """Register who rides along to watch over hazardous waste: one for each vehicle."""
        last = self.work.today + timedelta(days=700)
        return registry.add_person(self.work, party.organisation.id, self.names.person(), [], None, last)

    def _parking(self, party: Party, number: int) -> tuple[float, float]:
        """Return where a vehicle stands: the first one, which a visitor drives, near the producer's login."""
        lat, lon = self._place(party.organisation.division_code)
        if number == 0:
            near = next(p for row, p in self.world.producers if row.id == HOME).site.location
            lat, lon = near.y + 0.012, near.x - 0.008
        return lat, lon

    def _terminal(self, party: Party, vehicle: Vehicle, number: int) -> None:
        fleet.enrol_device(
            self.work,
            NewDevice(
                id=f"veh-{number:03d}",
                tenant=tenant_of(party.organisation.id),
                kind=DeviceKind.VEHICLE,
                vehicle_id=vehicle.id,
                simulated=True,
            ),
        )

    def _needs(self) -> None:
        """Open one need for each code of each processor's licence, at a price inside the profile's range."""
        self.work.session.flush()
        wide_done = False
        for row, party in self.world.processors:
            covered = [row]
            if row.id == HOME and not wide_done:
                wide_done = True
                covered = [one for one in self.profile if one.division == row.division and one.hazardous]
            for one in {entry.code: entry for entry in covered}.values():
                self._need(one, party, best=row.id == HOME and one.id == HOME)

    def _need(self, row: Row, party: Party, best: bool) -> None:
        price = row.high if best else self.random.randint(row.low, row.high)
        kind = party.organisation.name
        needs.open_need(
            Work(self.work.session, self.work.now, party.who(), self.work.new_id),
            NeedDraft(
                site_id=party.site.id,
                code=row.code,
                mode=Mode.DISPOSE if any(word in kind for word in DISPOSERS) else Mode.USE,
                price=Decimal(price),
                kg=max(500, row.tonnes // max(1, row.processors) // 4) * 1000,
                valid_to=self.work.today + timedelta(days=300),
            ),
        )

    def _lots(self) -> None:
        """List the lots that stand in the market when the world begins."""
        others = [(row, party) for row, party in self.world.producers if row.id != HOME]
        for row, party in self.random.sample(others, LOTS):
            ready = self.work.now + timedelta(hours=self.random.randrange(1, 12))
            lots.list_lot(
                Work(self.work.session, self.work.now, party.who(), self.work.new_id),
                LotDraft(
                    site_id=party.site.id,
                    code=row.code,
                    kg=self.random.randrange(80, 300) * 100,
                    ready_from=ready,
                    ready_to=ready + timedelta(days=self.random.randrange(20, 60)),
                    price=Decimal(self.random.randint(row.low, (row.low + row.high) // 2)),
                    packaging=self.random.choice(("吨袋", "吨桶", "200L铁桶", "散装")),
                ),
            )


def seed(work: Work, number: int) -> World:
    """Make the demonstration world in an empty database."""
    world = Builder(work, number).build()
    bring(work, world, world.overseers[0].who(), number)
    return world
