"""Which columns has each table of a ledger in a file, and what stands in a cell?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compliance.ledgers.rules import Draft, Purpose, Table
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.numbers import TONNE, kilograms

PURPOSES: Mapping[str, Purpose] = {
    "利用": Purpose.USE,
    "处置": Purpose.DISPOSE,
    "出口利用": Purpose.EXPORT_USE,
    "出口处置": Purpose.EXPORT_DISPOSE,
}
_WORDS = {purpose: word for word, purpose in PURPOSES.items()}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it holds, its heading in the standard and in English, and what a cell is.

    `kind` is text, day, mass (tonnes in a cell, whole kilograms in the field), count or number.
    """

    key: str
    zh: str
    en: str
    needed: bool = False
    kind: str = "text"


def _named(*columns: tuple[str, str, str]) -> tuple[Column, ...]:
    needed = {"day", "code", "kg", "purpose"}
    kinds = {"day": "day", "kg": "mass", "count": "count"}
    return tuple(Column(key, zh, en, key in needed, kinds.get(key, "text")) for key, zh, en in columns)


_WASTE = (
    ("name", "废物名称", "Waste name"),
    ("code", "废物代码", "Waste code"),
)
_CONTAINER = (
    ("container", "容器/包装编码", "Container code"),
    ("container_kind", "容器/包装类型", "Kind of container"),
    ("count", "容器/包装数量", "Number of containers"),
)
_END = (("handler", "经办人", "Handled by"), ("note", "备注", "Remarks"))

COLUMNS: Mapping[Table, tuple[Column, ...]] = {
    Table.GENERATED: _named(
        ("batch", "产生批次编码", "Generation batch"),
        ("day", "产生时间", "Generated on"),
        *_WASTE,
        ("kg", "产生量（吨）", "Generated (t)"),
        *_CONTAINER,
        ("facility", "产生危险废物设施编码", "Generating facility"),
        ("party", "去向", "Destination"),
        *_END,
    ),
    Table.STORED: _named(
        ("batch", "入库批次编码", "Storage batch"),
        ("day", "入库时间", "Stored on"),
        *_WASTE,
        ("kg", "入库量（吨）", "Stored (t)"),
        *_CONTAINER,
        ("facility", "贮存设施编码", "Storage facility"),
        ("source", "产生批次编码", "Generation batch"),
        *_END,
    ),
    Table.TAKEN_OUT: _named(
        ("batch", "出库批次编码", "Take-out batch"),
        ("day", "出库时间", "Taken out on"),
        *_WASTE,
        ("kg", "出库量（吨）", "Taken out (t)"),
        *_CONTAINER,
        ("facility", "贮存设施编码", "Storage facility"),
        ("source", "入库批次编码", "Storage batch"),
        ("party", "去向", "Destination"),
        *_END,
    ),
    Table.TREATED: _named(
        ("batch", "自行利用/处置批次编码", "Treatment batch"),
        ("day", "自行利用/处置时间", "Treated on"),
        ("purpose", "利用或处置", "Use or disposal"),
        *_WASTE,
        ("kg", "自行利用/处置量（吨）", "Treated (t)"),
        *_CONTAINER,
        ("facility", "自行利用/处置设施编码", "Treating facility"),
        ("method", "自行利用/处置方式", "Method"),
        ("source", "产生/出库批次编码", "Source batch"),
        *_END,
    ),
    Table.OUTSOURCED: _named(
        ("batch", "委外利用/处置批次编码", "Outsourcing batch"),
        ("day", "出厂时间", "Left on"),
        ("purpose", "利用或处置", "Use or disposal"),
        *_WASTE,
        ("kg", "委外利用/处置量（吨）", "Outsourced (t)"),
        *_CONTAINER,
        ("method", "利用/处置方式", "Method"),
        ("party", "接收单位名称", "Receiver"),
        ("licence", "许可证编码/出口核准通知单编号", "Licence or export approval"),
        ("source", "产生/出库批次编码", "Source batch"),
        *_END,
    ),
}


def key_of(columns: Sequence[Column], heading: str) -> str | None:
    """Return the field that a heading of a file stands for: Chinese, English or the field's own name."""
    plain = heading.strip().lstrip("\ufeff").replace("(", "（").replace(")", "）").casefold()
    for column in columns:
        names = (column.key, column.zh, column.en)
        said = {one.replace("(", "（").replace(")", "）").casefold() for one in names}
        if plain in said:
            return column.key
    return None


def cells_of(draft: Draft) -> dict[str, str]:
    """Return an entry as the text of its cells; masses in tonnes."""
    return {
        "batch": draft.batch,
        "day": draft.day.isoformat(),
        "purpose": _WORDS.get(draft.purpose, ""),
        "name": draft.name,
        "code": draft.code,
        "kg": f"{Decimal(draft.kg) / TONNE:.3f}",
        "container": draft.container,
        "container_kind": draft.container_kind,
        "count": str(draft.count),
        "facility": draft.facility,
        "method": draft.method,
        "party": draft.party,
        "licence": draft.licence,
        "source": draft.source,
        "handler": draft.handler,
        "note": draft.note,
    }


def draft_from(table: Table, cells: Mapping[str, str]) -> tuple[Draft | None, list[DomainError]]:
    """Read a row of a file as an entry, or say of each cell what is wrong with it."""
    needed = sorted(column.key for column in COLUMNS[table] if column.needed)
    found: list[DomainError] = [
        Invalid(N_("This field is missing."), field=key) for key in needed if not cells.get(key, "").strip()
    ]
    read: dict[str, object] = {}
    for key, text in cells.items():
        plain = text.strip()
        if not plain:
            continue
        try:
            read[key] = _READERS.get(key, _text)(key, plain)
        except DomainError as wrong:
            found.append(wrong)
    if found:
        return None, found
    return Draft(table=table, **read), []  # type: ignore[arg-type]


def _day(key: str, text: str) -> date:
    plain = text.replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").replace("日", "")
    try:
        parts = [int(one) for one in plain.split(" ")[0].split("T")[0].split("-")]
        return date(*parts)
    except (ValueError, TypeError, OverflowError):
        raise Invalid(
            N_("“{text}” is not a day."),
            field=key,
            way_out=N_("Write it as 2026-11-20."),
            values={"text": text[:40]},
        ) from None


def _mass(key: str, text: str) -> int:
    return kilograms(text, key)


def _count(key: str, text: str) -> int:
    plain = text.removesuffix(".0")
    if not (plain.isascii() and plain.isdigit() and len(plain) < 7):
        raise Invalid(N_("Write a whole number."), field=key)
    return int(plain)


def _purpose(key: str, text: str) -> Purpose:
    if text in PURPOSES:
        return PURPOSES[text]
    try:
        return Purpose(text)
    except ValueError:
        raise Invalid(
            N_("“{text}” is none of the purposes."),
            field=key,
            way_out=N_("Write 利用, 处置, 出口利用 or 出口处置."),
            values={"text": text[:40]},
        ) from None


LONGEST = {"note": 400, "name": 200, "party": 120, "code": 20, "batch": 20, "source": 8_000}
"""A load's line names every batch that it came out of; in one that is entered the code is checked anyway."""


def _text(key: str, text: str) -> str:
    most = LONGEST.get(key, 60)
    if len(text) > most:
        raise Invalid(
            N_("Must have at most {limit} characters or entries."), field=key, values={"limit": most}
        )
    return text


_READERS: Mapping[str, Callable[[str, str], object]] = {
    "day": _day,
    "kg": _mass,
    "count": _count,
    "purpose": _purpose,
}
