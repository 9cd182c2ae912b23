"""Which simulated truck does what now, and what has it told on the way?"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock
from typing import Protocol

from devices.simulator.missions import (
    DRIVES,
    NEXT,
    ORDER,
    WAITS,
    WEIGHS,
    Mission,
    MissionStatus,
    Phase,
    weight_in,
)
from devices.simulator.roads import Point, route
from devices.simulator.vehicle import Fix, SimulatedVehicle

__all__ = ["Deck", "FixSink", "Fleet", "FleetVehicle", "Mission", "MissionStatus", "Phase"]


class FixSink(Protocol):
    """What takes a truck's fixes: a terminal."""

    def offer(self, fix: Fix) -> None:
        """Take one fix."""


class Deck(Protocol):
    """What a fleet needs of a scale."""

    @property
    def ready(self) -> bool:
        """Whether a truck may drive on."""

    @property
    def weighed(self) -> bool:
        """Whether the truck on the deck may drive off."""

    def drive_on(self, plate: str, weight_kg: int) -> None:
        """Put a truck on the deck."""

    def drive_off(self) -> None:
        """Let the truck go."""


@dataclass(frozen=True, slots=True)
class FleetVehicle:
    """One truck of the fleet."""

    vehicle_id: str
    plate: str
    home: Point


@dataclass(slots=True)
class _Run:
    """One mission under way."""

    mission: Mission
    phase: Phase
    since: datetime
    on_deck: datetime | None = None


class Fleet:
    """Simulated trucks on missions, moved by `step` to whatever the injected clock says.

    `moving_s`, `standing_s` (reporting intervals) and `weigh_s` (time on the deck) are seconds of that
    clock. Every method may be called from any thread; fixes are offered by the thread that steps.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        seed: int,
        vehicles: Sequence[FleetVehicle],
        terminals: Mapping[str, FixSink],
        scales: Mapping[str, Deck],
        *,
        moving_s: int = 30,
        standing_s: int = 300,
        weigh_s: int = 120,
    ) -> None:
        self._now = now
        self._seed = seed
        self._terminals = terminals
        self._scales = scales
        self._weigh_s = weigh_s
        self._plates = {vehicle.vehicle_id: vehicle.plate for vehicle in vehicles}
        since = now()
        self._trucks = {
            v.vehicle_id: SimulatedVehicle(
                v.vehicle_id, v.home, since, seed, moving_s=moving_s, standing_s=standing_s
            )
            for v in sorted(vehicles, key=lambda v: v.vehicle_id)
        }
        self._runs: dict[str, _Run] = {}
        self._current: dict[str, _Run] = {}
        self._queued: dict[str, deque[Mission]] = {vehicle: deque() for vehicle in self._trucks}
        self._at_scale: defaultdict[str, deque[str]] = defaultdict(deque)
        self._released: set[tuple[str, Phase]] = set()
        self._lock = RLock()

    def assign(self, mission: Mission) -> None:
        """Send a truck on a mission, after those it already has. Raises KeyError for what is not there."""
        with self._lock:
            if mission.id in self._runs or any(m.id == mission.id for q in self._queued.values() for m in q):
                raise ValueError(f"mission {mission.id} is already assigned")
            for scale in (mission.origin_scale, mission.destination_scale):
                if scale is not None:
                    self._scales[scale]
            self._queued[mission.vehicle_id].append(mission)

    def recall(self, mission_id: str) -> bool:
        """Take a mission off its truck while it has not reached the origin; False where it is too late."""
        with self._lock:
            run = self._runs.get(mission_id)
            if run is None:
                for queued in self._queued.values():
                    for mission in [one for one in queued if one.id == mission_id]:
                        queued.remove(mission)
                return True
            vehicle = run.mission.vehicle_id
            if run.phase is not Phase.TO_ORIGIN or self._current.get(vehicle) is not run:
                return False
            self._trucks[vehicle].halt()
            del self._current[vehicle], self._runs[mission_id]
            return True

    def release(self, mission_id: str, phase: Phase) -> None:
        """Let a truck go on from a wait phase; a release before the truck is there is remembered."""
        if phase not in WAITS:
            raise ValueError(f"{phase} is not waited in")
        with self._lock:
            self._released.add((mission_id, phase))

    def status(self) -> list[MissionStatus]:
        """Tell where every mission stands, in the order in which they were taken up, the queued ones last."""
        with self._lock:
            moment = self._now()
            begun = [self._status(run.mission, run.phase, run, moment) for run in self._runs.values()]
            queued = [self._status(m, Phase.QUEUED, None, moment) for q in self._queued.values() for m in q]
            return begun + queued

    def step(self) -> None:
        """Move everything to the present moment and offer the fixes due."""
        with self._lock:
            moment = self._now()
            for vehicle in self._trucks:
                self._advance(vehicle, moment)

    def _status(self, mission: Mission, phase: Phase, run: _Run | None, moment: datetime) -> MissionStatus:
        truck = self._trucks[mission.vehicle_id]
        motion = truck.motion(moment)
        point = mission.destination if phase is Phase.DONE else motion.point
        return MissionStatus(
            mission_id=mission.id,
            vehicle_id=mission.vehicle_id,
            phase=phase,
            since=None if run is None else run.since,
            waiting=phase in WAITS
            and phase not in mission.auto_release
            and (mission.id, phase) not in self._released,
            lat=point.lat,
            lon=point.lon,
            speed_kmh=0.0 if phase is Phase.DONE else round(motion.speed_ms * 3.6, 1),
            load=mission.load_in(phase),
            arrives=truck.arrives if phase in DRIVES else None,
        )

    def _advance(self, vehicle: str, moment: datetime) -> None:
        while True:
            run = self._current.get(vehicle) or self._begin(vehicle, moment)
            ends = None if run is None else self._ends(run, moment)
            if run is None or ends is None:
                break
            self._tell(vehicle, ends)
            self._move_on(run, NEXT[run.phase], ends)
        self._tell(vehicle, moment)

    def _tell(self, vehicle: str, until: datetime) -> None:
        sink = self._terminals.get(vehicle)
        for fix in self._trucks[vehicle].fixes(until):
            if sink is not None:
                sink.offer(fix)

    def _begin(self, vehicle: str, moment: datetime) -> _Run | None:
        if not self._queued[vehicle]:
            return None
        mission = self._queued[vehicle].popleft()
        run = _Run(mission, Phase.QUEUED, moment)
        self._runs[mission.id] = self._current[vehicle] = run
        self._tell(vehicle, moment)
        if ORDER.index(mission.start) > ORDER.index(Phase.TO_DESTINATION):
            self._trucks[vehicle].place(mission.destination)
        elif mission.start is not Phase.TO_ORIGIN:
            self._trucks[vehicle].place(mission.origin)
        self._move_on(run, mission.start, moment)
        return self._current.get(vehicle)

    def _move_on(self, run: _Run, phase: Phase, moment: datetime) -> None:
        """Enter a phase: set off, join the queue of a scale, or be done."""
        mission, truck = run.mission, self._trucks[run.mission.vehicle_id]
        truck.halt()
        run.phase, run.since, run.on_deck = phase, moment, None
        truck.load = mission.load_in(phase)
        if phase in DRIVES:
            end = mission.origin if phase is Phase.TO_ORIGIN else mission.destination
            truck.start(route(truck.motion(moment).point, end), moment)
        elif phase in WEIGHS and (scale := mission.scale_in(phase)) is not None:
            self._at_scale[scale].append(mission.id)
        elif phase is Phase.DONE:
            del self._current[mission.vehicle_id]

    def _ends(self, run: _Run, moment: datetime) -> datetime | None:
        """Tell when the present phase ended, or None while it goes on."""
        if run.phase in DRIVES:
            arrives = self._trucks[run.mission.vehicle_id].arrives
            return arrives if arrives is not None and arrives <= moment else None
        if run.phase in WAITS:
            return self._wait_ends(run, moment)
        scale = run.mission.scale_in(run.phase)
        return run.since if scale is None else self._weighing_ends(run, scale, moment)

    def _wait_ends(self, run: _Run, moment: datetime) -> datetime | None:
        if (run.mission.id, run.phase) in self._released:
            return moment
        leaves = run.since + timedelta(seconds=run.mission.dwell_s)
        return leaves if run.phase in run.mission.auto_release and leaves <= moment else None

    def _weighing_ends(self, run: _Run, scale: str, moment: datetime) -> datetime | None:
        """Take the deck when it is this truck's turn; leave it after its time and with its ticket."""
        deck, queue = self._scales[scale], self._at_scale[scale]
        if run.on_deck is None:
            if queue[0] == run.mission.id and deck.ready:
                run.on_deck = moment
                plate = self._plates[run.mission.vehicle_id]
                deck.drive_on(plate, weight_in(run.mission, run.phase, self._seed))
            return None
        if moment < run.on_deck + timedelta(seconds=self._weigh_s) or not deck.weighed:
            return None
        deck.drive_off()
        queue.popleft()
        return moment
