"""How does a page handler answer: with a page, or with the way to the next one and a word?"""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from litestar.exceptions import ImproperlyConfiguredException
from litestar.utils.scope.state import ScopeState

from compliance.record.errors import DomainError
from marketplace.edge.identity import Visit, visitor
from marketplace.edge.problems import reasons_of
from marketplace.web.translation import Language, language_of, reading_language, translate

SAID = "said"
"""The cookie that carries a word to the next page."""


class Tone(StrEnum):
    """How a word to the person is meant."""

    DONE = "done"
    NOTE = "note"
    WARNING = "warning"


class Said(msgspec.Struct, frozen=True):
    """A word that the next page shows once."""

    text: str
    tone: Tone = Tone.DONE


def page(
    request: Visit,
    template: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    /,
    **values: object,
) -> Response[str]:
    """Return a page in the reader's language.

    Templates find `who` (None for a visitor), `language`, `said` (words from the page before), `csrf` (the
    token), `fragment` (True when htmx wants a part), `path` and `request` beside the `values`.
    """
    engine = request.app.template_engine
    if engine is None:
        raise ImproperlyConfiguredException("no templates are configured")
    language = language_of(request)
    before = reading_language.set(language)
    said = said_to(request)
    try:
        text = engine.get_template(template).render(
            request=request,
            who=visitor(request),
            language=language.value,
            said=said,
            csrf=csrf_token(request),
            fragment="hx-request" in request.headers and "hx-boosted" not in request.headers,
            path=request.scope["path"],
            **values,
        )
    finally:
        reading_language.reset(before)
    cookies = [_said_cookie(request, "", 0)] if SAID in request.cookies else []
    return Response(text, status_code=status, media_type="text/html", headers=headers or {}, cookies=cookies)


def go_back(request: Visit, path: str, refusal: DomainError) -> Response[bytes]:
    """Send the person back after a POST that was refused, with every reason and its way out."""
    reasons = reasons_of(refusal, reader(request))
    words = " ".join(f"{one.detail} {one.way_out}".strip() for one in reasons)
    return go(request, path, words, Tone.WARNING)


def go(request: Visit, path: str, say: str = "", tone: Tone = Tone.DONE, **values: object) -> Response[bytes]:
    """Send the person on after a POST (303; htmx by its own header), with a word the next page shows.

    `say` is a text of the catalogue; its `{named}` places are filled from `values`.
    """
    cookies = []
    if say:
        text = translate(language_of(request), say, **values)
        packed = base64.urlsafe_b64encode(msgspec.json.encode([Said(text, tone)])).decode()
        cookies.append(_said_cookie(request, packed, 60))
    if "hx-request" in request.headers:
        return Response(b"", status_code=200, headers={"HX-Redirect": path}, cookies=cookies)
    return Response(b"", status_code=303, headers={"Location": path}, cookies=cookies)


def said_to(request: Visit) -> list[Said]:
    """Return the words that the page before left for this one; the template escapes them."""
    packed = request.cookies.get(SAID, "")
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(packed), type=list[Said]) if packed else []
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        return []


def csrf_token(request: Visit) -> str:
    """Return the token that every form carries as `_csrf_token` and htmx as the header `x-csrftoken`."""
    token = ScopeState.from_scope(request.scope).csrf_token
    return token if isinstance(token, str) else request.cookies.get("csrftoken", "")


def reader(request: Visit) -> Language:
    """Return the reader's language."""
    return language_of(request)


def _said_cookie(request: Visit, value: str, max_age: int) -> Cookie:
    production = request.app.state.door.settings.production
    return Cookie(
        key=SAID, value=value, path="/", httponly=True, samesite="lax", secure=production, max_age=max_age
    )
