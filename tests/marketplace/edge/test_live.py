"""Positions reach an open map as they come in, and only its reader's."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
import pytest
from litestar.serialization import encode_json
from sqlalchemy import Engine

from compliance.record.who import Role, Who
from marketplace.edge.live import CHANNEL, LiveFeed, channels
from tests.tracking.world import World, build, drive, positions

INSPECTOR = Who(None, "inspector", None, frozenset({Role.INSPECTOR}))


@pytest.fixture
def world(engine: Engine) -> World:
    """The tracking tests' world."""
    return build(engine)


async def _in() -> bool:
    return True


async def _heard(world: World, who: Who) -> list[dict[str, object]]:
    """Return the first rows that a reader's map hears after two vehicles moved."""
    plugin = channels()
    feed = LiveFeed(world.engine, plugin, every_s=0.01)
    async with plugin, feed.running(None):
        stream = feed.stream(who, feed.version(), _in)
        first = await anext(stream)
        assert first.comment is not None
        await anext(stream)
        await asyncio.to_thread(world.feed, positions(*drive()[:2]))
        async with asyncio.timeout(10):
            async for message in stream:
                if message.event == "positions":
                    assert isinstance(message.data, bytes)
                    return msgspec.json.decode(message.data, type=list[dict[str, object]])
    return []


def test_an_inspector_hears_of_a_vehicle_that_moves(world: World) -> None:
    """The map would stand still."""
    rows = asyncio.run(_heard(world, INSPECTOR))
    assert [row["plate"] for row in rows] == ["鄂A·70012"]


def test_a_carrier_hears_of_its_own_vehicles(world: World) -> None:
    """A dispatcher would be blind."""
    rows = asyncio.run(_heard(world, world.dispatcher))
    assert [row["plate"] for row in rows] == ["鄂A·70012"]


def test_a_stranger_hears_nothing_but_that_the_line_stands(world: World) -> None:
    """A rival would watch the lorries."""
    with pytest.raises(TimeoutError):
        asyncio.run(_soon(_heard(world, replace(world.stranger))))


async def _heard_before_the_first_look(world: World, who: Who) -> list[dict[str, object]]:
    """Return what a map hears when a vehicle moves after it opened and before the reader first looked."""
    plugin = channels()
    feed = LiveFeed(world.engine, plugin)
    async with plugin:
        stream = feed.stream(who, feed.version(), _in)
        await anext(stream)
        await asyncio.to_thread(world.feed, positions(*drive()[:2]))
        plugin.publish(encode_json(await asyncio.to_thread(feed.news, -1)), CHANNEL)
        message = await anext(stream)
        await stream.aclose()
    assert isinstance(message.data, bytes), message.comment
    return msgspec.json.decode(message.data, type=list[dict[str, object]])


def test_nothing_is_missed_between_opening_and_the_readers_first_look(world: World) -> None:
    """A vehicle that moved in that second would stand still on the map until it moved again."""
    rows = asyncio.run(_heard_before_the_first_look(world, INSPECTOR))
    assert [row["plate"] for row in rows] == ["鄂A·70012"]


async def _soon(heard: object) -> None:
    async with asyncio.timeout(1.5):
        await heard  # type: ignore[misc]
