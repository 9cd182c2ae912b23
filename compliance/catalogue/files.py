"""What do the bundled files say?"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from compliance.catalogue.rules import Basis, Kind, WasteType

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Edition:
    """One issue of a catalogue, as this product has it."""

    code: str
    kind: Kind
    name_zh: str
    name_en: str
    valid_from: date
    valid_to: date | None
    basis: Basis


HW2021 = Edition(
    "HW2021",
    Kind.HAZARDOUS,
    "国家危险废物名录（2021年版）",
    "National Catalogue of Hazardous Wastes, 2021 edition",
    date(2021, 1, 1),
    date(2024, 12, 31),
    Basis.OFFICIAL,
)
HW2025 = Edition(
    "HW2025",
    Kind.HAZARDOUS,
    "国家危险废物名录（2025年版）",
    "National Catalogue of Hazardous Wastes, 2025 edition",
    date(2025, 1, 1),
    None,
    Basis.CARRIED_OVER,
)
SW2024 = Edition(
    "SW2024",
    Kind.SOLID,
    "固体废物分类与代码目录（2024年）",
    "Classification and Codes of Solid Waste, 2024",
    date(2024, 1, 22),
    None,
    Basis.MEMORY,
)
EDITIONS = (HW2021, HW2025, SW2024)


@dataclass(frozen=True, slots=True)
class ExemptionLine:
    """One line of the exemption list as printed."""

    line: int
    item: int
    codes: str
    scope: str
    waste: str
    stages: str
    condition: str
    effect: str
    basis: Basis = Basis.OFFICIAL


@dataclass(frozen=True, slots=True)
class Place:
    """One administrative division."""

    code: str
    name_zh: str
    level: str
    parent_code: str | None
    lon: float | None
    lat: float | None


def waste_types() -> list[WasteType]:
    """Return every row of every edition; that of 2025 is carried over from 2021 and says so."""
    of_2021 = [_hazardous(row) for row in _rows("hazardous_waste.csv")]
    of_2025 = [
        replace(
            row,
            edition=HW2025.code,
            basis=HW2025.basis,
            valid_from=HW2025.valid_from,
            valid_to=HW2025.valid_to,
        )
        for row in of_2021
    ]
    families = [_family(row) for row in _rows("solid_waste_families.csv")]
    return [*of_2021, *of_2025, *families, *(_solid(row) for row in _rows("solid_waste.csv"))]


def _hazardous(row: dict[str, str]) -> WasteType:
    return WasteType(
        code=row["code"],
        edition=HW2021.code,
        kind=Kind.HAZARDOUS,
        category=row["category"],
        category_name=row["category_name_zh"],
        industry=row["industry_zh"],
        description=row["description_zh"],
        hazards=row["hazards"],
        basis=HW2021.basis,
        valid_from=HW2021.valid_from,
        valid_to=HW2021.valid_to,
    )


def _solid(row: dict[str, str]) -> WasteType:
    return WasteType(
        code=row["code"],
        edition=SW2024.code,
        kind=Kind.SOLID,
        category=row["family"],
        category_name=row["family_name_zh"],
        industry=row["industry_zh"],
        description=row["description_zh"],
        hazards="",
        basis=Basis(row["basis"]),
        valid_from=SW2024.valid_from,
        valid_to=SW2024.valid_to,
    )


def _family(row: dict[str, str]) -> WasteType:
    name = row["family_name_zh"]
    return _solid(row | {"code": row["family"], "industry_zh": row["class_zh"], "description_zh": name})


def exemption_lines() -> list[ExemptionLine]:
    """Return the exemption list of 2021, one line per item, stage and condition."""
    return [
        ExemptionLine(
            line=line,
            item=int(row["seq"]),
            codes=row["codes"],
            scope=row["scope_zh"],
            waste=row["waste_zh"],
            stages=row["stages"],
            condition=row["condition_zh"],
            effect=row["effect_zh"],
        )
        for line, row in enumerate(_rows("hazardous_exemptions.csv"), start=1)
    ]


def places() -> list[Place]:
    """Return all administrative divisions, parents before their children."""
    return [
        Place(
            code=row["code"],
            name_zh=row["name_zh"],
            level=row["level"],
            parent_code=row["parent_code"] or None,
            lon=float(row["lon"]) if row["lon"] else None,
            lat=float(row["lat"]) if row["lat"] else None,
        )
        for row in _rows("divisions.csv")
    ]


def common_words() -> dict[str, Sequence[str]]:
    """Return the names that people use beside the printed ones, by code or family."""
    return {row["code"]: row["words_zh"].split(";") for row in _rows("common_words.csv")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
