"""Does the server believe a terminal's key, its order, and nothing else?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from compliance.record.errors import Invalid
from compliance.signing_keys.rules import (
    Algorithm,
    ChainBroken,
    Head,
    NotItsSignature,
    differences,
    hash_of,
    read,
    require_next,
    require_signed,
)
from tests.factories.terminals import Terminal
from tracking.kept_acts.rules import acted_at, told_at

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_signature_holds_for_its_key_and_text_alone(algorithm: Algorithm) -> None:
    """Anybody could sign for a driver, or change the weight after the driver signed."""
    terminal, other = Terminal(algorithm), Terminal(algorithm)
    item = terminal.keep("loaded", uuid4(), AT, {"plate": "鄂A12345"})
    require_signed(algorithm, terminal.public_key, item.statement, item.signature)
    for key, text, signature in (
        (other.public_key, item.statement, item.signature),
        (terminal.public_key, item.statement.replace("loaded", "departed"), item.signature),
        (terminal.public_key, item.statement, other.sign(item.statement)),
        (terminal.public_key, item.statement, item.signature[:-2]),
        ("00", item.statement, item.signature),
        (terminal.public_key, item.statement, "zz"),
    ):
        with pytest.raises(NotItsSignature):
            require_signed(algorithm, key, text, signature)


def test_a_chain_has_no_gap_and_no_second_branch() -> None:
    """A terminal could leave a step out, or say two things under one number."""
    terminal = Terminal()
    first = terminal.keep("arrived", uuid4(), AT, {})
    second = terminal.keep("loaded", uuid4(), AT, {})
    third = terminal.keep("departed", uuid4(), AT, {})
    require_next(Head(), read(first.statement))
    require_next(Head(1, hash_of(first.statement)), read(second.statement))
    for head, item in (
        (Head(), second),
        (Head(1, hash_of(first.statement)), third),
        (Head(1, "0" * 64), second),
    ):
        with pytest.raises(ChainBroken):
            require_next(head, read(item.statement))


@pytest.mark.parametrize(
    "wrong", [{"v": 2}, {"seq": 0}, {"at": "2026-11-20T01:00:00"}, {"seen": []}, {"more": 1}, {"lat": 91}]
)
def test_what_is_no_statement_is_refused_by_name(wrong: dict[str, object]) -> None:
    """A terminal with a bug would fill the record with what nobody can read."""
    sound = json.loads(Terminal().keep("loaded", uuid4(), AT, {}).statement)
    with pytest.raises(Invalid):
        read(json.dumps(sound | wrong))


def test_only_what_the_signer_knew_can_differ() -> None:
    """A weight that came in after the vehicle left the signal would stop every load."""
    found = {"plate": "鄂A1", "loaded_kg": 20_000, "number": "42010000000001"}
    assert differences({"plate": "鄂A1", "loaded_kg": None, "number": ""}, found) == ()
    (one,) = differences({"plate": "鄂A1", "loaded_kg": 19_000, "version": 3}, found)
    assert (one.field, one.seen, one.found) == ("loaded_kg", 19_000, 20_000)


def test_an_act_is_taken_as_of_its_time_and_never_before_the_one_before() -> None:
    """A load would have left before it was loaded, or tomorrow, by a terminal whose clock is wrong."""
    wall, now = AT + timedelta(hours=5), AT + timedelta(days=30)
    assert told_at(wall - timedelta(hours=2), wall, now) == now - timedelta(hours=2)
    assert told_at(wall + timedelta(hours=2), wall, now) == now
    before, at = now - timedelta(minutes=10), now - timedelta(hours=2)
    assert acted_at(at, now, before) == before
    assert acted_at(at, now, at - timedelta(hours=1)) == at
