"""What do the tables of general industrial waste say of a year (公告2021年第82号, 附表2 to 附表7)?

附表1 is filled by hand (`forms.Form.INDUSTRIAL`); all others are read off the entries. The columns are as
we read the announcement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, extract, func, not_, select
from sqlalchemy.orm import Session

from compliance.ledgers import queries, service
from compliance.ledgers.columns import Column
from compliance.ledgers.files import Sheet, sheet_of
from compliance.ledgers.forms import SPECS, Form, cells
from compliance.ledgers.rules import Purpose, Table
from compliance.ledgers.tables import LedgerEntry
from compliance.manifests.tables import Manifest
from compliance.record.numbers import TONNE
from compliance.registry import queries as registry

USES = frozenset({Purpose.USE, Purpose.EXPORT_USE})
ROAD = "道路运输"


@dataclass(frozen=True, slots=True)
class Flow:
    """Where one waste went in one month, kilograms; `stock_kg` is what lay there at its end."""

    month: int
    code: str
    name: str
    generated_kg: int = 0
    stored_kg: int = 0
    """By how much the stock changed."""
    stock_kg: int = 0
    own_use_kg: int = 0
    other_use_kg: int = 0
    own_disposal_kg: int = 0
    other_disposal_kg: int = 0
    came_kg: int = 0
    """What loads brought, and what came back of own ones; `gone_kg` of it was treated here."""
    gone_kg: int = 0


def _mass(key: str, zh: str, en: str) -> Column:
    return Column(key, f"{zh}（吨）", f"{en} (t)", kind="mass")


FLOW = (
    Column("month", "月份", "Month", kind="count"),
    Column("code", "代码", "Waste code"),
    Column("name", "名称", "Waste name"),
    _mass("generated_kg", "产生量", "Generated"),
    _mass("stored_kg", "贮存量", "Into store"),
    _mass("stock_kg", "累计贮存量", "In store"),
    _mass("own_use_kg", "自行利用量", "Own use"),
    _mass("other_use_kg", "委托利用量", "Use by others"),
    _mass("own_disposal_kg", "自行处置量", "Own disposal"),
    _mass("other_disposal_kg", "委托处置量", "Disposal by others"),
)
LEAVING = (
    Column("batch", "记录表编号", "Record"),
    Column("code", "代码", "Waste code"),
    Column("name", "名称", "Waste name"),
    Column("day", "出厂时间", "Left on", kind="day"),
    _mass("kg", "出厂数量", "Left"),
    Column("handler", "出厂环节经办人", "Handled by"),
    Column("carrier", "运输单位", "Carrier"),
    Column("plate", "运输信息", "Vehicle"),
    Column("means", "运输方式", "Means"),
    Column("party", "接收单位", "Receiver"),
    Column("purpose", "流向类型", "Where to"),
)
_PARTS: Mapping[tuple[Table, bool], str] = {
    (Table.TREATED, True): "own_use_kg",
    (Table.TREATED, False): "own_disposal_kg",
    (Table.OUTSOURCED, True): "other_use_kg",
    (Table.OUTSOURCED, False): "other_disposal_kg",
}


def flows(session: Session, unit: UUID, year: int) -> list[Flow]:
    """Sum up a year of other than hazardous waste by month (附表2): what left counts as it left the scale."""
    kg = func.coalesce(LedgerEntry.out_kg, LedgerEntry.kg)
    kinds = (
        extract("month", LedgerEntry.day),
        LedgerEntry.code,
        LedgerEntry.part,
        LedgerEntry.purpose,
        LedgerEntry.manifest_id.is_not(None),
    )
    before: dict[str, int] = {}
    found: dict[tuple[int, str], dict[str, int]] = {}
    for first, last in ((date.min, date(year - 1, 12, 31)), (date(year, 1, 1), date(year, 12, 31))):
        rows = session.execute(
            select(*kinds, func.sum(kg))
            .where(*_other(unit), LedgerEntry.day.between(first, last))
            .group_by(*kinds)
        )
        for at, code, part, purpose, by_load, total in rows:
            place = _place(Table(part), Purpose(purpose), by_load=bool(by_load))
            if first == date.min:
                before[code] = before.get(code, 0) + int(total) * _SIGNS.get(place, 0)
            elif place:
                sums = found.setdefault((int(at), code), {})
                sums[place] = sums.get(place, 0) + int(total)
    return _running(found, before, _names(session, unit))


_SIGNS: Mapping[str, int] = {"generated_kg": 1, "came_kg": 1, "gone_kg": -1} | dict.fromkeys(
    ("own_use_kg", "own_disposal_kg", "other_use_kg", "other_disposal_kg"), -1
)
"""What of a month stays in the works."""


def _place(part: Table, purpose: Purpose, *, by_load: bool) -> str:
    """Return in which column an entry counts: what was brought, or came back, is nothing new."""
    if part is Table.GENERATED:
        return "generated_kg"
    if by_load and part in {Table.STORED, Table.TREATED}:
        return "came_kg" if part is Table.STORED else "gone_kg"
    return _PARTS.get((part, purpose in USES), "")


def _running(
    found: Mapping[tuple[int, str], dict[str, int]], before: Mapping[str, int], names: Mapping[str, str]
) -> list[Flow]:
    stock, told = dict(before), []
    for month, code in sorted(found):
        sums = found[month, code]
        change = sum(kg * _SIGNS[place] for place, kg in sums.items())
        stock[code] = stock.get(code, 0) + change
        told.append(Flow(month, code, names.get(code, ""), stored_kg=change, stock_kg=stock[code], **sums))
    return told


def _other(unit: UUID) -> tuple[ColumnElement[bool], ...]:
    return (LedgerEntry.organisation_id == unit, not_(LedgerEntry.hazardous))


def _names(session: Session, unit: UUID) -> dict[str, str]:
    rows = select(LedgerEntry.code, LedgerEntry.name).where(LedgerEntry.organisation_id == unit)
    return dict(session.execute(rows.order_by(LedgerEntry.day)).all())


def flow_sheet(rows: Sequence[Flow]) -> Sheet:
    """Return 附表2 as a sheet."""
    return Sheet("表2", FLOW, [{one.key: _said(one, getattr(row, one.key)) for one in FLOW} for row in rows])


def _said(column: Column, value: str | int) -> str:
    return f"{Decimal(value) / TONNE:.3f}" if column.kind == "mass" else str(value)


def leaving(session: Session, unit: UUID, year: int) -> Sheet:
    """Return every leaving of a year as a sheet (附表3), with carrier and vehicle if a manifest tells."""
    rows = _entries(session, unit, year, Table.OUTSOURCED)
    moved = {row.manifest_id for row in rows if row.manifest_id is not None}
    manifests = {one.id: one for one in session.scalars(select(Manifest).where(Manifest.id.in_(moved)))}
    names = registry.names(session, [one.carrier_id for one in manifests.values()])
    return Sheet("表3", LEAVING, [_left(row, manifests, names) for row in rows])


def _left(row: LedgerEntry, manifests: Mapping[UUID, Manifest], names: Mapping[UUID, str]) -> dict[str, str]:
    by = manifests.get(row.manifest_id) if row.manifest_id is not None else None
    return {
        "batch": row.batch,
        "code": row.code,
        "name": row.name,
        "day": row.day.isoformat(),
        "kg": f"{Decimal(row.kg if row.out_kg is None else row.out_kg) / TONNE:.3f}",
        "handler": row.handler,
        "carrier": names.get(by.carrier_id, "") if by is not None else "",
        "plate": by.plate if by is not None else "",
        "means": ROAD if by is not None else "",
        "party": row.party,
        "purpose": "委托利用" if Purpose(row.purpose) in USES else "委托处置",
    }


def _entries(session: Session, unit: UUID, year: int, *parts: Table) -> Sequence[LedgerEntry]:
    return session.scalars(
        select(LedgerEntry)
        .where(
            *_other(unit),
            LedgerEntry.part.in_([part.value for part in parts]),
            LedgerEntry.day.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .order_by(LedgerEntry.day, LedgerEntry.batch)
    ).all()


def book(session: Session, unit: UUID, year: int, *, chinese: bool) -> list[Sheet]:
    """Return all tables of a year: 表1 to 表3, which must be kept, and 表4 to 表7 of each step."""
    spec = SPECS[Form.INDUSTRIAL]
    listed = queries.year_rows(session, unit, year, Form.INDUSTRIAL)
    sheets = [
        Sheet(spec.number, spec.columns, [cells(spec, row, chinese=chinese) for row in listed]),
        flow_sheet(flows(session, unit, year)),
        leaving(session, unit, year),
    ]
    for number, part, purposes in STEPS:
        rows = [one for one in _entries(session, unit, year, part) if Purpose(one.purpose) in purposes]
        plain = sheet_of(part, service.drafts_of(session, rows))
        sheets.append(Sheet(number, plain.columns, plain.rows))
    return sheets


STEPS = (
    ("表4", Table.GENERATED, frozenset({Purpose.NONE})),
    ("表5 入库", Table.STORED, frozenset({Purpose.NONE})),
    ("表5 出库", Table.TAKEN_OUT, frozenset({Purpose.NONE})),
    ("表6", Table.TREATED, frozenset({Purpose.USE})),
    ("表7", Table.TREATED, frozenset({Purpose.DISPOSE})),
)
