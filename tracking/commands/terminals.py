"""How does a terminal that runs no program of ours get its voice: behind its carrier's gateway?

A JT/T 808 terminal knows no code and makes no key. The gateway, which has enrolled, vouches for it and
speaks in its name. So whoever may provision it says behind which gateway it is; with its phone number the
gateway is told of it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from compliance.record.errors import N_, Conflict, Invalid
from compliance.record.work import Work
from devices.codecs.config_json import GatewaySettings
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.items import STANDARD, models
from devices.codecs.terminals import Terminal
from devices.datum import Datum
from tracking.commands import queries, service
from tracking.commands.tables import DeviceConfig
from tracking.fleet import enrolment
from tracking.fleet import queries as fleet
from tracking.fleet.rules import DeviceKind, DeviceStatus
from tracking.fleet.tables import Device


@dataclass(frozen=True, slots=True)
class Line:
    """Where a terminal comes in; without a phone the gateway's own file has to list it."""

    gateway_id: str
    phone: str = ""
    zone: str = "+08:00"
    datum: Datum = Datum.WGS84
    swapped: bool = False
    model: str = STANDARD
    edition: Version | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A terminal that may speak, what a gateway has to know of it, and how it was told, if it was."""

    device: Device
    terminal: Terminal | None
    config: DeviceConfig | None


def admit(work: Work, device_id: str, line: Line, at: datetime) -> Admitted:
    """Let a terminal speak through a gateway of its carrier, and tell the gateway; see `enrolment.vouch`.

    `at` is the machine's moment. Appends `DeviceEnrolled`, and `ConfigSet` where the gateway is told.
    """
    device = enrolment.managed(work, device_id)
    gateway = _gateway(work, device, line.gateway_id)
    enrolment.vouch(work, device, gateway, at)
    if not line.phone:
        return Admitted(device, None, None)
    terminal = _terminal(device, line)
    settings = _settings(work, gateway, terminal)
    return Admitted(device, terminal, service.configure(work, gateway.id, settings))


def gateways(work: Work, device: Device) -> list[Device]:
    """Return the gateways behind which a terminal can be: those of its carrier that have enrolled."""
    statement = fleet.devices_visible_to(work.who).where(
        Device.kind == DeviceKind.GATEWAY.value,
        Device.status == DeviceStatus.ACTIVE.value,
        Device.tenant == device.tenant,
    )
    return list(work.session.scalars(statement.order_by(Device.id)))


def _gateway(work: Work, device: Device, gateway_id: str) -> Device:
    found = next((one for one in gateways(work, device) if one.id == gateway_id), None)
    if found is None:
        raise Invalid(
            N_("Choose a gateway of the same carrier that has enrolled."),
            field="gateway_id",
            way_out=N_("Register a gateway and let it enrol with its code first."),
        )
    return fleet.device(work.session, found.id, work.who, locked=True)


def known_models() -> list[str]:
    """Return the models whose additional items are known, the standard's own first."""
    return [STANDARD, *sorted(models() - {STANDARD})]


def _terminal(device: Device, line: Line) -> Terminal:
    if line.model not in known_models():
        raise Invalid(
            N_("No such model; known are {models}."),
            field="model",
            values={"models": ", ".join(known_models())},
        )
    if line.edition is Version.V2019:
        raise Invalid(N_("An edition is 2011 or 2013: frames of 2019 say so themselves."), field="edition")
    told = Terminal(
        phone=line.phone,
        device=device.id,
        tenant=device.tenant,
        inc=device.inc,
        zone=line.zone,
        datum=line.datum,
        swapped=line.swapped,
        model=line.model,
        edition=line.edition,
    )
    try:
        return msgspec.convert(msgspec.to_builtins(told), Terminal)
    except msgspec.ValidationError:
        raise Invalid(
            N_("A phone number has up to 20 digits, and a clock's zone is written as +08:00."), field="phone"
        ) from None


def _settings(work: Work, gateway: Device, terminal: Terminal) -> dict[str, object]:
    """Return a gateway's settings with a terminal in them, in the place of what they said of it before."""
    settings = _newest(work, gateway)
    known = _listed(settings)
    if known is None:
        _require_no_file(work, gateway, terminal)
    others = [one for one in known or [] if one.device != terminal.device]
    same = next((one for one in others if one.phone.lstrip("0") == terminal.phone.lstrip("0")), None)
    if same is not None:
        raise Conflict(
            N_("The terminal {device} has this phone number."),
            code="phone_taken",
            field="phone",
            values={"device": same.device},
        )
    return settings | {"terminals": msgspec.to_builtins([*others, terminal])}


def _newest(work: Work, gateway: Device) -> dict[str, object]:
    newest = next(iter(queries.configs(work.session, gateway.id)), None)
    return dict(newest.settings) if newest is not None else {}


def _listed(settings: dict[str, object]) -> list[Terminal] | None:
    return msgspec.convert(settings, GatewaySettings).terminals


def _require_no_file(work: Work, gateway: Device, terminal: Terminal) -> None:
    """Refuse to begin a list that would take the place of a gateway's own file with others in it.

    A terminal that another gateway lists is not in it, and a simulated one never in a real gateway's.
    """
    elsewhere = [
        one.device for other in gateways(work, gateway) for one in _listed(_newest(work, other)) or []
    ]
    statement = fleet.devices_visible_to(work.who).where(
        Device.kind == DeviceKind.VEHICLE.value,
        Device.status == DeviceStatus.ACTIVE.value,
        Device.tenant == gateway.tenant,
        Device.id.not_in([terminal.device, *elsewhere]),
        Device.simulated == gateway.simulated,
        Device.public_key == "",
    )
    if work.session.scalars(statement.limit(1)).first() is not None:
        raise Conflict(
            N_("The gateway {device} lists its terminals itself: a list from here would take their place."),
            code="gateway_lists_itself",
            field="phone",
            values={"device": gateway.id},
            way_out=N_(
                "Leave the phone number out and add the terminal to the gateway's own file, or set the whole"
                " list among the gateway's settings first."
            ),
        )
