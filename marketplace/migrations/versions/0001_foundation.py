"""Lay the foundation: every table of the first loop

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from compliance.record import guard, ledger, shape
from compliance.record.moments import UtcDateTime
from compliance.record.shape import Shape

SHAPES = (("site", "location"), ("site", "boundary"))
APPEND_ONLY = ("ledger", "journal_entry", "journal_line", "manifest_signature")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_tables()
    bind = op.get_bind()
    dialect = bind.dialect.name
    for table, column in SHAPES:
        run(shape.index_statements(table, column, dialect))
    run(guard.prepare(dialect))
    for table in APPEND_ONLY:
        run(guard.append_only(table, dialect))
    run(guard.chained(dialect))
    bind.execute(sa.insert(ledger.head).values(id=1, seq=0, hash=ledger.GENESIS))


def run(statements: list[str]) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def create_tables() -> None:
    op.create_table(
        "catalogue_edition",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_catalogue_edition")),
    )
    op.create_table(
        "dead_letter",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_dead_letter")),
    )
    op.create_index(op.f("ix_dead_letter_device_id"), "dead_letter", ["device_id"], unique=False)
    op.create_index(op.f("ix_dead_letter_reason"), "dead_letter", ["reason"], unique=False)
    op.create_table(
        "deal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("producer_id", sa.Uuid(), nullable=False),
        sa.Column("processor_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("origin_site_id", sa.Uuid(), nullable=False),
        sa.Column("destination_site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("waste_name", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("freight_fen", sa.BigInteger(), nullable=False),
        sa.Column("terms_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sa.UniqueConstraint("match_id", name=op.f("uq_deal_match_id")),
    )
    op.create_index(op.f("ix_deal_agreed_at"), "deal", ["agreed_at"], unique=False)
    op.create_index(op.f("ix_deal_carrier_id"), "deal", ["carrier_id"], unique=False)
    op.create_index(op.f("ix_deal_lot_id"), "deal", ["lot_id"], unique=False)
    op.create_index(op.f("ix_deal_need_id"), "deal", ["need_id"], unique=False)
    op.create_index(op.f("ix_deal_processor_id"), "deal", ["processor_id"], unique=False)
    op.create_index(op.f("ix_deal_producer_id"), "deal", ["producer_id"], unique=False)
    op.create_index(op.f("ix_deal_state"), "deal", ["state"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("inc", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=True),
        sa.Column("state_at", UtcDateTime(), nullable=True),
        sa.Column("boot", sa.BigInteger(), nullable=False),
        sa.Column("firmware", sa.String(length=64), nullable=False),
        sa.Column("config_version", sa.BigInteger(), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.Column("skew_s", sa.Double(), nullable=True),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_site_id"), "device", ["site_id"], unique=False)
    op.create_index(op.f("ix_device_vehicle_id"), "device", ["vehicle_id"], unique=False)
    op.create_table(
        "device_event",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("inc", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("device_time", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "inc", "seq", name=op.f("pk_device_event")),
    )
    op.create_table(
        "door_refusal",
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reason", name=op.f("pk_door_refusal")),
    )
    op.create_table(
        "division",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("parent_code", sa.String(length=6), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_division")),
    )
    op.create_index(op.f("ix_division_parent_code"), "division", ["parent_code"], unique=False)
    op.create_table(
        "instance_secret",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_instance_secret")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intent", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
        sa.UniqueConstraint("intent", name=op.f("uq_journal_entry_intent")),
    )
    op.create_index(op.f("ix_journal_entry_reference"), "journal_entry", ["reference"], unique=False)
    op.create_table(
        "last_position",
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("speed_kmh", sa.Double(), nullable=True),
        sa.Column("course_deg", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("vehicle_id", name=op.f("pk_last_position")),
        sa.UniqueConstraint("version", name=op.f("uq_last_position_version")),
    )
    op.create_table(
        "ledger",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger")),
        sa.UniqueConstraint("hash", name=op.f("uq_ledger_hash")),
        sa.UniqueConstraint("id", name=op.f("uq_ledger_id")),
    )
    op.create_index(op.f("ix_ledger_kind"), "ledger", ["kind"], unique=False)
    op.create_index(op.f("ix_ledger_subject"), "ledger", ["subject"], unique=False)
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "live_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_version")),
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("waste_name", sa.String(length=200), nullable=False),
        sa.Column("hazardous", sa.Boolean(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("left_kg", sa.BigInteger(), nullable=False),
        sa.Column("division", sa.String(length=10), nullable=False),
        sa.Column("ready_from", UtcDateTime(), nullable=False),
        sa.Column("ready_to", UtcDateTime(), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("packaging", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
    )
    op.create_index(op.f("ix_lot_code"), "lot", ["code"], unique=False)
    op.create_index(op.f("ix_lot_created_at"), "lot", ["created_at"], unique=False)
    op.create_index(op.f("ix_lot_organisation_id"), "lot", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_lot_state"), "lot", ["state"], unique=False)
    op.create_table(
        "lot_outlook",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lot_outlook")),
    )
    op.create_table(
        "manifest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=14), nullable=True),
        sa.Column("national_number", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mover_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("origin_site_id", sa.Uuid(), nullable=False),
        sa.Column("destination_site_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("plate", sa.String(length=12), nullable=False),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("waste_name", sa.String(length=200), nullable=False),
        sa.Column("hazardous", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("planned_kg", sa.BigInteger(), nullable=False),
        sa.Column("loaded_kg", sa.BigInteger(), nullable=True),
        sa.Column("accepted_kg", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_manifest_deal_id")),
        sa.UniqueConstraint("number", name=op.f("uq_manifest_number")),
    )
    op.create_index(op.f("ix_manifest_carrier_id"), "manifest", ["carrier_id"], unique=False)
    op.create_index(op.f("ix_manifest_driver_id"), "manifest", ["driver_id"], unique=False)
    op.create_index(op.f("ix_manifest_mover_id"), "manifest", ["mover_id"], unique=False)
    op.create_index(op.f("ix_manifest_receiver_id"), "manifest", ["receiver_id"], unique=False)
    op.create_index(op.f("ix_manifest_state"), "manifest", ["state"], unique=False)
    op.create_index(op.f("ix_manifest_vehicle_id"), "manifest", ["vehicle_id"], unique=False)
    op.create_table(
        "manifest_serial",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prefecture", sa.String(length=4), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", "prefecture", name=op.f("pk_manifest_serial")),
    )
    op.create_table(
        "manifest_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("party", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("document_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest_signature")),
        sa.UniqueConstraint("manifest_id", "ordinal", name=op.f("uq_manifest_signature_manifest_id_ordinal")),
    )
    op.create_index(
        op.f("ix_manifest_signature_manifest_id"), "manifest_signature", ["manifest_id"], unique=False
    )
    op.create_table(
        "match",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("processor_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("freight_fen", sa.BigInteger(), nullable=False),
        sa.Column("metres", sa.BigInteger(), nullable=False),
        sa.Column("distance_source", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
    )
    op.create_index(op.f("ix_match_lot_id"), "match", ["lot_id"], unique=False)
    op.create_index(op.f("ix_match_need_id"), "match", ["need_id"], unique=False)
    op.create_index(op.f("ix_match_processor_id"), "match", ["processor_id"], unique=False)
    op.create_index(op.f("ix_match_state"), "match", ["state"], unique=False)
    op.create_index(op.f("ix_match_vehicle_id"), "match", ["vehicle_id"], unique=False)
    op.create_table(
        "money_account",
        sa.Column("owner_key", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("owner_key", "kind", name=op.f("pk_money_account")),
    )
    op.create_table(
        "need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("left_kg", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
    )
    op.create_index(op.f("ix_need_code"), "need", ["code"], unique=False)
    op.create_index(op.f("ix_need_created_at"), "need", ["created_at"], unique=False)
    op.create_index(op.f("ix_need_organisation_id"), "need", ["organisation_id"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("division_code", sa.String(length=6), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
    )
    op.create_index(op.f("ix_organisation_division_code"), "organisation", ["division_code"], unique=False)
    op.create_table(
        "position",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("inc", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("device_time", UtcDateTime(), nullable=False),
        sa.Column("gnss_time", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("altitude_m", sa.Integer(), nullable=True),
        sa.Column("speed_kmh", sa.Double(), nullable=True),
        sa.Column("course_deg", sa.Integer(), nullable=True),
        sa.Column("satellites", sa.Integer(), nullable=True),
        sa.Column("hdop", sa.Double(), nullable=True),
        sa.Column("odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("ignition", sa.Boolean(), nullable=True),
        sa.Column("load", sa.String(length=10), nullable=False),
        sa.Column("status_bits", sa.BigInteger(), nullable=False),
        sa.Column("alarm_bits", sa.BigInteger(), nullable=False),
        sa.Column("replayed", sa.Boolean(), nullable=False),
        sa.Column("excluded", sa.String(length=20), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "inc", "seq", name=op.f("pk_position")),
    )
    op.create_index("ix_position_vehicle_id_at", "position", ["vehicle_id", "at"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sender_kg", sa.BigInteger(), nullable=False),
        sa.Column("receiver_kg", sa.BigInteger(), nullable=False),
        sa.Column("accepted_kg", sa.BigInteger(), nullable=True),
        sa.Column("within_tolerance", sa.Boolean(), nullable=False),
        sa.Column("weighing_ids", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("manifest_id", name=op.f("uq_receipt_manifest_id")),
    )
    op.create_index(op.f("ix_receipt_deal_id"), "receipt", ["deal_id"], unique=False)
    op.create_index(op.f("ix_receipt_receiver_id"), "receipt", ["receiver_id"], unique=False)
    op.create_table(
        "refusal_count",
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reason", name=op.f("pk_refusal_count")),
    )
    op.create_table(
        "sequence_conflict",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("inc", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=3), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("second_hash", sa.String(length=64), nullable=False),
        sa.Column("first_hash", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "device_id", "inc", "stream", "seq", "second_hash", name=op.f("pk_sequence_conflict")
        ),
    )
    op.create_table(
        "settlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("disputed_kg", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_settlement_deal_id")),
    )
    op.create_index(op.f("ix_settlement_due_at"), "settlement", ["due_at"], unique=False)
    op.create_index(op.f("ix_settlement_manifest_id"), "settlement", ["manifest_id"], unique=False)
    op.create_index(op.f("ix_settlement_state"), "settlement", ["state"], unique=False)
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_tries")),
    )
    op.create_table(
        "subscription",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_subscription")),
    )
    op.create_table(
        "subscription_parked",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "seq", name=op.f("pk_subscription_parked")),
    )
    op.create_table(
        "trip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("mover_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("origin_site_id", sa.Uuid(), nullable=False),
        sa.Column("destination_site_id", sa.Uuid(), nullable=False),
        sa.Column("planned_kg", sa.BigInteger(), nullable=False),
        sa.Column("sender_kg", sa.BigInteger(), nullable=True),
        sa.Column("receiver_kg", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("watch_from", UtcDateTime(), nullable=False),
        sa.Column("at_origin_at", UtcDateTime(), nullable=True),
        sa.Column("loaded_at", UtcDateTime(), nullable=True),
        sa.Column("departed_at", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("arrived_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("distance_m", sa.Float(), nullable=False),
        sa.Column("track_at", UtcDateTime(), nullable=True),
        sa.Column("track_seq", sa.BigInteger(), nullable=True),
        sa.Column("track_lat", sa.Double(), nullable=True),
        sa.Column("track_lon", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip")),
        sa.UniqueConstraint("manifest_id", name=op.f("uq_trip_manifest_id")),
    )
    op.create_index(op.f("ix_trip_carrier_id"), "trip", ["carrier_id"], unique=False)
    op.create_index(op.f("ix_trip_deal_id"), "trip", ["deal_id"], unique=False)
    op.create_index(op.f("ix_trip_driver_id"), "trip", ["driver_id"], unique=False)
    op.create_index(op.f("ix_trip_mover_id"), "trip", ["mover_id"], unique=False)
    op.create_index(op.f("ix_trip_receiver_id"), "trip", ["receiver_id"], unique=False)
    op.create_index(op.f("ix_trip_state"), "trip", ["state"], unique=False)
    op.create_index(op.f("ix_trip_vehicle_id"), "trip", ["vehicle_id"], unique=False)
    op.create_table(
        "watermark",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("inc", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=3), nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("ranges", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "inc", "stream", name=op.f("pk_watermark")),
    )
    op.create_table(
        "weighing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("inc", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_number", sa.BigInteger(), nullable=False),
        sa.Column("plate", sa.String(length=32), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("division_kg", sa.Integer(), nullable=False),
        sa.Column("stability", sa.String(length=10), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("manifest_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(length=12), nullable=True),
        sa.Column("role", sa.String(length=6), nullable=True),
        sa.Column("unbound", sa.String(length=16), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("frames", sa.JSON(), nullable=False),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weighing")),
        sa.UniqueConstraint("device_id", "inc", "seq", name=op.f("uq_weighing_device_id_inc_seq")),
        sa.UniqueConstraint(
            "device_id", "inc", "ticket_number", name=op.f("uq_weighing_device_id_inc_ticket_number")
        ),
        sa.UniqueConstraint("ticket_hash", name=op.f("uq_weighing_ticket_hash")),
    )
    op.create_index(op.f("ix_weighing_manifest_id"), "weighing", ["manifest_id"], unique=False)
    op.create_index(op.f("ix_weighing_site_id"), "weighing", ["site_id"], unique=False)
    op.create_index(op.f("ix_weighing_trip_id"), "weighing", ["trip_id"], unique=False)
    op.create_table(
        "catalogue_entry",
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=11), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("category_name", sa.String(length=60), nullable=False),
        sa.Column("industry", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("hazards", sa.String(length=20), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["catalogue_edition.code"], name=op.f("fk_catalogue_entry_edition")
        ),
        sa.PrimaryKeyConstraint("edition", "code", name=op.f("pk_catalogue_entry")),
    )
    op.create_index(op.f("ix_catalogue_entry_category"), "catalogue_entry", ["category"], unique=False)
    op.create_index(op.f("ix_catalogue_entry_code"), "catalogue_entry", ["code"], unique=False)
    op.create_table(
        "catalogue_exemption",
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("codes", sa.String(length=120), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("waste", sa.Text(), nullable=False),
        sa.Column("stages", sa.String(length=40), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["catalogue_edition.code"], name=op.f("fk_catalogue_exemption_edition")
        ),
        sa.PrimaryKeyConstraint("edition", "line", name=op.f("pk_catalogue_exemption")),
    )
    op.create_table(
        "journal_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("owner_key", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entry.id"], name=op.f("fk_journal_line_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_line")),
    )
    op.create_index(op.f("ix_journal_line_entry_id"), "journal_line", ["entry_id"], unique=False)
    op.create_index(op.f("ix_journal_line_owner_key"), "journal_line", ["owner_key"], unique=False)
    op.create_table(
        "licence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("issued_by", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_licence_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
    )
    op.create_index(op.f("ix_licence_organisation_id"), "licence", ["organisation_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("permit_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_person_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_organisation_id"), "person", ["organisation_id"], unique=False)
    op.create_table(
        "settlement_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=True),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_line_settlement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_line")),
    )
    op.create_index(op.f("ix_settlement_line_payee_id"), "settlement_line", ["payee_id"], unique=False)
    op.create_index(op.f("ix_settlement_line_payer_id"), "settlement_line", ["payer_id"], unique=False)
    op.create_index(
        op.f("ix_settlement_line_settlement_id"), "settlement_line", ["settlement_id"], unique=False
    )
    op.create_table(
        "site",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("division_code", sa.String(length=6), nullable=False),
        sa.Column("location", Shape("POINT"), nullable=False),
        sa.Column("boundary", Shape("POLYGON"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_site_organisation_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_site")),
        sa.UniqueConstraint("id", name=op.f("uq_site_id")),
    )
    op.create_index(op.f("ix_site_organisation_id"), "site", ["organisation_id"], unique=False)
    op.create_table(
        "vehicle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("plate_key", sa.String(length=16), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=True),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("home_site_id", sa.Uuid(), nullable=True),
        sa.Column("home_lat", sa.Double(), nullable=False),
        sa.Column("home_lon", sa.Double(), nullable=False),
        sa.Column("capacity_kg", sa.Integer(), nullable=False),
        sa.Column("dg_classes", sa.JSON(), nullable=False),
        sa.Column("permit_to", sa.Date(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_vehicle_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
        sa.UniqueConstraint("device_id", name=op.f("uq_vehicle_device_id")),
        sa.UniqueConstraint("plate_key", name=op.f("uq_vehicle_plate_key")),
    )
    op.create_index(op.f("ix_vehicle_carrier_id"), "vehicle", ["carrier_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "held_form",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_held_form_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_held_form")),
    )
    op.create_index(op.f("ix_held_form_at"), "held_form", ["at"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_idempotency_key_person_id")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_at"), "idempotency_key", ["at"], unique=False)
    op.create_table(
        "licence_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("licence_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("yearly_kg", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["licence_id"], ["licence.id"], name=op.f("fk_licence_line_licence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_line")),
        sa.UniqueConstraint("licence_id", "code", name=op.f("uq_licence_line_licence_id_code")),
    )
    op.create_index(op.f("ix_licence_line_licence_id"), "licence_line", ["licence_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["account.person_id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_person_id"), "api_token", ["person_id"], unique=False)
    op.create_table(
        "licence_draw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["licence_line.id"], name=op.f("fk_licence_draw_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_draw")),
        sa.UniqueConstraint("line_id", "deal_id", name=op.f("uq_licence_draw_line_id_deal_id")),
    )
    op.create_index(op.f("ix_licence_draw_deal_id"), "licence_draw", ["deal_id"], unique=False)
    op.create_index(op.f("ix_licence_draw_line_id"), "licence_draw", ["line_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["account.person_id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_expires_at"), "sign_in", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sign_in_person_id"), "sign_in", ["person_id"], unique=False)


def downgrade() -> None:
    for table, column in SHAPES:
        run(shape.drop_statements(table, column, op.get_bind().dialect.name))
    drop_tables()
    run(guard.dismantle(op.get_bind().dialect.name))


def drop_tables() -> None:
    op.drop_table("door_refusal")
    op.drop_index(op.f("ix_sign_in_person_id"), table_name="sign_in")
    op.drop_index(op.f("ix_sign_in_expires_at"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index(op.f("ix_licence_draw_line_id"), table_name="licence_draw")
    op.drop_index(op.f("ix_licence_draw_deal_id"), table_name="licence_draw")
    op.drop_table("licence_draw")
    op.drop_index(op.f("ix_api_token_person_id"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_index(op.f("ix_licence_line_licence_id"), table_name="licence_line")
    op.drop_table("licence_line")
    op.drop_index(op.f("ix_idempotency_key_at"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_index(op.f("ix_held_form_at"), table_name="held_form")
    op.drop_table("held_form")
    op.drop_table("account")
    op.drop_index(op.f("ix_vehicle_carrier_id"), table_name="vehicle")
    op.drop_table("vehicle")
    op.drop_index(op.f("ix_site_organisation_id"), table_name="site")
    op.drop_table("site")
    op.drop_index(op.f("ix_settlement_line_settlement_id"), table_name="settlement_line")
    op.drop_index(op.f("ix_settlement_line_payer_id"), table_name="settlement_line")
    op.drop_index(op.f("ix_settlement_line_payee_id"), table_name="settlement_line")
    op.drop_table("settlement_line")
    op.drop_index(op.f("ix_person_organisation_id"), table_name="person")
    op.drop_table("person")
    op.drop_index(op.f("ix_licence_organisation_id"), table_name="licence")
    op.drop_table("licence")
    op.drop_index(op.f("ix_journal_line_owner_key"), table_name="journal_line")
    op.drop_index(op.f("ix_journal_line_entry_id"), table_name="journal_line")
    op.drop_table("journal_line")
    op.drop_table("catalogue_exemption")
    op.drop_index(op.f("ix_catalogue_entry_code"), table_name="catalogue_entry")
    op.drop_index(op.f("ix_catalogue_entry_category"), table_name="catalogue_entry")
    op.drop_table("catalogue_entry")
    op.drop_index(op.f("ix_weighing_trip_id"), table_name="weighing")
    op.drop_index(op.f("ix_weighing_site_id"), table_name="weighing")
    op.drop_index(op.f("ix_weighing_manifest_id"), table_name="weighing")
    op.drop_table("weighing")
    op.drop_table("watermark")
    op.drop_index(op.f("ix_trip_vehicle_id"), table_name="trip")
    op.drop_index(op.f("ix_trip_state"), table_name="trip")
    op.drop_index(op.f("ix_trip_receiver_id"), table_name="trip")
    op.drop_index(op.f("ix_trip_mover_id"), table_name="trip")
    op.drop_index(op.f("ix_trip_driver_id"), table_name="trip")
    op.drop_index(op.f("ix_trip_deal_id"), table_name="trip")
    op.drop_index(op.f("ix_trip_carrier_id"), table_name="trip")
    op.drop_table("trip")
    op.drop_table("subscription_parked")
    op.drop_table("subscription")
    op.drop_table("sign_in_tries")
    op.drop_index(op.f("ix_settlement_state"), table_name="settlement")
    op.drop_index(op.f("ix_settlement_manifest_id"), table_name="settlement")
    op.drop_index(op.f("ix_settlement_due_at"), table_name="settlement")
    op.drop_table("settlement")
    op.drop_table("sequence_conflict")
    op.drop_table("refusal_count")
    op.drop_index(op.f("ix_receipt_receiver_id"), table_name="receipt")
    op.drop_index(op.f("ix_receipt_deal_id"), table_name="receipt")
    op.drop_table("receipt")
    op.drop_index("ix_position_vehicle_id_at", table_name="position")
    op.drop_table("position")
    op.drop_index(op.f("ix_organisation_division_code"), table_name="organisation")
    op.drop_table("organisation")
    op.drop_index(op.f("ix_need_organisation_id"), table_name="need")
    op.drop_index(op.f("ix_need_created_at"), table_name="need")
    op.drop_index(op.f("ix_need_code"), table_name="need")
    op.drop_table("need")
    op.drop_table("money_account")
    op.drop_index(op.f("ix_match_vehicle_id"), table_name="match")
    op.drop_index(op.f("ix_match_state"), table_name="match")
    op.drop_index(op.f("ix_match_processor_id"), table_name="match")
    op.drop_index(op.f("ix_match_need_id"), table_name="match")
    op.drop_index(op.f("ix_match_lot_id"), table_name="match")
    op.drop_table("match")
    op.drop_index(op.f("ix_manifest_signature_manifest_id"), table_name="manifest_signature")
    op.drop_table("manifest_signature")
    op.drop_table("manifest_serial")
    op.drop_index(op.f("ix_manifest_vehicle_id"), table_name="manifest")
    op.drop_index(op.f("ix_manifest_state"), table_name="manifest")
    op.drop_index(op.f("ix_manifest_receiver_id"), table_name="manifest")
    op.drop_index(op.f("ix_manifest_mover_id"), table_name="manifest")
    op.drop_index(op.f("ix_manifest_driver_id"), table_name="manifest")
    op.drop_index(op.f("ix_manifest_carrier_id"), table_name="manifest")
    op.drop_table("manifest")
    op.drop_table("lot_outlook")
    op.drop_index(op.f("ix_lot_state"), table_name="lot")
    op.drop_index(op.f("ix_lot_organisation_id"), table_name="lot")
    op.drop_index(op.f("ix_lot_created_at"), table_name="lot")
    op.drop_index(op.f("ix_lot_code"), table_name="lot")
    op.drop_table("lot")
    op.drop_table("live_version")
    op.drop_table("ledger_head")
    op.drop_index(op.f("ix_ledger_subject"), table_name="ledger")
    op.drop_index(op.f("ix_ledger_kind"), table_name="ledger")
    op.drop_table("ledger")
    op.drop_table("last_position")
    op.drop_index(op.f("ix_journal_entry_reference"), table_name="journal_entry")
    op.drop_table("journal_entry")
    op.drop_table("instance_secret")
    op.drop_index(op.f("ix_division_parent_code"), table_name="division")
    op.drop_table("division")
    op.drop_table("device_event")
    op.drop_index(op.f("ix_device_vehicle_id"), table_name="device")
    op.drop_index(op.f("ix_device_site_id"), table_name="device")
    op.drop_table("device")
    op.drop_index(op.f("ix_deal_state"), table_name="deal")
    op.drop_index(op.f("ix_deal_producer_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_processor_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_need_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_lot_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_carrier_id"), table_name="deal")
    op.drop_index(op.f("ix_deal_agreed_at"), table_name="deal")
    op.drop_table("deal")
    op.drop_index(op.f("ix_dead_letter_reason"), table_name="dead_letter")
    op.drop_index(op.f("ix_dead_letter_device_id"), table_name="dead_letter")
    op.drop_table("dead_letter")
    op.drop_table("catalogue_edition")
