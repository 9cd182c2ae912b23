"""Does the published wire contract say what the codecs read and write?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from litestar.serialization import encode_json
from litestar.testing import create_test_client
from msgspec import inspect

from devices.codecs.contract import CHANNELS
from devices.codecs.topics import TopicKind
from devices.readings import Stream
from marketplace.edge.asyncapi import asyncapi, document
from marketplace.instance import DOWN, UP
from tracking.envelope import OPENERS


def references(value: Any) -> Iterator[str]:
    """Yield every reference of a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolved(reference: str) -> Any:
    """Return what a reference points to."""
    found: Any = document()
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_every_topic_is_a_channel_with_its_direction() -> None:
    """A programmer would not learn of a topic, or listen where the server says nothing."""
    assert [channel.kind for channel in CHANNELS].count(TopicKind.STATE) == 1
    assert {channel.kind for channel in CHANNELS} == set(TopicKind)
    assert {channel.kind.value for channel in CHANNELS if channel.up} == set(UP)
    assert {channel.kind.value for channel in CHANNELS if not channel.up} == set(DOWN)
    assert {channel.kind for channel in CHANNELS if channel.up} == set(OPENERS), "what is said is taken in"
    assert {channel.kind.value for channel in CHANNELS} >= {stream.value for stream in Stream}
    told = document()
    assert set(told["channels"]) == set(TopicKind)
    actions = {one["channel"]["$ref"]: one["action"] for one in told["operations"].values()}
    assert actions["#/channels/cmd"] == "send"
    assert actions["#/channels/res"] == "receive"
    assert len(told["operations"]) == len(CHANNELS)


def test_every_key_of_a_payload_is_described() -> None:
    """A key that the codec reads would be missing from the schema, and devices never send it."""
    for channel in CHANNELS:
        info = inspect.type_info(channel.shape)
        assert isinstance(info, inspect.StructType)
        payload = document()["components"]["messages"][channel.name]["payload"]
        shape = payload["properties"]["r"]["items"] if channel.batched else payload
        if channel.beside is not None:
            shape, beside = shape["allOf"]
            assert {"photos", "lacks", "void", "from"} <= set(resolved(beside["$ref"])["properties"])
        schema = resolved(shape["$ref"])
        assert set(schema["properties"]) == {one.encode_name for one in info.fields}
        assert set(schema.get("required", [])) == {one.encode_name for one in info.fields if one.required}


def test_references_lead_somewhere_and_the_document_is_served() -> None:
    """A generator of clients would stop at the first broken reference."""
    assert all(resolved(reference) for reference in references(document()))
    with create_test_client(asyncapi) as client:
        served = client.get("/api/asyncapi.json")
    assert served.json() == json.loads(encode_json(document()))
    assert served.json()["asyncapi"] == "3.0.0"
