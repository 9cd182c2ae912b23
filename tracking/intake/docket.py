"""Which deliveries of one batch were refused, and how is that written down with the rest of the batch?"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from compliance.record.ids import new_id
from tracking.fleet.tables import Device
from tracking.intake.rules import Reason
from tracking.intake.tables import DeadLetter, DeviceMessage, RefusalCount, SequenceConflict

MAX_PAYLOAD = 256 * 1024
MAX_TOPIC = 300
MAX_DETAIL = 500


@dataclass(slots=True)
class Docket:
    """Collect refusals while a batch is worked through; `write` puts them into its transaction."""

    now: datetime
    counts: Counter[str] = field(default_factory=Counter)
    _letters: dict[str, dict[str, object]] = field(default_factory=dict)
    _times: Counter[str] = field(default_factory=Counter)
    _conflicts: dict[tuple[object, ...], dict[str, object]] = field(default_factory=dict)
    _heard: list[DeviceMessage] = field(default_factory=list)

    def count(self, reason: str, device: Device | None = None) -> None:
        """Count something set apart that needs no dead letter."""
        self.counts[reason] += 1
        if device is not None:
            device.refused = (device.refused or 0) + 1

    def refuse(
        self, reason: str, topic: str, payload: bytes, *, device: Device | None = None, detail: str = ""
    ) -> None:
        """Keep a delivery, or one record of it, as a dead letter, and count it."""
        self.count(reason, device)
        digest = hashlib.sha256(f"{topic}\n{reason}\n".encode() + payload).hexdigest()
        self._times[digest] += 1
        self._letters[digest] = {
            "digest": digest,
            "topic": _text(topic, MAX_TOPIC),
            "device_id": None if device is None else device.id,
            "payload": payload[:MAX_PAYLOAD],
            "reason": reason,
            "detail": _text(detail, MAX_DETAIL),
            "at": self.now,
            "last_at": self.now,
        }

    def hear(self, device: Device | None, topic: str, payload: bytes, received_at: datetime) -> None:
        """Keep a message as it came in, while somebody listens to its device."""
        if device is None or device.listen_left <= 0:
            return
        device.listen_left -= 1
        self._heard.append(
            DeviceMessage(
                id=new_id(),
                device_id=device.id,
                topic=_text(topic, MAX_TOPIC),
                payload=payload[:MAX_PAYLOAD],
                received_at=received_at,
            )
        )

    @property
    def conflicts(self) -> Collection[Mapping[str, object]]:
        """What came under a number that was taken: the rows that `write` writes."""
        return self._conflicts.values()

    def conflict(self, device: Device, inc: int, stream: str, seq: int, first: bytes, second: bytes) -> None:
        """Note that a number came a second time with other content."""
        self.count(Reason.SEQUENCE_CONFLICT.value, device)
        key = (device.id, inc, stream, seq, second.hex())
        names = ("device_id", "inc", "stream", "seq", "second_hash")
        self._conflicts[key] = {
            **dict(zip(names, key, strict=True)),
            "first_hash": first.hex(),
            "at": self.now,
        }

    def write(self, session: Session) -> None:
        """Put dead letters, conflicts and counts into the transaction."""
        session.add_all(self._heard)
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        if self._letters:
            insert = dialect.insert(DeadLetter)
            again = {"times": DeadLetter.times + insert.excluded.times, "last_at": insert.excluded.last_at}
            rows = [{**row, "times": self._times[digest]} for digest, row in sorted(self._letters.items())]
            session.execute(insert.on_conflict_do_update(index_elements=["digest"], set_=again), rows)
        if self._conflicts:
            session.execute(
                dialect.insert(SequenceConflict).on_conflict_do_nothing(), list(self._conflicts.values())
            )
        if self.counts:
            tally = dialect.insert(RefusalCount)
            more = {"count": RefusalCount.count + tally.excluded.count, "last_at": tally.excluded.last_at}
            counted = [
                {"reason": reason, "count": count, "last_at": self.now}
                for reason, count in sorted(self.counts.items())
            ]
            session.execute(tally.on_conflict_do_update(index_elements=["reason"], set_=more), counted)


def _text(text: str, limit: int) -> str:
    """Return a text that either database can hold: no NUL, no lone surrogate, not too long."""
    return text[:limit].replace("\x00", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
