"""Which secret do the web processes of this instance share?"""

from __future__ import annotations

import secrets

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from compliance.record.database import reading, transaction
from marketplace.edge.tables import InstanceSecret


def shared_secret(engine: Engine, name: str) -> str:
    """Return a named secret of the instance, made by whichever process asks first."""
    with reading(engine) as session:
        row = session.get(InstanceSecret, name)
        if row is not None:
            return row.value
    try:
        with transaction(engine) as session:
            value = secrets.token_hex(32)
            session.add(InstanceSecret(name=name, value=value))
        return value
    except IntegrityError:
        return shared_secret(engine, name)
