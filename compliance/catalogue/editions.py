"""How does an administrator's file become an edition of the catalogue, and how is that taken back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from compliance.catalogue import exempting, exemption_lists, files, queries
from compliance.catalogue.files import ExemptionLine
from compliance.catalogue.importing import Difference, Wanted, difference, read, sha256
from compliance.catalogue.rules import Basis, Kind, Listing, WasteType
from compliance.catalogue.search import card
from compliance.catalogue.tables import CatalogueEdition, CatalogueEntry, CatalogueImport
from compliance.record.errors import N_, Conflict, Forbidden, Invalid, NotFound
from compliance.record.who import SYSTEM, Role
from compliance.record.work import Work

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: its rows, what they change, and which edition ends because of it."""

    wanted: Wanted
    rows: tuple[WasteType, ...] | tuple[ExemptionLine, ...]
    difference: Difference
    ends: str
    """The edition whose last day becomes the day before; empty: none."""


def preview(session: Session, data: bytes, wanted: Wanted) -> Preview:
    """Return what a file would change; nothing is stored. Raises every line that cannot be right."""
    known = session.get(CatalogueEdition, wanted.edition)
    if not 3 <= len(wanted.edition) <= 12 or not wanted.edition.isalnum():
        raise Invalid(
            N_("Name the edition with 3 to 12 letters and digits, such as HW2025."), field="edition"
        )
    if known is not None and known.kind != wanted.kind.value:
        raise Invalid(N_("This edition belongs to the other catalogue."), field="edition")
    if known is not None and known.valid_from != wanted.valid_from:
        raise Invalid(
            N_("Edition {edition} has been in force since {valid_from}, not from another day."),
            field="valid_from",
            values={"edition": wanted.edition, "valid_from": known.valid_from.isoformat()},
        )
    if wanted.listing is Listing.EXEMPTIONS:
        return _exemptions(session, data, wanted, known)
    rows = read(data, wanted)
    before = rows_of(session, wanted.edition)
    if known is None:
        base = _running(session, wanted.kind, wanted.valid_from)
        before = rows_of(session, base.code) if base is not None else []
    changes = difference(before, rows, complete=wanted.complete or known is None)
    ending = _running(session, wanted.kind, wanted.valid_from) if known is None else None
    return Preview(wanted, tuple(rows), changes, ending.code if ending is not None else "")


def _exemptions(session: Session, data: bytes, wanted: Wanted, known: CatalogueEdition | None) -> Preview:
    """Return what a file would change in the exemption list of an edition whose codes are on file."""
    if known is None or wanted.kind is not Kind.HAZARDOUS:
        raise Invalid(
            N_("An exemption list belongs to an edition of the hazardous catalogue that is on file."),
            field="edition",
            way_out=N_("Import the edition's list of codes first, then its exemption list."),
        )
    lines = exempting.read(data)
    before = exemption_lists.lines_of(session, wanted.edition)
    return Preview(wanted, tuple(lines), exempting.difference(before, lines, complete=wanted.complete), "")


def apply(work: Work, data: bytes, wanted: Wanted, file_name: str) -> CatalogueImport:
    """Let a file be an edition of the catalogue; what it replaces is kept for the way back.

    Documents name the edition and code they were made under: they stay as they are.
    """
    _require_operator(work)
    seen = preview(work.session, data, wanted)
    session, edition = work.session, wanted.edition
    known = session.get(CatalogueEdition, edition)
    before = _kept(session, wanted.listing, edition)
    row = CatalogueImport(
        id=work.new_id(),
        edition=edition,
        kind=wanted.kind.value,
        listing=wanted.listing.value,
        valid_from=wanted.valid_from,
        file_name=file_name[:120],
        file_sha256=sha256(data),
        added=len(seen.difference.added),
        changed=len({change.code for change in seen.difference.changed}),
        removed=len(seen.difference.removed),
        rows=len(seen.rows),
        before=before,
        basis_before=known.basis if known is not None else "",
        ended=seen.ends,
        applied_by=work.who.person_id,
        at=work.now,
    )
    _put(session, seen, known)
    session.add(row)
    session.flush()
    work.append(
        "CatalogueImported",
        row.id,
        edition=edition,
        listing=row.listing,
        file=row.file_sha256,
        rows=row.rows,
        added=row.added,
        changed=row.changed,
        removed=row.removed,
    )
    return row


def roll_back(work: Work, import_id: UUID) -> CatalogueImport:
    """Put back what an import replaced; only the newest one of an edition can be taken back.

    An edition's list of codes and its exemption list stand in one row: the later goes first.
    """
    _require_operator(work)
    session = work.session
    row = session.get(CatalogueImport, import_id, with_for_update=True)
    if row is None:
        raise NotFound("import", import_id)
    newest = imports(session, row.edition)
    standing = [one for one in newest if one.rolled_back_at is None]
    if row.rolled_back_at is not None or standing[0].id != row.id:
        raise Conflict(
            N_("Only the newest import of an edition that still stands can be taken back."),
            code="import_not_newest",
        )
    if row.listing == Listing.EXEMPTIONS.value:
        exemption_lists.put_back(session, row.edition, row.before)
    else:
        _put_back(session, row)
    row.rolled_back_at, row.rolled_back_by = work.now, work.who.person_id
    session.flush()
    work.append("CatalogueRolledBack", row.id, edition=row.edition, listing=row.listing, file=row.file_sha256)
    return row


def _put_back(session: Session, row: CatalogueImport) -> None:
    """Put back an edition's codes as they were, and keep what the import alone listed."""
    stays = {one["code"] for one in row.before}
    row.after = [one for one in _stored(session, row.edition) if one["code"] not in stays]
    session.execute(delete(CatalogueEntry).where(CatalogueEntry.edition == row.edition))
    known = session.get_one(CatalogueEdition, row.edition)
    if row.before:
        session.execute(insert(CatalogueEntry), [_entry(one) for one in row.before])
        known.basis = row.basis_before
    else:
        session.delete(known)
    if row.ended:
        _end(session, row.ended, None, was=row.valid_from - A_DAY)


def imports(session: Session, edition: str = "") -> Sequence[CatalogueImport]:
    """Return the imports, of one edition or of all, the newest first."""
    statement = select(CatalogueImport).order_by(CatalogueImport.at.desc(), CatalogueImport.id.desc())
    return session.scalars(
        statement.where(CatalogueImport.edition == edition) if edition else statement
    ).all()


def rows_of(session: Session, edition: str) -> list[WasteType]:
    """Return the rows of an edition."""
    rows = session.scalars(select(CatalogueEntry).where(CatalogueEntry.edition == edition))
    return [queries.waste_of(row) for row in rows]


def _running(session: Session, kind: Kind, on: date) -> CatalogueEdition | None:
    """Return the edition that is in force the day before another one begins."""
    return session.scalar(
        select(CatalogueEdition)
        .where(
            CatalogueEdition.kind == kind.value,
            CatalogueEdition.valid_from < on,
            CatalogueEdition.valid_to.is_(None),
        )
        .order_by(CatalogueEdition.valid_from.desc())
        .limit(1)
    )


def _kept(session: Session, listing: Listing, edition: str) -> list[dict[str, object]]:
    """Return what an import replaces, as it is kept for the way back."""
    if listing is Listing.EXEMPTIONS:
        return [asdict(one) for one in exemption_lists.lines_of(session, edition)]
    return _stored(session, edition)


def _put_exemptions(session: Session, seen: Preview) -> None:
    wanted = seen.wanted
    before = exemption_lists.lines_of(session, wanted.edition)
    lines = [row for row in seen.rows if isinstance(row, ExemptionLine)]
    exemption_lists.put(session, wanted.edition, exempting.merged(before, lines, complete=wanted.complete))


def _stored(session: Session, edition: str) -> list[dict[str, object]]:
    return [
        {
            **asdict(one),
            "valid_from": one.valid_from.isoformat(),
            "valid_to": one.valid_to.isoformat() if one.valid_to else None,
        }
        for one in rows_of(session, edition)
    ]


def _entry(stored: dict[str, object]) -> dict[str, object]:
    return with_card(queries.stored_waste(stored))


def with_card(one: WasteType) -> dict[str, object]:
    """Return a row as the table keeps it, with its search card."""
    words = files.common_words().get(one.code, ())
    text = card(one.code, one.category, one.category_name, one.industry, one.description, words).text
    return asdict(one) | {"search_text": text}


def _put(session: Session, seen: Preview, known: CatalogueEdition | None) -> None:
    wanted = seen.wanted
    if wanted.listing is Listing.EXEMPTIONS:
        _put_exemptions(session, seen)
        return
    _end(session, seen.ends, wanted.valid_from - A_DAY)
    if known is None:
        session.add(
            CatalogueEdition(
                code=wanted.edition,
                kind=wanted.kind.value,
                name_zh=wanted.name_zh or wanted.edition,
                name_en=wanted.name_en or wanted.edition,
                valid_from=wanted.valid_from,
                valid_to=None,
                basis=Basis.OFFICIAL.value,
            )
        )
        session.flush()
    elif wanted.complete:
        known.basis = Basis.OFFICIAL.value
    rows = [row for row in seen.rows if isinstance(row, WasteType)]
    going = delete(CatalogueEntry).where(CatalogueEntry.edition == wanted.edition)
    if not wanted.complete:
        going = going.where(CatalogueEntry.code.in_([row.code for row in rows]))
    session.execute(going)
    session.execute(insert(CatalogueEntry), [with_card(row) for row in rows])


def _end(session: Session, edition: str, last: date | None, was: date | None = None) -> None:
    """Let an edition and its rows end on a day, or count on again where they ended on `was`."""
    if not edition:
        return
    row = session.get_one(CatalogueEdition, edition)
    row.valid_to = last
    for one in session.scalars(
        select(CatalogueEntry).where(CatalogueEntry.edition == edition, CatalogueEntry.valid_to.is_(was))
        if was is None
        else select(CatalogueEntry).where(CatalogueEntry.edition == edition, CatalogueEntry.valid_to == was)
    ):
        one.valid_to = last
    session.flush()


def _require_operator(work: Work) -> None:
    if work.who != SYSTEM and not work.who.has(Role.OPERATOR):
        raise Forbidden(N_("Only the market operator imports catalogues."))
