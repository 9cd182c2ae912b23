"""Who speaks for the terminals and the truck on the deck while the run lasts? Threads of the test itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from devices.codecs.jt808 import Version
from devices.simulator.scale import IndicatorRule, SimulatedScale
from devices.simulator.terminal import FaultPlan, Faults, SimulatedTerminal, TerminalLine
from devices.simulator.vehicle import Fix
from tests.tracking.world import GATE_B, PLATE

FAULTS = Faults(duplicate=0.05, corrupted=0.003, blind_hours=0.5, blind_longest_s=900, skew_s=5)
"""Duplicates, torn frames, and blind spots after which the newest comes first and the rest as a replay."""
DECK_S = 1.0
"""How long the deck stays empty between two trucks."""
LOOK_S = 0.2
PATIENCE_S = 60.0
"""How long a truck waits for its ticket; then it leaves without one."""


def phone_of(number: int) -> str:
    """Return the telephone number of a terminal."""
    return f"{13800000001 + number}"


class Plan(FaultPlan):
    """What is wrong with a terminal; with its last fix it sees the sky and the network again."""

    def __init__(self, seed: int, number: int, last: datetime) -> None:
        super().__init__(seed, phone_of(number), FAULTS)
        self._last = last

    def blind(self, moment: datetime) -> bool:
        """Say whether there is no signal at a moment."""
        return moment != self._last and super().blind(moment)


class Terminals:
    """Simulated terminals that keep each fix until the gateway has confirmed it."""

    def __init__(self, seed: int, port: int, told: Sequence[Sequence[Fix]], seconds: float) -> None:
        self._told = told
        self._pause = seconds / max(len(one) for one in told)
        self._all = [
            SimulatedTerminal(
                TerminalLine(
                    phone_of(number), "", Version.V2013, "127.0.0.1", port, reply_s=1.5, reconnect_s=0.2
                ),
                Plan(seed, number, own[-1].at),
            )
            for number, own in enumerate(told)
        ]
        self.offered = threading.Event()

    @property
    def waiting(self) -> int:
        """How many fixes the gateway has not confirmed."""
        return sum(terminal.waiting for terminal in self._all)

    async def run(self) -> None:
        """Offer every fix in its turn, and go on until cancelled."""
        talks = [asyncio.create_task(terminal.run()) for terminal in self._all]
        try:
            for turn in range(max(len(one) for one in self._told)):
                for terminal, told in zip(self._all, self._told, strict=True):
                    if turn < len(told):
                        terminal.offer(told[turn])
                await asyncio.sleep(self._pause)
            self.offered.set()
            await asyncio.gather(*talks)
        finally:
            for talk in talks:
                talk.cancel()
            await asyncio.gather(*talks, return_exceptions=True)


class Deck:
    """A truck that drives on and off the scale's deck; a camera file says which."""

    def __init__(self, seed: int, stays: int) -> None:
        self.indicator = SimulatedScale(GATE_B, seed, IndicatorRule(settle_s=0.2, hz=20))
        self._stays = stays
        self.done = threading.Event()

    async def run(self, camera: Path, written: Callable[[], int]) -> None:
        """Weigh the truck so many times, empty and full in turns; `written` counts the scale's tickets."""
        camera.write_text(PLATE, encoding="utf-8")
        for stay in range(self._stays):
            await asyncio.sleep(DECK_S)
            before, waited = written(), 0.0
            self.indicator.drive_on(PLATE, 8_000 if stay % 2 else 20_000)
            while written() == before and waited < PATIENCE_S:
                await asyncio.sleep(LOOK_S)
                waited += LOOK_S
            self.indicator.drive_off()
        await asyncio.sleep(DECK_S)
        self.done.set()


@contextmanager
def background() -> Iterator[asyncio.AbstractEventLoop]:
    """Yield an event loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
