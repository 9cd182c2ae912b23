"""How does a test cut a link between two processes and mend it again?"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

CHUNK = 65_536


class Proxy:
    """A TCP link on loopback that can be cut: then every connection ends, and none is let in."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self.port = 0

    def cut(self) -> None:
        """Cut the link."""
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self) -> None:
        """Let connections in again."""
        self._is_cut = False

    def _cut(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, started: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await stop.wait()
        server.close()
        self._cut()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    def run(self, started: threading.Event, stop: asyncio.Event) -> None:
        """Serve, in a thread, until told to stop."""
        self._loop.run_until_complete(self._serve(started, stop))
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(task)
        self._loop.run_until_complete(asyncio.sleep(0.05))  # aborted connections close their sockets
        self._loop.close()

    def call(self, stop: asyncio.Event) -> None:
        """Tell the thread to stop."""
        self._loop.call_soon_threadsafe(stop.set)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@contextlib.contextmanager
def link(target: int) -> Iterator[Proxy]:
    """Yield a link to a port of this machine."""
    proxy, started, stop = Proxy(target), threading.Event(), asyncio.Event()
    thread = threading.Thread(target=proxy.run, args=(started, stop), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield proxy
    finally:
        proxy.call(stop)
        thread.join(10)
