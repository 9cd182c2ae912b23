"""Which device sends this request, and in which transaction is it carried out?

A device shows its password as a bearer token, the same one by which the broker knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from compliance.record.database import reading, transaction
from compliance.record.errors import N_
from compliance.record.who import Who
from compliance.record.work import Work
from marketplace.edge.door import Door
from marketplace.edge.guards import MARK
from marketplace.edge.identity import Visit, bearer_of
from marketplace.edge.refusals import NotSignedIn
from tracking.fleet import credentials
from tracking.fleet.tables import Device, DeviceCredential

_SCOPE_KEY = "huanlian.device"


async def device_signed_in(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Let in a device with a password that holds, and note the first use of a new one."""
    door: Door = connection.app.state.door
    told = bearer_of(connection)
    found = await sync_to_thread(_recognise, door, told) if told else None
    if found is None:
        raise NotSignedIn(N_("The device's password is unknown, expired or revoked."), code="device_unknown")
    cast("dict[str, Any]", connection.scope)[_SCOPE_KEY] = found


setattr(device_signed_in, MARK, frozenset())


def _recognise(door: Door, password: str) -> str | None:
    with reading(door.engine) as session:
        found = credentials.by_password(session, password, door.wall())
        if found is None:
            return None
        device, credential = found
        device_id, is_new = device.id, credential.used_at is None
        key = credential.id
    if is_new:
        with transaction(door.engine) as session:
            credentials.note_use(session.get_one(DeviceCredential, key), door.wall())
    return device_id


@contextmanager
def device_work(door: Door, request: Visit) -> Iterator[tuple[Work, Device]]:
    """Yield the device that sends a request, and a work that is committed when the block ends."""
    device_id: str = cast("dict[str, Any]", request.scope)[_SCOPE_KEY]
    with transaction(door.engine) as session:
        device = session.get_one(Device, device_id)
        who = Who(None, device.id, device.organisation_id, frozenset())
        yield Work(session, door.now(), who), device
