"""How does a sheet or a label become a PDF that still opens in ten years?

Typst sets it with the one Chinese font that comes as a package: the same bytes on every machine, PDF/A-2b
with the font embedded, and no request to anywhere. Both are imported only when something is printed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

import segno

from compliance.papers.rules import LabelSize, spaced
from compliance.papers.sheet import Label, LabelWords, Sheet, Table
from compliance.record.clock import SHANGHAI

_TEMPLATES = Path(__file__).parent / "templates"
ARCHIVAL: Literal["a-2b"] = "a-2b"
"""ISO 19005-2, level b: what M14's ten years ask for."""


def sheet_pdf(sheet: Sheet) -> bytes:
    """Set a sheet on A4."""
    blocks = [asdict(one) | {"kind": "table" if isinstance(one, Table) else "part"} for one in sheet.blocks]
    told = asdict(sheet) | {"at": "", "blocks": blocks, "qr": qr_svg(sheet.qr) if sheet.qr else ""}
    return _set("sheet", told, sheet.at)


def labels_pdf(
    labels: Sequence[Label], words: LabelWords, size: LabelSize, at: datetime, language: str
) -> bytes:
    """Set labels of one size, each on a page of that size; twice where they go on two sides (G6)."""
    pages = [
        asdict(one) | {"qr": qr_svg(one.qr), "code": spaced(one.code)}
        for one in labels
        for _ in range(size.faces)
    ]
    told = {
        "labels": pages,
        "words": asdict(words),
        "side": size.side_mm,
        "sign": size.sign_mm,
        "language": language,
        "title": words.title,
    }
    return _set("label", told, at)


def qr_svg(text: str) -> str:
    """Draw a QR code (ISO/IEC 18004, error correction M)."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="svg", scale=4, border=0, xmldecl=False)
    return picture.getvalue().decode()


def _set(template: str, told: object, at: datetime) -> bytes:
    import typst

    local = at.astimezone(SHANGHAI)
    stamp = [local.year, local.month, local.day, local.hour, local.minute, local.second]
    made: bytes = typst.compile(
        _source(template),
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(_fonts())]),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=ARCHIVAL,
        sys_inputs={"told": json.dumps(told, ensure_ascii=False), "stamp": json.dumps(stamp)},
        timestamp=at.replace(microsecond=0),
    )
    return made


@cache
def _source(template: str) -> bytes:
    return (_TEMPLATES / f"{template}.typ").read_bytes()


@cache
def _fonts() -> Path:
    import pylopdf_fonts_zh_cn

    return pylopdf_fonts_zh_cn.sans_path().parent
