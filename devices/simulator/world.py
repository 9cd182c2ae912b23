"""How are gateway, scale agents, indicators, terminals and trucks wired into one running demonstration?

The gateway and the scale agents are the real ones; only what feeds them is simulated.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TypedDict

from devices.codecs.jt808 import Version
from devices.codecs.terminals import Terminal
from devices.codecs.weighing_json import public_key_of
from devices.gateway.registry import TerminalRegistry, write_registry
from devices.gateway.server import Gateway, GatewayLine
from devices.outbox import Outbox
from devices.simulator.fleet import Deck, Fleet, FleetVehicle
from devices.simulator.missions import Mission, MissionStatus, Phase
from devices.simulator.roads import Point
from devices.simulator.scale import IndicatorRule, SimulatedScale
from devices.simulator.terminal import FaultPlan, Faults, SimulatedTerminal, TerminalLine
from devices.transports import Publisher
from devices.transports.mqtt import BrokerLine, MqttPublisher
from devices.transports.pump import Timing
from devices.weighbridge.agent import ScaleAgent, ScaleLine
from devices.weighbridge.deck import DeckRule
from devices.weighbridge.keys import load_or_create_key
from devices.weighbridge.tickets import TicketBook


@dataclass(frozen=True, slots=True)
class VehicleSpec:
    """One simulated truck with its terminal; missions name it by `device`."""

    device: str
    phone: str
    plate: str
    edition: Version
    tenant: str
    inc: int
    home: Point


@dataclass(frozen=True, slots=True)
class ScaleSpec:
    """One scale: a real agent and its key file, on a simulated indicator; `password` is the broker's."""

    device: str
    tenant: str
    inc: int
    site: Point
    key_path: Path
    password: str | None = field(default=None, repr=False)
    port: int = 0


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """What runs, where, from which seed and on which clock.

    `moving_s`, `standing_s` and `weigh_s` are seconds of `now`; `tick_s` and the rules of indicator, deck and
    sending are real time, because real agents live in it.
    """

    mqtt_host: str
    mqtt_port: int
    data_dir: Path
    vehicles: tuple[VehicleSpec, ...]
    scales: tuple[ScaleSpec, ...]
    seed: int
    now: Callable[[], datetime]
    gateway_device: str = "gateway-demo"
    gateway_tenant: str = "demo"
    gateway_inc: int = 1
    gateway_password: str | None = field(default=None, repr=False)
    gateway_port: int = 0
    moving_s: int = 30
    standing_s: int = 300
    weigh_s: int = 120
    tick_s: float = 0.1
    faults: Faults = field(default_factory=Faults)
    indicator: IndicatorRule = field(default_factory=IndicatorRule)
    deck: DeckRule = field(default_factory=lambda: DeckRule(frames=8, seconds=0.7))
    timing: Timing = field(default_factory=Timing)


class ScaleMetrics(TypedDict):
    """What one scale and its agent have counted."""

    waiting: int
    unticketed: int
    counters: dict[str, int]


class WorldMetrics(TypedDict):
    """What the whole world has counted."""

    gateway: dict[str, int]
    gateway_waiting: int
    terminals_waiting: int
    terminals_resent: int
    missions: dict[str, int]
    scales: dict[str, ScaleMetrics]


PublisherFactory = Callable[[Outbox, str, str | None, Callable[[], dict[str, int]]], Publisher]


@dataclass(slots=True)
class _Weighbridge:
    """One scale's parts."""

    spec: ScaleSpec
    outbox: Outbox
    private_key: str
    indicator: SimulatedScale
    counters: Counter[str]
    agent: ScaleAgent | None = None


class SimulatedWorld:
    """One demonstration world: real gateway and scale agents, simulated trucks, terminals and indicators.

    It runs in threads of this process and keeps its outboxes, key files and terminal list in `data_dir`, so
    that it goes on where it ended. `publisher` makes the line to the broker and is replaced in tests.
    """

    def __init__(self, config: WorldConfig, *, publisher: PublisherFactory | None = None) -> None:
        self._config = config
        self._make_publisher = publisher or self._mqtt
        config.data_dir.mkdir(parents=True, exist_ok=True)
        self._bridges = {spec.device: self._bridge(spec) for spec in config.scales}
        self._gateway_outbox = self._outbox(config.gateway_device, config.gateway_tenant, config.gateway_inc)
        self._gateway = self._new_gateway()
        self._terminals: dict[str, SimulatedTerminal] = {}
        self._decks: dict[str, Deck] = {device: bridge.indicator for device, bridge in self._bridges.items()}
        self._fleet = Fleet(
            config.now,
            config.seed,
            [FleetVehicle(v.device, v.plate, v.home) for v in config.vehicles],
            self._terminals,
            self._decks,
            moving_s=config.moving_s,
            standing_s=config.standing_s,
            weigh_s=config.weigh_s,
        )
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    def public_keys(self) -> dict[str, str]:
        """Tell the public Ed25519 key of every scale, in hexadecimal, by device; known before the start."""
        return {device: public_key_of(bridge.private_key) for device, bridge in self._bridges.items()}

    def start(self) -> None:
        """Start everything; returns when gateway and indicators listen, raises what kept them from it."""
        ready: Future[None] = Future()
        self._thread = Thread(target=self._run, args=(ready,), name="simulated-world", daemon=True)
        self._thread.start()
        ready.result()
        for bridge in self._bridges.values():
            bridge.agent = self._agent(bridge)
            bridge.agent.start()

    def add_scale(self, spec: ScaleSpec) -> None:
        """Put one more scale into a running world; returns when its indicator listens and its agent reads."""
        assert self._loop is not None
        bridge = self._bridge(spec)
        asyncio.run_coroutine_threadsafe(bridge.indicator.start(port=spec.port), self._loop).result()
        bridge.agent = self._agent(bridge)
        bridge.agent.start()
        self._bridges[spec.device] = bridge
        self._decks[spec.device] = bridge.indicator

    def stop(self) -> None:
        """Stop everything; what was not delivered stays in the outboxes."""
        for bridge in self._bridges.values():
            if bridge.agent is not None:
                bridge.agent.stop()
        if self._thread is not None and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        for bridge in self._bridges.values():
            bridge.outbox.close()
        self._gateway_outbox.close()

    def assign(self, mission: Mission) -> None:
        """Send a truck on a mission (see `Fleet.assign`)."""
        self._fleet.assign(mission)

    def recall(self, mission_id: str) -> bool:
        """Take a mission off its truck before the origin (see `Fleet.recall`)."""
        return self._fleet.recall(mission_id)

    def release(self, mission_id: str, phase: Phase) -> None:
        """Let a truck go on from a wait phase (see `Fleet.release`)."""
        self._fleet.release(mission_id, phase)

    def status(self) -> list[MissionStatus]:
        """Tell where every mission stands (see `Fleet.status`)."""
        return self._fleet.status()

    def metrics(self) -> WorldMetrics:
        """Tell what was counted so far."""
        terminals = list(self._terminals.values())
        return {
            "gateway": dict(self._gateway.counters),
            "gateway_waiting": self._gateway_outbox.status().waiting,
            "terminals_waiting": sum(terminal.waiting for terminal in terminals),
            "terminals_resent": sum(terminal.resent for terminal in terminals),
            "missions": dict(Counter(str(status.phase) for status in self.status())),
            "scales": {
                device: {
                    "waiting": bridge.outbox.status().waiting,
                    "unticketed": bridge.indicator.unticketed,
                    "counters": dict(bridge.counters),
                }
                for device, bridge in self._bridges.items()
            },
        }

    def _outbox(self, device: str, tenant: str, inc: int) -> Outbox:
        outbox = Outbox(self._config.data_dir / f"{device}.db")
        outbox.enrol(device, tenant, inc)
        return outbox

    def _bridge(self, spec: ScaleSpec) -> _Weighbridge:
        return _Weighbridge(
            spec=spec,
            outbox=self._outbox(spec.device, spec.tenant, spec.inc),
            private_key=load_or_create_key(spec.key_path),
            indicator=SimulatedScale(spec.device, self._config.seed, self._config.indicator),
            counters=Counter(),
        )

    def _new_gateway(self) -> Gateway:
        path = self._config.data_dir / "terminals.json"
        known = [Terminal(v.phone, v.device, v.tenant, v.inc, plate=v.plate) for v in self._config.vehicles]
        write_registry(path, known)
        counters: Counter[str] = Counter()
        line = self._make_publisher(
            self._gateway_outbox,
            self._config.gateway_device,
            self._config.gateway_password,
            lambda: dict(counters),
        )
        return Gateway(
            self._gateway_outbox,
            TerminalRegistry(path),
            line,
            self._config.now,
            line=GatewayLine(port=self._config.gateway_port),
            counters=counters,
        )

    def _agent(self, bridge: _Weighbridge) -> ScaleAgent:
        spec, counters = bridge.spec, bridge.counters
        return ScaleAgent(
            ScaleLine(f"socket://127.0.0.1:{bridge.indicator.port}", rule=self._config.deck),
            TicketBook(bridge.outbox, spec.device, spec.inc, bridge.private_key),
            bridge.indicator,
            self._make_publisher(bridge.outbox, spec.device, spec.password, lambda: dict(counters)),
            self._config.now,
            on_ticket=bridge.indicator.ticket_taken,
            counters=counters,
        )

    def _mqtt(
        self, outbox: Outbox, device: str, password: str | None, counters: Callable[[], dict[str, int]]
    ) -> Publisher:
        line = BrokerLine(self._config.mqtt_host, self._config.mqtt_port, device, password)
        return MqttPublisher(outbox, line, timing=self._config.timing, counters=counters)

    def _run(self, ready: Future[None]) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._main(ready))

    async def _main(self, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        tasks: list[asyncio.Task[None]] = []
        try:
            try:
                tasks = await self._open()
            except Exception as problem:  # noqa: BLE001 -- handed to the thread that called start()
                ready.set_exception(problem)
                return
            ready.set_result(None)
            while not self._stop.is_set():
                self._fleet.step()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._config.tick_s):
                        await self._stop.wait()
        finally:
            await self._close(tasks)

    async def _open(self) -> list[asyncio.Task[None]]:
        for bridge in self._bridges.values():
            await bridge.indicator.start(port=bridge.spec.port)
        await self._gateway.start()
        for vehicle in self._config.vehicles:
            plan = FaultPlan(self._config.seed, vehicle.phone, self._config.faults)
            line = TerminalLine(
                vehicle.phone, vehicle.plate, vehicle.edition, "127.0.0.1", self._gateway.port
            )
            self._terminals[vehicle.device] = SimulatedTerminal(line, plan)
        return [asyncio.create_task(terminal.run()) for terminal in self._terminals.values()]

    async def _close(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._gateway.stop()
        for bridge in self._bridges.values():
            await bridge.indicator.stop()
