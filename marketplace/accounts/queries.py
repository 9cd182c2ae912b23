"""Whose login, session or token is this?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.registry.tables import Person
from marketplace.accounts.tables import Account, ApiToken, SignIn, SignInTries


def by_login(session: Session, login: str) -> Account | None:
    """Return the account of a normalised login."""
    return session.scalar(select(Account).where(Account.login == login))


def who_of_sign_in(session: Session, token_hash: str, at: datetime) -> Who | None:
    """Return who is signed in under a cookie's hash, None when it is unknown or over."""
    return _who(session, SignIn.token_hash == token_hash, SignIn.expires_at > at, table=SignIn)


def who_of_token(session: Session, token_hash: str, at: datetime) -> Who | None:
    """Return who acts under an API token's hash, None when it is unknown, over or revoked."""
    return _who(
        session,
        ApiToken.token_hash == token_hash,
        ApiToken.expires_at > at,
        ApiToken.revoked_at.is_(None),
        table=ApiToken,
    )


def _who(session: Session, *conditions: ColumnElement[bool], table: type[SignIn | ApiToken]) -> Who | None:
    """Read the person in one statement: this runs on every request."""
    row = session.execute(
        select(Person.id, Person.name, Person.organisation_id, Person.roles)
        .join(Account, Account.person_id == Person.id)
        .join(table, table.person_id == Account.person_id)
        .where(*conditions, Account.disabled.is_(False))
    ).one_or_none()
    if row is None:
        return None
    return Who(row.id, row.name, row.organisation_id, frozenset(Role(role) for role in row.roles))


def expired_person(session: Session, token_hash: str) -> UUID | None:
    """Return whose cookie this was, over or not: a form left in mid-air is kept for that person alone."""
    return session.scalar(select(SignIn.person_id).where(SignIn.token_hash == token_hash))


def tokens_of(session: Session, person_id: UUID) -> Sequence[ApiToken]:
    """Return a person's API tokens, newest first."""
    return session.scalars(
        select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.created_at.desc())
    ).all()


def token(session: Session, token_id: UUID, person_id: UUID) -> ApiToken:
    """Return one of a person's API tokens or raise `NotFound`."""
    found = session.get(ApiToken, token_id)
    if found is None or found.person_id != person_id:
        raise NotFound("token", token_id)
    return found


def locked_tries(session: Session, key: str) -> SignInTries | None:
    """Return one counter with its row locked until the transaction ends."""
    return session.scalar(select(SignInTries).where(SignInTries.key == key).with_for_update())


def forget(session: Session, sign_ins_before: datetime, tries_before: datetime) -> None:
    """Drop sign-ins that ended and counters that began before these moments."""
    session.execute(delete(SignIn).where(SignIn.expires_at < sign_ins_before))
    session.execute(delete(SignInTries).where(SignInTries.since < tries_before))
