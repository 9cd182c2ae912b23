"""What lies in a works by its ledgers, and out of which batches did a load come?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from compliance.ledgers import loads, service, stock
from compliance.ledgers.drawing import remarks
from compliance.ledgers.rules import Origin, Table
from compliance.ledgers.tables import LedgerEntry
from compliance.manifests.tables import Manifest
from compliance.record.work import Work
from marketplace.edge.problems import Reason, reason_of
from marketplace.web.translation import Language


class BalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """One waste from the first entry on, kilograms: what came, went, and must lie there."""

    code: str
    generated_kg: int
    came_kg: int
    treated_kg: int
    out_kg: int
    left_kg: int


class LyingView(msgspec.Struct, frozen=True, kw_only=True):
    """One batch of which something lies there, kilograms."""

    batch: str
    part: Table
    code: str
    name: str
    day: str
    facility: str
    kg: int
    left_kg: int


class ShortView(msgspec.Struct, frozen=True, kw_only=True):
    """A load, or a pipeline's period, of which something came from no batch here, and the way out."""

    manifest_id: UUID
    origin: Origin
    number: str
    code: str
    day: str
    kg: int
    short_kg: int
    reasons: list[Reason]


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """What a works holds by its ledgers today."""

    balances: list[BalanceView]
    batches: list[LyingView]
    short: list[ShortView]


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line that a load has in the own ledgers; `taken` is kilograms by batch."""

    part: Table
    batch: str
    kg: int
    out_kg: int | None
    short_kg: int
    taken: dict[str, int]


class LoadLedgerView(msgspec.Struct, frozen=True, kw_only=True):
    """What the own ledgers say of a load, and which batches it takes before others."""

    named: list[str]
    lines: list[LineView]
    warnings: list[Reason]
    may_name: bool


def stock_of(work: Work, unit: UUID, language: Language) -> StockView:
    """Gather what lies in a works today; the caller has made sure that its ledgers may be read."""
    found = stock.balances(work.session, unit, work.today)
    return StockView(
        balances=[
            BalanceView(
                code=one.code,
                generated_kg=one.generated_kg,
                came_kg=one.came_kg,
                treated_kg=one.treated_kg,
                out_kg=one.out_kg,
                left_kg=one.left_kg,
            )
            for one in found.values()
        ],
        batches=[
            LyingView(
                batch=row.batch,
                part=Table(row.part),
                code=row.code,
                name=row.name,
                day=row.day.isoformat(),
                facility=row.facility,
                kg=row.kg,
                left_kg=left,
            )
            for row, left in stock.batches(work.session, unit)
        ],
        short=_shorts(work, stock.short(work.session, unit), language),
    )


def _shorts(work: Work, rows: Sequence[LedgerEntry], language: Language) -> list[ShortView]:
    """Return each load, or each pipeline's period with all its days, once: the first day stands for it."""
    lines: dict[UUID, list[LedgerEntry]] = {}
    for row in rows:
        assert row.manifest_id is not None
        lines.setdefault(row.manifest_id, []).append(row)
    return [_short(work, key, of_one, language) for key, of_one in lines.items()]


def _short(work: Work, manifest_id: UUID, rows: Sequence[LedgerEntry], language: Language) -> ShortView:
    first, short_kg = rows[0], sum(row.short_kg for row in rows)
    return ShortView(
        manifest_id=manifest_id,
        origin=Origin(first.origin),
        number=first.note,
        code=first.code,
        day=first.day.isoformat(),
        kg=sum(row.out_kg or 0 for row in rows),
        short_kg=short_kg,
        reasons=_reasons(work, first, short_kg, language),
    )


def _reasons(work: Work, row: LedgerEntry, short_kg: int, language: Language) -> list[Reason]:
    told = remarks(row.note, row.code, short_kg, work.today)
    return [reason_of(one, language) for one in told]


def of_load(work: Work, row: Manifest, language: Language) -> LoadLedgerView | None:
    """Return what the reader's own ledgers say of a load; None for whoever keeps none of its ends."""
    unit = work.who.organisation_id
    if unit not in {row.mover_id, row.receiver_id} or not work.who.has(*service.KEEPERS):
        return None
    assert unit is not None
    lines = [one for table in Table for one in stock.of_load(work.session, unit, row.id, table)]
    taken = stock.draws(work.session, [one.id for one in lines])
    own = unit == row.mover_id
    return LoadLedgerView(
        named=list(stock.named(work.session, row.id)) if own else [],
        lines=[
            LineView(
                part=Table(one.part),
                batch=one.batch,
                kg=one.kg,
                out_kg=one.out_kg,
                short_kg=one.short_kg,
                taken=taken.get(one.id, {one.source: one.kg} if one.source else {}),
            )
            for one in lines
        ],
        warnings=[reason for one in lines for reason in _reasons(work, one, one.short_kg, language)],
        may_name=own and loads.may_be_named(row),
    )
