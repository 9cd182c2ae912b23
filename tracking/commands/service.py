"""How is a device told something, what becomes of it, and how is it configured?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from compliance.record.errors import N_, Conflict, Forbidden, Invalid
from compliance.record.work import Work
from devices.codecs import FrameRefused
from devices.codecs.command_args import CommandType, read_args
from devices.codecs.commands_json import Command, CommandResult
from devices.codecs.config_json import Configuration, read_settings
from devices.codecs.wire import JsonObject
from tracking.commands import queries
from tracking.commands.rules import (
    ACT_OF,
    LONGEST,
    MOST_OPEN,
    OBEYS,
    OVER,
    SETTINGS,
    SHORTEST,
    VALID_FOR,
    Act,
    State,
    may_order,
    needs_password,
    next_state,
    pause_before,
)
from tracking.commands.tables import DeviceCommand, DeviceConfig
from tracking.fleet import queries as fleet
from tracking.fleet.rules import DeviceKind, DeviceStatus
from tracking.fleet.tables import Device


@dataclass(frozen=True, slots=True)
class Order:
    """What a device is told; `confirmed`: the person has just shown the password again."""

    device_id: str
    kind: CommandType
    args: JsonObject
    valid_for: timedelta = VALID_FOR
    confirmed: bool = False


def order(work: Work, said: Order) -> DeviceCommand:
    """Queue a command for a device that the person may command; appends `CommandOrdered`."""
    device = _commanded(work, said.device_id)
    _require_sound(device, said)
    if queries.open_count(work.session, device.id) >= MOST_OPEN:
        raise Conflict(
            N_("{most} commands to this device are still open."),
            code="too_many_commands",
            values={"most": MOST_OPEN},
        )
    row = DeviceCommand(
        id=work.new_id(),
        device_id=device.id,
        kind=said.kind.value,
        args=said.args,
        state=State.QUEUED.value,
        ordered_by=work.who.person_id,
        ordered_at=work.now,
        expires_at=work.now + said.valid_for,
        next_at=work.now,
        tries=0,
        code="",
        detail="",
        late="",
    )
    work.session.add(row)
    work.session.flush()
    expires = row.expires_at.isoformat()
    work.append(
        "CommandOrdered", row.id, device=row.device_id, command=row.kind, args=row.args, expires_at=expires
    )
    return row


def said_now(row: DeviceCommand, now: datetime) -> Command:
    """Take a command to say it now, and set when it would be said again."""
    row.next_at = now + pause_before(row.tries)
    row.tries += 1
    return Command(str(row.id), row.kind, row.ordered_at, row.expires_at, row.args)


def note_sent(work: Work, command_id: UUID, device_id: str) -> None:
    """Note that the broker has taken a command."""
    row = queries.locked(work.session, command_id, device_id)
    if row is None:
        return
    row.sent_at = row.sent_at or work.now
    _move(work, row, Act.SEND)


def take_result(work: Work, device_id: str, told: CommandResult, received_at: datetime) -> bool:
    """Take up a device's word on a command; return False for one that it was never given.

    A word that comes again, or after the outcome, changes nothing; another outcome than the one on record
    is kept beside it.
    """
    try:
        row = queries.locked(work.session, UUID(told.id), device_id)
    except ValueError:
        row = None
    if row is None:
        return False
    row.answered_at = row.answered_at or received_at
    if row.ended_at is not None:
        if told.final and told.state.value != row.state:
            row.late = told.state.value
        return True
    row.sent_at = row.sent_at or received_at
    row.code, row.detail = told.code.value if told.code else "", told.detail
    _move(work, row, ACT_OF[told.state])
    if told.final and row.ended_at is None:
        _end(work, row)
    return True


def expire(work: Work) -> int:
    """End the commands whose time is over; return how many."""
    rows = queries.overdue(work.session, work.now)
    for row in rows:
        _move(work, row, Act.EXPIRE)
    return len(rows)


def give_up(work: Work, device_id: str) -> None:
    """End the open commands of a device that has lost its voice."""
    for row in queries.open_of(work.session, device_id):
        row.code = "revoked"
        _move(work, row, Act.FAIL)


def configure(work: Work, device_id: str, settings: JsonObject) -> DeviceConfig:
    """Set what a device shall be configured with, as a new version; appends `ConfigSet`."""
    device = _commanded(work, device_id)
    shape = SETTINGS.get(DeviceKind(device.kind))
    if shape is None:
        raise Invalid(N_("Such a device has no configuration from here: use commands."), field="settings")
    before = queries.configs(work.session, device.id)
    version = max([device.config_version, *(row.version for row in before)], default=0) + 1
    try:
        read_settings(Configuration(version, work.now, settings), shape)
    except FrameRefused as refused:
        raise _refused(refused, "settings") from None
    row = DeviceConfig(
        device_id=device.id,
        version=version,
        settings=settings,
        set_by=work.who.person_id,
        set_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    work.append("ConfigSet", work.new_id(), device=device.id, version=version, settings=settings)
    return row


def _commanded(work: Work, device_id: str) -> Device:
    device = fleet.device(work.session, device_id, work.who)
    if not may_order(work.who.roles, DeviceKind(device.kind)):
        raise Forbidden(N_("Your role does not command such a device."), code="role", field="kind")
    if device.status != DeviceStatus.ACTIVE.value:
        raise Conflict(
            N_("The device {device} has not enrolled, or is revoked."),
            code="device_not_active",
            values={"device": device.id},
        )
    return device


def _require_sound(device: Device, said: Order) -> None:
    if said.kind not in OBEYS[DeviceKind(device.kind)]:
        raise Invalid(
            N_("Such a device does not know this command."), field="kind", values={"kind": said.kind.value}
        )
    if not SHORTEST <= said.valid_for <= LONGEST:
        raise Invalid(N_("A command is valid for 10 seconds to 7 days."), field="valid_s")
    if needs_password(said.kind) and not said.confirmed:
        raise Forbidden(
            N_("This command moves something: enter your password again."),
            code="password_again",
            field="password",
        )
    try:
        read_args(said.kind, said.args)
    except FrameRefused as refused:
        raise _refused(refused, "args") from None


def _refused(refused: FrameRefused, field: str) -> Invalid:
    return Invalid(
        N_("This cannot be said to a device: {detail}"), field=field, values={"detail": refused.detail}
    )


def _move(work: Work, row: DeviceCommand, act: Act) -> None:
    following = next_state(State(row.state), act)
    if following is None:
        return
    row.state = following.value
    if following in OVER:
        _end(work, row)


def _end(work: Work, row: DeviceCommand) -> None:
    row.ended_at = work.now
    work.append(
        "CommandEnded", row.id, device=row.device_id, command=row.kind, state=row.state, code=row.code
    )
