"""What does an administrator's exemption list (危险废物豁免管理清单) say, and what would it change?

A line is known by its item and stages, such as `18 运输`; where an item has several conditions for a stage,
by their order too. Merged cells of the print, all but condition and effect, may be empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from compliance.catalogue.files import ExemptionLine
from compliance.catalogue.importing import MOST_FAULTS, Difference, compared, fault, lines_under
from compliance.catalogue.rules import WasteCode, is_category
from compliance.record.errors import N_, DomainError, Invalid, raise_all

STAGES = ("收集", "运输", "贮存", "利用", "处置", "全部环节")
FIELDS = ("codes", "scope", "waste", "condition", "effect")
_HEADINGS: Mapping[str, str] = {
    "seq": "item",
    "序号": "item",
    "codes": "codes",
    "废物类别/代码": "codes",
    "废物类别或代码": "codes",
    "废物代码": "codes",
    "scope_zh": "scope",
    "waste_zh": "waste",
    "危险废物": "waste",
    "stages": "stages",
    "豁免环节": "stages",
    "condition_zh": "condition",
    "豁免条件": "condition",
    "effect_zh": "effect",
    "豁免内容": "effect",
}
_NO_HEADING = Invalid(
    N_("The file has no heading for the condition of an exemption."),
    field="file",
    way_out=N_(
        "Save the list as CSV with the headings 序号, 废物类别/代码, 危险废物, 豁免环节, 豁免条件, 豁免内容."
    ),
)
_REPEATED = ("codes", "scope", "waste", "stages")
_BETWEEN = re.compile(r"[;；,，、/\s]+")
_MOST_CODES, _MOST_STAGES, _MOST_ITEM = 120, 40, 9_999


def read(data: bytes) -> list[ExemptionLine]:
    """Return the lines of a list in their order, or raise every one that cannot be right, at most fifty."""
    found: list[ExemptionLine] = []
    faults: list[DomainError] = []
    above: dict[str, str] = {}
    for number, cells in lines_under(data, _HEADINGS, "condition", _NO_HEADING):
        above = _filled(cells, above)
        wrong = _faults(number, above)
        faults += wrong
        if not wrong:
            found.append(_line(len(found) + 1, above))
    if not found and not faults:
        faults.append(Invalid(N_("The file has no line with an exemption."), field="file"))
    raise_all(faults[:MOST_FAULTS])
    return found


def by_key(lines: Iterable[ExemptionLine]) -> dict[str, ExemptionLine]:
    """Return lines by what they are known by."""
    found: dict[str, ExemptionLine] = {}
    for one in lines:
        first = f"{one.item} {one.stages.replace(';', '、')}"
        key, count = first, 1
        while key in found:
            count += 1
            key = f"{first} ({count})"
        found[key] = one
    return found


def difference(
    before: Iterable[ExemptionLine], after: Sequence[ExemptionLine], *, complete: bool
) -> Difference:
    """Return what changes where an edition's exemption list becomes that of a file."""
    return compared(by_key(before), by_key(after), FIELDS, complete)


def merged(
    before: Iterable[ExemptionLine], after: Sequence[ExemptionLine], *, complete: bool
) -> list[ExemptionLine]:
    """Return the lines of a list after an import; what a part lacks stays, each in its order of items."""
    kept = {} if complete else by_key(before)
    lines = sorted((kept | by_key(after)).values(), key=lambda one: one.item)
    return [replace(one, line=number) for number, one in enumerate(lines, start=1)]


def _filled(cells: Mapping[str, str], above: Mapping[str, str]) -> dict[str, str]:
    """Return a line whole: within an item a merged cell counts for the lines below it."""
    found = {name: cells.get(name, "") for name in ("item", *FIELDS, "stages")}
    found["item"] = found["item"] or above.get("item", "")
    if found["item"] == above.get("item"):
        told = found["codes"] or found["scope"]
        repeated = [name for name in _REPEATED if name not in ("codes", "scope") or not told]
        found |= {name: found[name] or above[name] for name in repeated}
    if not re.search(r"\d", found["codes"]):
        found["codes"], found["scope"] = "", found["scope"] or found["codes"]
    found["codes"] = ";".join(filter(None, _BETWEEN.split(found["codes"])))
    found["stages"] = ";".join(filter(None, _BETWEEN.split(found["stages"])))
    return found


def _faults(number: int, line: Mapping[str, str]) -> list[DomainError]:
    found: list[DomainError] = []
    if not line["item"].isdecimal() or not 0 < int(line["item"]) <= _MOST_ITEM:
        found.append(fault(number, N_("Line {line}: “{text}” is no number of an item."), line["item"]))
    found += [
        fault(number, N_("Line {line}: “{text}” is no waste code."), one)
        for one in filter(None, line["codes"].split(";"))
        if not _is_code(one)
    ]
    wrong = [one for one in line["stages"].split(";") if one not in STAGES]
    if wrong:
        told = N_("Line {line}: “{text}” is no stage: 收集, 运输, 贮存, 利用, 处置 or 全部环节.")
        found.append(fault(number, told, wrong[0]))
    if not all(line[name] for name in ("waste", "condition", "effect")):
        told = N_("Line {line}: item {text} lacks its waste, its condition or its effect.")
        found.append(fault(number, told, line["item"]))
    for name, most in (("codes", _MOST_CODES), ("stages", _MOST_STAGES)):
        if len(line[name]) > most:
            found.append(fault(number, N_("Line {line}: “{text}” is too long."), line[name][:40]))
    return found


def _is_code(text: str) -> bool:
    if is_category(text):
        return True
    try:
        return WasteCode.parse(text).text == text
    except ValueError:
        return False


def _line(number: int, cells: Mapping[str, str]) -> ExemptionLine:
    return ExemptionLine(
        line=number,
        item=int(cells["item"]),
        codes=cells["codes"],
        scope=cells["scope"],
        waste=cells["waste"],
        stages=cells["stages"],
        condition=cells["condition"],
        effect=cells["effect"],
    )
