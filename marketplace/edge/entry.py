"""How does a person come in with login and password, in three short transactions and one slow check?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from compliance.record.database import reading, transaction
from marketplace.accounts import service
from marketplace.accounts.rules import WrongLogin
from marketplace.accounts.service import Checked, Claim
from marketplace.accounts.tables import Account, ApiToken
from marketplace.edge.door import Door
from marketplace.edge.identity import SESSION_COOKIE, Proof, Visit, identity_of, signed_in_who


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person who came in, with the secret of the new browser session."""

    person_id: UUID
    secret: str


def enter(door: Door, request: Visit, login: str, password: str) -> Admitted:
    """Sign a person in for a browser; raises `WrongLogin`, or `TooManyTries` before looking at all."""
    claim = Claim(login, password, address_of(request))
    checked = verify(door, claim)
    with transaction(door.engine) as session:
        account = service.admit(session, claim, checked)
        old = request.cookies.get(SESSION_COOKIE)
        if old:
            service.sign_out(session, old)
        agent = request.headers.get("user-agent", "")
        return Admitted(account.person_id, service.sign_in(session, account.person_id, agent, door.wall()))


def enter_with_token(
    door: Door, request: Visit, login: str, password: str, name: str
) -> tuple[ApiToken, str]:
    """Give a program a token for a login and password; same limits as `enter`."""
    claim = Claim(login, password, address_of(request))
    checked = verify(door, claim)
    with transaction(door.engine) as session:
        account = service.admit(session, claim, checked)
        return service.issue_token(session, account.person_id, name, door.wall())


def verify(door: Door, claim: Claim) -> Checked:
    """Charge the try, then check the password while holding no lock."""
    with transaction(door.engine) as session:
        service.charge(session, claim, door.wall())
    with reading(door.engine) as session:
        checked = service.check(session, claim)
    if checked is None:
        with transaction(door.engine) as session:
            service.note_failure(session, claim, door.wall())
        raise WrongLogin
    return checked


def confirm(door: Door, request: Visit, password: str) -> None:
    """Check the password of the person who is signed in once more; same limits as `enter`.

    From then on what is signed in this browser rests on it.
    """
    identity = identity_of(request)
    person_id = signed_in_who(request).person_id
    with reading(door.engine) as session:
        account = session.get(Account, person_id)
        login = account.login if account is not None else ""
    claim = Claim(login, password, address_of(request))
    checked = verify(door, claim)
    with transaction(door.engine) as session:
        service.admit(session, claim, checked)
        if identity.proof is Proof.COOKIE:
            service.prove(session, request.cookies[SESSION_COOKIE], door.wall())
    request.scope["user"] = replace(identity, proven_at=door.wall())


def leave(door: Door, request: Visit) -> None:
    """Close the browser's session."""
    secret = request.cookies.get(SESSION_COOKIE)
    if secret:
        with transaction(door.engine) as session:
            service.sign_out(session, secret)


def address_of(request: Visit) -> str:
    """Return the client's address as the server saw it; a header that anyone can write is not believed."""
    return request.client.host if request.client is not None else "unknown"
