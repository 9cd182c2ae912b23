"""Which numbered, chained and signed ticket does a weight become?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from devices.codecs.weighing_json import encode_weighing, sign_weighing
from devices.outbox import Outbox
from devices.readings import Stability, Stream, WeighingReading


@dataclass(frozen=True, slots=True)
class Draft:
    """What was seen on the deck; an empty `plate` makes a shadow weighing.

    `curve` is how the weight came on, (milliseconds on the deck, kg).
    """

    at: datetime
    plate: str
    weight_kg: int
    division_kg: int
    stability: Stability
    frames: tuple[bytes, ...]
    how: dict[str, int]
    curve: tuple[tuple[int, int], ...] = ()


class TicketBook:
    """The gap-free book of one scale.

    Ticket number, hash of the previous ticket and the outgoing record are one transaction: after a kill
    either all three moved on or none did.
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
        return issued[0]


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
        extra={"how": draft.how, **({"curve": [list(one) for one in draft.curve]} if draft.curve else {})},
    )
