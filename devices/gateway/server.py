"""Which terminals are connected now, over which sockets?"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from devices.codecs import FrameRefused
from devices.codecs.jt808 import Framer
from devices.gateway.commit import GroupCommit
from devices.gateway.registry import TerminalRegistry
from devices.gateway.session import Desk, Session
from devices.outbox import Outbox
from devices.transports import Publisher


@dataclass(frozen=True, slots=True)
class GatewayLine:
    """Where to listen and how patient to be, in real seconds; port 0 takes a free one.

    `idle_s` is how long a connection may say nothing before it counts as half-open, `auth_s` how long it
    may go without authenticating.
    """

    host: str = "127.0.0.1"
    port: int = 0
    idle_s: float = 180.0
    auth_s: float = 60.0
    max_connections: int = 5_000


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
    ) -> None:
        self._line = line or GatewayLine()
        self._publisher = publisher
        self._registry = registry
        self._outbox = outbox
        self._commit = GroupCommit(outbox)
        self._counters: Counter[str] = Counter() if counters is None else counters
        self._desk = Desk(outbox, registry, self._commit, self._counters, now)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._by_device: dict[str, asyncio.StreamWriter] = {}

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
        for terminal in self._registry.all():
            self._outbox.enrol(terminal.device, terminal.tenant, terminal.inc)
        self._publisher.start()
        self._commit.start()
        self._server = await asyncio.start_server(self._connected, self._line.host, self._line.port)

    async def stop(self) -> None:
        """Close every connection and stop listening; terminals keep what was not confirmed."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._commit.stop()
        await asyncio.to_thread(self._publisher.stop)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        session = Session(self._desk)
        self._counters["connections"] += 1
        try:
            if len(self._tasks) <= self._line.max_connections:
                await self._converse(session, reader, writer)
            else:
                self._counters["refused_too_many_connections"] += 1
        except TimeoutError:
            self._counters["dropped_idle"] += 1
        except (ConnectionError, asyncio.CancelledError):
            self._counters["dropped_by_peer"] += 1
        finally:
            self._tasks.discard(task)
            self._gone(session, writer)
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                writer.close()
                await writer.wait_closed()

    async def _converse(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        framer = Framer()
        loop = asyncio.get_running_loop()
        auth_by = loop.time() + self._line.auth_s
        while True:
            patience = loop.time() + self._line.idle_s
            async with asyncio.timeout_at(patience if session.terminal else min(patience, auth_by)):
                data = await reader.read(4096)
                if not data:
                    return
                for found in framer.feed(data):
                    await self._answer(session, found, writer)
                await writer.drain()

    async def _answer(
        self, session: Session, found: bytes | FrameRefused, writer: asyncio.StreamWriter
    ) -> None:
        if isinstance(found, FrameRefused):
            self._counters[f"refused_{found.code}"] += 1
            return
        before = session.terminal
        answer = await session.handle(found)
        if session.terminal is not None and before is None:
            self._take_over(session.terminal.device, writer)
        if answer is not None:
            writer.write(answer)
            self._publisher.wake()

    def _take_over(self, device: str, writer: asyncio.StreamWriter) -> None:
        older = self._by_device.get(device)
        self._by_device[device] = writer
        if older is not None:
            self._counters["taken_over"] += 1
            older.close()
        self._publisher.say_state(device, on=True)

    def _gone(self, session: Session, writer: asyncio.StreamWriter) -> None:
        if session.terminal is None or self._by_device.get(session.terminal.device) is not writer:
            return
        del self._by_device[session.terminal.device]
        self._publisher.say_state(session.terminal.device, on=False)
