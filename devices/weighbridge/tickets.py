"""Which numbered, chained and signed ticket does a weight become, and what becomes of it at the gate?"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from devices.codecs.telemetry_json import encode_events
from devices.codecs.ticket_json import Earlier, NoPhoto, Particulars, Source, Void, as_extra, particulars
from devices.codecs.weighing_json import decode_weighing, encode_weighing, sign_weighing
from devices.codecs.wire import to_millis
from devices.outbox import Outbox
from devices.readings import PRINTED, EventReading, Stability, Stream, WeighingReading
from devices.weighbridge.pictures import Picture

MOST_ISSUED = 10_000
"""So many tickets are kept at the gate to be voided and printed, whatever the server has confirmed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was seen on the deck; an empty `plate` makes a shadow weighing.

    `curve` is how the weight came on, (milliseconds on the deck, kg); `beside` are the particulars that the
    desk knows, as keys of the ticket; `photos` and `lacks` are what the cameras saw and did not see, by view.
    """

    at: datetime
    plate: str
    weight_kg: int
    division_kg: int
    stability: Stability
    frames: tuple[bytes, ...]
    how: dict[str, int]
    curve: tuple[tuple[int, int], ...] = ()
    beside: Mapping[str, object] = field(default_factory=dict)
    photos: Mapping[str, Picture] = field(default_factory=dict)
    lacks: Mapping[str, NoPhoto] = field(default_factory=dict)


class GateCode(StrEnum):
    """Why the book at the gate refuses."""

    UNKNOWN_TICKET = "unknown_ticket"
    IS_VOID = "is_void"
    ALREADY_VOID = "already_void"
    NOT_WEIGHED = "not_weighed"
    NO_REASON = "no_reason"


class GateRefused(Exception):
    """The book does not do what was asked of it; the code says why."""

    def __init__(self, code: GateCode, number: int = 0) -> None:
        super().__init__(f"{code.value}: {number}" if number else code.value)
        self.code, self.number = code, number


@dataclass(frozen=True, slots=True)
class Issued:
    """A ticket in the book, by which number it is void (0: it is not), and how often it was printed."""

    inc: int
    reading: WeighingReading
    voided_by: int
    prints: int

    @property
    def told(self) -> Particulars:
        """What it holds beside the weight."""
        return particulars(self.reading.extra)


class TicketBook:
    """The gap-free book of one scale.

    Ticket number, hash of the previous ticket and the outgoing record are one transaction: after a kill
    either all three moved on or none did. Two processes may write in it: the agent, and the desk's command.
    """

    def __init__(self, outbox: Outbox, device: str, inc: int, private_key_hex: str) -> None:
        self._outbox = outbox
        self._device = device
        self._inc = inc
        self._key = private_key_hex

    def issue(self, draft: Draft) -> WeighingReading:
        """Number, chain, sign and store one weighing; return it. Raises `OutboxRefused` when full."""
        issued: list[WeighingReading] = []
        with self._outbox.transaction() as work:
            number = int(work.note(f"ticket:{self._device}") or "0") + 1
            previous = work.note(f"chain:{self._device}") or ""

            def signed(seq: int) -> bytes:
                ticket = _reading(draft, seq, number, previous)
                issued.append(sign_weighing(self._device, self._inc, ticket, self._key))
                return encode_weighing(self._device, self._inc, issued[0])

            work.append(self._device, Stream.WEIGHINGS, signed)
            work.set_note(f"ticket:{self._device}", str(number))
            work.set_note(f"chain:{self._device}", issued[0].ticket_hash)
            with self._outbox.exclusive() as db:
                self._enter(db, issued[0], draft.photos)
        return issued[0]

    def _enter(self, db: sqlite3.Connection, ticket: WeighingReading, photos: Mapping[str, Picture]) -> None:
        number = ticket.ticket_number
        payload = encode_weighing(self._device, self._inc, ticket)
        db.execute(
            "INSERT INTO issued(device, number, payload) VALUES(?, ?, ?)", (self._device, number, payload)
        )
        db.execute(
            "DELETE FROM issued WHERE device = ? AND number <= ?", (self._device, number - MOST_ISSUED)
        )
        db.executemany(
            "INSERT INTO photo(device, number, view, sha256) VALUES(?, ?, ?, ?)",
            [(self._device, number, view, one.sha256) for view, one in photos.items()],
        )

    def void(self, number: int, reason: str, by: str, at: datetime) -> WeighingReading:
        """Make a ticket void by a ticket of its own, which takes the next number; return that one.

        Nothing is deleted and no number is used twice. Raises `GateRefused`.
        """
        if not reason.strip():
            raise GateRefused(GateCode.NO_REASON, number)
        with self._outbox.transaction(), self._outbox.exclusive() as db:
            found = self.issued(number)
            if found.told.void is not None:
                raise GateRefused(GateCode.IS_VOID, number)
            if found.voided_by:
                raise GateRefused(GateCode.ALREADY_VOID, number)
            one = found.reading
            beside = as_extra(Particulars(void=Void(number, one.ticket_hash, reason.strip(), by)))
            draft = Draft(at, "", 0, one.division_kg, Stability.UNSTABLE, (), {}, beside=beside)
            made = self.issue(draft)
            db.execute(
                "UPDATE issued SET voided_by = ? WHERE device = ? AND number = ?",
                (made.ticket_number, self._device, number),
            )
        return made

    def typed_tare(
        self, plate: str, division_kg: int, kg: int, at: datetime, beside: Mapping[str, object]
    ) -> WeighingReading:
        """Write a ticket of an empty weight that somebody typed; it says so."""
        told = as_extra(Particulars(source=Source.TYPED))
        draft = Draft(at, plate, kg, division_kg, Stability.UNSTABLE, (), {}, beside={**beside, **told})
        return self.issue(draft)

    def stored_tare(self, number: int, at: datetime, beside: Mapping[str, object]) -> WeighingReading:
        """Write a ticket of the empty weight that an earlier ticket weighed; it names that one and its time.

        Raises `GateRefused` for a ticket whose own weight was not weighed, or that is void.
        """
        with self._outbox.transaction():
            found = self.issued(number)
            one = found.reading
            if found.voided_by or found.told.void is not None:
                raise GateRefused(GateCode.IS_VOID, number)
            weighed = found.told.source is Source.WEIGHED and one.stability is not Stability.UNSTABLE
            if one.shadow or not weighed:
                raise GateRefused(GateCode.NOT_WEIGHED, number)
            earlier = Earlier(number, one.ticket_hash, to_millis(one.device_time))
            told = as_extra(Particulars(source=Source.STORED, of=earlier))
            draft = Draft(at, one.plate, one.weight_kg, one.division_kg, one.stability, (), {})
            return self.issue(replace(draft, beside={**beside, **told}))

    def printed(self, number: int, by: str, at: datetime) -> Issued:
        """Note that a ticket is printed once more and tell the server; return it with the copy's number."""
        with self._outbox.transaction() as work, self._outbox.exclusive() as db:
            found = self.issued(number)
            copy = found.prints + 1
            args: dict[str, object] = {
                "no": number,
                "hash": found.reading.ticket_hash,
                "copy": copy,
                "by": by,
            }

            def told(seq: int) -> bytes:
                return encode_events(self._inc, [EventReading(seq, at, PRINTED, args)])

            work.append(self._device, Stream.EVENTS, told)
            db.execute(
                "UPDATE issued SET prints = ? WHERE device = ? AND number = ?", (copy, self._device, number)
            )
        return Issued(found.inc, found.reading, found.voided_by, copy)

    def issued(self, number: int) -> Issued:
        """Return a ticket of the book, or raise `GateRefused`."""
        with self._outbox.exclusive() as db:
            row = db.execute(_ISSUED + "number = ?", (self._device, number)).fetchone()
        if row is None:
            raise GateRefused(GateCode.UNKNOWN_TICKET, number)
        return _issued(row)

    def newest(self, most: int) -> list[Issued]:
        """Return the newest tickets of the book, the newest first."""
        with self._outbox.exclusive() as db:
            rows = db.execute(
                _ISSUED + "number > 0 ORDER BY number DESC LIMIT ?", (self._device, most)
            ).fetchall()
        return [_issued(row) for row in rows]


_ISSUED = "SELECT payload, voided_by, prints FROM issued WHERE device = ? AND "


def _issued(row: tuple[bytes, int, int]) -> Issued:
    _, inc, reading = decode_weighing(row[0])
    return Issued(inc, reading, row[1], row[2])


def _reading(draft: Draft, seq: int, number: int, previous: str) -> WeighingReading:
    return WeighingReading(
        seq=seq,
        device_time=draft.at,
        ticket_number=number,
        plate=draft.plate,
        weight_kg=draft.weight_kg,
        division_kg=draft.division_kg,
        stability=draft.stability,
        frames_hex=tuple(frame.hex() for frame in draft.frames),
        previous_hash=previous,
        ticket_hash="",
        signature="",
        shadow=not draft.plate,
        extra=_extra(draft),
    )


def _extra(draft: Draft) -> dict[str, object]:
    """Return the signed keys beside the contract's own; those that say nothing are left out."""
    said: dict[str, object] = {
        "how": draft.how,
        "curve": [list(one) for one in draft.curve],
        "photos": {view: one.sha256 for view, one in draft.photos.items()},
        "lacks": {view: code.value for view, code in draft.lacks.items()},
    }
    return {name: value for name, value in said.items() if value} | dict(draft.beside)
