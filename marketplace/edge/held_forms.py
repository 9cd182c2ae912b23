"""What had this person typed when the sign-in ran out?"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from compliance.record.database import transaction
from compliance.record.who import Who
from marketplace.accounts.queries import expired_person
from marketplace.accounts.rules import digest
from marketplace.edge.tables import HeldForm

COOKIE = "held_form"
KEPT_FOR = timedelta(hours=1)
MOST_BYTES = 64_000

Fields = Mapping[str, list[str]]


def hold(engine: Engine, session_secret: str, path: str, fields: Fields, at: datetime) -> str | None:
    """Keep a form for the person whose sign-in it came with; return the secret that gives it back.

    Without a person, or for more than 64 kB, nothing is kept. Passwords never are.
    """
    kept = {name: values for name, values in fields.items() if "password" not in name and name[:1] != "_"}
    text = msgspec.json.encode(kept).decode()
    if not kept or len(text) > MOST_BYTES:
        return None
    with transaction(engine) as session:
        person_id = expired_person(session, digest(session_secret))
        if person_id is None:
            return None
        secret = secrets.token_urlsafe(24)
        session.add(
            HeldForm(token_hash=digest(secret), person_id=person_id, path=path[:300], fields=text, at=at)
        )
    return secret


def give_back(session: Session, secret: str, path: str, who: Who, at: datetime) -> dict[str, list[str]]:
    """Return the fields kept for this person and page, and forget them; empty when there are none."""
    row = session.get(HeldForm, digest(secret))
    if row is None or row.person_id != who.person_id or row.path != path:
        return {}
    fields = msgspec.json.decode(row.fields, type=dict[str, list[str]])
    stale = row.at + KEPT_FOR < at
    session.delete(row)
    return {} if stale else fields
