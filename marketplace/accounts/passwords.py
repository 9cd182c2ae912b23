"""Does this password belong to this account? Equally slow whether or not the account exists."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""argon2id, 64 MiB, 3 passes, 4 lanes: the second choice of RFC 9106 4, for machines that do other work."""

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$aHVhbmxpYW4tbm9ib2R5$U8e2gq2qV3wq2S8cT0cU6l8YkYpQ1mJ6r0v5nXbXq3A"
"""A well-formed hash of no known password: an unknown login takes as long as a known one."""


def hashed(password: str) -> str:
    """Return the argon2id hash of a password with its salt and parameters."""
    return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Tell whether a password fits a hash; None stands for a login that nobody has."""
    try:
        _HASHER.verify(password_hash or _NOBODY, password)
    except VerifyMismatchError:
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)
