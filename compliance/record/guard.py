"""How does the database itself refuse to change the past?"""

from __future__ import annotations

REFUSAL = "is append-only: write a correcting entry instead"

UNIQUE = {
    "ledger": (("id",), ("hash",)),
    "journal_entry": (("id",), ("intent",)),
    "manifest_signature": (("id",), ("manifest_id", "ordinal")),
    "anchor": (("id",), ("day",), ("last_seq",), ("digest",)),
    "anchor_stamp": (("id",), ("anchor_id", "authority")),
    "anchor_publication": (("anchor_id",),),
    "approval_step": (("id",), ("approval_id", "ordinal")),
    "manifest_revision_answer": (("id",), ("revision_id", "organisation_id")),
}
"""What a guarded table holds once only, besides a plain `id`."""


def append_only(table: str, dialect: str) -> list[str]:
    """Return the DDL by which a table refuses UPDATE, DELETE, REPLACE and TRUNCATE, whoever asks."""
    if dialect == "postgresql":
        return [
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} {REFUSAL}'); END"
    return [
        *(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {refuse}"
            for act in ("UPDATE", "DELETE")
        ),
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {_taken(table)} {refuse}",
    ]


def _taken(table: str) -> str:
    """Return the condition that a new row takes an old one's place.

    SQLite's INSERT OR REPLACE deletes without asking the delete trigger, except on connections that
    switched recursive triggers on: ours do, the command-line shell does not.
    """
    clashes = (
        " AND ".join(f"{column} = NEW.{column}" for column in columns)
        for columns in UNIQUE.get(table, (("id",),))
    )
    return f"EXISTS (SELECT 1 FROM {table} WHERE " + " OR ".join(f"({clash})" for clash in clashes) + ")"


def chained(dialect: str) -> list[str]:
    """Return the DDL by which the ledger refuses an event that does not follow its last one."""
    broken = (
        "NEW.seq <> COALESCE((SELECT max(seq) FROM ledger), 0) + 1 OR NEW.previous_hash <>"
        f" COALESCE((SELECT hash FROM ledger WHERE seq = NEW.seq - 1), '{'0' * 64}')"
    )
    message = "ledger: the event does not follow the last one"
    if dialect == "postgresql":
        return [
            "CREATE FUNCTION require_chain() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {broken} THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER ledger_chained BEFORE INSERT ON ledger"
            " FOR EACH ROW EXECUTE FUNCTION require_chain()",
        ]
    return [
        f"CREATE TRIGGER ledger_chained BEFORE INSERT ON ledger WHEN {broken}"
        f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
    ]


def prepare(dialect: str) -> list[str]:
    """Return the DDL that must run before the first `append_only` of a database."""
    if dialect != "postgresql":
        return []
    return [
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' {REFUSAL}'; END $$"
    ]


def dismantle(dialect: str) -> list[str]:
    """Return the DDL that takes the guards' functions away, once their tables are gone."""
    if dialect != "postgresql":
        return []
    return ["DROP FUNCTION require_chain()", "DROP FUNCTION refuse_change()"]
