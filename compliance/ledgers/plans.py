"""How is a management plan kept, what does a unit state of itself, and what does the plan not cover?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from compliance.catalogue import service as catalogue
from compliance.ledgers import queries
from compliance.ledgers.declaring import Standing, standing
from compliance.ledgers.forms import Form, Row, mass
from compliance.ledgers.planning import PlanLine, coverage
from compliance.ledgers.rules import LARGEST_KG
from compliance.ledgers.service import keeper
from compliance.ledgers.tables import LedgerUnit, ManagementPlan
from compliance.record.errors import N_, DomainError, Invalid, RuleBroken, raise_all
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import LicenceKind
from compliance.rulebook.rules import broken

LICENSED = frozenset({LicenceKind.COMPREHENSIVE, LicenceKind.COLLECTION})


def file_plan(
    work: Work, year: int, number: str, filed_on: date, lines: Sequence[PlanLine]
) -> ManagementPlan:
    """Keep a year's plan as it was filed; filing it again amends it, and the earlier one stays on record.

    Without lines it covers what its table A.7 says.
    """
    unit = keeper(work)
    lines = lines or transfers(queries.year_rows(work.session, unit, year, Form.TRANSFER))
    raise_all(_plan_faults(work, number, filed_on, lines))
    row = queries.plan(work.session, unit, year)
    before = None if row is None else {"number": row.number, "lines": row.lines}
    if row is None:
        row = ManagementPlan(id=work.new_id(), organisation_id=unit, year=year)
        work.session.add(row)
    row.number, row.filed_on, row.changed_at = number.strip(), filed_on, work.now
    row.lines = [asdict(one) for one in lines]
    work.session.flush()
    work.append(
        "ManagementPlanFiled",
        row.id,
        organisation=str(unit),
        year=year,
        number=row.number,
        lines=row.lines,
        before=before,
    )
    return row


def follow_transfer(work: Work, unit: UUID, year: int, rows: Sequence[Row]) -> None:
    """Let a filed plan cover what its table A.7 says (M5), once that table is filled or amended."""
    row = queries.plan(work.session, unit, year)
    if row is None or not rows:
        return
    lines = [asdict(one) for one in transfers(rows)]
    if lines != row.lines:
        before = {"number": row.number, "lines": row.lines}
        row.lines, row.changed_at = lines, work.now
        work.append(
            "ManagementPlanFiled",
            row.id,
            organisation=str(unit),
            year=year,
            number=row.number,
            lines=lines,
            before=before,
        )


def transfers(rows: Sequence[Row]) -> list[PlanLine]:
    """Return the lines that table A.7 covers."""
    return [
        PlanLine(str(row["code"]), mass(row), str(row.get("receiver", "")), str(row.get("purpose", "")))
        for row in rows
    ]


def _plan_faults(work: Work, number: str, filed_on: date, lines: Sequence[PlanLine]) -> list[DomainError]:
    found: list[DomainError] = []
    if not number.strip():
        found.append(
            Invalid(
                N_("The filing number is missing."),
                field="number",
                way_out=N_("File the plan in the national system first, and enter the number it gives."),
            )
        )
    if filed_on > work.today:
        found.append(broken("G4.day", work.today, field="filed_on", said=filed_on.isoformat()))
    if not lines:
        found.append(Invalid(N_("A plan names at least one waste."), field="lines"))
    for place, line in enumerate(lines):
        if not 0 < line.kg <= LARGEST_KG:
            found.append(
                broken("G4.mass", work.today, field=f"lines.{place}.kg", kg=line.kg, largest_kg=LARGEST_KG)
            )
        try:
            catalogue.require(work, line.code, work.today, f"lines.{place}.code")
        except RuleBroken as unknown:
            found.append(unknown)
    return found


def state_unit(work: Work, amounts: Mapping[int, int], *, treats_itself: bool) -> LedgerUnit:
    """State what the class rests on and the ledgers here do not know: earlier years, own treatment (G1)."""
    unit = keeper(work)
    bad = [year for year, kg in amounts.items() if kg < 0 or kg > LARGEST_KG]
    if bad:
        raise broken("G4.mass", work.today, field="amounts", kg=amounts[bad[0]], largest_kg=LARGEST_KG)
    row = queries.unit(work.session, unit)
    if row is None:
        row = LedgerUnit(organisation_id=unit)
        work.session.add(row)
    row.amounts = {str(year): kg for year, kg in sorted(amounts.items())}
    row.treats_itself, row.changed_at = treats_itself, work.now
    work.append(
        "LedgerUnitStated", unit, organisation=str(unit), amounts=row.amounts, treats_itself=treats_itself
    )
    return row


def standing_of(work: Work, unit: UUID) -> Standing:
    """Return a unit's class today: from its ledger, what it states of earlier years, and its licences."""
    session = work.session
    stated = queries.unit(session, unit)
    amounts = queries.generated(session, unit)
    if stated is not None:
        for year, kg in stated.amounts.items():
            amounts[int(year)] = max(amounts.get(int(year), 0), kg)
    held = registry.licences(session, [unit], work.today.year).get(unit, [])
    valid = any(one.kind in LICENSED and one.valid_from <= work.today <= one.valid_to for one in held)
    own = stated is not None and stated.treats_itself
    return standing(amounts, work.today, treats_itself=own, licensed=valid)


def warnings(work: Work, unit: UUID, code: str, kg: int, receivers: Sequence[str] = ()) -> list[RuleBroken]:
    """Return where a unit's plan of this year does not cover a move of hazardous waste (M5)."""
    year = work.today.year
    plan = queries.filed(queries.plan(work.session, unit, year))
    moved = queries.moved_kg(work.session, unit, code, year)
    return coverage(plan, code, kg, moved, work.today, receivers)
