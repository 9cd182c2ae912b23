"""How are mass, money, prices and moments written for a person?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from compliance.record.clock import SHANGHAI
from compliance.record.errors import N_
from marketplace.web.translation import Language, translate
from marketplace.web.words import WORDS

NONE = "—"
MOST_RAW = 600
"""So many bytes of a message are shown."""
_TONNES = {Language.ZH: "吨", Language.EN: "t"}
_MOMENT = {Language.ZH: "yyyy年M月d日 HH:mm", Language.EN: "d MMM yyyy, HH:mm"}
_DAY = {Language.ZH: "yyyy年M月d日", Language.EN: "d MMM yyyy"}
_LOCALE = {Language.ZH: "zh_CN", Language.EN: "en_GB"}
_CODED = frozenset({"situation", "act", "without_photo"})
"""What speaks for an alert as a code of the product."""
_LIMITS = frozenset({"limits", "which"})


def format_kg(kg: int | None, language: Language) -> str:
    """Write a mass of whole kilograms in tonnes with three places: `30.060 t`, `30.060 吨`."""
    if kg is None:
        return NONE
    return f"{format_decimal(Decimal(kg) / 1000, '#,##0.000', locale=_LOCALE[language])} {_TONNES[language]}"


def format_grams(grams: int, language: Language) -> str:
    """Write a mass of whole grams in kilograms with three places: `2.450 kg`."""
    return f"{format_decimal(Decimal(grams) / 1000, '#,##0.000', locale=_LOCALE[language])} kg"


def format_fen(fen: int | None, language: Language) -> str:
    """Write a sum of whole fen in yuan: `¥69,138.00`."""
    if fen is None:
        return NONE
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{format_decimal(Decimal(abs(fen)) / 100, '#,##0.00', locale=_LOCALE[language])}"


def format_price(price: Decimal | None, language: Language) -> str:
    """Say who pays whom what per tonne; a sign alone is never shown (P6).

    `price` is signed CNY per tonne that the taker pays the holder (P1).
    """
    if price is None:
        return NONE
    amount = format_decimal(abs(price), "#,##0.00", locale=_LOCALE[language])
    if price == 0:
        return translate(language, N_("nobody pays"))
    if price < 0:
        return translate(language, N_("producer pays {amount} CNY/t"), amount=amount)
    return translate(language, N_("receiver pays {amount} CNY/t"), amount=amount)


def format_moment(moment: datetime | None, language: Language) -> str:
    """Write a moment in Shanghai time: `20 Nov 2026, 21:05`, `2026年11月20日 21:05`."""
    if moment is None:
        return NONE
    return format_datetime(moment, _MOMENT[language], tzinfo=SHANGHAI, locale=_LOCALE[language])


def format_clock(moment: datetime | None, language: Language) -> str:  # noqa: ARG001 - as all formats
    """Write the time of day in Shanghai with seconds: `21:05:07`."""
    return NONE if moment is None else f"{moment.astimezone(SHANGHAI):%H:%M:%S}"


def format_hour(moment: datetime | None, language: Language, since: datetime | None = None) -> str:
    """Write the time of day in Shanghai: `21:05`; on a later day than `since` with how many days later."""
    if moment is None:
        return NONE
    local = moment.astimezone(SHANGHAI)
    days = (local.date() - since.astimezone(SHANGHAI).date()).days if since is not None else 0
    return (
        translate(language, N_("{hour} (+{days} d)"), hour=f"{local:%H:%M}", days=days)
        if days
        else f"{local:%H:%M}"
    )


def format_span(seconds: float | None, language: Language) -> str:
    """Write a span of time in hours and minutes: `1 h 05 min`, `20 min`."""
    if seconds is None:
        return NONE
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return translate(language, N_("{minutes} min"), minutes=minutes)
    return translate(language, N_("{hours} h {minutes} min"), hours=hours, minutes=f"{minutes:02d}")


def format_day(day: date | None, language: Language) -> str:
    """Write a calendar day; of a moment, the day in Shanghai."""
    if day is None:
        return NONE
    local = day.astimezone(SHANGHAI).date() if isinstance(day, datetime) else day
    return format_date(local, _DAY[language], locale=_LOCALE[language])


def format_count(number: int | None, language: Language) -> str:
    """Write a whole number with its thousands apart."""
    return NONE if number is None else format_decimal(number, "#,##0", locale=_LOCALE[language])


def format_word(code: str | None, language: Language) -> str:
    """Write a code of the product (a state, an act, a role) as the word that people use."""
    return translate(language, WORDS.get(code, code.replace("_", " "))) if code else NONE


def format_raw(payload: bytes, language: Language) -> str:  # noqa: ARG001 - as all formats
    """Write bytes as they came in: as text where they are text, else in hexadecimal; long ones cut."""
    try:
        text = payload[:MOST_RAW].decode()
    except UnicodeDecodeError:
        text = payload[:MOST_RAW].hex(" ")
    return text if len(payload) <= MOST_RAW else f"{text}…"


def format_json(value: object, language: Language, indent: int | None = None) -> str:  # noqa: ARG001
    """Write a value as JSON for people: Chinese stays Chinese."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def format_evidence(value: object, language: Language, name: str) -> str:
    """Write one fact that speaks for an alert: codes as words, moments in Shanghai time, lists in a line."""
    if name in _CODED:
        return format_word(str(value), language)
    if name.endswith("_due_at"):
        return format_moment(datetime.fromisoformat(str(value)) if value else None, language)
    if name in _LIMITS and isinstance(value, list):
        value = [_limit(str(one), language) for one in value]
    return (
        ", ".join(map(str, value))
        if isinstance(value, Iterable) and not isinstance(value, str)
        else str(value)
    )


def _limit(text: str, language: Language) -> str:
    """Write a limit of a whole site in words: it is kept as `*`."""
    whole = text == "*" or text.startswith("*:")
    return translate(language, N_("all waste")) + text[1:] if whole else text


FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "kg": format_kg,
        "grams": format_grams,
        "fen": format_fen,
        "price": format_price,
        "moment": format_moment,
        "clock": format_clock,
        "hour": format_hour,
        "span": format_span,
        "day": format_day,
        "count_of": format_count,
        "word": format_word,
        "raw": format_raw,
        "plain_json": format_json,
        "evidence": format_evidence,
    }
)
"""The Jinja filters: `{{ lot.kg | kg }}`, `{{ deal.price | price }}`."""
