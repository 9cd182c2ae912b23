"""What may a browser do with our answers?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "worker-src 'self'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
"""Nothing from outside, nothing inline: a text that someone smuggled into a page cannot run."""

ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def before_send(*, production: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """Return the hook that puts the security headers on every answer, refusals and 404s included.

    What a person is shown is not kept by any cache on the way, unless the answer says otherwise.
    """
    headers = ALWAYS | (TLS_ONLY if production else {})

    async def add(message: Message, _: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        found = MutableScopeHeaders.from_message(message)
        for name, value in headers.items():
            found[name] = value
        if "cache-control" not in found:
            found["Cache-Control"] = "no-store"

    return add
