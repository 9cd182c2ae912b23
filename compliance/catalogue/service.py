"""How do catalogue rows come in, go out of force, and bind an act?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from compliance.catalogue import files, queries
from compliance.catalogue.rules import WasteCode, WasteType
from compliance.catalogue.search import card
from compliance.catalogue.tables import CatalogueEdition, CatalogueEntry, Division, ExemptionItem
from compliance.record.base import Base
from compliance.record.errors import N_, Invalid, NotFound, RuleBroken
from compliance.record.work import Work
from compliance.rulebook.rules import broken


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows a load added; all zero when everything was there."""

    editions: int
    entries: int
    exemptions: int
    divisions: int


def load(work: Work) -> Loaded:
    """Put the bundled catalogues and divisions into the database, adding only what is missing.

    A row that is there stays as it is, whatever an administrator made of it: a withdrawal is not undone.
    """
    session = work.session
    return Loaded(
        editions=_add(session, CatalogueEdition, [asdict(one) for one in files.EDITIONS]),
        entries=_add_entries(session),
        exemptions=_add(session, ExemptionItem, _exemptions()),
        divisions=_add(session, Division, [asdict(one) for one in files.places()]),
    )


def withdraw(work: Work, edition: str, code: str, valid_to: date) -> WasteType:
    """Let a code of one edition go out of force after `valid_to`, its last day.

    Raises `NotFound` for a code the edition does not have and `Invalid` for a day before its first.
    """
    row = work.session.get(CatalogueEntry, (edition, code))
    if row is None:
        raise NotFound("waste code", f"{edition}/{code}")
    if valid_to < row.valid_from:
        raise Invalid(
            N_("{code} came into force on {valid_from}: it cannot end on {valid_to}."),
            field="valid_to",
            way_out=N_("Choose a later day."),
            values={
                "code": code,
                "valid_from": row.valid_from.isoformat(),
                "valid_to": valid_to.isoformat(),
            },
        )
    row.valid_to = valid_to
    work.append(
        "WasteCodeWithdrawn",
        entry_id(edition, code),
        edition=edition,
        code=code,
        valid_to=valid_to.isoformat(),
    )
    return queries.waste_of(row)


def require(work: Work, code: str, on: date, field: str) -> WasteType:
    """Return the kind of waste a code names on a day, or raise `RuleBroken` (C1) on that input field.

    Catalogue and article are those of `on`.
    """
    found = queries.find(work.session, code, on)
    if found is None:
        raise _refusal(work.session, code, on, field)
    return found


def against(work: Work, code: str, on: date, field: str) -> list[RuleBroken]:
    """Return why a code cannot be used on a day (C1), empty where an edition in force lists it."""
    if queries.find(work.session, code, on) is not None:
        return []
    return [_refusal(work.session, code, on, field)]


def _refusal(session: Session, code: str, on: date, field: str) -> RuleBroken:
    """Return what is wrong with a code that no edition in force lists."""
    try:
        wanted = WasteCode.parse(code)
    except ValueError:
        return broken("C1.bad_form", on, field=field, code=code)
    known = queries.dated(session, wanted)
    if not known:
        return broken("C1.unknown_code", on, field=field, code=wanted.text)
    nearest = next((one for one in reversed(known) if one.valid_from <= on), known[0])
    return broken(
        "C1.code_not_in_force",
        on,
        field=field,
        code=wanted.text,
        edition=nearest.edition,
        valid_from=nearest.valid_from.isoformat(),
        valid_to=nearest.valid_to.isoformat() if nearest.valid_to else "—",
    )


def entry_id(edition: str, code: str) -> UUID:
    """Return the id under which events speak of one code of one edition."""
    return uuid5(NAMESPACE_URL, f"huanlian:catalogue:{edition}:{code}")


def _add_entries(session: Session) -> int:
    """Add the codes that are missing; the search card is costly and made for these alone."""
    known = {tuple(row) for row in session.execute(select(CatalogueEntry.edition, CatalogueEntry.code))}
    words = files.common_words()
    rows = [
        asdict(one) | {"search_text": _search_text(one, words.get(one.code, ()))}
        for one in files.waste_types()
        if (one.edition, one.code) not in known
    ]
    return _add(session, CatalogueEntry, rows)


def _search_text(one: WasteType, words: Sequence[str]) -> str:
    return card(one.code, one.category, one.category_name, one.industry, one.description, words).text


def _exemptions() -> list[dict[str, object]]:
    """Return the list of 2021 for both editions; for that of 2025 it is carried over and says so."""
    return [
        asdict(line) | {"edition": edition.code, "basis": edition.basis}
        for edition in (files.HW2021, files.HW2025)
        for line in files.exemption_lines()
    ]


def _add(session: Session, model: type[Base], rows: Sequence[dict[str, object]]) -> int:
    """Insert the rows whose key is not yet there and return their number."""
    table = model.__table__
    assert isinstance(table, Table)
    keys = list(table.primary_key.columns)
    known = {tuple(row) for row in session.execute(select(*keys))}
    missing = [row for row in rows if tuple(row[key.name] for key in keys) not in known]
    if missing:
        session.execute(insert(model), missing)
    return len(missing)
