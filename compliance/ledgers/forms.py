"""Which tables does a year's plan consist of (HJ 1259-2022, A.1 to A.7), which list do other wastes have?

A.1 to A.7 are of hazardous waste, 表1 is the list of industrial waste (公告2021年第82号). The columns are as
we read both; the official layout is the national system's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from compliance.ledgers.columns import Column
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.numbers import TONNE, decimal, kilograms

Row = dict[str, str | int]
"""One row of a table by field: masses in whole kilograms, a choice by its code, all else as text."""

LONGEST = 200


class Form(StrEnum):
    """A table that a unit fills for a year."""

    UNIT = "a1"
    FACILITIES = "a2"
    GENERATION = "a3"
    STORAGE = "a4"
    TREATMENT = "a5"
    REDUCTION = "a6"
    TRANSFER = "a7"
    INDUSTRIAL = "y1"


@dataclass(frozen=True, slots=True)
class Spec:
    """A table: its number and names, its columns, and the fields that tell its rows apart."""

    form: Form
    number: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def key_of(self, row: Mapping[str, str | int]) -> tuple[str, ...]:
        """Return by what a row is known in its table; a table without a key has one row."""
        return tuple(str(row.get(name, "")) for name in self.key)


CHOICES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "kind": {
        "generate": ("产生", "generation"),
        "store": ("贮存", "storage"),
        "use": ("自行利用", "own use"),
        "dispose": ("自行处置", "own disposal"),
    },
    "purpose": {"use": ("利用", "use"), "dispose": ("处置", "disposal")},
    "reach": {
        "province": ("省内转移", "within the province"),
        "across": ("跨省转移", "across provinces"),
        "abroad": ("境外转移", "abroad"),
    },
    "state": {
        "solid": ("固态", "solid"),
        "semi": ("半固态", "semi-solid"),
        "liquid": ("液态", "liquid"),
        "gas": ("气态", "gas"),
    },
}


def _columns(*columns: tuple[str, str, str, str]) -> tuple[Column, ...]:
    """Return columns of (field, Chinese, English, kind); a field with a star must be filled."""
    return tuple(Column(key.strip("*"), zh, en, key.endswith("*"), kind) for key, zh, en, kind in columns)


_CODE = ("code*", "废物代码", "Waste code", "code")
_NAME = ("name", "废物名称", "Waste name", "text")
_PLACE = ("facility", "设施编码", "Facility", "text")

SPECS: Mapping[Form, Spec] = {
    one.form: one
    for one in (
        Spec(
            Form.UNIT,
            "A.1",
            "单位基本信息",
            "The unit",
            _columns(
                ("name*", "单位名称", "Name", "text"),
                ("uscc*", "统一社会信用代码", "Credit code", "text"),
                ("address", "生产经营场所地址", "Address of the works", "text"),
                ("division", "行政区划代码", "Division code", "text"),
                ("industry", "行业类别", "Industry", "text"),
                ("industry_code", "行业代码", "Industry code", "text"),
                ("representative", "法定代表人", "Legal representative", "text"),
                ("contact", "危险废物环境管理技术负责人", "Person in charge", "text"),
                ("phone", "联系电话", "Telephone", "text"),
                ("lon", "中心经度", "Longitude", "number"),
                ("lat", "中心纬度", "Latitude", "number"),
                ("permit", "排污许可证编号", "Discharge permit", "text"),
            ),
            (),
        ),
        Spec(
            Form.FACILITIES,
            "A.2",
            "设施信息",
            "Facilities",
            _columns(
                ("facility*", "设施编码", "Facility", "text"),
                ("kind*", "设施类型", "Kind", "choice"),
                ("name", "设施名称", "Name", "text"),
                ("process", "主要工艺", "Process", "text"),
                ("capacity", "设计能力", "Capacity", "number"),
                ("unit", "能力单位", "Unit of capacity", "text"),
                ("products", "产品/原辅材料", "Products and materials", "text"),
            ),
            ("facility",),
        ),
        Spec(
            Form.GENERATION,
            "A.3",
            "危险废物产生情况",
            "Generation",
            _columns(
                _CODE,
                _NAME,
                _PLACE,
                ("hazards", "危险特性", "Hazards", "text"),
                ("harmful", "有害成分", "Hazardous components", "text"),
                ("state", "形态", "Form", "choice"),
                ("last_kg", "上年度实际产生量（吨）", "Generated last year (t)", "mass"),
                ("kg*", "本年度预计产生量（吨）", "Planned this year (t)", "mass"),
            ),
            ("code", "facility"),
        ),
        Spec(
            Form.STORAGE,
            "A.4",
            "危险废物贮存情况",
            "Storage",
            _columns(
                _CODE,
                _NAME,
                _PLACE,
                ("packing", "包装形式", "Packaging", "text"),
                ("capacity_kg", "贮存能力（吨）", "Storage capacity (t)", "mass"),
                ("last_kg", "上年度末贮存量（吨）", "Stored at the end of last year (t)", "mass"),
                ("kg*", "本年度末预计贮存量（吨）", "Planned at the end of this year (t)", "mass"),
            ),
            ("code", "facility"),
        ),
        Spec(
            Form.TREATMENT,
            "A.5",
            "危险废物自行利用/处置情况",
            "Own use and disposal",
            _columns(
                _CODE,
                _NAME,
                _PLACE,
                ("purpose*", "利用或处置", "Use or disposal", "choice"),
                ("method", "利用/处置方式代码", "Method", "text"),
                ("capacity_kg", "设计能力（吨/年）", "Capacity (t a year)", "mass"),
                ("kg*", "本年度预计利用/处置量（吨）", "Planned this year (t)", "mass"),
            ),
            ("code", "facility", "purpose", "method"),
        ),
        Spec(
            Form.REDUCTION,
            "A.6",
            "危险废物减量化计划和措施",
            "Reduction",
            _columns(
                _CODE,
                _NAME,
                ("measure*", "减量化措施", "Measure", "text"),
                ("kg*", "预计减少量（吨）", "Planned reduction (t)", "mass"),
                ("basis", "依据", "Basis", "text"),
            ),
            ("code", "measure"),
        ),
        Spec(
            Form.TRANSFER,
            "A.7",
            "危险废物转移情况",
            "Transfer",
            _columns(
                _CODE,
                _NAME,
                ("kg*", "本年度预计转移量（吨）", "Planned this year (t)", "mass"),
                ("reach", "转移类型", "Reach", "choice"),
                ("purpose", "利用或处置", "Use or disposal", "choice"),
                ("method", "利用/处置方式代码", "Method", "text"),
                ("receiver_name", "拟接收单位名称", "Receiver", "text"),
                ("receiver", "拟接收单位统一社会信用代码", "Receiver's credit code", "text"),
                ("licence", "许可证编号", "Licence", "text"),
            ),
            ("code", "receiver"),
        ),
        Spec(
            Form.INDUSTRIAL,
            "表1",
            "一般工业固体废物产生清单",
            "General industrial waste generated",
            _columns(
                _CODE,
                _NAME,
                ("process", "产生环节", "Where it arises", "text"),
                ("state", "物理性状", "Physical form", "choice"),
                ("main", "主要成分", "Main components", "text"),
                ("pollution", "污染特性", "Pollution", "text"),
                ("factor", "产废系数", "Waste factor", "text"),
                ("kg*", "年产生量（吨）", "Generated a year (t)", "mass"),
            ),
            ("code", "process"),
        ),
    )
}
PLAN = tuple(form for form in Form if form is not Form.INDUSTRIAL)


def read(spec: Spec, cells: Mapping[str, str]) -> tuple[Row | None, list[DomainError]]:
    """Read a row's cells, or say of each what is wrong with it."""
    row: Row = {}
    found: list[DomainError] = []
    for column in spec.columns:
        text = cells.get(column.key, "").strip()
        if not text:
            if column.needed:
                found.append(Invalid(N_("This field is missing."), field=column.key))
            continue
        try:
            row[column.key] = _cell(column, text)
        except DomainError as wrong:
            found.append(wrong)
    return (None if found else row), found


def _cell(column: Column, text: str) -> str | int:
    if column.kind == "mass":
        kg = kilograms(text, column.key)
        if kg < 0:
            raise Invalid(N_("Must be at least {limit}."), field=column.key, values={"limit": 0})
        return kg
    if column.kind == "choice":
        return _choice(column.key, text)
    if column.kind == "number":
        return _number(column.key, text)
    if len(text) > LONGEST:
        raise Invalid(
            N_("Must have at most {limit} characters or entries."),
            field=column.key,
            values={"limit": LONGEST},
        )
    return text


def _choice(key: str, text: str) -> str:
    for code, words in CHOICES[key].items():
        if text.casefold() in {code, *words}:
            return code
    offered = "、".join(words[0] for words in CHOICES[key].values())
    raise Invalid(
        N_("“{text}” is none of: {offered}."), field=key, values={"text": text[:40], "offered": offered}
    )


def _number(key: str, text: str) -> str:
    return f"{decimal(text, key):f}"


def cells(spec: Spec, row: Mapping[str, str | int], *, chinese: bool = True) -> dict[str, str]:
    """Return a row as the text of its cells; masses in tonnes, choices in words."""
    return {column.key: _shown(column, row.get(column.key, ""), chinese) for column in spec.columns}


def _shown(column: Column, value: str | int, chinese: bool) -> str:
    if value == "":
        return ""
    if column.kind == "mass":
        return f"{Decimal(value) / TONNE:.3f}"
    if column.kind == "choice":
        return CHOICES[column.key][str(value)][0 if chinese else 1]
    return str(value)


def mass(row: Mapping[str, str | int], key: str = "kg") -> int:
    """Return a mass of a row, kilograms; 0 where the cell is empty."""
    return int(row.get(key, 0))


def merged(spec: Spec, kept: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Return a table with rows put in; one with the key of an earlier row takes its place."""
    rows = {spec.key_of(row): row for row in kept}
    rows |= {spec.key_of(row): row for row in new}
    return list(rows.values())
