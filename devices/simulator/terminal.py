"""What would a JT/T 808 terminal put on the wire for a truck's fixes, faults included?"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devices.codecs import FrameRefused, jt808
from devices.codecs.jt808 import Message, Position, RegistrationResult, Result, Version, make_position
from devices.simulator.vehicle import Fix

_STATUS: Final = 1 << 1 | 1 << 18 | 1 << 19  # positioned, by GPS and BeiDou
_BATCH = 15
_BEHIND = 5  # more fixes than this unsent: the newest first, the others as a replay
_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Faults:
    """How often things go wrong: shares of messages and of hours, and seconds of clock skew."""

    duplicate: float = 0.01
    corrupted: float = 0.002
    blind_hours: float = 0.15
    blind_longest_s: int = 900
    skew_s: int = 5


NO_FAULTS = Faults(0, 0, 0, 0, 0)


class FaultPlan:
    """The faults of one terminal, the same for the same seed."""

    def __init__(self, seed: int, phone: str, faults: Faults) -> None:
        self._name = f"{seed}:{phone}"
        self._faults = faults
        self.skew = timedelta(seconds=random.Random(self._name).randint(-faults.skew_s, faults.skew_s))  # noqa: S311

    def blind(self, moment: datetime) -> bool:
        """Say whether there is no signal at a moment; a blind spot lies within one hour."""
        hour = moment.replace(minute=0, second=0, microsecond=0)
        chance = random.Random(f"{self._name}:blind:{hour.timestamp():.0f}")  # noqa: S311
        if chance.random() >= self._faults.blind_hours:
            return False
        starts = chance.randrange(0, 3600 - self._faults.blind_longest_s)
        lasts = chance.randint(self._faults.blind_longest_s // 3, self._faults.blind_longest_s)
        return starts <= (moment - hour).total_seconds() < starts + lasts

    def wire(self, serial: int, frame: bytes) -> bytes:
        """Return what really goes out for a frame: itself, itself twice, or a copy with a flipped bit."""
        chance = random.Random(f"{self._name}:wire:{serial}").random()  # noqa: S311
        if chance < self._faults.corrupted:
            return frame[:8] + bytes([frame[8] ^ 0x40]) + frame[9:]
        return frame * 2 if chance < self._faults.corrupted + self._faults.duplicate else frame


@dataclass(frozen=True, slots=True)
class TerminalLine:
    """Who the terminal is, where the gateway is, and how patient the terminal is in real seconds."""

    phone: str
    plate: str
    version: Version
    host: str
    port: int
    reply_s: float = 2.0
    reconnect_s: float = 1.0
    heartbeat_s: float = 30.0


class SimulatedTerminal:
    """A simulated terminal that keeps every fix until the gateway has confirmed it.

    `offer` takes fixes; `run` holds the connection. Inside a blind spot fixes are kept back and afterwards
    sent as 0x0704 of type 1, behind the newest one. Both belong to one event loop.
    """

    def __init__(self, line: TerminalLine, plan: FaultPlan) -> None:
        self._line = line
        self._plan = plan
        self._live: deque[Position] = deque()
        self._late: deque[Position] = deque()
        self._news = asyncio.Event()
        self._blind = False
        self._serial = 0
        self._code: str | None = None
        self.dropped = 0
        self.resent = 0

    @property
    def waiting(self) -> int:
        """Fixes that the gateway has not confirmed."""
        return len(self._live) + len(self._late)

    def offer(self, fix: Fix) -> None:
        """Take one fix from the receiver."""
        self._blind = self._plan.blind(fix.at)
        (self._late if self._blind else self._live).append(_position(fix, self._plan.skew))
        if self.waiting > _KEPT:
            (self._late or self._live).popleft()
            self.dropped += 1
        if not self._blind:
            self._news.set()

    async def run(self) -> None:
        """Connect, sign in and send, for ever; end by cancelling."""
        while True:
            try:
                reader, writer = await asyncio.open_connection(self._line.host, self._line.port)
            except OSError:
                await asyncio.sleep(self._line.reconnect_s)
                continue
            try:
                await self._converse(_Talk(reader, writer, self._line.reply_s))
            except (OSError, EOFError, FrameRefused):
                await asyncio.sleep(self._line.reconnect_s)
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    async def _converse(self, talk: _Talk) -> None:
        while not await self._sign_in(talk):
            await asyncio.sleep(self._line.reconnect_s)
        while True:
            if not await self._send_next(talk):
                await self._wait(talk)

    async def _sign_in(self, talk: _Talk) -> bool:
        if self._code is None:
            word = jt808.Registration(42, 100, "HLSIM", "SIM-1", self._line.phone[-7:], 2, self._line.plate)
            answer = await self._ask(talk, jt808.REGISTRATION, word)
            if not isinstance(answer, jt808.RegistrationReply) or answer.result != RegistrationResult.OK:
                return False
            self._code = answer.auth_code
        answer = await self._ask(talk, jt808.AUTHENTICATION, jt808.Authentication(self._code))
        if isinstance(answer, jt808.GeneralReply) and answer.result == Result.OK:
            return True
        self._code = None
        return False

    async def _send_next(self, talk: _Talk) -> bool:
        """Send the most urgent message and forget its fixes when confirmed; False when nothing waits."""
        if self._blind:
            return False
        if self._late or len(self._live) > _BEHIND:
            while len(self._live) > 1:
                self._late.append(self._live.popleft())
        if self._live:
            fix = self._live[0]
            if await self._confirmed(talk, jt808.POSITION, fix):
                self._live.remove(fix)
            return True
        if self._late:
            batch = [self._late[i] for i in range(min(_BATCH, len(self._late)))]
            if await self._confirmed(talk, jt808.POSITION_BATCH, jt808.PositionBatch(1, tuple(batch))):
                for _ in batch:
                    self._late.popleft()
            return True
        return False

    async def _wait(self, talk: _Talk) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(self._line.heartbeat_s):
                await self._news.wait()
        except TimeoutError:
            if not self._blind:
                await self._ask(talk, jt808.HEARTBEAT, jt808.Empty())

    async def _confirmed(self, talk: _Talk, msg_id: int, body: jt808.Body) -> bool:
        answer = await self._ask(talk, msg_id, body)
        if not isinstance(answer, jt808.GeneralReply):
            self.resent += 1
            return False
        if answer.result != Result.OK:
            self.resent += 1
            await asyncio.sleep(self._line.reconnect_s)
        return answer.result == Result.OK

    async def _ask(self, talk: _Talk, msg_id: int, body: jt808.Body) -> jt808.Body | None:
        self._serial = (self._serial + 1) & 0xFFFF
        message = Message(msg_id, self._line.version, self._line.phone, self._serial, body)
        return await talk.ask(self._plan.wire(self._serial, jt808.encode(message)), self._serial)


class _Talk:
    """One connection: send a message and wait for the answer to its serial."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply_s: float) -> None:
        self._reader = reader
        self._writer = writer
        self._reply_s = reply_s
        self._framer = jt808.Framer()

    async def ask(self, wire: bytes, serial: int) -> jt808.Body | None:
        """Return the answer, or None when none came in time; raises EOFError when the gateway hung up."""
        self._writer.write(wire)
        await self._writer.drain()
        try:
            async with asyncio.timeout(self._reply_s):
                while True:
                    data = await self._reader.read(4096)
                    if not data:
                        raise EOFError
                    for found in self._framer.feed(data):
                        body = _answer(found)
                        if body is not None and body.serial == serial:
                            return body
        except TimeoutError:
            return None


def _answer(found: bytes | FrameRefused) -> jt808.GeneralReply | jt808.RegistrationReply | None:
    if isinstance(found, FrameRefused):
        return None
    body = jt808.decode(found).body
    return body if isinstance(body, jt808.GeneralReply | jt808.RegistrationReply) else None


def _position(fix: Fix, skew: timedelta) -> Position:
    return make_position(
        fix.lat,
        fix.lon,
        fix.at + skew,
        altitude_m=fix.altitude_m,
        speed_kmh=fix.speed_kmh,
        course_deg=fix.course_deg,
        status_bits=_STATUS | int(fix.ignition),
        load=fix.load,
        items=(
            (0x01, (fix.odometer_m // 100).to_bytes(4, "big")),
            (0x31, bytes([fix.satellites])),
        ),
    )
