"""Does every event have its effect exactly once, whoever dies or fails on the way?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, select

from compliance.record import subscribers
from compliance.record.database import reading, transaction
from compliance.record.ledger import Event
from compliance.record.subscribers import Lag, Outcome, Parked, Subscriber, Subscription, Turn
from compliance.registry.tables import Organisation
from tests.compliance.record.appending import append, recorded
from tests.factories.parties import MORNING

Apply = Callable[[Turn], None]


def note(turn: Turn) -> None:
    """Leave one row with the event's value: an effect that can be counted."""
    work = turn.work
    row = Organisation(
        id=work.new_id(),
        uscc=uuid4().hex[:18],
        name=str(turn.event.data["value"]),
        division_code="420100",
        kinds=[],
        created_at=work.now,
    )
    work.session.add(row)
    work.append("Noted", row.id, of=str(turn.event.id))


def noted(engine: Engine) -> list[str]:
    """Return the values in the order in which their effects came."""
    with reading(engine) as session:
        return list(session.scalars(select(Organisation.name).order_by(Organisation.id)))


def cursor(engine: Engine) -> Subscription:
    """Return where the subscriber of these tests stands."""
    with reading(engine) as session:
        return session.get_one(Subscription, "notes")


def subscribe(engine: Engine, apply: Apply = note, **more: object) -> Subscriber:
    """Register the subscriber of these tests."""
    made = Subscriber("notes", frozenset({"Tested"}), apply)
    subscribers.register(engine, [made])
    return replace(made, **more)


def step(engine: Engine, one: Subscriber) -> Outcome:
    """Let the subscriber take a step in the morning."""
    return subscribers.step(engine, one, lambda: MORNING)


def drain(engine: Engine, one: Subscriber) -> list[Outcome]:
    """Step until there is nothing to do."""
    outcomes = []
    while (outcome := step(engine, one)) is not Outcome.IDLE:
        outcomes.append(outcome)
    return outcomes


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The machine's seconds, turned by the test."""
    hands = [1_000_000.0]
    monkeypatch.setattr(subscribers, "wall_seconds", lambda: hands[0])
    return hands


def test_every_event_is_digested_once_and_in_order(engine: Engine) -> None:
    """A settlement would be paid twice, or a receipt come before its weighing."""
    one = subscribe(engine)
    append(engine, "a", "b")
    append(engine, "unheard", kind="Other")
    append(engine, "c")
    assert set(drain(engine, one)) == {Outcome.DONE}
    assert noted(engine) == ["a", "b", "c"]
    assert drain(engine, one) == []
    assert [row.event.kind for row in recorded(engine)].count("Noted") == 3


def test_dying_between_effect_and_cursor_leaves_neither(engine: Engine) -> None:
    """After kill -9 in the middle of a reaction the effect would stand twice or never."""
    append(engine, "a")

    def killed(turn: Turn) -> None:
        note(turn)
        turn.work.session.flush()
        raise SystemExit

    one = subscribe(engine)
    with pytest.raises(SystemExit):
        step(engine, replace(one, apply=killed))
    assert noted(engine) == []
    assert (cursor(engine).cursor, cursor(engine).attempts) == (0, 0)
    assert step(engine, one) is Outcome.DONE
    assert noted(engine) == ["a"]


def test_workers_at_once_do_each_event_once(engine: Engine) -> None:
    """Two workers on one database would double every effect."""
    one = subscribe(engine)
    append(engine, *range(30))
    begin = threading.Barrier(4)
    failures: list[BaseException] = []

    def work() -> None:
        begin.wait()
        until = time.monotonic() + 60
        while cursor(engine).cursor < 30 and time.monotonic() < until:
            try:
                step(engine, one)
            except Exception as failure:  # noqa: BLE001 - told by the assertion below
                failures.append(failure)
                return

    workers = [threading.Thread(target=work) for _ in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join(90)
    assert failures == []
    assert noted(engine) == [str(value) for value in range(30)]
    assert not cursor(engine).attempts


def test_a_failing_event_is_tried_again_later_and_later_then_parked(
    engine: Engine, wall: list[float]
) -> None:
    """One event nobody can digest would hold up every later one, or spin the processor for ever."""
    append(engine, "good", "poison\0", "better")

    def choosy(turn: Turn) -> None:
        note(turn)
        value = str(turn.event.data["value"])
        if "poison" in value:
            raise ValueError(f"cannot digest {value} \udc80")

    one = subscribe(engine, choosy)
    assert step(engine, one) is Outcome.DONE
    for delay in (0.5, 1, 2, 4):
        assert step(engine, one) is Outcome.RETRY
        assert cursor(engine).retry_at == wall[0] + delay
        wall[0] += delay - 0.01
        assert step(engine, one) is Outcome.IDLE
        wall[0] += 0.02
    assert step(engine, one) is Outcome.PARKED
    assert step(engine, one) is Outcome.DONE
    assert noted(engine) == ["good", "better"]
    with reading(engine) as session:
        parked = session.scalars(select(Parked)).one()
    assert (parked.name, parked.seq, parked.kind, parked.at) == ("notes", 2, "Tested", MORNING)
    assert parked.reason == "ValueError: cannot digest poison\\x00 \\udc80"
    assert parked.subject == recorded(engine)[1].event.subject


def test_an_event_that_heals_in_time_is_not_parked(engine: Engine, wall: list[float]) -> None:
    """A passing fault would cost an effect, and the next fault would find the patience used up."""
    append(engine, "a", "b")
    told: list[object] = []

    def shaky(turn: Turn) -> None:
        told.append(turn.event.data["value"])
        note(turn)
        if len(told) in {1, 2}:
            raise TimeoutError

    one = subscribe(engine, shaky)
    outcomes = []
    for _ in range(4):
        outcomes.append(step(engine, one))
        wall[0] += 10
    assert outcomes == [Outcome.RETRY, Outcome.RETRY, Outcome.DONE, Outcome.DONE]
    assert noted(engine) == ["a", "b"]
    assert (cursor(engine).attempts, cursor(engine).retry_at) == (0, 0)


def test_what_was_prepared_is_in_the_reactions_hand(engine: Engine) -> None:
    """A clearing would solve while it holds the write lock, and every other request would wait."""
    append(engine, "a")
    seen: list[object] = []

    def prepare(session: object, event: Event) -> str:
        append(engine, "meanwhile", kind="Other")
        return f"prepared for {event.data['value']}"

    one = subscribe(engine, lambda turn: seen.append(turn.prepared), prepare=prepare)
    assert step(engine, one) is Outcome.DONE
    assert seen == ["prepared for a"]


def test_a_failing_preparation_is_retried_too(engine: Engine, wall: list[float]) -> None:
    """A solver that fails on one event would stop its subscriber silently."""
    append(engine, "a")

    def prepare(session: object, event: Event) -> None:
        raise ArithmeticError

    one = subscribe(engine, prepare=prepare)
    assert step(engine, one) is Outcome.RETRY
    assert cursor(engine).attempts == 1


def test_lag_is_shown(engine: Engine, wall: list[float]) -> None:
    """An operator could not see that matching stands still or that an event was set aside."""

    def fail(turn: Turn) -> None:
        raise ValueError

    one = subscribe(engine, fail)
    subscribers.register(engine, [one, Subscriber("idle", frozenset(), note)])
    append(engine, 1, 2, 3)
    for _ in range(5):
        step(engine, one)
        wall[0] += 10
    with reading(engine) as session:
        assert subscribers.lags(session) == [Lag("idle", 3, 0), Lag("notes", 2, 1)]


def test_registering_again_keeps_the_cursor(engine: Engine) -> None:
    """Every restart would replay the whole record."""
    one = subscribe(engine)
    append(engine, 1)
    drain(engine, one)
    at = cursor(engine).cursor
    subscribers.register(engine, [one])
    assert cursor(engine).cursor == at > 0


def test_workers_may_register_at_the_same_moment(engine: Engine) -> None:
    """The second of two workers that start together would die on a duplicate key."""
    begin = threading.Barrier(4)
    failures: list[BaseException] = []

    def start() -> None:
        begin.wait()
        try:
            subscribers.register(engine, [Subscriber("notes", frozenset(), note)])
        except Exception as failure:  # noqa: BLE001 - told by the assertion below
            failures.append(failure)

    workers = [threading.Thread(target=start) for _ in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join(60)
    assert failures == []
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Subscription)) == 1


def test_an_unregistered_subscriber_does_nothing(engine: Engine) -> None:
    """A worker of a newer release would run effects that nobody keeps count of."""
    append(engine, 1)
    assert step(engine, Subscriber("stranger", frozenset({"Tested"}), note)) is Outcome.IDLE
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_one_look_tells_who_has_something_to_do(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody idle would ask the database for himself, ten times a second, or somebody be passed by."""
    monkeypatch.setattr(subscribers, "BATCH", 3)
    notes = subscribe(engine)
    other, never = (Subscriber(name, frozenset({name}), lambda _: None) for name in ("Other", "Never"))
    everybody = [notes, other, never]
    subscribers.register(engine, everybody)
    assert subscribers.waiting(engine, everybody) == ([], 0)
    append(engine, 1)
    append(engine, 2, kind="Other")
    assert subscribers.waiting(engine, everybody) == ([notes, other], 1)
    assert drain(engine, never) == []
    while (found := subscribers.waiting(engine, everybody)) != ([], 0):
        for one in found[0]:
            drain(engine, one)
    assert noted(engine) == ["1"]
    with reading(engine) as session:
        assert [lag.behind for lag in subscribers.lags(session)] == [0, 0, 0]


def test_who_is_far_ahead_is_not_kept_waiting(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody new, at the start of a long record, would hold up all the others."""
    monkeypatch.setattr(subscribers, "BATCH", 2)
    notes = subscribe(engine)
    append(engine, 1, 2, 3)
    drain(engine, notes)
    late = Subscriber("late", frozenset({"Tested"}), lambda _: None)
    subscribers.register(engine, [late])
    append(engine, 4)
    assert subscribers.waiting(engine, [notes, late]) == ([notes, late], 0)
