"""In which language does this reader read, and what does a text say in it?"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from litestar.connection import ASGIConnection

from marketplace.web.words import WORDS

LOCALE = Path(__file__).parent / "locale"
COOKIE = "lang"


class Language(StrEnum):
    """The two languages of the product."""

    ZH = "zh"
    EN = "en"


DEFAULT = Language.ZH
_WORDS = frozenset({"kind", "state", "act", "party", "role", "mode", "status", "field"})
"""Values of an error text that are words of the product, not data, and are translated with it."""

reading_language: ContextVar[Language] = ContextVar("reading_language", default=DEFAULT)
"""The language of the request at hand, for templates and their macros."""


@cache
def texts(language: Language) -> NullTranslations:
    """Return a language's catalogue, read from its `messages.po`; English is what the code says itself."""
    path = LOCALE / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=str(language))
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def translate(language: Language, message: str, /, **values: object) -> str:
    """Return a text in a language with its `{named}` places filled."""
    catalogue = texts(language)
    said = catalogue.gettext(message) if message else ""
    if not values:
        return said
    return said.format(**{name: _said(catalogue, name, value) for name, value in values.items()})


def _said(catalogue: NullTranslations, name: str, value: object) -> object:
    if name in _WORDS and isinstance(value, str) and value:
        return catalogue.gettext(WORDS.get(value, value))
    return value


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """Return the reader's language: the `lang` cookie, else what a program asks for, else Chinese.

    Pages are Chinese until the reader switches, whatever the browser was installed with.
    """
    chosen = connection.cookies.get(COOKIE)
    if chosen in set(Language):
        return Language(chosen)
    if connection.scope["path"].startswith("/api/"):
        return preferred(connection.headers.get("accept-language", ""))
    return DEFAULT


def preferred(accept_language: str) -> Language:
    """Return the first of our languages by the weights of an `Accept-Language` header (RFC 9110 12.5.4)."""
    wanted: list[tuple[float, Language]] = []
    for part in accept_language.split(","):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.split("-", maxsplit=1)[0].lower()
        if primary in set(Language):
            wanted.append((_weight(weight), Language(primary)))
    best = max(wanted, key=lambda pair: pair[0], default=(0.0, DEFAULT))
    return best[1] if best[0] > 0 else DEFAULT


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def install(environment: Environment, formats: Mapping[str, Any]) -> None:
    """Teach a Jinja environment `{% trans %}`, `_()` and the formatting filters in the reader's language.

    A filter named `kg` calls `format_kg(value, language)`; templates never name a language.
    """
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True  # as the texts are extracted: line ends do not count
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: texts(reading_language.get()).ugettext(message),
        lambda one, many, count: texts(reading_language.get()).ungettext(one, many, count),
        newstyle=True,
    )
    for name, function in formats.items():
        environment.filters[name] = _in_language(function)


def _in_language(function: Any) -> Any:
    @pass_context
    def apply(_: Context, value: Any, *arguments: Any) -> str:
        return str(function(value, reading_language.get(), *arguments))

    return apply
