"""What does a device ask for itself: to be let in by its code, a new password, a new incarnation?"""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from compliance.record.database import transaction
from compliance.record.errors import N_, Invalid
from compliance.record.who import Who
from compliance.record.work import Work
from devices.codecs.enrolment_json import EnrolmentAnswer, EnrolmentRequest, OwnPassword, proves
from devices.codecs.wire import to_millis
from marketplace import device_access
from marketplace.accounts import service as accounts
from marketplace.edge.device_door import device_signed_in, device_work
from marketplace.edge.door import Door
from marketplace.edge.entry import address_of
from marketplace.edge.identity import Visit
from tracking.fleet import credentials, enrolment, service
from tracking.fleet.enrolment import Enrolled
from tracking.fleet.rules import DeviceKind

TRIES = 30
"""Codes that an address may present in vain in 15 minutes."""


class SelfView(msgspec.Struct, frozen=True, kw_only=True):
    """A device as it is known here; `time` is the server's, ms since 1970."""

    device: str
    tenant: str
    kind: DeviceKind
    inc: int
    time: int


class Renewal(msgspec.Struct, forbid_unknown_fields=True):
    """The incarnation whose outbox is lost; another than the present one changes nothing."""

    lost: Annotated[int, msgspec.Meta(ge=1)]


class Enrolment(Controller):
    """The way in for a new device."""

    path = "/api/v1/devices/enrol"
    tags = ("devices",)

    @post("/", sync_to_thread=True, operation_id="enrol_device")
    def enrol(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[EnrolmentRequest]
    ) -> EnrolmentAnswer:
        """Let a device in by its one-time code and its own key. The password is told this once."""
        if not proves(data):
            raise Invalid(N_("The proof does not fit code and key."), field="proof")
        key = f"enrol:{address_of(request)[:80]}"
        with transaction(door.engine) as session:
            accounts.charge_one(session, key, TRIES, door.wall())
        with transaction(door.engine) as session:
            work = Work(session, door.now(), Who(None, "device", None, frozenset()))
            found = enrolment.enrol(work, data.code, data.public_key, door.wall())
            found.device.firmware = data.fw
            accounts.give_back(session, key)
            return _answer(door, found)


class OwnDevice(Controller):
    """What an enrolled device does over HTTP, with its password as the bearer token."""

    path = "/api/v1/device"
    tags = ("devices",)
    guards = (device_signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_own_device")
    def show(self, request: Visit, door: NamedDependency[Door]) -> SelfView:
        """Say who the device is here; with a new password, confirm that it has arrived."""
        with device_work(door, request) as (work, device):
            return SelfView(
                device=device.id,
                tenant=device.tenant,
                kind=DeviceKind(device.kind),
                inc=device.inc,
                time=to_millis(work.now),
            )

    @post("/password", sync_to_thread=True, operation_id="rotate_own_password")
    def rotate(self, request: Visit, door: NamedDependency[Door]) -> OwnPassword:
        """Give the device a new password; the one it has holds for a day more."""
        with device_work(door, request) as (work, device):
            return OwnPassword(credentials.rotate(work.session, device, door.wall()))

    @post("/incarnation", sync_to_thread=True, status_code=200, operation_id="renew_incarnation")
    def renew(self, request: Visit, door: NamedDependency[Door], data: JSONBody[Renewal]) -> SelfView:
        """Issue the next incarnation to a device whose outbox was lost; asked twice, it is issued once."""
        with device_work(door, request) as (work, device):
            if data.lost == device.inc:
                service.renew_incarnation(work, device.id)
            return SelfView(
                device=device.id,
                tenant=device.tenant,
                kind=DeviceKind(device.kind),
                inc=device.inc,
                time=to_millis(work.now),
            )


def _answer(door: Door, found: Enrolled) -> EnrolmentAnswer:
    return EnrolmentAnswer(
        device=found.device.id,
        tenant=found.device.tenant,
        kind=found.device.kind,
        inc=found.device.inc,
        mqtt=device_access.broker_for_devices(door.settings),
        password=found.password,
        t=to_millis(door.now()),
        command_keys=[device_access.command_public_key(door.settings)],
        ca=device_access.broker_authority(door.settings),
    )
