"""Which small world do the tracking tests play in?

One load: a producer in Wuhan, a processor in Ezhou, a carrier with one truck and one driver, a scale at
either end. A strange carrier with a truck of its own stands by, who must see none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import structs
from sqlalchemy import Engine, Select, insert, select

from compliance.catalogue import files
from compliance.catalogue.tables import CatalogueEdition, CatalogueEntry
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.database import reading, transaction
from compliance.record.who import SYSTEM, Role, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind, OrganisationKind
from compliance.registry.service import NewLicence, NewOrganisation
from devices.codecs.telemetry_json import (
    encode_positions,
    encode_weighing,
    public_key_of,
    sign_weighing,
    topic,
)
from devices.readings import PositionReading, Stability, WeighingReading
from tests.factories.snapshots import filled
from tracking.fleet import service as fleet
from tracking.fleet.rules import DeviceKind
from tracking.fleet.service import NewDevice, NewVehicle
from tracking.judgement import runner as judgement
from tracking.pipeline import BatchResult, Message, handle_batch
from tracking.trips import service as trips
from tracking.trips.rules import Act
from tracking.trips.tables import Trip

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
ORIGIN = (30.60, 114.30)
DESTINATION = (30.39, 114.89)
PLATE = "鄂A·70012"
TRUCK, STRANGER, GATE_A, GATE_B = "veh-001", "veh-900", "scale-a", "scale-b"
KEYS = {GATE_A: "11" * 32, GATE_B: "22" * 32}
TENANT = "t1"
CODE, OIL = "900-001-S17", "900-214-08"
USCC = ("91420100000000001Y", "914201000000000022", "914201000000000035", "914201000000000048")


@dataclass(frozen=True, slots=True)
class World:
    """The ids of everyone and everything, and the ways to act on them."""

    engine: Engine
    producer: Who
    processor: Who
    dispatcher: Who
    driver: Who
    stranger: Who
    origin_id: UUID
    destination_id: UUID
    vehicle_id: UUID
    strange_vehicle_id: UUID
    trip_id: UUID
    manifest_id: UUID

    def feed(self, *messages: Message, now: datetime = START) -> BatchResult:
        """Take a batch of messages in, in one transaction, and judge what came in another."""
        result = self.store(*messages, now=now)
        self.judge(now)
        return result

    def store(self, *messages: Message, now: datetime = START) -> BatchResult:
        """Take a batch of messages in and leave it to others to judge it."""
        with transaction(self.engine) as session:
            return handle_batch(Work(session, now, SYSTEM), messages)

    def judge(self, now: datetime = START) -> int:
        """Judge what waits for it."""
        return judgement.until_idle(self.engine, lambda: now)

    def step(self, act: Act, at: datetime, who: Who | None = None) -> None:
        """Let the driver, or somebody else, do a step of the trip."""
        with transaction(self.engine) as session:
            trip = session.get_one(Trip, self.trip_id)
            trips.advance(Work(session, at, who or self.driver), trip, act, *ORIGIN)

    def rows(self, statement: Select[Any]) -> list[Any]:
        """Return rows as they are stored."""
        with reading(self.engine) as session:
            found = list(session.scalars(statement))
            session.expunge_all()
            return found

    def get(self, model: type, key: object) -> Any:
        """Return one row as it is stored."""
        with reading(self.engine) as session:
            found = session.get_one(model, key)
            session.expunge_all()
            return found

    def trip(self) -> Trip:
        """Return the trip as it is stored."""
        return self.get(Trip, self.trip_id)

    def manifest(self) -> Manifest:
        """Return the manifest as it is stored."""
        return self.get(Manifest, self.manifest_id)

    def events(self, *kinds: str) -> list[ledger.Event]:
        """Return the events of these kinds on the record, in order."""
        with reading(self.engine) as session:
            return [one.event for one in ledger.read(session, 0, 1000) if one.event.kind in kinds]

    def count(self, model: type) -> int:
        """Return how many rows a table has."""
        return len(self.rows(select(model)))


def fix(seq: int, lat: float, lon: float, seconds: float = 0, **more: object) -> PositionReading:
    """Return a position some seconds after the start."""
    return structs.replace(
        PositionReading(seq, START + timedelta(seconds=seconds), lat, lon, speed_kmh=40.0, course_deg=90),
        **more,
    )


def positions(
    *readings: PositionReading,
    device: str = TRUCK,
    tenant: str = TENANT,
    inc: int = 1,
    at: datetime | None = None,
) -> Message:
    """Return a message of positions, received a second after its newest one unless said otherwise."""
    received = at or max(reading.device_time for reading in readings) + timedelta(seconds=1)
    return Message(topic(tenant, device, "pos"), encode_positions(inc, readings), received)


def ticket(
    scale: str,
    number: int,
    kg: int,
    seconds: float,
    *,
    previous: str = "",
    plate: str = PLATE,
    **more: object,
) -> WeighingReading:
    """Return a signed ticket; its sequence number is its ticket number."""
    bare = WeighingReading(
        seq=number,
        device_time=START + timedelta(seconds=seconds),
        ticket_number=number,
        plate=plate,
        weight_kg=kg,
        division_kg=20,
        stability=Stability.DERIVED,
        frames_hex=("022b303132333430303103",),
        previous_hash=previous,
        ticket_hash="",
        signature="",
        extra={"how": {"frames": 10}},
    )
    return sign_weighing(scale, 1, replace(bare, **more), KEYS[scale])


def weighed(scale: str, told: WeighingReading) -> Message:
    """Return the message of a ticket."""
    return Message(topic(TENANT, scale, "wgt"), encode_weighing(scale, 1, told), told.device_time)


def drive(seq: int = 1, start_s: float = 0.0) -> list[PositionReading]:
    """Return a whole trip: half an hour at the origin, an hour of road, half an hour at the destination."""
    path: Sequence[tuple[float, float]] = [ORIGIN] * 30
    path += [
        (
            ORIGIN[0] + (DESTINATION[0] - ORIGIN[0]) * step / 60,
            ORIGIN[1] + (DESTINATION[1] - ORIGIN[1]) * step / 60,
        )
        for step in range(1, 61)
    ]
    path += [DESTINATION] * 30
    return [fix(seq + minute, *place, start_s + 60 * minute) for minute, place in enumerate(path)]


def build(engine: Engine) -> World:
    """Register everybody, issue the manifest and plan the trip."""
    none: Engine = None  # type: ignore[assignment]
    world = filled(engine, ("trip",), lambda: replace(_build(engine), engine=none))
    return replace(world, engine=engine)


def _build(engine: Engine) -> World:
    with transaction(engine) as session:
        work = Work(session, START - timedelta(hours=1), SYSTEM)
        _list_waste(work)
        producer, processor, carrier, other = _parties(work)
        origin = registry.add_site(work, producer, "Works", *ORIGIN, "420100").id
        destination = registry.add_site(work, processor, "Kiln", *DESTINATION, "420700").id
        driver = registry.add_person(work, carrier, "Driver", [Role.DRIVER])
        truck = fleet.add_vehicle(work, NewVehicle(carrier, PLATE, 25_000, *ORIGIN, driver_id=driver.id)).id
        strange = fleet.add_vehicle(work, NewVehicle(other, "鄂B90000", 25_000, *ORIGIN)).id
        _devices(work, truck, strange, origin, destination)
        manifest = _manifest(work, producer, carrier, processor, origin, destination, truck, driver.id)
        trip = trips.plan(work, manifest)
        return World(
            engine,
            _person(work, Role.PRODUCER, producer),
            _person(work, Role.PROCESSOR, processor),
            _person(work, Role.DISPATCHER, carrier),
            Who(driver.id, driver.name, carrier, frozenset({Role.DRIVER})),
            _person(work, Role.DISPATCHER, other),
            origin,
            destination,
            truck,
            strange,
            trip.id,
            manifest.id,
        )


def _parties(work: Work) -> list[UUID]:
    """Register producer, processor, carrier with its road licence, and the other carrier."""
    kinds = (OrganisationKind.PRODUCER, OrganisationKind.PROCESSOR, *[OrganisationKind.CARRIER] * 2)
    parties = [
        registry.register_organisation(work, NewOrganisation(uscc, f"Party {uscc[-3]}", "420100", (kind,))).id
        for uscc, kind in zip(USCC, kinds, strict=True)
    ]
    day, days = START.date(), timedelta(days=9)
    registry.add_licence(work, parties[2], NewLicence("R1", LicenceKind.ROAD, day - days, day + days))
    return parties


def _person(work: Work, role: Role, organisation_id: UUID) -> Who:
    return Who(work.new_id(), role.value, organisation_id, frozenset({role}))


def _devices(work: Work, truck: UUID, strange: UUID, origin: UUID, destination: UUID) -> None:
    fleet.enrol_device(work, NewDevice(TRUCK, TENANT, DeviceKind.VEHICLE, vehicle_id=truck))
    fleet.enrol_device(work, NewDevice(STRANGER, "t2", DeviceKind.VEHICLE, vehicle_id=strange))
    for name, site in ((GATE_A, origin), (GATE_B, destination)):
        key = public_key_of(KEYS[name])
        fleet.enrol_device(work, NewDevice(name, TENANT, DeviceKind.SCALE, key, site_id=site))


def _list_waste(work: Work) -> None:
    wastes = [one for one in files.waste_types() if one.code in {CODE, OIL}]
    editions = [one for one in files.EDITIONS if one.code in {waste.edition for waste in wastes}]
    work.session.execute(insert(CatalogueEdition), [asdict(one) for one in editions])
    work.session.execute(insert(CatalogueEntry), [asdict(one) | {"search_text": ""} for one in wastes])


def _manifest(
    work: Work,
    mover: UUID,
    carrier: UUID,
    receiver: UUID,
    origin: UUID,
    destination: UUID,
    vehicle: UUID,
    driver: UUID,
) -> Manifest:
    row = Manifest(
        id=work.new_id(),
        deal_id=work.new_id(),
        number="20264201000001",
        state=ManifestState.ISSUED.value,
        mover_id=mover,
        carrier_id=carrier,
        receiver_id=receiver,
        origin_site_id=origin,
        destination_site_id=destination,
        vehicle_id=vehicle,
        plate=PLATE,
        driver_id=driver,
        code=CODE,
        edition="GW2024",
        waste_name="可再生类废物",
        hazardous=False,
        mode="use",
        planned_kg=12_000,
        created_at=work.now,
        changed_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row
