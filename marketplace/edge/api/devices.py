"""Devices over HTTP: register, hand out a code, exchange a password, revoke, move to another owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.record.who import Role
from compliance.record.work import Work
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.items import STANDARD
from devices.datum import Datum
from marketplace.edge.api.documents import told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed, with_secret
from marketplace.web.raw_frames import raw_frames
from tracking.commands import service as commands
from tracking.commands import terminals
from tracking.commands.terminals import Line
from tracking.fleet import credentials, enrolment, queries, service
from tracking.fleet.enrolment import IssuedCode, Post
from tracking.fleet.rules import INTERVAL_S, DeviceKind, DeviceStatus, Presence, presence
from tracking.fleet.tables import Device

SEE = requires(Role.DISPATCHER, Role.PRODUCER, Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR)
MANAGE = requires(Role.DISPATCHER, Role.PRODUCER, Role.PROCESSOR, Role.OPERATOR)
DeviceName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Hours = Annotated[int, msgspec.Meta(ge=1, le=336, description="so many hours the code holds")]
Overlap = Annotated[int, msgspec.Meta(ge=0, le=168, description="so many hours the old password holds")]


class NewPost(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where a device does its work: its vehicle, its site, or for a gateway whose it is."""

    vehicle_id: UUID | None = None
    site_id: UUID | None = None
    organisation_id: UUID | None = None

    def post(self) -> Post:
        """Return the post."""
        return Post(self.vehicle_id, self.site_id, self.organisation_id)


class NewDevice(NewPost, forbid_unknown_fields=True, kw_only=True):
    """A device to enter; its name is its user name at the broker and stands in its topics."""

    id: DeviceName
    kind: DeviceKind
    valid_hours: Hours = 24


class NewCode(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """For how long a new code holds."""

    valid_hours: Hours = 24


class Rotation(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """For how long the old password holds beside the new one; 0: it ends now."""

    overlap_hours: Overlap = 24


class NewLine(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Behind which gateway a terminal is; without `phone` the gateway's own file has to list it.

    `model` tells its vendor items, `edition` 2011 from 2013, which its frames do not.
    """

    gateway_id: DeviceName
    phone: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,20}\Z")] = ""
    zone: Annotated[str, msgspec.Meta(pattern=r"^[+-][0-9]{2}:[0-9]{2}\Z")] = "+08:00"
    datum: Datum = Datum.WGS84
    swapped: bool = False
    model: Annotated[str, msgspec.Meta(max_length=40)] = STANDARD
    edition: Version | None = None

    def line(self) -> Line:
        """Return where the terminal comes in."""
        return Line(
            self.gateway_id, self.phone, self.zone, self.datum, self.swapped, self.model, self.edition
        )


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """A device as it stands; `skew_s` is receive time minus device time, `queued` waits in its outbox."""

    id: str
    tenant: str
    kind: DeviceKind
    status: DeviceStatus
    presence: Presence
    last_seen: datetime | None
    vehicle_id: UUID | None
    site_id: UUID | None
    organisation_id: UUID | None
    inc: int
    boot: int
    firmware: str
    config_version: int
    queued: int
    skew_s: float | None
    refused: int
    enrolled_at: datetime | None
    simulated: bool


class DevicesView(msgspec.Struct, frozen=True, kw_only=True):
    """Devices by name."""

    items: list[DeviceView]


class FrameView(msgspec.Struct, frozen=True, kw_only=True):
    """One frame byte by byte: the number of its message, or the code of why it is refused."""

    at: datetime
    digits: str
    message: str
    refusal: str


class FramesView(msgspec.Struct, frozen=True, kw_only=True):
    """Raw frames, the newest first."""

    items: list[FrameView]


class CodeView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A device with its one-time code; a replayed answer has no code, for it is kept nowhere."""

    device: DeviceView
    expires_at: datetime
    code: str = ""


class PasswordView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A device with its new password; a replayed answer has none, for it is kept nowhere."""

    device: DeviceView
    password: str = ""


class AdmittedView(msgspec.Struct, frozen=True, kw_only=True):
    """A terminal that may speak; the version of the gateway's settings that tells of it, if it was told."""

    device: DeviceView
    config_version: int | None


def device_view(row: Device, now: datetime, speed: float = 1.0) -> DeviceView:
    """Return a device as it stands; `speed` is how fast the instance's clock runs."""
    there = presence(on=row.online, last_seen=row.last_seen, now=now, interval_s=INTERVAL_S * speed)
    names = set(DeviceView.__struct_fields__) - {"presence", "kind", "status"}
    return DeviceView(
        presence=there,
        kind=DeviceKind(row.kind),
        status=DeviceStatus(row.status),
        **{name: getattr(row, name) for name in names},
    )


class Devices(Controller):
    """What speaks for vehicles and scales."""

    path = "/api/v1/devices"
    tags = ("devices",)

    @get("/", guards=[SEE], sync_to_thread=True, operation_id="get_devices")
    def devices(self, request: Visit, door: NamedDependency[Door]) -> DevicesView:
        """List the devices the person may see."""
        with door.reading(request) as work:
            rows = work.session.scalars(queries.devices_visible_to(work.who).order_by(Device.id))
            return DevicesView(items=[_view(door, work, row) for row in rows])

    @get("/{device_id:str}", guards=[SEE], sync_to_thread=True, operation_id="get_device")
    def device(self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]) -> DeviceView:
        """Show one device."""
        with door.reading(request) as work:
            return _view(door, work, queries.device(work.session, device_id, work.who))

    @get("/{device_id:str}/frames", guards=[SEE], sync_to_thread=True, operation_id="get_device_frames")
    def frames(self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]) -> FramesView:
        """Show the last raw frames that a gateway has told of a terminal, after the command `frames`."""
        with door.reading(request) as work:
            row = queries.device(work.session, device_id, work.who)
            found = raw_frames(work.session, row.id)
            return FramesView(items=[view(one, FrameView) for one in found])

    @post(
        "/",
        guards=[MANAGE, keyed],
        sync_to_thread=True,
        operation_id="register_device",
        responses=told(CodeView),
    )
    def register(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewDevice]
    ) -> Response[bytes]:
        """Enter a device and get its one-time code, which is shown this once."""
        hours = timedelta(hours=data.valid_hours)
        return _with_code(
            door,
            request,
            lambda work: enrolment.register(work, data.id, data.kind, data.post(), door.wall(), hours),
        )

    @post(
        "/{device_id:str}/code",
        guards=[MANAGE, keyed],
        sync_to_thread=True,
        operation_id="issue_enrolment_code",
        responses=told(CodeView),
    )
    def code(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: JSONBody[NewCode],
    ) -> Response[bytes]:
        """Issue a new one-time code, as for a device whose outbox was lost; the one before is void."""
        hours = timedelta(hours=data.valid_hours)

        def act(work: Work) -> IssuedCode:
            row = enrolment.managed(work, device_id)
            return enrolment.issue_code(work, row, door.wall(), hours)

        return _with_code(door, request, act)

    @post(
        "/{device_id:str}/gateway",
        guards=[MANAGE, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="admit_terminal",
        responses=told(AdmittedView, 200),
    )
    def admit(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: JSONBody[NewLine],
    ) -> Response[bytes]:
        """Let a vehicle's terminal speak through a gateway of its carrier: it needs no code and no program.

        With its phone number the gateway is told of it by its settings.
        """

        def act(work: Work) -> AdmittedView:
            found = terminals.admit(work, device_id, data.line(), door.wall())
            version = found.config.version if found.config is not None else None
            return AdmittedView(device=_view(door, work, found.device), config_version=version)

        return door.once(request, act, status=200)

    @post(
        "/{device_id:str}/password",
        guards=[MANAGE, keyed],
        sync_to_thread=True,
        operation_id="rotate_device_password",
        responses=told(PasswordView),
    )
    def rotate(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: JSONBody[Rotation],
    ) -> Response[bytes]:
        """Give a device a new password, which is shown this once; the old one holds for the overlap."""
        secret: dict[str, str] = {}

        def act(work: Work) -> PasswordView:
            row = enrolment.managed(work, device_id)
            hours = timedelta(hours=data.overlap_hours)
            secret["password"] = credentials.rotate(work.session, row, door.wall(), hours)
            return PasswordView(device=_view(door, work, row))

        return with_secret(door.once(request, act), secret)

    @post(
        "/{device_id:str}/revoke",
        guards=[MANAGE, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="revoke_device",
        responses=told(DeviceView, 200),
    )
    def revoke(
        self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]
    ) -> Response[bytes]:
        """Take a device's voice, passwords and keys away; the broker cuts it off."""

        def act(work: Work) -> DeviceView:
            row = enrolment.managed(work, device_id)
            commands.give_up(work, row.id)
            return _view(door, work, service.revoke_device(work, row.id))

        return door.once(request, act, status=200)

    @post(
        "/{device_id:str}/reprovision",
        guards=[MANAGE, keyed],
        sync_to_thread=True,
        operation_id="reprovision_device",
        responses=told(CodeView),
    )
    def reprovision(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: JSONBody[NewPost],
    ) -> Response[bytes]:
        """Put a device to another vehicle, site or owner: it begins again with a new code."""

        def act(work: Work) -> IssuedCode:
            row = enrolment.managed(work, device_id)
            commands.give_up(work, row.id)
            return enrolment.reprovision(work, row, data.post(), door.wall())

        return _with_code(door, request, act)


def _view(door: Door, work: Work, row: Device) -> DeviceView:
    return device_view(row, work.now, door.settings.demo_speed)


def _with_code(door: Door, request: Visit, act: Callable[[Work], IssuedCode]) -> Response[bytes]:
    """Carry out what issues a code, and put the code into this one answer."""
    secret: dict[str, str] = {}

    def carry_out(work: Work) -> CodeView:
        issued = act(work)
        secret["code"] = issued.code
        return CodeView(device=_view(door, work, issued.device), expires_at=issued.expires_at)

    return with_secret(door.once(request, carry_out), secret)
