"""What does a refusal say to a program, and to a person in either language (RFC 9457)?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar.exceptions import HTTPException
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from compliance.record.errors import N_, DomainError, RuleBroken, Several
from marketplace.web.translation import Language, translate

TYPE = "urn:huanlian:problem:"


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason among several."""

    detail: str
    code: str = ""
    rule: str = ""
    article: str = ""
    field: str = ""
    way_out: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A problem document: RFC 9457 with the rule, the article in force, the field and the way out."""

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    code: str = ""
    rule: str = ""
    article: str = ""
    field: str = ""
    way_out: str = ""
    errors: list[Reason] = msgspec.field(default_factory=list)
    id: str = ""
    """Names a fault of ours in the log."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an act may be done today, and everything that stands against it, in the reader's language."""

    act: str
    """An act on a manifest, `offer` of a lot, `accept` of a match; empty: nothing is left to be done."""
    allowed: bool
    reasons: list[Reason]
    warnings: list[Reason]
    """What does not stop the act and is told all the same."""


TITLES: Mapping[int, str] = {
    400: N_("The request cannot be read"),
    401: N_("Please sign in"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("This address does not do that"),
    409: N_("Does not fit with what is stored"),
    412: N_("Changed meanwhile"),
    413: N_("Too large"),
    415: N_("This kind of content is not taken here"),
    422: N_("Not possible as entered"),
    428: N_("The version is missing"),
    429: N_("Too many tries"),
    500: N_("Something went wrong on our side"),
    503: N_("Busy at the moment"),
}

CHANGED = N_("Someone else has changed this at the same moment. Read it again and repeat.")
DUPLICATE = N_("This exists already, or something it refers to does not.")
BUSY = N_("The database is busy. Try again in a moment.")
FAULT = N_("The fault is written down as {id}. Nothing of your request was stored.")
MALFORMED = N_("The content cannot be read: {reason}")
NOT_TEXT = N_("The content is not text in UTF-8.")
NO_NUL = N_("A text holds the character NUL, which nobody can read or type.")
FORGED = N_("This form is out of date or came from another site.")
FORGED_WAY_OUT = N_("Load the page again and repeat.")
UNKNOWN_PLACE = N_("There is nothing at this address.")

_FIELD_FAULTS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"missing required field `(?P<name>[^`]+)`", N_("This field is missing.")),
        (r"contains unknown field `(?P<name>[^`]+)`", N_("This field is not known here.")),
        (r"Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`", N_("Expected {expected}, got {got}.")),
        (
            r"Expected `[^`]+` of length >= (?P<limit>\d+)",
            N_("Must have at least {limit} characters or entries."),
        ),
        (
            r"Expected `[^`]+` of length <= (?P<limit>\d+)",
            N_("Must have at most {limit} characters or entries."),
        ),
        (r"Expected `[^`]+` >= (?P<limit>\S+)", N_("Must be at least {limit}.")),
        (r"Expected `[^`]+` <= (?P<limit>\S+)", N_("Must be at most {limit}.")),
        (r"Expected `[^`]+` > (?P<limit>\S+)", N_("Must be more than {limit}.")),
        (r"Expected `[^`]+` < (?P<limit>\S+)", N_("Must be less than {limit}.")),
        (r"Invalid enum value '?(?P<value>[^']+)'?", N_("{value} is not one of the choices.")),
        (r"Expected `[^`]+` matching regex '(?P<form>.+)'", N_("Must have the form {form}.")),
        (r"Invalid UUID", N_("This is not a valid id (UUID).")),
        (r"Invalid RFC3339 encoded date\b", N_("This is no date such as 2026-11-20.")),
        (
            r"Invalid RFC3339 encoded \w+",
            N_("This is no moment such as 2026-11-20T08:00:00+08:00."),
        ),
        (r"Invalid decimal string", N_("This is no number.")),
        (r"required", N_("This field is missing.")),
    )
)
_BROKEN_OFF: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"truncated"), N_("it ends too early.")),
    (re.compile(r"malformed.*\(byte (?P<byte>\d+)\)"), N_("it is no JSON from byte {byte} on.")),
    (re.compile(r"recursion depth exceeded while deserializing"), N_("it is nested too deeply.")),
)
ABSENT = N_("This field is missing.")
_ABSENT = re.compile(r"Missing required \w+ parameter '(?P<name>[^']+)'")
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")


def problem_of(refusal: DomainError, language: Language, instance: str = "") -> Problem:
    """Return the problem document of a domain refusal in a language."""
    told = reason_of(refusal, language)
    errors = [reason_of(one, language) for one in refusal.errors] if isinstance(refusal, Several) else []
    return Problem(
        type=TYPE + told.code,
        title=title(refusal.status, language),
        status=refusal.status,
        detail=told.detail,
        instance=instance,
        code=told.code,
        rule=told.rule,
        article=told.article,
        field=told.field,
        way_out=told.way_out,
        errors=errors,
    )


def reason_of(refusal: DomainError, language: Language) -> Reason:
    """Return one refusal as its text, rule, article, field and way out in a language."""
    values, way_out = refusal.values, refusal.way_out
    return Reason(
        detail=translate(language, refusal.message, **values),
        code=refusal.code,
        rule=refusal.rule if isinstance(refusal, RuleBroken) else "",
        article=translate(language, refusal.article) if isinstance(refusal, RuleBroken) else "",
        field=refusal.field or "",
        way_out=translate(language, way_out, **values) if way_out else "",
    )


def standing_of(
    act: str, against: Sequence[DomainError], warned: Sequence[DomainError], language: Language
) -> Standing:
    """Return what stands against an act and what is warned of before it, in a language."""
    return Standing(
        act=act,
        allowed=not against,
        reasons=[reason_of(one, language) for one in against],
        warnings=[reason_of(one, language) for one in warned],
    )


def reasons_by_field(refusal: DomainError, language: Language) -> dict[str, list[Reason]]:
    """Return the reasons of a refusal under the fields they concern, for a form; "" holds the others."""
    found: dict[str, list[Reason]] = {}
    for one in refusal.errors if isinstance(refusal, Several) else (refusal,):
        found.setdefault(one.field or "", []).append(reason_of(one, language))
    return found


def reasons_of(refusal: DomainError | None, language: Language) -> list[Reason]:
    """Return the reasons of a refusal one after the other, those of a field together; none without one."""
    found = reasons_by_field(refusal, language).values() if refusal is not None else ()
    return [one for several in found for one in several]


def title(status: int, language: Language) -> str:
    """Return the short title of a status in a language."""
    return translate(language, TITLES.get(status) or TITLES[400 if status < 500 else 500])


def plain(
    status: int,
    code: str,
    detail: str,
    language: Language,
    instance: str,
    way_out: str = "",
    **values: object,
) -> Problem:
    """Return a problem that no rule stands behind."""
    return Problem(
        type=TYPE + code,
        title=title(status, language),
        status=status,
        detail=translate(language, detail, **values),
        instance=instance,
        code=code,
        way_out=translate(language, way_out),
        id=str(values.get("id", "")),
    )


def of_database(failure: Exception, language: Language, instance: str) -> Problem | None:
    """Return what a person is told when the database refuses: a race, a duplicate, or a queue."""
    if isinstance(failure, StaleDataError):
        return plain(409, "changed_meanwhile", CHANGED, language, instance)
    if isinstance(failure, IntegrityError):
        return plain(409, "duplicate", DUPLICATE, language, instance)
    if isinstance(failure, DataError) and "NUL" in str(failure.orig):
        return plain(400, "malformed", NO_NUL, language, instance)
    if isinstance(failure, PoolTimeout) or (
        isinstance(failure, OperationalError) and "locked" in str(failure)
    ):
        return plain(503, "busy", BUSY, language, instance)
    return None


def of_input(failure: Exception, language: Language, instance: str) -> Problem | None:
    """Return what a person is told about input that has the wrong shape, field by field."""
    if isinstance(failure, msgspec.ValidationError):
        return _fields([_field_fault(str(failure), "", language)], language, instance)
    too_deep = isinstance(failure, RecursionError) and "deserializing" in str(failure)
    if too_deep or isinstance(failure, msgspec.DecodeError):
        return _malformed(str(failure), language, instance)
    if isinstance(failure, UnicodeDecodeError):
        return plain(400, "malformed", NOT_TEXT, language, instance)
    if not isinstance(failure, HTTPException) or failure.status_code != 400:
        return None
    extra: Any = failure.extra
    if not isinstance(extra, list) or not extra:
        return _unlisted(failure.detail, language, instance)
    faults = [_field_fault(str(e.get("message", "")), str(e.get("key", "")), language) for e in extra]
    return _fields(faults, language, instance)


def _unlisted(detail: str, language: Language, instance: str) -> Problem:
    """Return what is told where the framework names no fields: a parameter that is absent, or its words."""
    absent = _ABSENT.search(detail)
    if absent:
        missing = Reason(detail=translate(language, ABSENT), code="invalid", field=absent["name"])
        return _fields([missing], language, instance)
    return _malformed(detail, language, instance)


def _malformed(said: str, language: Language, instance: str) -> Problem:
    for pattern, text in _BROKEN_OFF:
        met = pattern.search(said)
        if met:
            said = translate(language, text, **met.groupdict())
    return plain(400, "malformed", MALFORMED, language, instance, reason=said)


def _fields(faults: list[Reason], language: Language, instance: str) -> Problem:
    first = faults[0]
    return Problem(
        type=TYPE + "invalid",
        title=title(400, language),
        status=400,
        detail=f"{first.field}: {first.detail}" if first.field else first.detail,
        instance=instance,
        code="invalid",
        field=first.field,
        errors=faults,
    )


def _field_fault(message: str, key: str, language: Language) -> Reason:
    """Turn a message of msgspec into a field and a text that can be translated."""
    path = _PATH.search(message)
    where = path["path"] if path else "" if key == "data" else key.removeprefix("data.")
    for pattern, text in _FIELD_FAULTS:
        met = pattern.search(message)
        if met:
            values = met.groupdict()
            name = values.pop("name", "")
            field = ".".join(part for part in (where if where != name else "", name) if part)
            return Reason(detail=translate(language, text, **values), code="invalid", field=field)
    return Reason(detail=_PATH.sub("", message), code="invalid", field=where)
