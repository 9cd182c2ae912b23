"""Through which gateway does a terminal speak, and which instrument does a scale's agent read?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.record.errors import N_, DomainError, Invalid, NotFound
from compliance.record.who import Role
from compliance.record.work import Work
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.items import STANDARD
from devices.datum import Datum
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go
from marketplace.web.pages import devices
from tracking.commands import terminals
from tracking.commands.terminals import Line
from tracking.fleet import queries as fleet
from tracking.weighings import instruments
from tracking.weighings.instruments import NewCertificate, NewScale

Short = Annotated[str, msgspec.Meta(max_length=60)]


class LineForm(msgspec.Struct):
    """Behind which gateway a terminal is."""

    gateway_id: Annotated[str, msgspec.Meta(max_length=64)] = ""
    phone: Short = ""
    zone: Short = "+08:00"
    datum: Short = Datum.WGS84.value
    swapped: Short = ""
    model: Short = STANDARD
    edition: Short = ""

    def line(self) -> Line:
        """Return where the terminal comes in."""
        if self.datum not in set(Datum):
            raise Invalid(N_("Choose the datum of the terminal's coordinates."), field="datum")
        if self.edition not in {"", Version.V2011, Version.V2013}:
            raise Invalid(N_("Choose an edition of JT/T 808."), field="edition")
        return Line(
            self.gateway_id,
            self.phone.strip(),
            self.zone.strip(),
            Datum(self.datum),
            bool(self.swapped),
            self.model,
            Version(self.edition) if self.edition else None,
        )


class InstrumentForm(msgspec.Struct):
    """What an instrument's plate says."""

    division_kg: Short = ""
    max_kg: Short = ""
    serial: Short = ""
    indicator: Short = ""

    def scale(self) -> NewScale:
        """Return the instrument."""
        division, most = _kilograms(self.division_kg, "division_kg"), _kilograms(self.max_kg, "max_kg")
        return NewScale(division, most, self.serial.strip(), self.indicator.strip())


class CertificateForm(msgspec.Struct):
    """What a verification's certificate says."""

    number: Short = ""
    issued_by: Annotated[str, msgspec.Meta(max_length=120)] = ""
    verified_on: Short = ""
    valid_to: Short = ""

    def certificate(self) -> NewCertificate:
        """Return the verification."""
        number = self.number.strip()
        if not number:
            raise Invalid(N_("Write the certificate's number."), field="number")
        days = _day(self.verified_on, "verified_on"), _day(self.valid_to, "valid_to")
        return NewCertificate(number, self.issued_by.strip(), *days)


class DevicePosts(Controller):
    """What a device's page lets people say of where it does its work."""

    path = "/devices/{device_id:str}"
    include_in_schema = False

    @post("/gateway", guards=[devices.MANAGE], sync_to_thread=True)
    def admit(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: URLEncodedBody[LineForm],
    ) -> Response[str] | Response[bytes]:
        """Let a terminal speak through a gateway of its carrier."""

        def act(work: Work) -> None:
            terminals.admit(work, device_id, data.line(), door.wall())

        said = N_("The terminal may speak now. Point it at the gateway.")
        return _done(request, door, device_id, data, act, "#gateway", said)

    @post("/instrument", guards=[requires(Role.INSPECTOR, Role.OPERATOR)], sync_to_thread=True)
    def register(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: URLEncodedBody[InstrumentForm],
    ) -> Response[str] | Response[bytes]:
        """Put a scale's instrument on record, or correct it."""

        def act(work: Work) -> None:
            fleet.device(work.session, device_id, work.who)
            instruments.register(work, device_id, data.scale())

        said = N_("On record. Tolerances are computed from it from now on.")
        return _done(request, door, device_id, data, act, "#instrument", said)

    @post("/certificates", guards=[requires(Role.INSPECTOR, Role.OPERATOR)], sync_to_thread=True)
    def certify(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: URLEncodedBody[CertificateForm],
    ) -> Response[str] | Response[bytes]:
        """Enter a verification of a scale."""

        def act(work: Work) -> None:
            fleet.device(work.session, device_id, work.who)
            instruments.certify(work, device_id, data.certificate())

        return _done(request, door, device_id, data, act, "#instrument", N_("The verification is on record."))


def _done(
    request: Visit,
    door: Door,
    device_id: str,
    data: msgspec.Struct,
    act: Callable[[Work], None],
    place: str,
    said: str,
) -> Response[str] | Response[bytes]:
    """Carry out what a form asks for; what is refused comes back as it was typed."""
    try:
        with door.work(request) as work:
            act(work)
    except NotFound:
        raise
    except DomainError as refusal:
        return devices.refused(request, door, device_id, refusal, msgspec.to_builtins(data))
    return go(request, f"/devices/{device_id}{place}", said)


def _kilograms(text: str, field: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit()):
        raise Invalid(N_("Write whole kilograms."), field=field)
    return int(plain[:9])


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(N_("Choose a day."), field=field) from None


ROUTES: list[ControllerRouterHandler] = [DevicePosts]
