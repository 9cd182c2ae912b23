"""Which pages bring a person in and out, and switch the language?"""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody

from compliance.record.errors import DomainError
from marketplace.accounts.rules import TooManyTries, WrongLogin
from marketplace.edge import entry
from marketplace.edge.door import Door
from marketplace.edge.guards import same_site, signed_in
from marketplace.edge.identity import Visit, no_session_cookie, session_cookie, visitor
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reason_of
from marketplace.web.translation import COOKIE, Language

A_YEAR = 365 * 24 * 3600


class SignInForm(msgspec.Struct):
    """What the sign-in form sends."""

    login: Annotated[str, msgspec.Meta(max_length=200)] = ""
    password: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    next: str = "/"


class LanguageForm(msgspec.Struct):
    """What the language switch sends."""

    language: Language
    next: str = "/"


class Entrance(Controller):
    """The way in and out."""

    include_in_schema = False

    @get("/sign-in", sync_to_thread=True)
    def ask(self, request: Visit) -> Response[str] | Response[bytes]:
        """Ask for login and password; who is in already is sent on."""
        target = same_site(request.query_params.get("next", "/"))
        if visitor(request) is not None:
            return go(request, target)
        over = request.query_params.get("over") == "1"
        return page(request, "sign_in.html", next=target, over=over, login="", problem=None)

    @post("/sign-in", sync_to_thread=True)
    def come_in(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[SignInForm]
    ) -> Response[str] | Response[bytes]:
        """Sign in and go where the person was going; the login typed survives a wrong password."""
        target = same_site(data.next)
        try:
            admitted = entry.enter(door, request, data.login, data.password)
        except (WrongLogin, TooManyTries) as refusal:
            return self._again(request, data, refusal)
        answer = go(request, target)
        answer.set_cookie(session_cookie(admitted.secret, production=door.settings.production))
        return answer

    def _again(self, request: Visit, data: SignInForm, refusal: DomainError) -> Response[str]:
        headers = {"Retry-After": str(refusal.retry_after_s)} if isinstance(refusal, TooManyTries) else {}
        return page(
            request,
            "sign_in.html",
            refusal.status,
            headers,
            next=same_site(data.next),
            over=False,
            login=data.login,
            problem=reason_of(refusal, reader(request)),
        )

    @post("/sign-out", guards=[signed_in], sync_to_thread=True)
    def go_out(self, request: Visit, door: NamedDependency[Door]) -> Response[bytes]:
        """Sign out and forget the browser's session."""
        entry.leave(door, request)
        answer = go(request, "/sign-in")
        answer.set_cookie(no_session_cookie(production=door.settings.production))
        return answer

    @post("/language", sync_to_thread=False)
    def switch(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[LanguageForm]
    ) -> Response[bytes]:
        """Switch the language of the pages, for this browser."""
        answer = go(request, same_site(data.next))
        answer.set_cookie(
            Cookie(
                key=COOKIE,
                value=data.language.value,
                path="/",
                samesite="lax",
                secure=door.settings.production,
                max_age=A_YEAR,
            )
        )
        return answer
