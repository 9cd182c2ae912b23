"""Does the record show every change to it, and does it stay one chain whoever writes?"""

import hashlib
import json
import multiprocessing
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from shutil import copy
from uuid import uuid4

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from compliance.record import ledger
from compliance.record.database import open_database, reading, transaction
from compliance.record.ledger import GENESIS, Event, canonical, digest
from tests.compliance.record.appending import append, append_many, recorded
from tests.factories.parties import MORNING, work_in

GUARDED = ("ledger", "journal_entry", "journal_line", "manifest_signature")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def unguard(connection: Connection, table: str = "ledger") -> None:
    """Take the triggers away, as somebody who owns the database file could."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return
    rows = connection.exec_driver_sql(
        f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
    ).all()
    for (name,) in rows:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def tamper(engine: Engine, statement: str) -> ledger.Broken | None:
    """Change the stored record behind the product's back and verify it."""
    with engine.begin() as connection:
        unguard(connection)
        connection.exec_driver_sql(statement)
    return ledger.verify(engine)


def test_an_untouched_chain_holds(engine: Engine) -> None:
    """An inspector would be told of tampering that nobody did."""
    assert ledger.verify(engine) is None
    append(engine, 1, "二", {"b": 1, "a": [1, 2.5, None]})
    append(engine, 4)
    rows = recorded(engine)
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    assert [row.previous_hash for row in rows] == [GENESIS, *(row.hash for row in rows[:-1])]
    assert rows[2].event.data == {"value": {"a": [1, 2.5, None], "b": 1}}
    assert rows[0].event.at == MORNING
    assert ledger.verify(engine) is None


def test_the_moment_of_an_event_counts_not_its_zone(engine: Engine) -> None:
    """An act noted in Shanghai time would look tampered with as soon as it is read back."""
    shanghai = MORNING.astimezone(timezone(timedelta(hours=8)))
    with transaction(engine) as session:
        work_in(session, now=shanghai).append("Tested", uuid4())
    assert recorded(engine)[0].event.at == MORNING
    assert ledger.verify(engine) is None


@pytest.mark.parametrize(
    ("statement", "seq", "reason"),
    [
        ("UPDATE ledger SET data = '{\"value\":9}' WHERE seq = 3", 3, "content"),
        ("UPDATE ledger SET kind = 'Else' WHERE seq = 1", 1, "content"),
        ("UPDATE ledger SET at = (SELECT max(at) FROM ledger) WHERE seq = 2", 2, "content"),
        ("UPDATE ledger SET subject = id WHERE seq = 4", 4, "content"),
        ("UPDATE ledger SET person_id = id WHERE seq = 5", 5, "content"),
        (f"UPDATE ledger SET previous_hash = '{'a' * 64}' WHERE seq = 3", 3, "link"),
        (f"UPDATE ledger SET hash = '{'b' * 64}' WHERE seq = 2", 2, "content"),
        ("UPDATE ledger SET data = 'not json' WHERE seq = 2", 2, "read"),
        ("UPDATE ledger SET data = '[]' WHERE seq = 2", 2, "read"),
        ("DELETE FROM ledger WHERE seq = 3", 4, "event 3 is missing"),
        ("DELETE FROM ledger WHERE seq = 1", 2, "event 1 is missing"),
        ("DELETE FROM ledger WHERE seq = 5", 5, "event 5 is missing"),
        ("UPDATE ledger_head SET seq = 4", 5, "head"),
        (f"UPDATE ledger_head SET hash = '{'c' * 64}'", 5, "head"),
        ("DELETE FROM ledger_head", 5, "head"),
    ],
)
def test_every_tampering_is_found_and_named(engine: Engine, statement: str, seq: int, reason: str) -> None:
    """A weight or a signature could be changed after the fact, and no inspector would see which."""
    for number in range(5):
        with transaction(engine) as session:
            work_in(session, now=MORNING + timedelta(minutes=number)).append("Tested", uuid4(), value=number)
    broken = tamper(engine, statement)
    assert broken is not None
    assert broken.seq == seq
    assert reason in broken.reason


def test_a_row_that_cannot_be_read_is_named(engine: Engine) -> None:
    """`huanlian verify` would end in a traceback instead of naming the row."""
    append(engine, 1, 2, 3)
    if engine.dialect.name == "sqlite":
        broken = tamper(engine, "UPDATE ledger SET at = 'yesterday', id = 7 WHERE seq = 2")
        assert broken == ledger.Broken(2, "the row cannot be read")
    else:
        with pytest.raises(DBAPIError):
            tamper(engine, "UPDATE ledger SET at = 'some other day' WHERE seq = 2")


def test_a_rewritten_row_with_a_fresh_hash_breaks_the_next_link(engine: Engine) -> None:
    """Somebody who can compute hashes could change one event without touching the rest."""
    append(engine, 1, 2, 3)
    second = recorded(engine)[1]
    data = canonical({"value": 99})
    forged = digest(second.previous_hash, 2, second.event, data)
    assert tamper(engine, f"UPDATE ledger SET data = '{data}', hash = '{forged}' WHERE seq = 2") == (
        ledger.Broken(3, "the link to the event before is broken")
    )


def fill(engine: Engine, table: str) -> None:
    """Put one row into a guarded table, straight through the database."""
    one = uuid4()
    bare = one.hex if engine.dialect.name == "sqlite" else str(one)
    rows = {
        "journal_entry": ["journal_entry (id, intent, reference, at) VALUES (:id, 'i', :id, '2026-11-20')"],
        "manifest_signature": [
            "manifest_signature (id, manifest_id, ordinal, act, party, person_name, at, document_hash)"
            " VALUES (:id, :id, 1, 'issue', 'mover', 'A', '2026-11-20', 'h')"
        ],
    }
    rows["journal_line"] = [
        *rows["journal_entry"],
        "journal_line (id, entry_id, owner_key, kind, fen) VALUES (:id, :id, 'o', 'k', 1)",
    ]
    if table == "ledger":
        append(engine, 1)
        return
    with engine.begin() as connection:
        for row in rows[table]:
            connection.execute(text(f"INSERT INTO {row}"), {"id": bare})


@pytest.mark.parametrize("table", GUARDED)
def test_the_database_itself_refuses_to_change_the_past(engine: Engine, table: str) -> None:
    """Anyone with the password could rewrite money, custody or history with one statement."""
    fill(engine, table)
    statements = [f"UPDATE {table} SET id = id", f"DELETE FROM {table}"]
    if engine.dialect.name == "postgresql":
        statements += [f"TRUNCATE {table} CASCADE", "TRUNCATE manifest, ledger, journal_entry CASCADE"]
    else:
        statements += [f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"]
    for statement in statements:
        with pytest.raises(DBAPIError, match=r"append-only|does not follow"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 1
    assert ledger.verify(engine) is None


@pytest.mark.parametrize("table", GUARDED)
def test_sqlite_refuses_replace_from_a_plain_connection(
    sqlite_template: Path, tmp_path: Path, table: str
) -> None:
    """The sqlite3 shell runs no delete trigger on REPLACE: it would put a new row in an old one's place."""
    engine = open_database(f"sqlite:///{copy(sqlite_template, tmp_path / 'plain.db')}")
    fill(engine, table)
    engine.dispose()
    plain = sqlite3.connect(str(make_url(engine.url).database))
    names = [row[1] for row in plain.execute(f"PRAGMA table_info({table})")]
    follows = (
        {"seq": "seq + 1", "previous_hash": "hash", "hash": f"'{'d' * 64}'"} if table == "ledger" else {}
    )
    columns = ", ".join(follows.get(name, name) for name in names)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        plain.execute(f"INSERT OR REPLACE INTO {table} SELECT {columns} FROM {table}")
    assert plain.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
    plain.close()


@pytest.mark.parametrize(("seq", "previous"), [(4, "last"), (2, "first"), (3, "first"), (3, "zero")])
def test_the_database_refuses_an_event_that_does_not_follow(engine: Engine, seq: int, previous: str) -> None:
    """A second chain could be grown beside the first, or events left out between."""
    append(engine, 1, 2)
    first, last = recorded(engine)
    links = {"first": first.hash, "last": last.hash, "zero": GENESIS}
    row = ledger._row(
        seq, Event(uuid4(), MORNING, "Forged", uuid4(), None, None, {}), "{}", links[previous], "e"
    )
    with pytest.raises(DBAPIError, match="does not follow"), engine.begin() as connection:
        connection.execute(insert(ledger.events).values(row))
    assert len(recorded(engine)) == 2


def test_processes_never_fork_or_skip(database_url: str, engine: Engine) -> None:
    """Web, ingest and worker write at once: a fork would make the record worthless as evidence."""
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=append_many, args=(database_url, writer, 25)) for writer in range(4)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(120)
    assert [process.exitcode for process in writers] == [0] * 4
    rows = recorded(engine)
    assert [row.seq for row in rows] == list(range(1, 101))
    told = [str(row.event.data["value"]) for row in rows]
    for writer in range(4):
        assert [one for one in told if one.startswith(f"{writer}/")] == [f"{writer}/{n}" for n in range(25)]
    assert ledger.verify(engine) is None


def test_a_rolled_back_transaction_leaves_no_event_and_no_gap(engine: Engine) -> None:
    """A refused act would stand on the record as done, or its missing number look like tampering."""
    append(engine, "before")

    def interrupted() -> None:
        with transaction(engine) as session:
            work_in(session).append("Tested", uuid4(), value="never")
            ledger.seal(session)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        interrupted()
    append(engine, "after")
    assert [row.event.data["value"] for row in recorded(engine)] == ["before", "after"]
    assert ledger.verify(engine) is None


def test_what_cannot_be_written_as_json_takes_the_whole_transaction_down(engine: Engine) -> None:
    """Half of an act would be stored without the event that tells of it."""
    with pytest.raises(ValueError, match="nan"):
        append(engine, "first", float("nan"))
    append(engine, 1)
    assert len(recorded(engine)) == 1
    assert ledger.verify(engine) is None


def test_events_about_things_come_in_order(engine: Engine) -> None:
    """The chain of custody of one manifest would mix with others' or stand on its head."""
    one = append(engine, 1)
    append(engine, 2)
    append(engine, 3, subject=one)
    with reading(engine) as session:
        assert [row.seq for row in ledger.about(session, [one])] == [1, 3]


@pytest.mark.parametrize(
    ("statement", "standing"),
    [
        ("UPDATE ledger SET seq = seq WHERE seq = 1", [True, True]),
        ("UPDATE ledger SET data = '{\"value\":9}' WHERE seq = 3", [True, False]),
        ("UPDATE ledger SET hash = '" + "ab" * 32 + "' WHERE seq = 2", [True, False]),
        ("UPDATE ledger SET hash = '" + "ab" * 32 + "' WHERE seq = 1", [False, True]),
        ("DELETE FROM ledger WHERE seq = 2", [True, False]),
    ],
)
def test_events_about_things_are_checked_by_themselves(
    engine: Engine, statement: str, standing: list[bool]
) -> None:
    """A chain of custody would look whole although its content, or the event before, was changed."""
    one = append(engine, 1)
    append(engine, 2)
    append(engine, 3, subject=one)
    tamper(engine, statement)
    with reading(engine) as session:
        found = ledger.checked(session, [one])
        assert [holds for _, holds in found] == standing
        assert [row for row, _ in found] == ledger.about(session, [one])


@given(st.dictionaries(st.text(max_size=6), JSON, max_size=5), st.text(min_size=1, max_size=6))
def test_the_digest_is_that_of_rfc_8785(data: dict[str, object], kind: str) -> None:
    """Another program, such as the one in an evidence bundle, would not come to the same hash."""
    event = Event(uuid4(), datetime(2026, 8, 15, tzinfo=UTC), kind, uuid4(), None, uuid4(), data)
    told = canonical(data)
    facts = {
        "seq": 7,
        "id": str(event.id),
        "at": "2026-08-15T00:00:00.000000+00:00",
        "kind": kind,
        "subject": str(event.subject),
        "person_id": "",
        "organisation_id": str(event.organisation_id),
        "data": told,
        "previous_hash": GENESIS,
    }
    assert digest(GENESIS, 7, event, told) == hashlib.sha256(rfc8785.dumps(facts)).hexdigest()


@given(st.dictionaries(st.text(max_size=6), JSON, max_size=5), st.randoms())
def test_canonical_json_does_not_depend_on_key_order(data: dict[str, object], chance) -> None:
    """The same fact would hash differently after a round through another program."""
    keys = list(data)
    chance.shuffle(keys)
    told = canonical(data)
    assert canonical({key: data[key] for key in keys}) == told
    assert json.loads(told) == data
    assert canonical(json.loads(told)) == told


def test_the_digest_covers_every_part_of_an_event() -> None:
    """A part outside the hash could be changed unseen."""
    base = Event(uuid4(), datetime(2026, 1, 1, tzinfo=UTC), "Kind", uuid4(), uuid4(), uuid4(), {})
    other = {
        "id": uuid4(),
        "at": MORNING,
        "kind": "Other",
        "subject": uuid4(),
        "person_id": None,
        "organisation_id": uuid4(),
    }
    parts = {
        name: getattr(base, name) for name in ("id", "at", "kind", "subject", "person_id", "organisation_id")
    }
    told = digest(GENESIS, 1, base, "{}")
    changed = {
        digest(GENESIS, 1, Event(**(parts | {name: value}), data={}), "{}") for name, value in other.items()
    }
    changed |= {
        digest("1" * 64, 1, base, "{}"),
        digest(GENESIS, 2, base, "{}"),
        digest(GENESIS, 1, base, "[]"),
    }
    assert len(changed | {told}) == len(other) + 4
