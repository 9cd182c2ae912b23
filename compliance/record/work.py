"""What does a use case hold in its hand while it works?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.record.clock import local_date
from compliance.record.credential import Credential, ProofWanted
from compliance.record.ids import new_id
from compliance.record.ledger import Event, remember
from compliance.record.who import Who


@dataclass(frozen=True, slots=True)
class Work:
    """One request's or one message's unit of work: a session, a moment, a person, a source of ids.

    Services read from it and never commit: whoever opened the transaction closes it.
    """

    session: Session
    now: datetime
    who: Who
    new_id: Callable[[], UUID] = field(default=new_id)
    credential: Credential | None = Credential.PRODUCT
    """By what the person is known; None where the password was proved too long ago to sign by it."""

    @property
    def today(self) -> date:
        """Return the legal day of this work."""
        return local_date(self.now)

    def signed_by(self) -> Credential:
        """Return by what a signature is made now, or raise `ProofWanted`; whatever is signed asks here."""
        if self.credential is None:
            raise ProofWanted
        return self.credential

    def append(self, kind: str, subject: UUID, **data: object) -> None:
        """Put an event on the chain with this transaction; `data` is JSON-ready."""
        remember(
            self.session,
            Event(
                id=self.new_id(),
                at=self.now,
                kind=kind,
                subject=subject,
                person_id=self.who.person_id,
                organisation_id=self.who.organisation_id,
                data=data,
            ),
        )
