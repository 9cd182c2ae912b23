"""Which exemption list has an edition, and how is it replaced and put back?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import msgspec
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from compliance.catalogue.files import ExemptionLine
from compliance.catalogue.rules import Basis
from compliance.catalogue.tables import ExemptionItem


def lines_of(session: Session, edition: str) -> list[ExemptionLine]:
    """Return the lines of an edition's exemption list, in their order."""
    rows = select(ExemptionItem).where(ExemptionItem.edition == edition).order_by(ExemptionItem.line)
    return [_line(row) for row in session.scalars(rows)]


def counts(session: Session) -> dict[str, int]:
    """Return how many lines the exemption list of each edition has; no entry where none is on file."""
    rows = select(ExemptionItem.edition, func.count()).group_by(ExemptionItem.edition)
    return {edition: int(count) for edition, count in session.execute(rows)}


def put(session: Session, edition: str, lines: Iterable[ExemptionLine]) -> None:
    """Let these be the lines of an edition's exemption list."""
    session.execute(delete(ExemptionItem).where(ExemptionItem.edition == edition))
    rows = [asdict(one) | {"edition": edition} for one in lines]
    if rows:
        session.execute(insert(ExemptionItem), rows)


def put_back(session: Session, edition: str, kept: Sequence[Mapping[str, object]]) -> None:
    """Put back the lines that an import kept."""
    put(session, edition, msgspec.convert(kept, list[ExemptionLine]))


def _line(row: ExemptionItem) -> ExemptionLine:
    return ExemptionLine(
        line=row.line,
        item=row.item,
        codes=row.codes,
        scope=row.scope,
        waste=row.waste,
        stages=row.stages,
        condition=row.condition,
        effect=row.effect,
        basis=Basis(row.basis),
    )
