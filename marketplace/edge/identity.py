"""Who sends this request: a browser that is signed in, a program with a token, or nobody we know?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from compliance.record.credential import Credential
from compliance.record.errors import N_
from compliance.record.who import Who
from marketplace.accounts.rules import SESSION_FOR
from marketplace.edge.refusals import NotSignedIn

SESSION_COOKIE = "session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Visit = Request[Any, Any, Any]
"""A request as the handlers of this product see it."""


class Proof(StrEnum):
    """By what someone is known, or why not."""

    COOKIE = "cookie"
    TOKEN = "token"  # noqa: S105 - a kind of proof, not a secret
    NONE = "none"
    OVER = "over"
    BAD_TOKEN = "bad_token"  # noqa: S105
    TOKEN_WANTED = "token_wanted"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Identity:
    """The person behind a request, if any, and the proof; `proven_at`: when the password was last given."""

    who: Who | None
    proof: Proof
    proven_at: datetime | None = None

    def credential(self, at: datetime, proof_for: timedelta) -> Credential | None:
        """Return by what the person signs at a moment, None where the password must be given again."""
        if self.proven_at is not None and at - self.proven_at <= proof_for:
            return Credential.PASSWORD
        return Credential.TOKEN if self.proof is Proof.TOKEN else None


def identity_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Identity:
    """Return the identity that `Recognise` found; nobody where no route was met."""
    found = connection.scope.get("user")
    return found if isinstance(found, Identity) else Identity(None, Proof.NONE)


def visitor(connection: ASGIConnection[Any, Any, Any, Any]) -> Who | None:
    """Return who is here, or None."""
    return identity_of(connection).who


def signed_in_who(connection: ASGIConnection[Any, Any, Any, Any]) -> Who:
    """Return who is here, or raise `NotSignedIn` with the reason."""
    identity = identity_of(connection)
    if identity.who is None:
        raise not_signed_in(identity.proof)
    return identity.who


def not_signed_in(proof: Proof, next_path: str = "", held: str | None = None) -> NotSignedIn:
    """Return the refusal that says why nobody is recognised."""
    if proof is Proof.OVER:
        return NotSignedIn(
            N_("Your sign-in has run out."), code="session_over", next_path=next_path, held=held
        )
    if proof is Proof.BAD_TOKEN:
        return NotSignedIn(N_("The token is unknown, expired or revoked."), code="token_invalid")
    if proof is Proof.TOKEN_WANTED:
        return NotSignedIn(N_("To change something over the API, send a token."), code="token_required")
    return NotSignedIn(N_("Please sign in."), next_path=next_path, held=held)


def wants_json(request: Visit) -> bool:
    """Tell whether the reader is a program: everything under `/api/`, and whoever asks for JSON only."""
    if request.scope["path"].startswith("/api/"):
        return True
    accept = request.headers.get("accept", "")
    return "json" in accept and "text/html" not in accept


def session_cookie(secret: str, *, production: bool) -> Cookie:
    """Return the cookie that holds a sign-in's secret: out of reach of scripts and of other sites."""
    return Cookie(
        key=SESSION_COOKIE,
        value=secret,
        path="/",
        httponly=True,
        samesite="lax",
        secure=production,
        max_age=int(SESSION_FOR.total_seconds()),
    )


def no_session_cookie(*, production: bool) -> Cookie:
    """Return the cookie that makes a browser forget its sign-in."""
    return Cookie(
        key=SESSION_COOKIE, value="", path="/", httponly=True, samesite="lax", secure=production, max_age=0
    )


def bearer_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """Return the bearer token that a program or a device shows."""
    scheme, _, text = connection.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None
