"""How do positions reach every open map as they come in, with one reader of the database per process?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic

import msgspec
import structlog
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.concurrency import sync_to_thread
from litestar.response import ServerSentEventMessage
from litestar.serialization import encode_json
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from compliance.record.database import reading
from compliance.record.who import SYSTEM, Who
from tracking import live

log = structlog.get_logger(__name__)

CHANNEL = "positions"
EVERY_S = 1.0
BEAT_S = 15.0
"""A comment this often keeps proxies from closing the line, and is when a sign-in is looked at again."""


class News(msgspec.Struct, frozen=True):
    """What the one reader found after one version, up to another: every row, for those who see all."""

    after: int
    version: int
    rows: list[live.LiveRow]


def channels() -> ChannelsPlugin:
    """Return the fan-out within one process."""
    return ChannelsPlugin(
        MemoryChannelsBackend(),
        channels=[CHANNEL],
        subscriber_max_backlog=50,
        subscriber_backlog_strategy="dropleft",
    )


decode_news = msgspec.json.Decoder(News | None).decode


class LiveFeed:
    """The one reader of a process, and the streams it feeds."""

    def __init__(self, engine: Engine, plugin: ChannelsPlugin, every_s: float = EVERY_S) -> None:
        self.engine = engine
        self.plugin = plugin
        self.every_s = every_s
        self.listeners = 0

    @asynccontextmanager
    async def running(self, _: object) -> AsyncIterator[None]:
        """Read while the application lives."""
        task = asyncio.create_task(self._read_on())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _read_on(self) -> None:
        version, silent_s = -1, 0.0
        while True:
            await asyncio.sleep(self.every_s)
            if not self.listeners:
                version = -1
                continue
            try:
                news = await sync_to_thread(self.news, version)
            except SQLAlchemyError:
                log.warning("live.unreadable", exc_info=True)
                continue
            silent_s = silent_s + self.every_s if news is None else 0.0
            if news is not None:
                version = news.version
            if news is not None or silent_s >= BEAT_S:
                silent_s = 0.0
                with suppress(RuntimeError):  # the application is closing
                    self.plugin.publish(encode_json(news) if news else b"null", CHANNEL)

    def news(self, after: int) -> News | None:
        """Return what changed after a version; a first look (-1) only learns where the record stands."""
        with reading(self.engine) as session:
            if after < 0:
                stands = live.version(session)
                return News(stands, stands, [])
            rows = live.deltas(session, SYSTEM, after)
        return News(after, rows[-1]["version"], rows) if rows else None

    def version(self) -> int:
        """Return the newest version of the live map."""
        with reading(self.engine) as session:
            return live.version(session)

    def mine(self, who: Who, after: int) -> tuple[int, list[live.LiveRow]]:
        """Return what changed for one person after a version, by that person's own right to see."""
        with reading(self.engine) as session:
            newest = live.version(session)
            return newest, live.deltas(session, who, after)

    async def stream(
        self, who: Who, version: int, still_in: Callable[[], Awaitable[bool]]
    ) -> AsyncGenerator[ServerSentEventMessage]:
        """Yield what changes on a person's map after a version, until the sign-in is over.

        Those who oversee get the rows that the one reader read, unless it began to read after the version
        they have; others are looked up by their own right whenever something moved.
        """
        self.listeners += 1
        try:
            async with self.plugin.start_subscription(CHANNEL) as subscription:
                version, missed = await sync_to_thread(self.mine, who, version)
                yield _message(missed)
                looked_at = monotonic()
                async for packed in subscription.iter_events():
                    if monotonic() - looked_at >= BEAT_S:
                        if not await still_in():
                            return
                        looked_at = monotonic()
                    news = decode_news(packed)
                    if news is None or news.version <= version:
                        rows: Sequence[object] = []
                    elif who.oversees and news.after <= version:
                        version, rows = news.version, [row for row in news.rows if row["version"] > version]
                    else:
                        version, rows = await sync_to_thread(self.mine, who, version)
                    yield _message(rows)
        finally:
            self.listeners -= 1


def _message(rows: Sequence[object]) -> ServerSentEventMessage:
    if not rows:
        return ServerSentEventMessage(comment="still here", data=None)
    return ServerSentEventMessage(event=CHANNEL, data=encode_json(rows))
