"""What does one terminal's connection say next, and what do we answer?"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from msgspec import structs

from devices.codecs import FrameRefused, RefusalCode, jt808
from devices.codecs.command_args import Args, CommandType
from devices.codecs.jt808 import (
    Envelope,
    GeneralReply,
    Message,
    Parts,
    Record,
    RegistrationReply,
    RegistrationResult,
    Result,
)
from devices.codecs.jt808.moments import moment_of
from devices.codecs.jt808.positions import Position, read_position, write_position
from devices.codecs.jt808.records import write_record
from devices.codecs.jt808.split import first_serial
from devices.codecs.telemetry_json import encode_events, encode_positions
from devices.codecs.terminals import Terminal
from devices.codecs.wire import to_millis
from devices.gateway.commit import GroupCommit, Job, Stored
from devices.gateway.downlink import CONTROLLED, LOCATED, Downlink, downlink
from devices.gateway.registry import TerminalRegistry
from devices.outbox import Outbox, OutboxRefused, Transaction
from devices.readings import RAW_FRAMES, EventReading, PositionReading, Stream

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SERIAL_BYTES = 2
LAST_FRAMES, LONGEST_KEPT = 10, 1_200
"""So many frames of a connected terminal, and so much of each, are at hand for whoever asks."""
QUIET = timedelta(seconds=45)
"""Who has told no record for so long and is there, by its heartbeat, is told to the server as there."""
_OLDEST, _AHEAD = timedelta(days=30), timedelta(minutes=5)
# What terminals say beside positions that others may want to know: message id -> kind of event.
EVENT_KINDS = {
    0x0301: "event_report",
    0x0302: "question_answer",
    0x0701: "waybill",
    0x0702: "driver_card",
    0x0705: "can_data",
    0x0800: "media_event",
    0x0900: "transparent_data",
    0x1005: "passengers",
}


@dataclass(slots=True)
class Desk:
    """What all connections of one gateway share; `answered` hears what terminals say of commands."""

    outbox: Outbox
    registry: TerminalRegistry
    commit: GroupCommit
    counters: Counter[str]
    now: Callable[[], datetime]
    answered: Callable[[str, Message], None] = lambda _device, _message: None


class Session:
    """The conversation with one terminal: registration, authentication, then positions.

    `handle` takes one frame and returns the frame to answer with, or None for silence. Positions are
    answered only after the commit; a frame that is not whole is counted and not answered, so that the
    terminal sends it again. A whole frame that says nothing readable is answered with its result: sent again
    it would say no more. `still_here` is set when a heartbeat is news.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._parts = Parts()
        self._serial = 0
        self._heard: Message | None = None
        self._last: deque[tuple[datetime, bytes]] = deque(maxlen=LAST_FRAMES)
        self.terminal: Terminal | None = None
        self.software = ""
        self.still_here = False
        self._heard_at = desk.now()
        self.failures = 0

    async def handle(self, frame: bytes) -> bytes | None:
        """Take one frame as on the wire."""
        self._last.append((self._desk.now(), frame[:LONGEST_KEPT]))
        try:
            envelope = jt808.unwrap(frame)
        except FrameRefused as refused:
            self._desk.counters[f"refused_{refused.code}"] += 1
            return None
        try:
            message = self._message(envelope)
        except FrameRefused as refused:
            return self._cannot_read(envelope, refused)
        if message is None:
            return self._ask_again(envelope)
        self._desk.counters["frames"] += 1
        if self.terminal is None or message.phone.lstrip("0") == self.terminal.phone.lstrip("0"):
            self._heard = message
        if message.msg_id == jt808.REGISTRATION:
            reply = await self._register(message)
            return None if reply is None else self._reply(message, reply, jt808.REGISTRATION_REPLY)
        if message.msg_id == jt808.TERMINAL_REPLY and self.terminal is not None:
            self._desk.answered(self.terminal.device, message)
            return None
        result = await self._judge(message)
        answer = GeneralReply(message.serial, message.msg_id, result)
        return self._reply(message, answer, jt808.PLATFORM_REPLY)

    def word(self, kind: CommandType, args: Args) -> tuple[int, Downlink, list[bytes]]:
        """Word a command in the edition that this terminal speaks, with the next serials."""
        assert self.terminal is not None
        assert self._heard is not None
        to = self._heard
        message = downlink(kind, args, self.terminal, to.version)
        serial = (self._serial + 1) & 0xFFFF
        frames = jt808.encode_frames(
            Message(message.msg_id, to.version, to.phone, serial, message.body, to.revision)
        )
        self._serial = (self._serial + len(frames)) & 0xFFFF
        return serial, message, frames

    def keep_heard(self) -> None:
        """Put the terminal's last frames, as they came, into the outbox; for those who look for a fault."""
        assert self.terminal is not None
        terminal, now = self.terminal, self._desk.now()
        frames = [{"t": to_millis(at), "hex": frame.hex()} for at, frame in list(self._last)]
        self._desk.outbox.append(
            terminal.device,
            Stream.EVENTS,
            lambda seq: encode_events(terminal.inc, [EventReading(seq, now, RAW_FRAMES, {"frames": frames})]),
        )

    def _message(self, envelope: Envelope) -> Message | None:
        """Read a message; None while a split one misses parts."""
        if envelope.encryption:
            return jt808.message_of(envelope)
        if envelope.packet and self.terminal is None:
            raise FrameRefused(RefusalCode.SPLIT, "before authentication")
        whole = self._parts.add(envelope, self._desk.now().timestamp())
        if whole is None:
            return None
        terminal = self.terminal or self._desk.registry.find(whole.phone)
        return jt808.message_of(whole, terminal.settings.edition if terminal else None)

    def _cannot_read(self, of: Envelope, refused: FrameRefused) -> bytes | None:
        """Count a whole frame whose body is refused, and tell its terminal: encrypted, or a bad message."""
        self._desk.counters[f"refused_{refused.code}"] += 1
        known = self.terminal is not None and of.phone.lstrip("0") == self.terminal.phone.lstrip("0")
        if not known or of.msg_id == jt808.TERMINAL_REPLY:
            return None
        result = Result.UNSUPPORTED if refused.code is RefusalCode.ENCRYPTED else Result.BAD_MESSAGE
        return self._reply(of, GeneralReply(of.serial, of.msg_id, result), jt808.PLATFORM_REPLY)

    def _ask_again(self, part: Envelope) -> bytes | None:
        """Once the last part has come, ask for those that are still missing."""
        assert part.packet is not None
        total, number = part.packet
        missing = self._parts.missing_of(part) if number == total else ()
        if not missing:
            return None
        self._desk.counters["parts_asked_again"] += len(missing)
        wanted = Record({"ack_serial": first_serial(part), "id": list(missing)})
        return self._reply(part, wanted, jt808.RESEND)

    def _reply(self, to: Message | Envelope, body: jt808.Body, msg_id: int) -> bytes:
        self._serial = (self._serial + 1) & 0xFFFF
        return jt808.encode(Message(msg_id, to.version, to.phone, self._serial, body, to.revision))

    async def _register(self, message: Message) -> RegistrationReply | None:
        """Answer 0x0100; every success gives a new random code and makes the old one void.

        A code that could not be kept is not given: the terminal asks again.
        """
        assert isinstance(message.body, jt808.Registration)
        terminal = self._desk.registry.find(message.phone)
        if terminal is None:
            return self._no(message, RegistrationResult.NO_SUCH_TERMINAL, "unknown_terminal")
        if terminal.plate and message.body.plate != terminal.plate:
            return self._no(message, RegistrationResult.NO_SUCH_VEHICLE, "other_plate")
        code = secrets.token_hex(8)

        def keep(work: Transaction) -> Stored:
            work.set_note(_note(terminal), _hashed(code))
            return Stored()

        if await self._write(keep) is not Result.OK:
            return None
        self._desk.counters["registrations"] += 1
        return RegistrationReply(message.serial, RegistrationResult.OK, code)

    def _no(self, message: Message, result: RegistrationResult, code: str) -> RegistrationReply:
        self._desk.counters[f"refused_{code}"] += 1
        self.failures += 1
        return RegistrationReply(message.serial, result)

    async def _judge(self, message: Message) -> Result:
        terminal = self._desk.registry.find(message.phone)
        if terminal is None:
            self.failures += 1
            return self._refuse("unknown_terminal")
        if self.terminal is not None and terminal.device != self.terminal.device:
            return self._refuse("other_phone")
        if message.msg_id == jt808.AUTHENTICATION:
            return self._authenticate(message, terminal)
        if self.terminal is None:
            return self._refuse("unauthenticated")
        return await self._take(message, terminal)

    async def _take(self, message: Message, terminal: Terminal) -> Result:
        """Answer what an authenticated terminal says."""
        match message.body:
            case jt808.Position() as position:
                return await self._store(terminal, (position,), replayed=False)
            case jt808.PositionBatch() as batch:
                result = await self._store(terminal, batch.positions, replayed=batch.replayed)
                return Result.BAD_MESSAGE if result is Result.OK and batch.quirks else result
            case Record() as record if message.msg_id in EVENT_KINDS:
                return await self._report(terminal, message, record)
            case Record() as record if message.msg_id in {LOCATED, CONTROLLED}:
                return await self._located(terminal, message, record)
        if message.msg_id in {jt808.HEARTBEAT, jt808.LOGOUT}:
            self._beat(self._desk.now())
            return Result.OK
        self._desk.counters["refused_unsupported"] += 1
        return Result.UNSUPPORTED

    def _beat(self, now: datetime) -> None:
        """Note that a terminal without anything to tell is there: a parked vehicle is not silent."""
        if now - self._heard_at >= QUIET:
            self._heard_at, self.still_here = now, True

    async def _located(self, terminal: Terminal, message: Message, record: Record) -> Result:
        """Store the position in the answer to a command, and pass the answer on."""
        body = write_record(message.msg_id, record, message.version)[_SERIAL_BYTES:]
        result = await self._store(terminal, (read_position(body, message.version),), replayed=False)
        if result is Result.OK:
            self._desk.answered(terminal.device, message)
        return result

    def _refuse(self, code: str) -> Result:
        self._desk.counters[f"refused_{code}"] += 1
        return Result.FAILED

    def _authenticate(self, message: Message, terminal: Terminal) -> Result:
        assert isinstance(message.body, jt808.Authentication)
        kept = self._desk.outbox.note(_note(terminal)) or ""
        if not hmac.compare_digest(kept, _hashed(message.body.auth_code)):
            self.failures += 1
            return self._refuse("bad_auth")
        try:
            self._desk.outbox.enrol(terminal.device, terminal.tenant, terminal.inc)
        except sqlite3.OperationalError:
            return self._refuse("disk")
        self.terminal, self.software = terminal, message.body.software.replace("\0", " ")
        return Result.OK

    async def _store(self, terminal: Terminal, positions: tuple[Position, ...], *, replayed: bool) -> Result:
        records = [_Record.read(position, terminal, replayed) for position in positions]
        now = self._desk.now()

        def job(work: Transaction) -> Stored:
            kinds = Counter(record.store(work, terminal, now, replayed) for record in records)
            return Stored(kinds["stored"], kinds["duplicates"], kinds["unreadable"])

        return await self._write(job)

    async def _report(self, terminal: Terminal, message: Message, record: Record) -> Result:
        """Store what is no position as an event.

        A message that is sent again has the same serial within the hour; the same words with another serial
        are said anew.
        """
        now = self._desk.now()
        event = EventReading(
            0, _told_at(record, terminal, now), EVENT_KINDS[message.msg_id], dict(record.values)
        )
        same = hashlib.sha256(f"{message.msg_id}:{message.serial}:{record}".encode()).digest()
        hour = now.replace(minute=0, second=0, microsecond=0)

        def job(work: Transaction) -> Stored:
            if not work.first_time(terminal.phone, hour, same, now):
                return Stored(duplicates=1)
            work.append(
                terminal.device,
                Stream.EVENTS,
                lambda seq: encode_events(terminal.inc, [replace(event, seq=seq)]),
            )
            return Stored(events=1)

        return await self._write(job)

    async def _write(self, job: Job) -> Result:
        """Commit a job; tell the terminal's result."""
        try:
            done = await self._desk.commit.write(job)
        except OutboxRefused as refused:
            return self._refuse(refused.code)
        except FrameRefused as refused:
            self._refuse(refused.code)
            return Result.BAD_MESSAGE
        except sqlite3.Error:
            return self._refuse("disk")
        self._heard_at = self._desk.now()
        self._desk.counters.update(
            positions=done.stored,
            duplicates=done.duplicates,
            unreadable=done.unreadable,
            events=done.events,
        )
        return Result.OK


@dataclass(frozen=True, slots=True)
class _Record:
    """One position on its way to the outbox: as a reading, or as an event when it is no place or moment."""

    body: bytes
    moment: datetime
    reading: PositionReading | FrameRefused

    @classmethod
    def read(cls, position: Position, terminal: Terminal, replayed: bool) -> _Record:
        body = write_position(position)
        moment = position.moment(terminal.settings.zone) or _EPOCH
        try:
            reading = jt808.to_reading(position, 1, terminal.settings, replayed=replayed)
        except FrameRefused as refused:
            return cls(body, moment, refused)
        return cls(body, moment, reading)

    def store(self, work: Transaction, terminal: Terminal, now: datetime, replayed: bool) -> str:
        """Store the record once; tell which counter it belongs to."""
        reading = self.reading
        if not work.first_time(terminal.phone, self.moment, hashlib.sha256(self.body).digest(), now):
            return "duplicates"
        if isinstance(reading, FrameRefused):
            args: dict[str, object] = {"code": str(reading.code), "body": self.body.hex()}
            work.append(
                terminal.device,
                Stream.EVENTS,
                lambda seq: encode_events(
                    terminal.inc, [EventReading(seq, now, "unreadable_position", args)]
                ),
            )
            return "unreadable"
        work.append(
            terminal.device,
            Stream.POSITIONS,
            lambda seq: encode_positions(terminal.inc, [structs.replace(reading, seq=seq)]),
            replayed=replayed,
        )
        return "stored"


def _told_at(record: Record, terminal: Terminal, now: datetime) -> datetime:
    """Return when it happened by the terminal's clock where that is told and can be true, else now."""
    digits = record.values.get("time_local")
    local = moment_of(digits) if isinstance(digits, str) else None
    if local is None:
        return now
    moment = local.replace(tzinfo=terminal.settings.zone).astimezone(UTC)
    return moment if now - _OLDEST <= moment <= now + _AHEAD else now


def _note(terminal: Terminal) -> str:
    return f"auth:{terminal.phone.lstrip('0')}"


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
