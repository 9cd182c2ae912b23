"""In which transaction, at which moment and for whom is a request carried out?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from litestar import Response
from litestar.serialization import encode_json
from sqlalchemy import Engine

from compliance.record import database
from compliance.record.clock import Now, system_now
from compliance.record.credential import ProofWanted
from compliance.record.errors import DomainError
from compliance.record.who import Who
from compliance.record.work import Work
from marketplace.edge import held_forms, once
from marketplace.edge.identity import Visit, identity_of, signed_in_who, wants_json
from marketplace.edge.refusals import AskPassword
from marketplace.edge.tally import Tally
from marketplace.settings import Settings


@dataclass(frozen=True, slots=True)
class Door:
    """What every handler gets: the database, the instance's clock (`now`) and the machine's (`wall`)."""

    engine: Engine
    now: Now
    settings: Settings
    tally: Tally
    wall: Now = system_now

    @contextmanager
    def reading(self, request: Visit) -> Iterator[Work]:
        """Yield a work that only reads, as the person who is signed in."""
        who = signed_in_who(request)
        with database.reading(self.engine) as session:
            yield Work(session, self.now(), who)

    @contextmanager
    def work(self, request: Visit) -> Iterator[Work]:
        """Yield a work whose changes and events are committed when the block ends, and not if it fails."""
        who = signed_in_who(request)
        try:
            with database.transaction(self.engine) as session:
                credential = identity_of(request).credential(self.wall(), self.settings.signing_proof)
                yield Work(session, self.now(), who, credential=credential)
        except ProofWanted:
            if wants_json(request):
                raise
            raise AskPassword from None
        except DomainError as refusal:
            self.tally.refused(refusal)
            raise

    def once(self, request: Visit, act: Callable[[Work], object], status: int = 201) -> Response[bytes]:
        """Carry out a request of the API exactly once and answer with what `act` returns, as JSON.

        The effect and the answer are stored in one transaction under the sender's `Idempotency-Key`. The
        same key with the same request gives the stored answer (`Idempotent-Replayed: true`), with another
        request 409. A refusal is not stored: it may be tried again. The route needs the guard `keyed`.
        """
        who, intent = signed_in_who(request), once.intent_of(request)
        person_id = _person(who)
        with self.work(request) as work:
            session = work.session
            if not once.take(session, person_id, intent, self.wall()):
                earlier = once.answered(session, person_id, intent)
                assert earlier is not None
                return earlier
            body = encode_json(act(work))
            once.keep(session, person_id, intent, body, status)
            return once.answer(body, status)

    def held(self, request: Visit, path: str | None = None) -> dict[str, list[str]]:
        """Return what this person had typed on this page when the sign-in ran out, once."""
        secret = request.cookies.get(held_forms.COOKIE)
        if not secret:
            return {}
        who = signed_in_who(request)
        with database.transaction(self.engine) as session:
            return held_forms.give_back(session, secret, path or request.scope["path"], who, self.wall())


def _person(who: Who) -> UUID:
    assert who.person_id is not None
    return who.person_id
