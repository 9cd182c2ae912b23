"""What do tests of the gateway run it with, and how do they speak to it?"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devices.codecs import FrameRefused, jt808
from devices.codecs.commands_json import Command, CommandResult, CommandState, encode_command
from devices.codecs.jt808 import Message, Version, make_position
from devices.codecs.terminals import Terminal
from devices.gateway.dispatch import Dispatch
from devices.gateway.registry import TerminalRegistry, write_registry
from devices.gateway.server import Gateway, GatewayLine
from devices.inbox import Inbox
from devices.orders import Orders
from devices.outbox import Outbox
from devices.transports.memory import MemoryPublisher

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
PHONE = "013800000001"
TERMINALS = [
    Terminal("13800000001", "truck-1", "t1", 7, plate="鄂A12345"),
    Terminal("13800000002", "truck-2", "t1", 7, zone="+00:00"),
]


class Line:
    """A terminal's socket, spoken to in whole messages."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, phone: str) -> None:
        self.reader, self.writer, self.phone = reader, writer, phone
        self.framer, self.serial = jt808.Framer(), 0
        self.waiting: deque[bytes | FrameRefused] = deque()

    def frame(self, msg_id: int, body: jt808.Body, version: Version = Version.V2013) -> bytes:
        """Word the next message."""
        self.serial += 1
        phone = self.phone.zfill(20) if version is Version.V2019 else self.phone
        return jt808.encode(Message(msg_id, version, phone, self.serial, body))

    async def send(self, frame: bytes) -> None:
        """Send raw bytes."""
        self.writer.write(frame)
        await self.writer.drain()

    async def message(self) -> Message | None:
        """Read the next message of the gateway; None when it hung up."""
        while not self.waiting:
            data = await asyncio.wait_for(self.reader.read(4096), 20)
            if not data:
                return None
            self.waiting.extend(self.framer.feed(data))
        found = self.waiting.popleft()
        assert isinstance(found, bytes)
        return jt808.decode(found)

    async def answer(self) -> jt808.Body | None:
        """Read the next answer; None when the gateway hung up."""
        found = await self.message()
        return None if found is None else found.body

    async def ask(self, msg_id: int, body: jt808.Body, version: Version = Version.V2013) -> jt808.Body | None:
        """Send a message and read its answer."""
        await self.send(self.frame(msg_id, body, version))
        return await self.answer()

    async def result(self, msg_id: int, body: jt808.Body, version: Version = Version.V2013) -> int:
        """Send a message and tell the result of the general answer."""
        answer = await self.ask(msg_id, body, version)
        assert isinstance(answer, jt808.GeneralReply)
        assert (answer.serial, answer.msg_id) == (self.serial, msg_id)
        return answer.result

    async def sign_in(self, plate: str = "鄂A12345", version: Version = Version.V2013) -> None:
        """Register and authenticate."""
        answer = await self.ask(jt808.REGISTRATION, registration(plate), version)
        assert isinstance(answer, jt808.RegistrationReply)
        assert (answer.result, answer.serial) == (0, self.serial)
        assert await self.result(jt808.AUTHENTICATION, jt808.Authentication(answer.auth_code), version) == 0


def registration(plate: str = "鄂A12345") -> jt808.Registration:
    """Word a registration."""
    return jt808.Registration(42, 100, "HLSIM", "SIM-1", "0000001", 2, plate)


def position(minute: int = 0) -> jt808.Position:
    """Word a fix."""
    return make_position(30.5, 114.3, NOW + timedelta(minutes=minute), speed_kmh=63.5)


class Bench:
    """A running gateway with its outbox and what its publisher heard."""

    def __init__(self, folder: Path, *, acknowledge: bool = False, **line: float) -> None:
        self.path = folder / "terminals.json"
        write_registry(self.path, TERMINALS)
        self.outbox = Outbox(folder / "outbox.db")
        self.outbox.enrol("gateway-1", "t1", 1)
        self.publisher = MemoryPublisher(self.outbox, "gateway-1", acknowledge=acknowledge)
        registry = TerminalRegistry(self.path)
        self.now = NOW
        self.results: list[CommandResult] = []
        self.restarts = 0
        self.dispatch = Dispatch("gateway-1", registry.has, self._restart)
        self.orders = Orders(
            Inbox(self.outbox),
            self.dispatch,
            lambda: self.now,
            keys=list,
            tell=lambda _device, result: self.results.append(result),
        )
        self.dispatch.serve(self.orders)
        self.gateway = Gateway(
            self.outbox,
            registry,
            self.publisher,
            lambda: NOW,
            line=GatewayLine(**line),  # type: ignore[arg-type]
            dispatch=self.dispatch,
        )

    def _restart(self) -> None:
        self.restarts += 1

    async def order(self, kind: str, device: str = "truck-1", id: str = "c-1", **args: object) -> None:
        """Let the broker bring a command, in a thread that is not the gateway's."""
        command = Command(id, kind, NOW, NOW + timedelta(minutes=5), dict(args))
        await asyncio.to_thread(self.orders.hear, f"v1/t1/{device}/cmd", encode_command(command))

    async def until(self, state: CommandState, id: str = "c-1", *, final: bool = True) -> CommandResult:
        """Wait until a command has come so far."""
        wanted = (id, state, final)
        async with asyncio.timeout(20):
            while not (found := [one for one in self.results if (one.id, one.state, one.final) == wanted]):
                await asyncio.sleep(0.01)
        return found[-1]

    async def connect(self, phone: str = PHONE) -> Line:
        """Open a terminal's socket."""
        return Line(*await asyncio.open_connection("127.0.0.1", self.gateway.port), phone)


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Bench]:
    """Run a gateway for a while."""
    await bench.gateway.start()
    try:
        yield bench
    finally:
        await bench.gateway.stop()
        bench.outbox.close()


def run(bench: Bench, story: Callable[[Bench], Awaitable[None]]) -> None:
    """Tell a story to a running gateway."""

    async def told() -> None:
        async with running(bench):
            await story(bench)

    asyncio.run(told())
