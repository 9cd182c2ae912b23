"""Pictures of weighings over HTTP: a scale hands them in, and who may see the ticket looks at them."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath

from compliance.qualification.scans import JPEG, checked
from devices.codecs.ticket_json import MOST_PHOTO_BYTES, PHOTO_PATH
from marketplace.edge.api.papers import NAMED
from marketplace.edge.device_door import device_signed_in, device_work
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.scans import store_of
from tracking.weighings import photos, queries


class PhotoTaken(msgspec.Struct, frozen=True):
    """The picture that is here now, by the SHA-256 of its bytes, and how many tickets' views it fills."""

    sha256: str
    size: int
    tickets: int


class DevicePhotos(Controller):
    """What a scale hands in, with its password as the bearer token."""

    path = PHOTO_PATH
    tags = ("devices",)
    guards = (device_signed_in,)

    @post(
        "/",
        status_code=200,
        operation_id="upload_photo",
        request_max_body_size=MOST_PHOTO_BYTES,
        responses={200: ResponseSpec(data_container=PhotoTaken, description="It is stored.")},
    )
    async def upload(self, request: Visit, door: NamedDependency[Door]) -> PhotoTaken:
        """Take a JPEG or PNG of up to 3 MB, as the body, that a stored ticket of the scale names by its hash.

        Sent again it changes nothing. While the ticket is still on its way the answer is 409 `photo_unnamed`.
        """
        data = await request.body()  # as bytes: its hash is what was signed
        return await sync_to_thread(take, door, request, data)


def take(door: Door, request: Visit, data: bytes) -> PhotoTaken:
    """Judge a picture, and keep it before anything says that it is here."""
    found = checked(data, photos_only=True)
    with device_work(door, request) as (work, device):
        tickets = photos.take(work, device.id, found.sha256, found.media_type)
        store_of(door.settings).put(data)
    return PhotoTaken(found.sha256, found.size, tickets)


class WeighingPhotos(Controller):
    """The pictures that a ticket names."""

    path = "/api/v1/weighings/{weighing_id:uuid}/photos"
    tags = ("weighings",)
    guards = (signed_in,)

    @get(
        "/{view:str}",
        sync_to_thread=True,
        operation_id="get_weighing_photo",
        media_type=JPEG,
        response_headers=[NAMED],
    )
    def show(
        self,
        request: Visit,
        door: NamedDependency[Door],
        weighing_id: FromPath[UUID],
        view: FromPath[str],
    ) -> Response[bytes]:
        """Give a ticket's picture from one side: bytes whose hash is the one that the scale signed."""
        with door.reading(request) as work:
            row = queries.weighing(work.session, weighing_id, work.who)
            found = photos.one(work.session, row, view)
            sha256, kind, number = found.sha256, found.media_type, row.ticket_number
        name = f"ticket-{number}-{sha256[:12]}.{'jpg' if kind == JPEG else 'png'}"
        headers = {
            "Content-Disposition": f'inline; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(store_of(door.settings).get(sha256), media_type=kind, headers=headers)
