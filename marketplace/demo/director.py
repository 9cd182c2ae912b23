"""How do simulated trucks learn where to drive, and when may they go on?"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from compliance.manifests.rules import State as ManifestState
from compliance.record.clock import Now, system_now
from compliance.record.database import open_database, reading, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Site
from devices.codecs.jt808 import Version
from devices.codecs.weighing_json import public_key_of
from devices.simulator.missions import Mission, Phase
from devices.simulator.roads import Point
from devices.simulator.scale import IndicatorRule
from devices.simulator.world import ScaleSpec, SimulatedWorld, VehicleSpec, WorldConfig
from devices.weighbridge.keys import load_or_create_key
from marketplace import instance, logs
from marketplace.demo.colleagues import Colleagues, OpenLoad, open_loads
from marketplace.demo.known import GATEWAY
from marketplace.settings import Settings
from tracking.fleet import credentials
from tracking.fleet import queries as fleet
from tracking.fleet import service as fleet_service
from tracking.fleet.rules import DeviceKind, tenant_of
from tracking.fleet.service import NewDevice
from tracking.fleet.tables import Device, Vehicle
from tracking.weighings import instruments
from tracking.weighings import queries as weighings
from tracking.weighings.instruments import NewCertificate, NewScale

TICK_S = 0.5
TRADE_EVERY = 10
"""Ticks between two looks at whether the market wants another simulated deal."""
LOADS_AT_ONCE = 6
EDITIONS = (Version.V2013, Version.V2019, Version.V2011)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Truck:
    """A simulated vehicle as the record knows it."""

    vehicle_id: UUID
    spec: VehicleSpec


def releases(load: OpenLoad) -> frozenset[Phase]:
    """Return the wait phases that a load's papers let its truck leave (M4, M7: no number, no loading)."""
    manifest = load.load.manifest
    free: set[Phase] = set()
    if manifest is not ManifestState.DRAFT:
        free.add(Phase.WAIT_LOADING)
    if manifest not in {ManifestState.DRAFT, ManifestState.ISSUED, ManifestState.LOADED}:
        free.add(Phase.WAIT_DEPARTURE)
        if manifest is not ManifestState.IN_TRANSIT:
            free.add(Phase.WAIT_UNLOADING)
    return frozenset(free)


def first_phase(load: OpenLoad) -> Phase:
    """Return where a truck takes a load up again after the simulator was restarted."""
    state = load.load
    if state.manifest is ManifestState.IN_TRANSIT:
        return Phase.WEIGH_GROSS_AT_DESTINATION if state.at_destination else Phase.TO_DESTINATION
    if state.manifest is ManifestState.LOADED or state.source_weighed:
        return Phase.WAIT_DEPARTURE
    if state.manifest is ManifestState.ARRIVED:
        return Phase.DONE if state.receipt_drafted else Phase.WEIGH_TARE_AT_DESTINATION
    if state.manifest in {ManifestState.DRAFT, ManifestState.ISSUED}:
        return Phase.TO_ORIGIN
    return Phase.DONE


class Director:
    """Keeps the simulated world and the record in step."""

    def __init__(self, settings: Settings, engine: Engine, now: Now) -> None:
        self.settings = settings
        self.engine = engine
        self.now = now
        self.colleagues = Colleagues(engine, now, settings.autopilot_s)
        self.home = settings.var / "devices"
        self.trucks = self._trucks()
        self.world = SimulatedWorld(self._config())
        self.assigned: dict[str, UUID] = {}

    def run(self, stop: threading.Event) -> None:
        """Direct until told to stop."""
        self.world.start()
        log.info("demo.devices.ready", vehicles=len(self.trucks))
        ticks = 0
        try:
            while not stop.wait(TICK_S):
                with reading(self.engine) as session:
                    loads = open_loads(session, self.now())
                    for load in loads:
                        self._drive(session, load)
                self.colleagues.act(loads)
                ticks += 1
                if self.settings.autopilot_s and ticks % TRADE_EVERY == 0:
                    self.colleagues.trade(LOADS_AT_ONCE)
        finally:
            self.world.stop()

    def _drive(self, session: Session, load: OpenLoad) -> None:
        mission = str(load.manifest_id)
        if load.vehicle_id not in self.trucks:
            return
        if self.assigned.get(mission, load.vehicle_id) != load.vehicle_id and self.world.recall(mission):
            del self.assigned[mission]
        if mission not in self.assigned:
            self.assigned[mission] = load.vehicle_id
            phase = first_phase(load)
            if phase is not Phase.DONE:
                self.world.assign(self._mission(session, load, phase))
            else:
                return
        for phase in releases(load):
            self.world.release(mission, phase)

    def _mission(self, session: Session, load: OpenLoad, start: Phase) -> Mission:
        sites = registry.sites(session, [load.origin_site_id, load.destination_site_id])
        origin, destination = sites[load.origin_site_id], sites[load.destination_site_id]
        truck = self.trucks[load.vehicle_id]
        tare = 9_000 + load.vehicle_id.int % 200 * 20
        return Mission(
            id=str(load.manifest_id),
            vehicle_id=truck.spec.device,
            origin=point_of(origin),
            destination=point_of(destination),
            tare_kg=tare,
            gross_kg=tare + load.planned_kg // 20 * 20,
            origin_scale=self._scale(origin),
            destination_scale=self._scale(destination),
            start=start,
        )

    def _trucks(self) -> dict[UUID, Truck]:
        with reading(self.engine) as session:
            rows = session.scalars(select(Vehicle).where(Vehicle.simulated).order_by(Vehicle.device_id)).all()
            devices = fleet.devices(session, [row.device_id for row in rows if row.device_id])
        return {
            row.id: Truck(row.id, vehicle_spec(number, row, devices[row.device_id]))
            for number, row in enumerate(rows)
            if row.device_id in devices
        }

    def _config(self) -> WorldConfig:
        place = instance.mqtt_place(self.settings, GATEWAY)
        return WorldConfig(
            mqtt_host=place.host,
            mqtt_port=place.port,
            data_dir=self.home,
            vehicles=tuple(truck.spec for truck in self.trucks.values()),
            scales=(),
            seed=self.settings.seed,
            now=self.now,
            gateway_device=GATEWAY,
            gateway_password=place.password,
        )

    def _scale(self, site: Site) -> str:
        """Return the simulated scale of a site, set up and enrolled at its first use."""
        device = f"scale-{site.id.hex[-12:]}"
        if device in self.world.public_keys():
            return device
        key_path = self.home / "keys" / f"{device}.key"
        password = self._enrol(device, site, public_key_of(load_or_create_key(key_path)))
        self.world.add_scale(
            ScaleSpec(
                device=device,
                tenant=tenant_of(site.organisation_id),
                inc=1,
                site=point_of(site),
                key_path=key_path,
                password=password,
            )
        )
        return device

    def _enrol(self, device: str, site: Site, public_key: str) -> str:
        """Put a simulated scale on the register and return its password, which the broker learns from there.

        An outside broker's accounts are its own operator's affair.
        """
        password = instance.secret(self.settings, f"mqtt-{device}")
        with transaction(self.engine) as session:
            if session.get(Device, device) is None:
                fleet_service.enrol_device(
                    Work(session, self.now(), SYSTEM),
                    NewDevice(
                        id=device,
                        tenant=tenant_of(site.organisation_id),
                        kind=DeviceKind.SCALE,
                        public_key=public_key,
                        site_id=site.id,
                        simulated=True,
                    ),
                )
            self._put_on_record(Work(session, self.now(), SYSTEM), device)
            if not credentials.of_device(session, device):
                credentials.issue(session, device, system_now(), password)
        return password

    def _put_on_record(self, work: Work, device: str) -> None:
        """Say which instrument a simulated scale is and until when it is verified, both marked simulated."""
        if weighings.scales(work.session, [device]):
            return
        e = IndicatorRule().division_kg
        instruments.register(work, device, NewScale(e, 4_000 * e, device, "simulated", simulated=True))
        verified = work.today - timedelta(days=30)
        valid_to = verified + timedelta(days=364)
        number = f"SIM-{device}"
        instruments.certify(
            work, device, NewCertificate(number, "simulated", verified, valid_to, simulated=True)
        )


def vehicle_spec(number: int, row: Vehicle, device: Device) -> VehicleSpec:
    """Return a registered vehicle as the simulator wants it; editions of JT/T 808 are mixed."""
    return VehicleSpec(
        device=device.id,
        phone=f"{13_900_000_000 + number:012d}",
        plate=row.plate,
        edition=EDITIONS[number % len(EDITIONS)],
        tenant=device.tenant,
        inc=device.inc,
        home=Point(lon=row.home_lon, lat=row.home_lat),
    )


def point_of(site: Site) -> Point:
    """Return a site's place as the simulator names places."""
    return Point(lon=site.location.x, lat=site.location.y)


def run(settings: Settings, stop: threading.Event) -> None:
    """Run the demonstration's devices and colleagues until told to stop."""
    logs.configure()
    engine = open_database(settings.database)
    Director(settings, engine, instance.clock_of(settings)).run(stop)
