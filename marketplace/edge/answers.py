"""How does a failure reach its reader: as a problem document, a page, or the way to the sign-in?"""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from litestar import Response
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException, TemplateNotFoundException
from litestar.serialization import encode_json

from compliance.record.errors import DomainError
from compliance.record.ids import new_id
from marketplace.accounts.rules import TooManyTries
from marketplace.edge import held_forms, problems
from marketplace.edge.identity import Visit, wants_json
from marketplace.edge.pages import page
from marketplace.edge.problems import Problem
from marketplace.edge.proving import asked
from marketplace.edge.refusals import AskPassword, NotSignedIn
from marketplace.edge.tally import Tally
from marketplace.web.translation import language_of

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


def failed(request: Visit, failure: Exception) -> Response[bytes] | Response[str]:
    """Answer any failure of any handler; the one exception handler of the application."""
    if isinstance(failure, AskPassword):
        return asked(request)
    if isinstance(failure, NotSignedIn) and not wants_json(request):
        return _to_sign_in(request, failure)
    problem = _problem(request, failure)
    _count(request, failure, problem)
    headers = _headers(failure, problem)
    if wants_json(request):
        return Response(
            encode_json(problem), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers
        )
    try:
        return page(request, "error.html", problem.status, headers, problem=problem)
    except TemplateNotFoundException:
        text = f"{problem.title}\n{problem.detail}\n{problem.way_out}\n"
        return Response(text, status_code=problem.status, media_type="text/plain", headers=headers)


def _count(request: Visit, failure: Exception, problem: Problem) -> None:
    tally: Tally = request.app.state.door.tally
    if isinstance(failure, DomainError):
        tally.refused(failure)
    else:
        tally.note(problem.code)


def _problem(request: Visit, failure: Exception) -> Problem:
    language, instance = language_of(request), request.scope["path"]
    if isinstance(failure, DomainError):
        return problems.problem_of(failure, language, instance)
    known = problems.of_input(failure, language, instance) or problems.of_database(
        failure, language, instance
    )
    if known is not None:
        return known
    if isinstance(failure, HTTPException) and failure.status_code < 500:
        return _of_http(request, failure)
    key = str(new_id())
    log.error("request.failed", id=key, method=request.method, path=instance, exc_info=failure)
    return problems.plain(500, "fault", problems.FAULT, language, instance, id=key)


def _of_http(request: Visit, failure: HTTPException) -> Problem:
    language, instance = language_of(request), request.scope["path"]
    if failure.status_code == 403 and "CSRF" in failure.detail:
        return problems.plain(403, "csrf", problems.FORGED, language, instance, problems.FORGED_WAY_OUT)
    if failure.status_code == 404:
        return problems.plain(404, "not_found", problems.UNKNOWN_PLACE, language, instance)
    status = failure.status_code
    return problems.plain(status, f"http_{status}", "", language, instance)


def _headers(failure: Exception, problem: Problem) -> dict[str, str]:
    if isinstance(failure, TooManyTries):
        return {"Retry-After": str(failure.retry_after_s)}
    if isinstance(failure, NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="huanlian"'}
    if problem.status == 503:
        return {"Retry-After": "1"}
    allow = getattr(failure, "headers", None) or {}
    return {name: value for name, value in allow.items() if name.lower() == "allow"}


def _to_sign_in(request: Visit, refusal: NotSignedIn) -> Response[bytes]:
    """Lead a person to the sign-in and back; htmx is told in its own header."""
    why = {"over": "1"} if refusal.code == "session_over" else {}
    target = "/sign-in?" + urlencode({"next": refusal.next_path or "/"} | why)
    cookies = [_held_cookie(request, refusal.held)] if refusal.held else []
    if "hx-request" in request.headers:
        return Response(b"", status_code=401, headers={"HX-Redirect": target}, cookies=cookies)
    return Response(b"", status_code=303, headers={"Location": target}, cookies=cookies)


def _held_cookie(request: Visit, secret: str) -> Cookie:
    return Cookie(
        key=held_forms.COOKIE,
        value=secret,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.app.state.door.settings.production,
        max_age=int(held_forms.KEPT_FOR.total_seconds()),
    )
