"""What was refused at the front door, how often, and when last? The operator reads it.

Refusals are counted in memory and written together once a second, so that a flood of bad requests does
not become a flood of writes; a kill loses a second of counts and nothing else.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime

import structlog
from sqlalchemy import BigInteger, Engine, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from compliance.record.base import Base
from compliance.record.clock import Now
from compliance.record.database import transaction
from compliance.record.errors import DomainError, RuleBroken, Several
from compliance.record.moments import UtcDateTime
from compliance.record.who import Role, Who

EVERY_S = 1.0

log = structlog.get_logger(__name__)


class DoorRefusal(Base):
    """How many requests were refused for one reason: a rule id, or the code of another refusal."""

    __tablename__ = "door_refusal"
    reason: Mapped[str] = mapped_column(String(60), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Tally:
    """Counts refusals and writes them down in the background."""

    def __init__(self, engine: Engine, now: Now) -> None:
        self._engine = engine
        self._now = now
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, reason: str) -> None:
        """Count one refusal."""
        with self._lock:
            self._counts[reason[:60]] += 1

    def refused(self, refusal: DomainError) -> None:
        """Count a refusal once, however many hands it goes through; each of several reasons counts."""
        if refusal.counted:
            return
        refusal.counted = True
        for one in refusal.errors if isinstance(refusal, Several) else (refusal,):
            self.note(one.rule if isinstance(one, RuleBroken) else one.code)

    def start(self) -> None:
        """Begin to write in the background."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="tally", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def flush(self) -> None:
        """Write what was counted since the last time; keep it for the next time where that fails."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            with transaction(self._engine) as session:
                for reason, count in sorted(counts.items()):
                    _add(session, reason, count, self._now())
        except SQLAlchemyError as failure:
            log.warning("tally.failed", reason=str(failure))
            with self._lock:
                self._counts += counts

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self.flush()


def _add(session: Session, reason: str, count: int, now: datetime) -> None:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(DoorRefusal).values(reason=reason, count=count, last_at=now)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["reason"],
            set_={"count": DoorRefusal.count + insert.excluded.count, "last_at": insert.excluded.last_at},
        )
    )


def refusals(session: Session, who: Who) -> list[DoorRefusal]:
    """Return what was refused, most often first; for those who oversee, nothing for others."""
    if not who.has(Role.OPERATOR, Role.INSPECTOR):
        return []
    return list(session.scalars(select(DoorRefusal).order_by(DoorRefusal.count.desc())))
