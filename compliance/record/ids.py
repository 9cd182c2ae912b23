"""How is a thing named outside the database?"""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a fresh UUIDv7 (RFC 9562): sortable by the time it was made."""
    return uuid7()
