"""What do the pages show of devices: who is there, what is wrong, and what was said to them?"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import segno
from markupsafe import Markup

from compliance.record.errors import N_
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Site
from devices.codecs.command_args import SIGNED, CommandType
from marketplace.web.device_words import counter_code
from marketplace.web.forms import Form
from marketplace.web.raw_frames import RawFrame, raw_frames
from tracking.commands import queries as commands
from tracking.commands import terminals
from tracking.commands.rules import OBEYS, SETTINGS, may_order
from tracking.commands.tables import DeviceCommand, DeviceConfig
from tracking.fleet import credentials
from tracking.fleet import queries as fleet
from tracking.fleet.rules import (
    INTERVAL_S,
    MAY_MANAGE,
    SKEWED_S,
    DeviceKind,
    DeviceStatus,
    Presence,
    presence,
)
from tracking.fleet.tables import Device, DeviceCredential, DeviceKey, EnrolmentCode, Vehicle
from tracking.intake import queries as intake
from tracking.intake.tables import DeadLetter, DeviceMessage, Watermark
from tracking.weighings import queries as weighings
from tracking.weighings.tables import Scale, ScaleCertificate

MOST = 500
"""So many devices stand on one page; the search narrows it down."""
STANDINGS = (
    Presence.ONLINE.value,
    Presence.SILENT.value,
    Presence.OFFLINE.value,
    Presence.NEVER.value,
    DeviceStatus.REGISTERED.value,
    DeviceStatus.REVOKED.value,
)
SIMPLE = (CommandType.PING, CommandType.LOCATE, CommandType.FRAMES, CommandType.RESTART)
OWN_FORMS = {
    *SIMPLE,
    CommandType.TEXT,
    CommandType.TRACK,
    CommandType.FUEL,
    CommandType.DOORS,
    CommandType.BARRIER,
    CommandType.WEIGH,
}
COMMAND_LOOKS: Mapping[str, str] = {
    "queued": "waiting",
    "sent": "new",
    "received": "busy",
    "accepted": "busy",
    "done": "done",
    "failed": "alarm",
    "expired": "off",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One device as the list shows it."""

    row: Device
    standing: str
    where: str
    owner: str
    wanted: int
    silent: timedelta | None

    @property
    def skewed(self) -> bool:
        """Whether its clock is off by more than half a minute."""
        return self.row.skew_s is not None and abs(self.row.skew_s) > SKEWED_S


@dataclass(frozen=True, slots=True)
class Listing:
    """The devices asked for, how many stand how, and the name of this very content."""

    lines: Sequence[Line]
    counts: Mapping[str, int]
    total: int
    standing: str
    text: str
    seen: str


@dataclass(frozen=True, slots=True)
class Behind:
    """The gateways that may speak for a terminal, or the instrument of a scale and its verifications."""

    gateways: Sequence[Device]
    scale: Scale | None
    certificates: Sequence[ScaleCertificate]
    may_register: bool
    today: date
    models: Sequence[str] = ()

    def plate(self, form: Form) -> Form:
        """Return the form of the instrument's plate: as typed, else as it is on record."""
        if self.scale is None or "max_kg" in form.values:
            return form
        names = ("division_kg", "max_kg", "serial", "indicator")
        return Form({name: str(getattr(self.scale, name)) for name in names}, form.errors)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One device with all that is known of it, and what the reader may do."""

    line: Line
    keys: Sequence[DeviceKey]
    passwords: Sequence[DeviceCredential]
    code: EnrolmentCode | None
    orders: Sequence[DeviceCommand]
    people: Mapping[UUID, str]
    configs: Sequence[DeviceConfig]
    streams: Sequence[Watermark]
    letters: Sequence[DeadLetter]
    heard: Sequence[DeviceMessage]
    frames: Sequence[RawFrame]
    counted: Sequence[tuple[str, int]]
    may_manage: bool
    may_order: bool
    obeys: Sequence[str]
    others: Sequence[str]
    can_configure: bool
    seen: str
    behind: Behind


def standing_of(row: Device, now: datetime, speed: float) -> str:
    """Return how a device stands in one word: not enrolled, revoked, or whether it is there."""
    if row.status != DeviceStatus.ACTIVE.value:
        return row.status
    return presence(on=row.online, last_seen=row.last_seen, now=now, interval_s=INTERVAL_S * speed).value


def listing(work: Work, speed: float, standing: str = "", text: str = "") -> Listing:
    """Gather the devices the person may see, those in trouble first."""
    rows = work.session.scalars(fleet.devices_visible_to(work.who).order_by(Device.id)).all()
    every = _lines(work, rows, speed)
    wanted = [line for line in every if _matches(line, text)]
    counts = Counter(line.standing for line in wanted)
    chosen = [line for line in wanted if not standing or line.standing == standing]
    shown = chosen[:MOST]
    facts = [(line.standing, line.row.id, line.row.last_seen, line.row.queued, line.wanted) for line in shown]
    return Listing(shown, counts, len(wanted), standing, text, _seen(facts, counts))


def sheet(work: Work, device_id: str, speed: float, at: datetime) -> Sheet:
    """Gather all that is known of one device; `at` is the machine's moment, by which codes end."""
    session, who = work.session, work.who
    row = fleet.device(session, device_id, who)
    (line,) = _lines(work, [row], speed)
    kind = DeviceKind(row.kind)
    orders = commands.of_device(session, row.id, who, 20)
    ordered = registry.people(session, {one.ordered_by for one in orders if one.ordered_by})
    obeys = [one.value for one in CommandType if one in OBEYS[kind] and (not row.obeys or one in row.obeys)]
    letters, heard = intake.letters_of(session, row.id), intake.heard_from(session, row.id)
    frames = raw_frames(session, row.id) if kind is DeviceKind.VEHICLE else ()
    configs = commands.configs(session, row.id)[:10]
    facts = [
        (row.status, row.last_seen, row.online, row.queued, row.inc, row.listen_left, line.standing),
        [(one.id, one.state, one.tries) for one in orders],
        [(one.digest, one.times) for one in letters],
        [one.id for one in heard],
        [one.at for one in frames],
        [(one.version, one.published_at) for one in configs],
    ]
    return Sheet(
        line=line,
        keys=fleet.keys(session, row.id),
        passwords=credentials.of_device(session, row.id)[::-1][:5],
        code=fleet.open_code(session, row.id, at),
        orders=orders,
        people={key: one.name for key, one in ordered.items()},
        configs=configs,
        streams=intake.streams_of(session, row.id),
        letters=letters,
        heard=heard,
        frames=frames,
        counted=[(counter_code(name), count) for name, count in sorted((row.counted or {}).items())],
        may_manage=who.has(*MAY_MANAGE[kind]),
        may_order=row.status == DeviceStatus.ACTIVE.value and may_order(who.roles, kind),
        obeys=obeys,
        others=[one for one in obeys if one not in OWN_FORMS],
        can_configure=kind in SETTINGS,
        seen=_seen(facts),
        behind=_behind(work, row),
    )


def _behind(work: Work, row: Device) -> Behind:
    is_scale = row.kind == DeviceKind.SCALE.value
    certificates = weighings.certificates(work.session, [row.id]).get(row.id, []) if is_scale else []
    return Behind(
        terminals.gateways(work, row) if row.kind == DeviceKind.VEHICLE.value else (),
        weighings.scales(work.session, [row.id]).get(row.id) if is_scale else None,
        sorted(certificates, key=lambda one: one.valid_to, reverse=True),
        work.who.oversees,
        work.today,
        terminals.known_models(),
    )


def vehicles(work: Work) -> Sequence[Vehicle]:
    """Return the vehicles on which the person may put a device."""
    own = fleet.vehicles(work.session, work.who)
    if work.who.oversees:
        return own
    return [row for row in own if row.carrier_id == work.who.organisation_id]


def sites(work: Work) -> Sequence[Site]:
    """Return the sites at which the person may put a scale."""
    return registry.sites_visible_to(work.session, work.who)


def qr(text: str) -> Markup:
    """Draw a QR code (ISO/IEC 18004, error correction M) to stand in a page."""
    drawn = segno.make(text, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=4, border=2, omitsize=True, title=N_("QR code")))  # noqa: S704 - our own drawing


def needs_password(kind: str) -> bool:
    """Tell whether a command asks for the password again."""
    return kind in SIGNED


def _lines(work: Work, rows: Sequence[Device], speed: float) -> list[Line]:
    session = work.session
    plates = {row.id: row.plate for row in fleet.vehicles(session, work.who)}
    places = registry.sites(session, {row.site_id for row in rows if row.site_id})
    owners = registry.organisations(session, {row.organisation_id for row in rows if row.organisation_id})
    wanted = commands.wanted_versions(session, [row.id for row in rows])
    found = []
    for row in rows:
        where = plates.get(row.vehicle_id, "") if row.vehicle_id else ""
        if row.site_id in places:
            where = places[row.site_id].name
        owner = owners.get(row.organisation_id) if row.organisation_id else None
        silent = work.now - row.last_seen if row.last_seen else None
        standing = standing_of(row, work.now, speed)
        line = Line(row, standing, where, owner.name if owner else "", wanted.get(row.id, 0), silent)
        found.append(line)
    return found


def _matches(line: Line, text: str) -> bool:
    wanted = text.strip().lower()
    return wanted in line.row.id.lower() or wanted in line.where.lower() or wanted in line.owner.lower()


def _seen(*facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
