"""Which devices speak for vehicles and scales, what is wrong with them, and what are they told?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.record.errors import N_, DomainError, Invalid, NotFound
from compliance.record.ids import new_id
from compliance.record.who import Role
from compliance.record.work import Work
from devices.codecs.command_args import CommandType
from marketplace.edge import entry, once
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit, signed_in_who
from marketplace.edge.once import Intent
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web import device_views as views
from marketplace.web.forms import Form
from tracking.commands import service as commands
from tracking.commands.service import Order
from tracking.fleet import credentials, enrolment, service
from tracking.fleet.enrolment import IssuedCode, Post
from tracking.fleet.rules import MAY_MANAGE, DeviceKind

SEE = requires(Role.DISPATCHER, Role.PRODUCER, Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR)
MANAGE = requires(Role.DISPATCHER, Role.PRODUCER, Role.PROCESSOR, Role.OPERATOR)
HEARD = 100
"""So many messages are kept each time somebody listens."""


class DeviceForm(msgspec.Struct):
    """What the form for a new device sends, or one that puts a device elsewhere."""

    id: Annotated[str, msgspec.Meta(max_length=100)] = ""
    kind: str = ""
    vehicle_id: str = ""
    site_id: str = ""

    def post(self) -> Post:
        """Return where the device shall do its work."""
        return Post(_key(self.vehicle_id), _key(self.site_id))


class PasswordForm(msgspec.Struct):
    """For how many hours the old password holds."""

    overlap_hours: Annotated[str, msgspec.Meta(max_length=10)] = "24"


class CommandForm(msgspec.Struct):
    """What a command's form sends; `intent` names this one press of the button."""

    intent: Annotated[str, msgspec.Meta(min_length=8, max_length=100)]
    kind: str = ""
    text: Annotated[str, msgspec.Meta(max_length=600)] = ""
    urgent: str = ""
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    plate: Annotated[str, msgspec.Meta(max_length=100)] = ""
    on: str = ""
    every_s: Annotated[str, msgspec.Meta(max_length=10)] = "5"
    for_s: Annotated[str, msgspec.Meta(max_length=10)] = "600"
    args: Annotated[str, msgspec.Meta(max_length=50_000)] = ""
    minutes: Annotated[str, msgspec.Meta(max_length=10)] = "10"
    password: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class ConfigForm(msgspec.Struct):
    """The settings as JSON."""

    settings: Annotated[str, msgspec.Meta(max_length=1_000_000)] = ""


class Devices(Controller):
    """The devices page."""

    path = "/devices"
    include_in_schema = False
    guards = (SEE,)

    @get("/", sync_to_thread=True)
    def all(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the devices, and the form for a new one."""
        held = {name: several[0] for name, several in door.held(request).items() if several}
        return self._listed(request, door, Form(held))

    @get("/table", sync_to_thread=True)
    def table(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Return the list as it now stands; 204 when it is what the reader has already."""
        with door.reading(request) as work:
            found = _listing(work, request, door)
            if request.query_params.get("seen") == found.seen:
                return Response("", status_code=204)
            return page(request, "devices/_table.html", listing=found)

    @post("/", guards=[MANAGE], sync_to_thread=True)
    def register(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[DeviceForm]
    ) -> Response[str]:
        """Enter a device and show its code, this once; what is refused comes back as it was typed."""
        try:
            with door.work(request) as work:
                kind = _kind(data.kind)
                issued = enrolment.register(work, data.id.strip(), kind, data.post(), door.wall())
        except DomainError as refusal:
            values = msgspec.to_builtins(data)
            return self._listed(
                request, door, Form(values, reasons_by_field(refusal, reader(request))), refusal
            )
        return _shown(request, door, issued.device.id, issued=issued)

    @get("/{device_id:str}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]) -> Response[str]:
        """Show one device."""
        return _shown(request, door, device_id)

    @get("/{device_id:str}/now", sync_to_thread=True)
    def now(self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]) -> Response[str]:
        """Return what changes by itself of a device's page; 204 when the reader has it already."""
        with door.reading(request) as work:
            found = views.sheet(work, device_id, door.settings.demo_speed, door.wall())
            if request.query_params.get("seen") == found.seen:
                return Response("", status_code=204)
            return page(request, "devices/_now.html", sheet=found, looks=views.COMMAND_LOOKS)

    @post("/{device_id:str}/code", guards=[MANAGE], sync_to_thread=True)
    def code(self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]) -> Response[str]:
        """Issue a new code and show it, this once."""

        def act(work: Work) -> IssuedCode:
            return enrolment.issue_code(work, enrolment.managed(work, device_id), door.wall())

        return _with_code(request, door, device_id, act)

    @post("/{device_id:str}/reprovision", guards=[MANAGE], sync_to_thread=True)
    def reprovision(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: URLEncodedBody[DeviceForm],
    ) -> Response[str]:
        """Put a device to another vehicle or site, and show the code to begin again."""

        def act(work: Work) -> IssuedCode:
            row = enrolment.managed(work, device_id)
            commands.give_up(work, row.id)
            return enrolment.reprovision(work, row, data.post(), door.wall())

        return _with_code(request, door, device_id, act)

    @post("/{device_id:str}/password", guards=[MANAGE], sync_to_thread=True)
    def rotate(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: URLEncodedBody[PasswordForm],
    ) -> Response[str]:
        """Give a device a new password and show it, this once."""
        try:
            with door.work(request) as work:
                hours = timedelta(hours=_whole(data.overlap_hours, "overlap_hours"))
                row = enrolment.managed(work, device_id)
                password = credentials.rotate(work.session, row, door.wall(), hours)
        except DomainError as refusal:
            return refused(request, door, device_id, refusal)
        return _shown(request, door, device_id, password=password)

    @post("/{device_id:str}/revoke", guards=[MANAGE], sync_to_thread=True)
    def revoke(
        self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]
    ) -> Response[bytes]:
        """Take a device's voice away."""
        with door.work(request) as work:
            row = enrolment.managed(work, device_id)
            commands.give_up(work, row.id)
            service.revoke_device(work, row.id)
        return go(request, f"/devices/{device_id}", N_("The device is revoked; the broker cuts it off."))

    @post("/{device_id:str}/listen", guards=[MANAGE], sync_to_thread=True)
    def listen(
        self, request: Visit, door: NamedDependency[Door], device_id: FromPath[str]
    ) -> Response[bytes]:
        """Keep the next messages of a device byte by byte, to look at them."""
        with door.work(request) as work:
            service.listen(work, enrolment.managed(work, device_id), HEARD)
        return go(
            request,
            f"/devices/{device_id}#messages",
            N_("Listening: what the device says next is kept here."),
        )

    @post("/{device_id:str}/commands", guards=[MANAGE], sync_to_thread=True)
    def order(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: URLEncodedBody[CommandForm],
    ) -> Response[str] | Response[bytes]:
        """Tell a device something, once for each press of the button."""
        try:
            order_once(request, door, device_id, data)
        except NotFound:
            raise
        except DomainError as refusal:
            return refused(request, door, device_id, refusal, msgspec.to_builtins(data) | {"password": ""})
        return go(request, f"/devices/{device_id}#commands", N_("The command is on its way."))

    @post("/{device_id:str}/config", guards=[MANAGE], sync_to_thread=True)
    def configure(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: URLEncodedBody[ConfigForm],
    ) -> Response[str] | Response[bytes]:
        """Set what a device shall be configured with."""
        try:
            with door.work(request) as work:
                commands.configure(work, device_id, _json(data.settings, "settings"))
        except NotFound:
            raise
        except DomainError as refusal:
            return refused(request, door, device_id, refusal, {"settings": data.settings})
        return go(
            request, f"/devices/{device_id}#config", N_("Set. The device tells its version once it has it.")
        )

    def _listed(
        self, request: Visit, door: Door, form: Form, refusal: DomainError | None = None
    ) -> Response[str]:
        with door.reading(request) as work:
            return page(
                request,
                "devices/list.html",
                refusal.status if refusal else 200,
                listing=_listing(work, request, door),
                kinds=[kind.value for kind, roles in MAY_MANAGE.items() if work.who.has(*roles)],
                vehicles=views.vehicles(work),
                sites=views.sites(work),
                form=form,
            )


def order_once(request: Visit, door: Door, device_id: str, form: CommandForm) -> None:
    """Queue a command once per intent: the same press sent again changes nothing."""
    if form.password:
        entry.confirm(door, request, form.password)
    kind = _command(form.kind)
    said = Order(
        device_id,
        kind,
        args_of(kind, form),
        timedelta(minutes=_whole(form.minutes, "minutes")),
        confirmed=bool(form.password),
    )
    person_id = signed_in_who(request).person_id
    assert person_id is not None
    digest = hashlib.sha256(f"{device_id} {kind.value}".encode()).hexdigest()
    intent = Intent(f"command:{form.intent}", digest)
    with door.work(request) as work:
        if not once.take(work.session, person_id, intent, door.wall()):
            return
        commands.order(work, said)
        once.keep(work.session, person_id, intent, b"", 200)


def args_of(kind: CommandType, form: CommandForm) -> dict[str, Any]:
    """Return a command's arguments from the fields of its form, or as JSON where it has no form."""
    build = ARGS.get(kind)
    if build is not None:
        return build(form)
    return _json(form.args, "args") if form.args.strip() else {}


def _with_code(
    request: Visit, door: Door, device_id: str, act: Callable[[Work], IssuedCode]
) -> Response[str]:
    try:
        with door.work(request) as work:
            issued = act(work)
    except NotFound:
        raise
    except DomainError as refusal:
        return refused(request, door, device_id, refusal)
    return _shown(request, door, device_id, issued=issued)


def refused(
    request: Visit, door: Door, device_id: str, refusal: DomainError, typed: Mapping[str, str] | None = None
) -> Response[str]:
    """Show a device's page again with what was typed and why it was refused."""
    errors = reasons_by_field(refusal, reader(request))
    return _shown(request, door, device_id, form=Form(typed or {}, errors), status=refusal.status)


def _shown(
    request: Visit,
    door: Door,
    device_id: str,
    *,
    issued: IssuedCode | None = None,
    password: str = "",
    form: Form | None = None,
    status: int = 200,
) -> Response[str]:
    address = f"{str(request.base_url).rstrip('/')}/api/v1/devices/enrol"
    form = form or Form()
    with door.reading(request) as work:
        return page(
            request,
            "devices/device.html",
            status,
            {"Cache-Control": "no-store"},
            sheet=views.sheet(work, device_id, door.settings.demo_speed, door.wall()),
            looks=views.COMMAND_LOOKS,
            vehicles=views.vehicles(work),
            sites=views.sites(work),
            issued=issued,
            address=address,
            qr=views.qr(f"{address}#{issued.code}") if issued else "",
            password=password,
            form=form,
            refused=[one for several in form.errors.values() for one in several],
            intent=str(new_id()),
        )


def _listing(work: Work, request: Visit, door: Door) -> views.Listing:
    query = request.query_params
    return views.listing(work, door.settings.demo_speed, query.get("state", ""), query.get("q", ""))


def _kind(text: str) -> DeviceKind:
    if text not in set(DeviceKind):
        raise Invalid(N_("Choose what kind of device it is."), field="kind")
    return DeviceKind(text)


def _command(text: str) -> CommandType:
    if text not in set(CommandType):
        raise Invalid(N_("Choose a command."), field="kind")
    return CommandType(text)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _whole(text: str, field: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit()):
        raise Invalid(N_("Write a whole number."), field=field)
    return int(plain[:9])


def _json(text: str, field: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(N_("Write the settings as one JSON object."), field=field)
    return found


ARGS: Mapping[CommandType, Callable[[CommandForm], dict[str, Any]]] = {
    CommandType.TEXT: lambda form: {
        "text": form.text.strip(),
        "urgent": bool(form.urgent),
        "speak": bool(form.urgent),
    },
    CommandType.TRACK: lambda form: {
        "every_s": _whole(form.every_s, "every_s"),
        "for_s": _whole(form.for_s, "for_s"),
    },
    CommandType.FUEL: lambda form: {"cut": form.on == "1"},
    CommandType.DOORS: lambda form: {"locked": form.on == "1"},
    CommandType.BARRIER: lambda form: {"name": form.name.strip(), "open": form.on == "1"},
    CommandType.WEIGH: lambda form: {"plate": form.plate.strip()},
}
ROUTES: list[ControllerRouterHandler] = [Devices]
