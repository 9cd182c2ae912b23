"""Which passwords are good enough, how long does a sign-in hold, and how many wrong ones are too many?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from compliance.record.errors import N_, DomainError, Invalid

PASSWORD_MIN = 10
PASSWORD_MAX = 200
"""argon2 takes any length; a bound keeps a request from buying minutes of hashing."""
SESSION_FOR = timedelta(hours=12)
"""One shift and a bit: a driver is not signed out on the road."""
TOKEN_FOR = timedelta(days=365)
TOKEN_PREFIX = "hl_"  # noqa: S105 - marks a token so that scanners recognise a leaked one
WINDOW = timedelta(minutes=15)

COMMON = frozenset(
    {"1234567890", "0123456789", "qwertyuiop", "1qaz2wsx3edc", "password123", "password1234", "woaini1314520"}
)


class Counted(StrEnum):
    """What wrong passwords are counted by."""

    LOGIN = "login"
    ADDRESS = "address"


ALLOWED_IN_WINDOW = {Counted.LOGIN: 8, Counted.ADDRESS: 60}
"""Tries without success in 15 minutes; an address is often a whole office or a mobile carrier."""


class TooManyTries(DomainError):
    """Too many wrong passwords or enrolment codes; `retry_after_s` says when the next try is taken."""

    code = "too_many_tries"
    status = 429

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(
            N_("Too many tries have failed. Try again in {minutes} min."),
            values={"minutes": max(1, -(-retry_after_s // 60))},
        )


class WrongLogin(DomainError):
    """Login and password do not belong together; which of the two is wrong is not said."""

    code = "wrong_login"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            N_("Login or password is wrong."),
            field="password",
            way_out=N_("Check capital letters; the market operator sets a new password."),
        )


class WrongPassword(DomainError):
    """The password given to sign with is not that of the person who is signed in."""

    code = "wrong_password"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            N_("The password is wrong. Nothing was signed."),
            field="signing_password",
            way_out=N_("Check capital letters; the market operator sets a new password."),
        )


@dataclass(frozen=True, slots=True)
class Tries:
    """Tries without success since the start of a window."""

    since: datetime
    count: int

    def one_more(self, at: datetime) -> Tries:
        """Return the tries after one more; a window that is over starts afresh."""
        return Tries(at, 1) if at >= self.since + WINDOW else Tries(self.since, self.count + 1)

    def wait_s(self, allowed: int, at: datetime) -> int:
        """Return the seconds to wait before the next try, 0 when it is taken now."""
        over = self.since + WINDOW
        return 0 if at >= over or self.count < allowed else int((over - at).total_seconds()) + 1


def require_good_password(password: str, login: str) -> None:
    """Refuse a password that is short, endless, the login itself or one everybody tries first.

    Length counts, not a mixture of signs (NIST SP 800-63B 5.1.1.2).
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Invalid(
            N_("A password has between {least} and {most} characters."),
            field="password",
            values={"least": PASSWORD_MIN, "most": PASSWORD_MAX},
        )
    if password.lower() in COMMON or login.lower() in password.lower() or len(set(password)) < 4:
        raise Invalid(
            N_("This password is too easy to guess."),
            field="password",
            way_out=N_("Use a few words that only you would put together."),
        )


def normal_login(login: str) -> str:
    """Return a login as it is stored and compared: trimmed, in small letters."""
    return login.strip().lower()


def digest(secret: str) -> str:
    """Return what is stored of a random secret: its SHA-256. Enough, since the secret has 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
