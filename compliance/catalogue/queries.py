"""Which kinds of waste and which places are on file?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Date, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from compliance.catalogue import search as searching
from compliance.catalogue.rules import Basis, Exemption, Kind, Listing, WasteCode, WasteType, identified
from compliance.catalogue.tables import (
    CatalogueEdition,
    CatalogueEntry,
    CatalogueImport,
    Division,
    ExemptionItem,
)
from compliance.record.errors import N_, Invalid, NotFound
from compliance.record.rows import PlainRow, plain_rows


def find(session: Session, code: str, on: date) -> WasteType | None:
    """Return the kind of waste that a code names on a day, None where no edition in force lists it.

    The code may be written as people type it. A pseudo-code `900-000-nn` is found through its category.
    """
    try:
        wanted = WasteCode.parse(code)
    except ValueError:
        return None
    if wanted.is_pseudo:
        found = plain_rows(session, _BY_CATEGORY, {"wanted": wanted.category, "on": on})
    else:
        found = plain_rows(session, _BY_CODE, {"wanted": wanted.text, "on": on})
    if not found:
        return None
    listed = waste_of(found[0])
    return identified(listed, wanted) if wanted.is_pseudo else listed


def pinned(session: Session, edition: str, code: str) -> WasteType | None:
    """Return the kind of waste that an edition lists under a code, whatever day it is (ADR 6).

    For documents, which keep the edition of their day: it may have ended since. A row that an import has
    replaced or dropped counts as it was before; None where the edition never listed the code.
    """
    try:
        wanted = WasteCode.parse(code)
    except ValueError:
        return None
    if wanted.is_pseudo:
        found = plain_rows(session, _OF_CATEGORY, {"edition": edition, "wanted": wanted.category})
    else:
        found = plain_rows(session, _OF_CODE, {"edition": edition, "wanted": wanted.text})
    listed = waste_of(found[0]) if found else _replaced(session, edition, wanted)
    if listed is None:
        return None
    return identified(listed, wanted) if wanted.is_pseudo else listed


def _replaced(session: Session, edition: str, wanted: WasteCode) -> WasteType | None:
    """Return what an edition said of a code before an import, or its way back, took the row away."""
    field, key = ("category", wanted.category) if wanted.is_pseudo else ("code", wanted.text)
    kept = session.execute(
        select(CatalogueImport.before, CatalogueImport.after)
        .where(CatalogueImport.edition == edition, CatalogueImport.listing == Listing.CODES.value)
        .order_by(CatalogueImport.at.desc(), CatalogueImport.id.desc())
    )
    lost = (row for before, after in kept for row in (*before, *after))
    return next((stored_waste(row) for row in lost if row[field] == key), None)


def search(
    session: Session, text: str, on: date, limit: int = 10, kinds: Collection[Kind] | None = None
) -> list[WasteType]:
    """Return the kinds of waste in force on a day that fit a query, best first, at most `limit`.

    Codes with or without dashes, Chinese words in any order, full pinyin, initials, or a mixture:
    every term must occur. Where no waste has all of them, the signs of Chinese words may lie apart
    (维修废油). `kinds` narrows to one catalogue; None means both.
    """
    wanted = searching.terms(text)
    if not wanted or limit < 1:
        return []
    for attempt in dict.fromkeys((wanted, searching.loosened(wanted))):
        hits = _hits(session, attempt, on, kinds)
        if hits:
            return searching.ranked(attempt, hits, limit)
    return []


def _hits(
    session: Session, wanted: Sequence[str], on: date, kinds: Collection[Kind] | None
) -> list[tuple[WasteType, searching.Card]]:
    statement = select(CatalogueEntry).where(
        _in_force(on), *(CatalogueEntry.search_text.contains(term, autoescape=True) for term in wanted)
    )
    if kinds is not None:
        statement = statement.where(CatalogueEntry.kind.in_([kind.value for kind in kinds]))
    return [(waste_of(row), searching.Card.read(row.search_text)) for row in session.scalars(statement)]


def dated(session: Session, code: WasteCode) -> list[WasteType]:
    """Return what every edition says of a code, oldest first."""
    rows = session.scalars(
        select(CatalogueEntry).where(CatalogueEntry.code == code.text).order_by(CatalogueEntry.valid_from)
    )
    return [waste_of(row) for row in rows]


def lists(session: Session, code: str) -> bool:
    """Tell whether any edition has a waste code, a family or a category, such as `HW08`."""
    try:
        parsed = WasteCode.parse(code)
    except ValueError:
        wanted = code
    else:
        wanted = parsed.category if parsed.is_pseudo else parsed.text
    e = CatalogueEntry
    return bool(session.scalar(select(exists().where(or_(e.code == wanted, e.category == wanted)))))


def editions(session: Session) -> Sequence[CatalogueEdition]:
    """Return all editions, oldest first."""
    return session.scalars(select(CatalogueEdition).order_by(CatalogueEdition.valid_from)).all()


def families(session: Session, on: date) -> list[WasteType]:
    """Return the families of non-hazardous waste in force on a day."""
    rows = session.scalars(
        select(CatalogueEntry)
        .where(CatalogueEntry.code == CatalogueEntry.category, _in_force(on))
        .order_by(CatalogueEntry.code)
    )
    return [waste_of(row) for row in rows]


def exemptions_for(session: Session, code: str, on: date) -> list[Exemption]:
    """Return the exemption lines that may concern a code on a day, those naming it first.

    They are shown with their conditions, and evidence is asked for; none is ever granted by the product.
    """
    try:
        wanted = WasteCode.parse(code)
    except ValueError:
        return []
    rows = session.scalars(
        select(ExemptionItem)
        .join(CatalogueEdition, CatalogueEdition.code == ExemptionItem.edition)
        .where(
            CatalogueEdition.valid_from <= on,
            or_(CatalogueEdition.valid_to.is_(None), CatalogueEdition.valid_to >= on),
        )
        .order_by(ExemptionItem.edition, ExemptionItem.line)
    )
    found = [line for line in map(exemption_of, rows) if line.may_cover(wanted)]
    return sorted(found, key=lambda line: line.is_general)


def exemption_lines_for(session: Session, code: str, on: date) -> list[tuple[int, Exemption]]:
    """Return the lines of `exemptions_for` with their numbers, those naming the code first."""
    try:
        wanted = WasteCode.parse(code)
    except ValueError:
        return []
    listed = find(session, code, on)
    if listed is None:
        return []
    rows = session.scalars(
        select(ExemptionItem).where(ExemptionItem.edition == listed.edition).order_by(ExemptionItem.line)
    )
    found = [(row.line, one) for row in rows if (one := exemption_of(row)).may_cover(wanted)]
    return sorted(found, key=lambda pair: pair[1].is_general)


def division(session: Session, code: str) -> Division:
    """Return one administrative division by its six digits or raise `NotFound`."""
    found = session.get(Division, code)
    if found is None:
        raise NotFound("division", code)
    return found


def divisions_under(session: Session, parent_code: str | None) -> Sequence[Division]:
    """Return the divisions right below one, in the order of their codes; None gives the provinces."""
    return session.scalars(
        select(Division).where(Division.parent_code == parent_code).order_by(Division.code)
    ).all()


def prefecture_of(session: Session, division_code: str) -> str:
    """Return the six digits of the prefecture row above a division: 429000 for 仙桃 and its like.

    Raises `NotFound` for an unknown division and `Invalid` for a whole province.
    """
    row = division(session, division_code)
    if row.level == "prefecture":
        return row.code
    if row.level == "county" and row.parent_code is not None:
        return row.parent_code
    raise Invalid(
        N_("{name} is a whole province: a place needs its prefecture or county."),
        field="division_code",
        way_out=N_("Choose the prefecture or county in which the place lies."),
        values={"name": row.name_zh},
    )


def full_name(session: Session, division_code: str) -> str:
    """Return a division's name with those above it, such as 湖北省武汉市江夏区; pseudo rows are left out."""
    names: list[str] = []
    code: str | None = division_code
    while code is not None:
        row = division(session, code)
        is_pseudo = row.level == "prefecture" and (code[2:4] == "90" or row.name_zh in {"市辖区", "县"})
        names += [] if is_pseudo else [row.name_zh]
        code = row.parent_code
    return "".join(reversed(names))


def waste_of(row: CatalogueEntry | PlainRow) -> WasteType:
    """Return the rule's view of a stored code."""
    return WasteType(
        code=row.code,
        edition=row.edition,
        kind=Kind(row.kind),
        category=row.category,
        category_name=row.category_name,
        industry=row.industry,
        description=row.description,
        hazards=row.hazards,
        basis=Basis(row.basis),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def stored_waste(kept: Mapping[str, object]) -> WasteType:
    """Return a row as an import kept it for the way back."""
    return msgspec.convert(kept, WasteType)


def exemption_of(row: ExemptionItem) -> Exemption:
    """Return the rule's view of a stored exemption line."""
    return Exemption(
        item=row.item,
        codes=frozenset(filter(None, row.codes.split(";"))),
        scope=row.scope,
        waste=row.waste,
        stages=tuple(row.stages.split(";")),
        condition=row.condition,
        effect=row.effect,
        edition=row.edition,
        basis=Basis(row.basis),
    )


def _in_force(on: date | BindParameter[date]) -> ColumnElement[bool]:
    return and_(
        CatalogueEntry.valid_from <= on,
        or_(CatalogueEntry.valid_to.is_(None), CatalogueEntry.valid_to >= on),
    )


def _columns() -> Select[*tuple[Any, ...]]:
    one = CatalogueEntry
    return select(
        *(one.code, one.edition, one.kind, one.category, one.category_name, one.industry),
        *(one.description, one.hazards, one.basis, one.valid_from, one.valid_to),
    )


def _newest(column: InstrumentedAttribute[str]) -> Select[*tuple[Any, ...]]:
    return (
        _columns()
        .where(column == bindparam("wanted"), _in_force(bindparam("on", type_=Date())))
        .order_by(CatalogueEntry.valid_from.desc(), CatalogueEntry.code)
        .limit(1)
    )


def _listed(column: InstrumentedAttribute[str]) -> Select[*tuple[Any, ...]]:
    one = CatalogueEntry
    return (
        _columns()
        .where(one.edition == bindparam("edition"), column == bindparam("wanted"))
        .order_by(one.code)
        .limit(1)
    )


_BY_CODE, _BY_CATEGORY = _newest(CatalogueEntry.code), _newest(CatalogueEntry.category)
_OF_CODE, _OF_CATEGORY = _listed(CatalogueEntry.code), _listed(CatalogueEntry.category)
"""Built once: a code is looked up with nearly everything."""
