"""How is a person asked for the password once more where something is signed, and nothing typed lost?

A signature needs a password that was given a short time ago. Where it was longer, the form that was sent
comes back with its content and one more field; sent again with the password, it signs.
"""

from __future__ import annotations

from typing import Any, cast

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.enums import RequestEncodingType

from compliance.record.errors import DomainError, Invalid
from marketplace.accounts.rules import TooManyTries, WrongLogin, WrongPassword
from marketplace.edge import entry
from marketplace.edge.door import Door
from marketplace.edge.guards import page_path
from marketplace.edge.identity import Proof, Visit, identity_of, wants_json
from marketplace.edge.pages import page, reader
from marketplace.edge.problems import NO_NUL, reason_of

FIELD = "signing_password"
_KEPT = "huanlian.form"

Fields = list[tuple[str, str]]


async def prove(request: Visit) -> Response[str] | None:
    """Check the password that came with a form, before its handler runs; a wrong one is told in its place.

    The `before_request` of the application. Tries are counted and limited as those of the sign-in are.
    """
    if request.method != "POST" or identity_of(request).proof is not Proof.COOKIE:
        return None
    if request.content_type[0] != RequestEncodingType.URL_ENCODED:
        return None
    form = await request.form()
    fields = [(name, value) for name in form for value in form.getall(name) if isinstance(value, str)]
    for name, value in fields:
        if "\0" in value:
            raise Invalid(NO_NUL, field=name)
    _notes(request)[_KEPT] = fields
    password = next((value for name, value in fields if name == FIELD), None)
    if password is None:
        return None
    door: Door = request.app.state.door
    try:
        await sync_to_thread(entry.confirm, door, request, password)
    except (WrongLogin, TooManyTries) as refusal:
        told = refusal if isinstance(refusal, TooManyTries) else WrongPassword()
        if wants_json(request):
            raise told from None
        return await sync_to_thread(asked, request, told)
    return None


def asked(request: Visit, refusal: DomainError | None = None) -> Response[str]:
    """Return the page that asks for the password and holds what was sent."""
    sent: Fields = _notes(request).get(_KEPT, [])
    headers = {"Retry-After": str(refusal.retry_after_s)} if isinstance(refusal, TooManyTries) else {}
    return page(
        request,
        "prove.html",
        refusal.status if refusal else 403,
        headers,
        fields=[(name, value) for name, value in sent if name != FIELD and name[:1] != "_"],
        back=page_path(request),
        minutes=request.app.state.door.settings.signing_proof_minutes,
        problem=reason_of(refusal, reader(request)) if refusal else None,
    )


def _notes(request: Visit) -> dict[str, Any]:
    """Return the request's own dictionary; `request.state` would be a copy."""
    return cast("dict[str, Any]", request.scope)
