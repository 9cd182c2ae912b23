"""Whose login, session or token is this?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, FromClause, Select, bindparam, delete, null, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.registry.tables import Person
from marketplace.accounts.tables import Account, ApiToken, SignIn, SignInTries


def by_login(session: Session, login: str) -> Account | None:
    """Return the account of a normalised login."""
    return session.scalar(select(Account).where(Account.login == login))


def _asking(
    table: FromClause, proven_at: ColumnElement[Any], *conditions: ColumnElement[bool]
) -> Select[Any]:
    """Build, once, the statement that runs on every request: building it costs more than running it."""
    person, account = Person.__table__, Account.__table__
    return (
        select(person.c.id, person.c.name, person.c.organisation_id, person.c.roles, proven_at)
        .join(account, account.c.person_id == person.c.id)
        .join(table, table.c.person_id == account.c.person_id)
        .where(
            table.c.token_hash == bindparam("token_hash"),
            table.c.expires_at > bindparam("at"),
            account.c.disabled.is_(False),
            *conditions,
        )
    )


class Known(NamedTuple):
    """Who sends a request, and when that person last gave the password in this browser."""

    who: Who
    proven_at: datetime | None


_BY_SIGN_IN = _asking(SignIn.__table__, SignIn.__table__.c.proven_at)
_BY_TOKEN = _asking(ApiToken.__table__, null(), ApiToken.__table__.c.revoked_at.is_(None))


def who_of_sign_in(connection: Connection, token_hash: str, at: datetime) -> Known | None:
    """Return who is signed in under a cookie's hash, None when it is unknown or over."""
    return _known(connection, _BY_SIGN_IN, token_hash, at)


def who_of_token(connection: Connection, token_hash: str, at: datetime) -> Who | None:
    """Return who acts under an API token's hash, None when it is unknown, over or revoked."""
    known = _known(connection, _BY_TOKEN, token_hash, at)
    return known.who if known else None


def _known(connection: Connection, statement: Select[Any], token_hash: str, at: datetime) -> Known | None:
    row = connection.execute(statement, {"token_hash": token_hash, "at": at}).one_or_none()
    if row is None:
        return None
    identifier, name, organisation_id, roles, proven_at = row
    return Known(Who(identifier, name, organisation_id, frozenset(map(Role, roles))), proven_at)


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
