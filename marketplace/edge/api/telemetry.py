"""How does a phone without MQTT hand in its positions?

The same judgement as over MQTT: the upload is one batch of messages under the device's own topic, and the
answer is the acknowledgement of the contract, said after the commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from litestar import Controller, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec

from compliance.record.errors import N_, Invalid
from devices.codecs import FrameRefused
from devices.codecs.geojson import scan_geojson
from devices.codecs.telemetry_json import (
    MAX_BATCH,
    Batch,
    TopicKind,
    encode_ack,
    encode_positions,
    scan_positions,
    topic,
)
from devices.codecs.wire import dump
from devices.readings import PositionReading
from marketplace.edge.device_door import device_signed_in, device_work
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from tracking.pipeline import Message, handle_batch

GEOJSON = "application/geo+json"
MOST_KEPT = 20_000
"""So many characters of a feature that was refused are kept."""


class Telemetry(Controller):
    """What devices hand in over HTTP."""

    path = "/api/v1/telemetry"
    tags = ("devices",)
    guards = (device_signed_in,)

    @post(
        "/positions",
        status_code=200,
        operation_id="upload_positions",
        responses={200: ResponseSpec(data_container=dict[str, Any], description="The acknowledgement.")},
    )
    async def positions(self, request: Visit, door: NamedDependency[Door]) -> Response[bytes]:
        """Take positions in: `{"inc", "r": […]}` of the wire contract, or GeoJSON (`application/geo+json`).

        Sent again it changes nothing. The answer is the `ack` of the contract: the watermark of the stream
        and the closed ranges beyond it. A bad record is refused alone and counts as received.
        """
        body = await request.body()  # as bytes: the codec judges them, and the same bytes are stored
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return await sync_to_thread(take, door, request, body, kind == GEOJSON)


def take(door: Door, request: Visit, body: bytes, is_geojson: bool) -> Response[bytes]:
    """Judge and store an upload in one transaction, and acknowledge what is stored."""
    try:
        batch = scan_geojson(body) if is_geojson else scan_positions(body)
        payloads = list(_payloads(batch)) if is_geojson else [body]
    except FrameRefused as refused:
        raise Invalid(
            N_("This upload cannot be read: {detail}"),
            code="upload_unreadable",
            values={"detail": refused.detail},
        ) from None
    with device_work(door, request) as (work, device):
        name = topic(device.tenant, device.id, TopicKind.POSITIONS)
        result = handle_batch(work, [Message(name, payload, work.now) for payload in payloads])
        device.online = True  # a phone without MQTT has no last will: its silence tells
    acks = [encode_ack(ack) for _, ack in result.acks]
    if not acks:
        raise Invalid(
            N_("Nothing of this upload was taken: {reasons}"),
            code="upload_refused",
            values={"reasons": ", ".join(sorted(set(result.counts) - {"messages", "records"}))},
        )
    return Response(acks[0], media_type="application/json")


def _worded(inc: int, readings: Sequence[PositionReading]) -> Iterator[bytes]:
    """Yield positions as one message, or where that would be too long, as several."""
    try:
        yield encode_positions(inc, readings)
    except FrameRefused:
        if len(readings) == 1:
            raise
        half = len(readings) // 2
        yield from _worded(inc, readings[:half])
        yield from _worded(inc, readings[half:])


def _payloads(batch: Batch[PositionReading]) -> Iterator[bytes]:
    """Yield a GeoJSON upload in the words of the contract; what was refused stays as it was sent."""
    readings = batch.readings
    for start in range(0, len(readings), MAX_BATCH):
        yield from _worded(batch.inc, readings[start : start + MAX_BATCH])
    for bad in batch.refused:
        told: dict[str, object] = {"feature": bad.raw.decode(errors="replace")[:MOST_KEPT], "why": bad.detail}
        if bad.seq is not None:
            told["s"] = bad.seq
        yield dump({"inc": batch.inc, "r": [told]})
