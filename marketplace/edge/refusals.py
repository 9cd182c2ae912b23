"""What does the front door itself refuse?"""

from __future__ import annotations

from compliance.record.errors import N_, DomainError


class NotSignedIn(DomainError):
    """Nobody is signed in, or the sign-in is over; `next_path` is where the person was going."""

    code = "not_signed_in"
    status = 401

    def __init__(
        self, message: str, *, code: str | None = None, next_path: str = "", held: str | None = None
    ) -> None:
        self.next_path = next_path
        self.held = held
        super().__init__(message, code=code, way_out=N_("Sign in again, or send a valid token."))


class AskPassword(Exception):
    """A page was about to sign: its person is asked for the password, and the form comes once more."""


class KeyRequired(DomainError):
    """A request that moves state came without the name of its intent."""

    code = "idempotency_key_required"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            N_("This request moves something and needs an Idempotency-Key header."),
            field="Idempotency-Key",
            way_out=N_("Send a fresh name for each intent, such as a UUID, and the same one when you retry."),
        )


class KeyReused(DomainError):
    """The name of an intent was used before, for something else."""

    code = "idempotency_key_reused"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            N_("This Idempotency-Key has already been used for another request."),
            field="Idempotency-Key",
            way_out=N_("Send a fresh key for a new intent."),
        )


class VersionRequired(DomainError):
    """An edit came without the version it edits (RFC 6585 3)."""

    code = "version_required"
    status = 428

    def __init__(self) -> None:
        super().__init__(
            N_("An edit needs an If-Match header with the ETag of the version it edits."),
            field="If-Match",
            way_out=N_("Read the thing first and send its ETag."),
        )
