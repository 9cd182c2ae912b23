"""Which terminals are connected now, over which sockets?"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from devices.codecs import FrameRefused
from devices.codecs.config_json import GatewaySettings
from devices.codecs.jt808 import Framer
from devices.gateway.commit import GroupCommit
from devices.gateway.dispatch import Dispatch
from devices.gateway.limits import Bucket, Doorman
from devices.gateway.registry import TerminalRegistry
from devices.gateway.session import Desk, Session
from devices.outbox import Outbox
from devices.transports import Publisher

_BACKLOG = 1024
_MOST_UNREAD = 64 * 1024
_SWEEP_S = 1.0
_SETTABLE = ("idle_s", "auth_s", "max_connections", "connections_per_address", "frames_per_minute")


@dataclass(frozen=True, slots=True)
class GatewayLine:
    """Where to listen and how patient to be, in real seconds; port 0 takes a free one.

    `idle_s` is how long a connection may say nothing before it counts as half-open, `auth_s` how long it
    may go without authenticating. A terminal that says more than `frames_per_minute` is read more slowly.
    """

    host: str = "127.0.0.1"
    port: int = 0
    idle_s: float = 180.0
    auth_s: float = 60.0
    max_connections: int = 10_000
    connections_per_address: int = 10_000
    frames_per_minute: int = 1_200


class _Wire:
    """One authenticated terminal's session and socket, as commands are sent through it."""

    def __init__(self, session: Session, writer: asyncio.StreamWriter) -> None:
        self.word = session.word
        self.keep_heard = session.keep_heard
        self.writer = writer

    def write(self, frames: list[bytes]) -> bool:
        """Send frames, unless the terminal has long taken nothing."""
        transport = self.writer.transport
        if transport.is_closing() or transport.get_write_buffer_size() > _MOST_UNREAD:
            return False
        self.writer.writelines(frames)
        return True


class Gateway:
    """A JT/T 808 server over TCP: decode, store, commit, answer, and only then pass on (telemetry.md 1.11).

    One terminal has one connection: a newer authenticated one takes over and the older is closed.
    """

    def __init__(
        self,
        outbox: Outbox,
        registry: TerminalRegistry,
        publisher: Publisher,
        now: Callable[[], datetime],
        *,
        line: GatewayLine | None = None,
        counters: Counter[str] | None = None,
        dispatch: Dispatch | None = None,
    ) -> None:
        self._line = self._own_line = line or GatewayLine()
        self._publisher = publisher
        self._registry = registry
        self._outbox = outbox
        self._commit = GroupCommit(outbox)
        self._counters: Counter[str] = Counter() if counters is None else counters
        self._dispatch = dispatch or Dispatch("", registry.has, lambda: None)
        self._desk = Desk(outbox, registry, self._commit, self._counters, now, self._dispatch.answered)
        self._doorman = Doorman()
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._by_device: dict[str, _Wire] = {}

    @property
    def port(self) -> int:
        """The port that is listened on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def counters(self) -> Mapping[str, int]:
        """What was counted since the start: frames, positions, duplicates, refusals by code, connections."""
        return {
            **self._counters,
            "connected": len(self._by_device),
            "registry_bad_reads": self._registry.bad_reads,
        }

    async def start(self) -> None:
        """Listen."""
        self._loop = asyncio.get_running_loop()
        self._enrol_listed()
        self._publisher.start()
        self._commit.start()
        self._dispatch.start()
        self._sweeper = asyncio.create_task(self._sweep())
        self._server = await asyncio.start_server(
            self._connected, self._line.host, self._line.port, backlog=_BACKLOG
        )

    def apply(self, wanted: GatewaySettings) -> None:
        """Put the server's settings into force, from any thread; what they leave out is as in the file.

        A terminal that is no longer listed is hung up on.
        """
        given = {name: value for name in _SETTABLE if (value := getattr(wanted, name)) is not None}
        self._registry.want(wanted.terminals)
        self._line = replace(self._own_line, **given)
        self._enrol_listed()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._hang_up_strangers)

    def _enrol_listed(self) -> None:
        with self._outbox.exclusive():
            for terminal in self._registry.all():
                self._outbox.enrol(terminal.device, terminal.tenant, terminal.inc)

    def _hang_up_strangers(self) -> None:
        for device, wire in self._by_device.items():
            if not self._registry.has(device):
                self._counters["no_longer_listed"] += 1
                wire.writer.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            self._dispatch.sweep(asyncio.get_running_loop().time())

    async def stop(self) -> None:
        """Close every connection and stop listening; terminals keep what was not confirmed."""
        if self._server is not None:
            self._server.close()
            self._sweeper.cancel()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._commit.stop()
        await asyncio.to_thread(self._dispatch.stop)
        await asyncio.to_thread(self._publisher.stop)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        session = Session(self._desk)
        address = _address(writer)
        let_in = False
        self._counters["connections"] += 1
        try:
            let_in = self._let_in(address)
            if let_in:
                await self._converse(session, reader, writer)
        except TimeoutError:
            self._counters["dropped_idle"] += 1
        except (ConnectionError, asyncio.CancelledError):
            self._counters["dropped_by_peer"] += 1
        finally:
            self._tasks.discard(task)
            if let_in:
                self._doorman.gone(address)
            self._gone(session, writer)
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                writer.close()
                await writer.wait_closed()

    def _let_in(self, address: str) -> bool:
        now = asyncio.get_running_loop().time()
        if len(self._tasks) > self._line.max_connections:
            self._counters["refused_too_many_connections"] += 1
        elif not self._doorman.let_in(address, self._line.connections_per_address, now):
            self._counters["refused_address"] += 1
        else:
            return True
        return False

    async def _converse(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        framer = Framer()
        loop = asyncio.get_running_loop()
        auth_by = loop.time() + self._line.auth_s
        bucket = Bucket(self._line.frames_per_minute, loop.time())
        while True:
            patience = loop.time() + self._line.idle_s
            async with asyncio.timeout_at(patience if session.terminal else min(patience, auth_by)):
                data = await reader.read(4096)
                if not data:
                    return
                found = framer.feed(data)
                for one in found:
                    await self._answer(session, one, writer)
                await writer.drain()
            if session.failures:
                self._doorman.failed(_address(writer), loop.time())
                session.failures = 0
            if rest := bucket.take(len(found), loop.time()):
                self._counters["slowed"] += 1
                await asyncio.sleep(rest)

    async def _answer(
        self, session: Session, found: bytes | FrameRefused, writer: asyncio.StreamWriter
    ) -> None:
        if isinstance(found, FrameRefused):
            self._counters[f"refused_{found.code}"] += 1
            return
        before = session.terminal
        answer = await session.handle(found)
        if answer is not None:
            writer.write(answer)
            self._publisher.wake()
        if session.terminal is not None and before is None:
            self._take_over(session, writer)
        elif session.terminal is not None and session.still_here:
            session.still_here = False
            self._publisher.say_state(session.terminal.device, on=True)

    def _take_over(self, session: Session, writer: asyncio.StreamWriter) -> None:
        assert session.terminal is not None
        device = session.terminal.device
        older = self._by_device.get(device)
        wire = self._by_device[device] = _Wire(session, writer)
        if older is not None:
            self._counters["taken_over"] += 1
            older.writer.close()
        self._publisher.say_state(device, on=True, software=session.software)
        self._dispatch.arrived(device, wire)

    def _gone(self, session: Session, writer: asyncio.StreamWriter) -> None:
        if session.terminal is None:
            return
        wire = self._by_device.get(session.terminal.device)
        if wire is None or wire.writer is not writer:
            return
        del self._by_device[session.terminal.device]
        self._dispatch.left(session.terminal.device, wire)
        self._publisher.say_state(session.terminal.device, on=False)


def _address(writer: asyncio.StreamWriter) -> str:
    peer = writer.get_extra_info("peername")
    return str(peer[0]) if peer else ""
