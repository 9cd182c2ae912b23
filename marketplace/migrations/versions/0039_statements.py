"""What each manifest states, frozen; in which form a signature covers it, and the label that was read

What is signed already gets what the record says today, marked as added: no signature covers it.

Revision ID: 0039
Revises: 0038
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from compliance.record.clock import system_now
from compliance.record.moments import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

BATCH = 1_000
SHANGHAI = timedelta(hours=8)
CLASS_OF = {"I": "3", "C": "8", "T": "6", "In": "6"}

Row = Mapping[str, Any]


def _table(name: str, /, *columns: str, **typed: sa.types.TypeEngine[Any]) -> sa.TableClause:
    keys = [sa.column(one, sa.Uuid()) for one in columns]
    return sa.table(name, *keys, *(sa.column(key, kind) for key, kind in typed.items()))


TEXT, JSON, DAY, MOMENT = sa.String(), sa.JSON(), sa.Date(), UtcDateTime(timezone=True)
STATEMENT = _table(
    "manifest_statement", "manifest_id", "lot_id", stated=JSON, frozen_at=MOMENT, added=sa.Boolean()
)
MANIFEST = _table(
    "manifest",
    *("id", "deal_id", "parent_id", "mover_id", "carrier_id", "receiver_id"),
    *("origin_site_id", "destination_site_id"),
    code=TEXT,
    edition=TEXT,
    hazardous=sa.Boolean(),
    created_at=MOMENT,
)
SIGNATURE = _table("manifest_signature", "manifest_id")
DEAL = _table("deal", "id", "lot_id")
LOT = _table("lot", "id", packaging=TEXT, note=TEXT)
FACTS = _table("profile_facts", "lot_id", facts=JSON)
HOUSE = _table("organisation", "id", name=TEXT, contact=TEXT)
SITE = _table("site", "id", name=TEXT, address=TEXT)
PLAN = _table("management_plan", "organisation_id", year=sa.Integer(), number=TEXT)
LICENCE = _table(
    "licence",
    *("id", "organisation_id"),
    number=TEXT,
    kind=TEXT,
    classes=JSON,
    valid_from=DAY,
    valid_to=DAY,
    revoked_on=DAY,
)
LINE = _table("licence_line", "id", "licence_id")
DRAW = _table("licence_draw", "line_id", "deal_id")
WASTE = sa.table("catalogue_entry", *(sa.column(one) for one in ("edition", "code", "category", "hazards")))


def upgrade() -> None:
    op.create_table(
        "manifest_statement",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("stated", sa.JSON(), nullable=False),
        sa.Column("frozen_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("added", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("manifest_id", name=op.f("pk_manifest_statement")),
    )
    signature = "manifest_signature"
    op.add_column(signature, sa.Column("form", sa.Integer(), nullable=False, server_default="1"))
    op.add_column(signature, sa.Column("label", sa.String(length=60), nullable=False, server_default=""))
    _fill(op.get_bind())


def downgrade() -> None:
    op.drop_column("manifest_signature", "label")
    op.drop_column("manifest_signature", "form")
    op.drop_table("manifest_statement")


def _fill(connection: sa.Connection) -> None:
    now = system_now()
    known = _Known(connection)
    for batch in _manifests(connection):
        rows = [
            {
                "manifest_id": row["id"],
                "lot_id": row["lot_id"],
                "stated": known.stated(row) if row["signed"] else known.drafted(row),
                "frozen_at": now if row["signed"] else None,
                "added": bool(row["signed"]),
            }
            for row in batch
        ]
        connection.execute(sa.insert(STATEMENT), rows)


def _manifests(connection: sa.Connection) -> Iterator[list[Row]]:
    m = MANIFEST.c
    signed = sa.exists().where(SIGNATURE.c.manifest_id == m.id)
    columns = [*m, DEAL.c.lot_id, LOT.c.packaging, LOT.c.note, FACTS.c.facts, signed.label("signed")]
    joined = (
        sa.select(*columns)
        .outerjoin(DEAL, DEAL.c.id == m.deal_id)
        .outerjoin(LOT, LOT.c.id == DEAL.c.lot_id)
        .outerjoin(FACTS, FACTS.c.lot_id == DEAL.c.lot_id)
        .order_by(m.id)
        .limit(BATCH)
    )
    last = None
    while True:
        after = joined if last is None else joined.where(m.id > last)
        batch = [dict(row) for row in connection.execute(after).mappings()]
        if not batch:
            return
        yield batch
        last = batch[-1]["id"]


class _Known:
    """What is known of parties, places, plans, licences and wastes, each read once."""

    def __init__(self, connection: sa.Connection) -> None:
        def rows(statement: sa.Select[Any]) -> Iterable[Row]:
            return [dict(row) for row in connection.execute(statement).mappings()]

        self.houses = {one["id"]: one for one in rows(sa.select(*HOUSE.c))}
        self.sites = {one["id"]: one for one in rows(sa.select(*SITE.c))}
        self.plans = {
            (one["organisation_id"], one["year"]): one["number"] for one in rows(sa.select(*PLAN.c))
        }
        self.wastes = {(one["edition"], one["code"]): one for one in rows(sa.select(*WASTE.c))}
        self.permits = list(rows(sa.select(*LICENCE.c).order_by(LICENCE.c.number)))
        booked = (
            sa.select(DRAW.c.deal_id, LICENCE.c.number)
            .select_from(DRAW)
            .join(LINE, LINE.c.id == DRAW.c.line_id)
            .join(LICENCE, LICENCE.c.id == LINE.c.licence_id)
        )
        self.booked = {one["deal_id"]: one["number"] for one in rows(booked)}

    def drafted(self, row: Row) -> dict[str, Any]:
        """Return the statement of a manifest that nobody has signed: what its lot says of it."""
        stated: dict[str, Any] = dict.fromkeys(
            ("category", "hazards", "dg_class", "un_number", "management_plan", "permit", "licence"), ""
        )
        stated |= {"packages": None, "facts": {}, "mover": {}, "carrier": {}, "receiver": {}}
        return stated | {"packaging": row["packaging"] or "", "remarks": row["note"] or ""}

    def stated(self, row: Row) -> dict[str, Any]:
        """Return the statement of a signed manifest as far as the record knows it."""
        on = (row["created_at"] + SHANGHAI).date()
        waste = self.wastes.get((row["edition"], row["code"]), {"category": "", "hazards": ""})
        first = waste["hazards"].replace("/", ",").split(",")[0]
        dg_class = CLASS_OF.get(first, "9") if row["hazardous"] else ""
        booking = row["deal_id"] if row["parent_id"] is None else row["id"]
        return self.drafted(row) | {
            "category": waste["category"],
            "hazards": waste["hazards"],
            "dg_class": dg_class,
            "management_plan": self.plans.get((row["mover_id"], on.year), "") if row["hazardous"] else "",
            "permit": self._permit(row["carrier_id"], dg_class, on),
            "licence": self.booked.get(booking, ""),
            "facts": row["facts"] or {},
            "mover": self._party(row["mover_id"], row["origin_site_id"]),
            "carrier": self._party(row["carrier_id"]),
            "receiver": self._party(row["receiver_id"], row["destination_site_id"]),
        }

    def _permit(self, carrier_id: Any, dg_class: str, on: date) -> str:
        kinds = {"dangerous_goods"} if dg_class else {"road", "dangerous_goods"}
        for one in self.permits:
            ends = one["valid_to"] if one["revoked_on"] is None else min(one["valid_to"], one["revoked_on"])
            fits = one["organisation_id"] == carrier_id and one["kind"] in kinds
            if fits and (not dg_class or dg_class in one["classes"]) and one["valid_from"] <= on <= ends:
                return str(one["number"])
        return ""

    def _party(self, house_id: Any, site_id: Any = None) -> dict[str, str]:
        house = self.houses.get(house_id, {"name": "", "contact": ""})
        found = {"name": house["name"], "contact": house["contact"]}
        if site_id is None:
            return found
        site = self.sites.get(site_id, {"name": "", "address": ""})
        return found | {"place": " · ".join(filter(None, (site["name"], site["address"])))}
