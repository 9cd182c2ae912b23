"""How does a person get a login, come in, go out, and hand a key to a program?

Sign-ins live by the machine's clock, never by a demonstration's: every function takes that moment as `at`.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance.record.errors import N_, Conflict, Invalid
from compliance.record.ids import new_id
from marketplace.accounts import passwords, queries
from marketplace.accounts.rules import (
    ALLOWED_IN_WINDOW,
    PASSWORD_MAX,
    SESSION_FOR,
    TOKEN_FOR,
    TOKEN_PREFIX,
    Counted,
    TooManyTries,
    Tries,
    WrongLogin,
    digest,
    normal_login,
    require_good_password,
)
from marketplace.accounts.tables import Account, ApiToken, SignIn, SignInTries

LOGIN_MAX = 60


@dataclass(frozen=True, slots=True)
class Claim:
    """A login and a password as someone gave them, and from where."""

    login: str
    password: str
    address: str

    def keys(self) -> dict[Counted, str]:
        """Return the counters that this try is charged to; a login is kept as a digest only."""
        name = normal_login(self.login)
        return {Counted.LOGIN: f"login:{digest(name)}", Counted.ADDRESS: f"address:{self.address[:80]}"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A login whose password was right, with a new hash where the old one has outdated parameters."""

    person_id: UUID
    new_hash: str | None


def create_account(session: Session, person_id: UUID, login: str, password: str) -> Account:
    """Give a person a login; a login is taken once, a password must be good enough."""
    name = normal_login(login)
    if not 2 <= len(name) <= LOGIN_MAX or any(sign.isspace() for sign in name):
        raise Invalid(
            N_("A login has 2 to {most} characters and no space."), field="login", values={"most": LOGIN_MAX}
        )
    require_good_password(password, name)
    if queries.by_login(session, name) is not None:
        raise Conflict(N_("The login {login} is taken."), field="login", values={"login": name})
    row = Account(
        person_id=person_id, login=name, password_hash=passwords.hashed(password), failures=0, disabled=False
    )
    session.add(row)
    session.flush()
    return row


def charge(session: Session, claim: Claim, at: datetime) -> None:
    """Count a try before its password is looked at; raise `TooManyTries` when a counter is full.

    Charged first and given back on success, so that tries in parallel cannot slip past the limit.
    """
    for kind, key in claim.keys().items():
        charge_one(session, key, ALLOWED_IN_WINDOW[kind], at)


def charge_one(session: Session, key: str, allowed: int, at: datetime) -> None:
    """Count a try under one key; raise `TooManyTries` when as many as allowed have failed."""
    row = _counter(session, key, at)
    tries = Tries(row.since, row.count)
    wait = tries.wait_s(allowed, at)
    if wait:
        raise TooManyTries(wait)
    after = tries.one_more(at)
    row.since, row.count = after.since, after.count


def give_back(session: Session, key: str) -> None:
    """Give one try back: it succeeded."""
    row = queries.locked_tries(session, key)
    if row is not None:
        row.count = max(0, row.count - 1)


def _counter(session: Session, key: str, at: datetime) -> SignInTries:
    """Return a counter with its row locked; two first tries at once share one row."""
    row = queries.locked_tries(session, key)
    if row is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(SignInTries(key=key, since=at, count=0))
        row = queries.locked_tries(session, key)
    assert row is not None
    return row


def check(session: Session, claim: Claim) -> Checked | None:
    """Return whose login this is, or None; takes as long for a login that does not exist.

    Slow by design: call it in a reading session, never while holding a write lock.
    """
    account = queries.by_login(session, normal_login(claim.login))
    known = account.password_hash if account is not None else None
    right = len(claim.password) <= PASSWORD_MAX and passwords.fits(known, claim.password)
    if account is None or not right or account.disabled:
        return None
    renew = passwords.outdated(account.password_hash)
    return Checked(account.person_id, passwords.hashed(claim.password) if renew else None)


def note_failure(session: Session, claim: Claim, at: datetime) -> None:
    """Write a wrong password on its account, so that its owner and the operator can see it."""
    account = queries.by_login(session, normal_login(claim.login))
    if account is not None:
        account.failures += 1
        account.failed_at = at


def admit(session: Session, claim: Claim, checked: Checked) -> Account:
    """Give back what a right password was charged, and renew its hash where needed."""
    account = session.get(Account, checked.person_id)
    if account is None or account.disabled:
        raise WrongLogin
    account.failures = 0
    if checked.new_hash is not None:
        account.password_hash = checked.new_hash
    keys = claim.keys()
    login = queries.locked_tries(session, keys[Counted.LOGIN])
    if login is not None:
        login.count = 0
    give_back(session, keys[Counted.ADDRESS])
    return account


def sign_in(session: Session, person_id: UUID, user_agent: str, at: datetime) -> str:
    """Open a session for a browser and return its secret, which is kept nowhere else."""
    secret = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_hash=digest(secret),
            person_id=person_id,
            created_at=at,
            expires_at=at + SESSION_FOR,
            user_agent=user_agent[:200],
            proven_at=at,
        )
    )
    return secret


def prove(session: Session, secret: str, at: datetime) -> None:
    """Note that the person of a browser's session has just given the password once more."""
    row = session.get(SignIn, digest(secret))
    if row is not None:
        row.proven_at = at


def sign_out(session: Session, secret: str) -> None:
    """Close a browser's session; an unknown secret is no error."""
    row = session.get(SignIn, digest(secret))
    if row is not None:
        session.delete(row)


def issue_token(
    session: Session, person_id: UUID, name: str, at: datetime, valid_for: timedelta = TOKEN_FOR
) -> tuple[ApiToken, str]:
    """Make an API token; the text returned with its row is shown once and kept nowhere."""
    label = name.strip()
    if not 1 <= len(label) <= LOGIN_MAX:
        raise Invalid(
            N_("Give the token a name of up to {most} characters."), field="name", values={"most": LOGIN_MAX}
        )
    text = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        id=new_id(),
        person_id=person_id,
        name=label,
        token_hash=digest(text),
        last_four=text[-4:],
        created_at=at,
        expires_at=at + min(valid_for, TOKEN_FOR),
    )
    session.add(row)
    session.flush()
    return row, text


def revoke_token(session: Session, token_id: UUID, person_id: UUID, at: datetime) -> ApiToken:
    """Make a token worthless from now on; a second call changes nothing."""
    row = queries.token(session, token_id, person_id)
    row.revoked_at = row.revoked_at or at
    return row
