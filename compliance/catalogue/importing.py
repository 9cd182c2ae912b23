"""What does an administrator's catalogue file say, and what would it change?

A file is the official list as a table (XLSX, or CSV in UTF-8 or GB 18030), with the printed headings or
those of the bundled files. Merged cells of the print, category and industry, may be empty where they repeat
the line above.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.catalogue.rules import Basis, Form, Kind, Listing, WasteCode, WasteType
from compliance.record.errors import N_, DomainError, Invalid, raise_all
from compliance.record.sheets import Limits, lines_of

MOST_BYTES = 5_000_000
MOST_FAULTS = 50
LIMITS = Limits(MOST_BYTES, 20_000, N_("Save the table as CSV from the spreadsheet program."))
FIELDS = ("category", "category_name", "industry", "description", "hazards")
_HEADINGS: Mapping[str, str] = {
    "code": "code",
    "废物代码": "code",
    "代码": "code",
    "category": "category",
    "family": "category",
    "废物类别": "category",
    "废物种类": "category",
    "category_name_zh": "category_name",
    "family_name_zh": "category_name",
    "类别名称": "category_name",
    "industry_zh": "industry",
    "行业来源": "industry",
    "description_zh": "description",
    "危险废物": "description",
    "固体废物": "description",
    "废物名称": "description",
    "hazards": "hazards",
    "危险特性": "hazards",
}
_NO_HEADING = Invalid(
    N_("The file has no heading for the waste code."),
    field="file",
    way_out=N_("Save the table as CSV with the headings 废物类别, 行业来源, 废物代码, 危险废物, 危险特性."),
)
_CATEGORY = re.compile(r"((?:HW|SW)\d{2})\s*(.*)", re.DOTALL)
_HAZARDS = re.compile(r"(?:T|C|I|R|In)(?:[,/](?:T|C|I|R|In))*")
_LONGEST = {"category_name": 60, "industry": 80, "hazards": 20}


@dataclass(frozen=True, slots=True)
class Wanted:
    """As which edition a file counts, from which day, and whether what it lacks is no longer listed."""

    edition: str
    kind: Kind
    valid_from: date
    name_zh: str = ""
    name_en: str = ""
    complete: bool = True
    listing: Listing = Listing.CODES


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one code, or of one line of the exemption list, that the file words otherwise."""

    code: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file changes in an edition."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]
    confirmed: int
    """Codes or lines that stay as they are, now by the official file."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would change but the basis."""
        return not (self.added or self.removed or self.changed)


def read(data: bytes, wanted: Wanted) -> list[WasteType]:
    """Return the rows of a file, or raise every line that cannot be right, at most fifty of them."""
    lines = list(lines_under(data, _HEADINGS, "code", _NO_HEADING))
    faults: list[DomainError] = []
    rows: dict[str, WasteType] = {}
    above: dict[str, str] = {}
    for number, line in lines:
        filled = _filled(line, above)
        wrong = _line_faults(number, filled, wanted.kind, rows)
        if wrong:
            faults += wrong
            continue
        row = _row(filled, wanted)
        rows[row.code] = row
    if not rows and not faults:
        faults.append(Invalid(N_("The file has no line with a waste code."), field="file"))
    raise_all(faults[:MOST_FAULTS])
    return list(rows.values())


def difference(before: Iterable[WasteType], after: Sequence[WasteType], *, complete: bool) -> Difference:
    """Return what changes where the rows of an edition become those of a file."""
    return compared({row.code: row for row in before}, {row.code: row for row in after}, FIELDS, complete)


def compared(
    old: Mapping[str, object], new: Mapping[str, object], fields: Sequence[str], complete: bool
) -> Difference:
    """Return what changes where rows become those of a file, each known by its key."""
    changed = tuple(
        Change(code, name, getattr(old[code], name), getattr(new[code], name))
        for code in sorted(old.keys() & new.keys())
        for name in fields
        if getattr(old[code], name) != getattr(new[code], name)
    )
    touched = {change.code for change in changed}
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())) if complete else (),
        changed=changed,
        confirmed=len(old.keys() & new.keys()) - len(touched),
    )


def sha256(data: bytes) -> str:
    """Return the hash by which an import names its file."""
    return hashlib.sha256(data).hexdigest()


def lines_under(
    data: bytes, headings: Mapping[str, str], key: str, lacking: Invalid
) -> Iterable[tuple[int, dict[str, str]]]:
    """Yield (line number, known columns) of a file's lines that are not empty, below the line of headings.

    That is the first in which the column `key` is named; raises `lacking` where there is none.
    """
    columns: list[str] = []
    for number, cells in enumerate(lines_of(data, LIMITS), start=1):
        if not columns:
            known = [headings.get(re.sub(r"\s", "", cell), "") for cell in cells]
            columns = known if key in known else []
        elif any(cell.strip() for cell in cells):
            yield number, {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}
    if not columns:
        raise lacking


def _filled(line: dict[str, str], above: dict[str, str]) -> dict[str, str]:
    """Return a line whole: a merged cell counts for the lines below it, a category brings its name."""
    found = dict.fromkeys(FIELDS, "") | line
    parted = _CATEGORY.fullmatch(found["category"])
    if parted is not None and parted[2]:
        found["category"], found["category_name"] = parted[1], re.sub(r"\s", "", parted[2])
    if found["category"] and found["category"] != above.get("category"):
        above.pop("industry", None)
    for name in ("category", "category_name", "industry"):
        if found[name]:
            above[name] = found[name]
        else:
            found[name] = above.get(name, "")
    found["hazards"] = re.sub(r"\s", "", found["hazards"]).replace("，", ",")
    return found


def _line_faults(
    number: int, line: Mapping[str, str], kind: Kind, known: Mapping[str, WasteType]
) -> list[DomainError]:
    try:
        code = WasteCode.parse(line.get("code", ""))
    except ValueError:
        return [fault(number, N_("Line {line}: “{text}” is no waste code."), line.get("code", ""))]
    if code.kind is not kind:
        return [fault(number, N_("Line {line}: {text} belongs to the other catalogue."), code.text)]
    found: list[DomainError] = []
    if code.text in known:
        found.append(fault(number, N_("Line {line}: {text} stands there twice."), code.text))
    if line["category"] and line["category"] != code.category:
        found.append(fault(number, N_("Line {line}: {text} does not fit the category beside it."), code.text))
    if not line["description"]:
        found.append(fault(number, N_("Line {line}: {text} has no description."), code.text))
    if kind is Kind.HAZARDOUS and not _HAZARDS.fullmatch(line["hazards"]):
        found.append(
            fault(number, N_("Line {line}: “{text}” are no hazards such as T,I or T/C."), line["hazards"])
        )
    for name, most in _LONGEST.items():
        if len(line[name]) > most:
            found.append(fault(number, N_("Line {line}: “{text}” is too long."), line[name][:40]))
    return found


def fault(number: int, message: str, text: str) -> Invalid:
    """Return what is wrong with a line of a file."""
    return Invalid(message, field="file", values={"line": number, "text": text[:60]})


def _row(line: Mapping[str, str], wanted: Wanted) -> WasteType:
    code = WasteCode.parse(line["code"])
    name = line["category_name"] or (line["description"] if code.form is Form.FAMILY else "")
    return WasteType(
        code=code.text,
        edition=wanted.edition,
        kind=wanted.kind,
        category=code.category,
        category_name=name[:60],
        industry=line["industry"] or code.class_zh,
        description=line["description"],
        hazards=line["hazards"] if wanted.kind is Kind.HAZARDOUS else "",
        basis=Basis.OFFICIAL,
        valid_from=wanted.valid_from,
        valid_to=None,
    )
