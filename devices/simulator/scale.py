"""What would a truck scale's indicator send while trucks drive on and off?"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from devices.codecs.scales import yaohua
from devices.readings import WeighingReading


@dataclass(frozen=True, slots=True)
class IndicatorRule:
    """How the simulated indicator behaves: kilograms, frames a second, real seconds.

    A truck rolls on or off and comes to rest within `settle_s`; braking, its springs push the deck by
    `bounce_divisions` at first. `clear_frames` is how often zero is shown before the next truck may come on;
    `patience_s` is how long a truck waits for a ticket before it leaves without one.
    """

    division_kg: int = 20
    hz: float = 10.0
    settle_s: float = 1.4
    bounce_divisions: int = 8
    clear_frames: int = 5
    patience_s: float = 30.0


@dataclass(frozen=True, slots=True)
class _Step:
    """The last change on the deck: from which weight to which, since when."""

    before_kg: int
    after_kg: int
    since: float


ROLLING_SHARE = 0.5
"""Of the time until a truck stands: the wheels roll onto the deck; for the rest the springs swing out."""


class SimulatedScale:
    """A simulated indicator: a TCP server that streams XK3190 frames, and the camera that reads the plate.

    The weight runs in real time, because a real agent listens to it. `drive_on` and `drive_off` may be
    called from any thread.
    """

    def __init__(
        self,
        scale: str,
        seed: int,
        rule: IndicatorRule | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rule = rule or IndicatorRule()
        self._chance = random.Random(f"{seed}:{scale}")  # noqa: S311 -- noise, not a secret
        self._monotonic = monotonic
        self._step = _Step(0, 0, monotonic() - self._rule.settle_s)
        self._plate: str | None = None
        self._ticketed = False
        self._zeros = 0
        self.unticketed = 0
        self._server: asyncio.Server | None = None
        self._open = False
        self._ticker: asyncio.Task[None] | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def port(self) -> int:
        """The port that the stream is offered on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def ready(self) -> bool:
        """Whether the deck is empty and has been shown as zero for long enough."""
        return self._plate is None and self._zeros >= self._rule.clear_frames

    @property
    def weighed(self) -> bool:
        """Whether the truck on the deck has its ticket, or has waited long enough without one."""
        return self._ticketed or self._monotonic() - self._step.since >= self._rule.patience_s

    def plate(self) -> str | None:
        """Tell the plate on the deck, as a camera would once the truck stands on it."""
        return self._plate

    def drive_on(self, plate: str, weight_kg: int) -> None:
        """Put a truck on the deck."""
        self._ticketed = False
        self._zeros = 0
        self._step = _Step(0, weight_kg, self._monotonic())
        self._plate = plate

    def drive_off(self) -> None:
        """Let the truck go; one that goes without a ticket is counted in `unticketed`."""
        self.unticketed += not self._ticketed
        self._plate = None
        self._zeros = 0
        self._step = _Step(self._step.after_kg, 0, self._monotonic())

    def ticket_taken(self, ticket: WeighingReading) -> None:
        """Hear from the agent that a ticket is stored."""
        if ticket.plate == self._plate:
            self._ticketed = True

    def shown_kg(self) -> int:
        """Draw the next displayed weight: in motion while a truck drives on or off, within one e after."""
        step, e = self._step, self._rule.division_kg
        share = min(1.0, (self._monotonic() - step.since) / self._rule.settle_s)
        rolled = min(1.0, share / ROLLING_SHARE)
        true = step.before_kg + rolled * (step.after_kg - step.before_kg)
        if rolled < 1:
            true += self._chance.uniform(-3, 3) * e
        elif step.after_kg:
            true += self._bounce_kg(share) + self._chance.uniform(-0.3, 0.3) * e
        return max(0, round(true / e) * e)

    def _bounce_kg(self, share: float) -> float:
        """Return how far the springs push the deck, from the stop until the truck stands still."""
        swing = (share - ROLLING_SHARE) / (1 - ROLLING_SHARE)
        most = self._rule.bounce_divisions * self._rule.division_kg
        return most * (1 - swing) * math.cos(math.tau * swing)

    def frame(self) -> bytes:
        """Word the next frame and keep count of zeros."""
        shown = self.shown_kg()
        self._zeros = self._zeros + 1 if shown == 0 else 0
        return yaohua.encode_continuous(shown)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen and stream."""
        self._open = True
        self._server = await asyncio.start_server(self._connected, host, port)
        self._ticker = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop streaming and hang up."""
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
        if self._server is not None:
            self._open = False
            self._server.close()
            await asyncio.sleep(0)  # whoever was just let in is known now
        writers, self._writers = self._writers, set()
        for writer in writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _connected(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open:
            self._writers.add(writer)
        else:
            writer.close()

    async def _run(self) -> None:
        while True:
            frame = self.frame()
            for writer in list(self._writers):
                if writer.is_closing():
                    self._writers.discard(writer)
                elif writer.transport.get_write_buffer_size() < 4096:
                    writer.write(frame)
            await asyncio.sleep(1 / self._rule.hz)
