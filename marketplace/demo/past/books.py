"""What stands in the demonstration's ledgers when it begins: plans, a month of entries, declarations?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import insert, select

from compliance.catalogue.tables import CatalogueEntry
from compliance.ledgers import service
from compliance.ledgers.declaring import Rhythm, owed, standing
from compliance.ledgers.rules import Draft, Origin, Purpose, Table, batch_code, prefix_of
from compliance.ledgers.tables import Declaration, LedgerEntry, LedgerUnit, ManagementPlan
from compliance.record.work import Work
from marketplace.lots.tables import Lot

MONTH = 40
"""The entries reach so many days back, so that the last whole month is not begun in its middle only."""
GYPSUM = "SW10"
LEAST_KG, MOST_KG = 60, 24_000
FURTHER_KG = 60_000
SIMULATED = "模拟数据"
PLANNED, DECLARED = 6, 6
"""So many units in seven have filed their plan, and declared what was due."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Whose ledgers are kept: one waste, how much of it a year, and by whom."""

    id: UUID
    code: str
    yearly_kg: int
    hazardous: bool
    handler: str
    more: tuple[str, ...] = ()
    """Further codes of its plan."""
    visited: bool = False


def keep_books(work: Work, units: Sequence[Unit], chance: random.Random) -> Counter[UUID]:
    """Write a month of every unit's ledgers, with plan and declarations; return how many entries of each."""
    wastes = _wastes(work, {unit.code for unit in units})
    entries: list[dict[str, object]] = []
    counts: Counter[UUID] = Counter()
    plans: list[dict[str, object]] = []
    stated: list[dict[str, object]] = []
    declared: list[dict[str, object]] = []
    for unit in units:
        drafts = list(
            _gypsum(work.today, unit, chance) if unit.code == GYPSUM else _month(work.today, unit, chance)
        )
        entries += [_entry(work, unit, one, wastes[unit.code]) for one in drafts]
        counts[unit.id] = len(drafts)
        if not unit.hazardous:
            continue
        amounts = {
            str(work.today.year - back): unit.yearly_kg * (100 - 4 * back) // 100 for back in (1, 2, 3)
        }
        stated.append(
            {"organisation_id": unit.id, "amounts": amounts, "treats_itself": False, "changed_at": work.now}
        )
        if unit.visited or chance.randrange(7) < PLANNED:
            plans.append(_plan(work, unit, len(plans) + 1))
        if unit.visited or chance.randrange(7) < DECLARED:
            declared += _declared(work, unit, drafts)
    work.session.execute(insert(LedgerEntry), entries)
    for table, rows in ((LedgerUnit, stated), (ManagementPlan, plans), (Declaration, declared)):
        if rows:
            work.session.execute(insert(table), rows)
    return counts


def store_lots(work: Work) -> None:
    """Enter what the lots on the market offer as generated and stored, so that their loads have a source."""
    for lot in work.session.scalars(select(Lot).order_by(Lot.created_at, Lot.id)):
        made = Draft(Table.GENERATED, work.today, lot.code, lot.kg, facility="MF001", note=SIMULATED)
        _, entry = service.put(work, lot.organisation_id, made, Origin.TYPED)
        stored = replace(made, table=Table.STORED, facility="TS001", source=entry.batch)
        service.put(work, lot.organisation_id, stored, Origin.TYPED)


def _wastes(work: Work, codes: set[str]) -> dict[str, CatalogueEntry]:
    rows = work.session.scalars(
        select(CatalogueEntry).where(CatalogueEntry.code.in_(codes)).order_by(CatalogueEntry.valid_from)
    )
    return {row.code: row for row in rows}


def _month(today: date, unit: Unit, chance: random.Random) -> Iterator[Draft]:
    """Yield what arose every few days, went into store and partly out of it again."""
    day = today - timedelta(days=MONTH)
    since: list[Draft] = []
    while (day := day + timedelta(days=chance.randrange(2, 5))) <= today:
        kg = unit.yearly_kg // 122 * chance.randrange(70, 130) // 100
        made = _draft(
            Table.GENERATED, day, unit, max(LEAST_KG, min(MOST_KG, kg)), facility="MF001", party="贮存"
        )
        kept = _draft(Table.STORED, day, unit, made.kg, facility="TS001", source=made.batch)
        yield from (made, kept)
        since.append(kept)
        if len(since) == 4:
            first = since.pop(0)
            yield _draft(
                Table.TAKEN_OUT, day, unit, first.kg, facility="TS001", source=first.batch, party="委外"
            )
            since.clear()


def _gypsum(today: date, unit: Unit, chance: random.Random) -> Iterator[Draft]:
    """Yield what a plant made, used, made harmless and piled, week by week."""
    day = today - timedelta(days=MONTH)
    while (day := day + timedelta(days=7)) <= today:
        made = min(unit.yearly_kg // 52, 90_000_000)
        used, harmless = made * chance.randrange(48, 78) // 100, made * chance.randrange(8, 16) // 100
        yield _draft(Table.GENERATED, day, unit, made, facility="1#", party="综合利用、堆存")
        yield _draft(Table.TREATED, day, unit, used, facility="1#", purpose=Purpose.USE, method="石膏建材")
        yield _draft(
            Table.TREATED, day, unit, harmless, facility="1#", purpose=Purpose.DISPOSE, method="无害化改性"
        )
        yield _draft(Table.STORED, day, unit, made - used - harmless, facility="1#")


def _draft(
    table: Table,
    day: date,
    unit: Unit,
    kg: int,
    *,
    facility: str,
    purpose: Purpose = Purpose.NONE,
    source: str = "",
    party: str = "",
    method: str = "",
) -> Draft:
    prefix = prefix_of(table, purpose, hazardous=unit.hazardous)
    return Draft(
        table,
        day,
        unit.code,
        kg,
        purpose,
        batch=batch_code(prefix, day, 1),
        source=source,
        container_kind="200L铁桶" if unit.hazardous else "散装",
        count=max(1, kg // 170) if unit.hazardous else 1,
        facility=facility,
        party=party,
        method=method,
        handler=unit.handler,
        note=SIMULATED,
    )


def _entry(work: Work, unit: Unit, draft: Draft, waste: CatalogueEntry) -> dict[str, object]:
    return {
        "id": work.new_id(),
        "version": 1,
        "organisation_id": unit.id,
        "part": draft.table.value,
        "batch": draft.batch,
        "source": draft.source,
        "day": draft.day,
        "code": draft.code,
        "edition": waste.edition,
        "category": waste.category,
        "hazardous": unit.hazardous,
        "name": waste.category_name,
        "kg": draft.kg,
        "purpose": draft.purpose.value,
        "container_kind": draft.container_kind,
        "count": draft.count,
        "facility": draft.facility,
        "method": draft.method,
        "party": draft.party,
        "handler": draft.handler,
        "note": draft.note,
        "origin": Origin.TYPED.value,
        "created_at": work.now,
        "changed_at": work.now,
    }


def _plan(work: Work, unit: Unit, serial: int) -> dict[str, object]:
    year = work.today.year
    lines = [
        {
            "code": code,
            "kg": unit.yearly_kg * 3 // 2 if code == unit.code else FURTHER_KG,
            "receiver": "",
            "purpose": "",
        }
        for code in dict.fromkeys((unit.code, *unit.more))
    ]
    return {
        "id": work.new_id(),
        "organisation_id": unit.id,
        "year": year,
        "number": f"演示-PLAN-{year}-{serial:04d}",
        "filed_on": date(year, 1, 5) if work.today >= date(year, 1, 5) else work.today,
        "lines": lines,
        "changed_at": work.now,
    }


def _declared(work: Work, unit: Unit, drafts: Sequence[Draft]) -> Iterator[dict[str, object]]:
    """Yield what the unit has declared of the period that ended last."""
    amounts = {work.today.year - 1: unit.yearly_kg}
    for period in owed(standing(amounts, work.today).unit, work.today):
        if period.rhythm is Rhythm.PLAN or drafts[0].day > period.last:
            continue
        within = [one for one in drafts if period.first <= one.day <= period.last]
        line: dict[str, object] = {"code": unit.code}
        line |= {part.value: sum(one.kg for one in within if one.table is part) for part in Table}
        yield {
            "id": work.new_id(),
            "organisation_id": unit.id,
            "period": period.name,
            "rhythm": period.rhythm.value,
            "first": period.first,
            "last": period.last,
            "due_on": period.due_on,
            "declared_on": min(work.today, period.last + timedelta(days=7)),
            "number": f"演示-申报-{period.name}",
            "figures": [line],
            "created_at": work.now,
        }
