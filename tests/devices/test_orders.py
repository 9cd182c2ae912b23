"""Is a command done once, only when it may be, and its outcome told until the broker has it?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.codecs.command_args import Args, CommandType
from devices.codecs.commands_json import (
    Command,
    CommandResult,
    CommandState,
    ResultCode,
    encode_command,
    sign_command,
)
from devices.codecs.weighing_json import public_key_of
from devices.inbox import Inbox, Order
from devices.orders import Orders
from devices.outbox import Outbox
from tests.devices.weighbridge.test_tickets import fill_the_disk

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
KEY = "33" * 32
BARRIER = Command("c-1", "barrier", NOW, NOW + timedelta(minutes=5), {"name": "in", "open": True})
TEXT = replace(BARRIER, id="t-1", type="text", args={"text": "hello"})


class Hands:
    """An agent that does what it is told, or dies before it has."""

    def __init__(self) -> None:
        self.done: list[Order] = []
        self.dies = False
        self.orders: Orders | None = None

    def can(self, device: str) -> Collection[CommandType]:
        """Tell what it can."""
        return {CommandType.BARRIER, CommandType.TEXT}

    def do(self, order: Order, args: Args) -> None:
        """Do it."""
        assert self.orders is not None
        if self.orders.begin(order) and not self.dies:
            self.done.append(order)
            self.orders.report(order, CommandState.DONE)


class Desk:
    """One agent's orders, with a clock and a line that can be cut."""

    def __init__(self, path: Path) -> None:
        self.outbox = Outbox(path)
        self.outbox.enrol("scale-1", "t1", 1)
        self.now = NOW
        self.line = True
        self.told: list[CommandResult] = []
        self.hands = Hands()
        self.orders = Orders(
            Inbox(self.outbox),
            self.hands,
            lambda: self.now,
            keys=lambda: [public_key_of(KEY)],
            tell=self.tell,
        )
        self.hands.orders = self.orders

    def tell(self, device: str, result: CommandResult) -> None:
        """Take a result to the broker."""
        if self.line:
            self.told.append(result)
            self.orders.told(device, result)

    def hear(self, command: Command, *, sign: bool = True) -> None:
        """Let the broker bring a command."""
        sent = sign_command("scale-1", command, KEY) if sign else command
        self.orders.hear("v1/t1/scale-1/cmd", encode_command(sent))

    @property
    def outcome(self) -> tuple[CommandState, ResultCode | None]:
        """What was told last."""
        return self.told[-1].state, self.told[-1].code


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Open an agent's orders."""
    made = Desk(tmp_path / "o.db")
    yield made
    made.outbox.close()


def test_a_command_is_done_once_and_a_repeat_is_answered(desk: Desk) -> None:
    """The broker delivers twice: the barrier would open on the next lorry."""
    desk.hear(BARRIER)
    desk.hear(BARRIER)
    assert len(desk.hands.done) == 1
    assert [(one.state, one.final) for one in desk.told] == [
        (CommandState.RECEIVED, False),
        (CommandState.DONE, True),
        (CommandState.DONE, True),
    ]
    desk.now += timedelta(days=6)
    desk.hear(BARRIER)
    assert len(desk.hands.done) == 1
    desk.now += timedelta(days=2)
    desk.hear(BARRIER)
    assert (len(desk.hands.done), desk.outcome) == (1, (CommandState.EXPIRED, None))


@pytest.mark.parametrize(
    ("command", "sign", "wanted"),
    [
        (BARRIER, False, ResultCode.UNSIGNED),
        (replace(BARRIER, signature="00" * 64), False, ResultCode.BAD_SIGNATURE),
        (replace(TEXT, signature="00" * 64), False, ResultCode.BAD_SIGNATURE),
        (replace(TEXT, type="fly"), False, ResultCode.UNKNOWN_TYPE),
        (replace(TEXT, type="weigh", args={"plate": "x"}), False, ResultCode.UNKNOWN_TYPE),
        (replace(TEXT, args={"txt": "x"}), False, ResultCode.BAD_ARGS),
        (replace(BARRIER, args={}), True, ResultCode.BAD_ARGS),
    ],
)
def test_what_must_not_be_done_is_refused_by_its_reason(
    desk: Desk, command: Command, sign: bool, wanted: ResultCode
) -> None:
    """Whoever gets into the broker could open a gate; the dispatcher would not learn why nothing happened."""
    desk.hear(command, sign=sign)
    assert (desk.hands.done, desk.outcome) == ([], (CommandState.FAILED, wanted))


def test_a_command_that_comes_too_late_is_not_done(desk: Desk) -> None:
    """A gateway that was off over night would stop the lorry in the morning."""
    desk.now = BARRIER.expires_at + timedelta(seconds=1)
    desk.hear(BARRIER)
    assert (desk.hands.done, desk.outcome) == ([], (CommandState.EXPIRED, None))


def test_an_outcome_is_told_until_the_broker_has_it(desk: Desk) -> None:
    """A barrier opened while the line was down would stay without an outcome for ever."""
    desk.line = False
    desk.hear(TEXT, sign=False)
    desk.line = True
    desk.orders.tell_again()
    assert [(one.id, one.state) for one in desk.told] == [("t-1", CommandState.DONE)]
    desk.orders.tell_again()
    assert len(desk.told) == 1


@pytest.mark.parametrize(("command", "again"), [(BARRIER, False), (TEXT, True)])
def test_what_was_begun_when_the_agent_ended_is_done_again_only_where_nothing_moves(
    desk: Desk, tmp_path: Path, command: Command, again: bool
) -> None:
    """A gate that opened just before a power cut would open once more at every start."""
    desk.hands.dies = True
    desk.hear(command)
    desk.outbox.close()
    desk = Desk(tmp_path / "o.db")
    desk.orders.resume()
    assert len(desk.hands.done) == again
    wanted = (CommandState.DONE, None) if again else (CommandState.FAILED, ResultCode.DEVICE_ERROR)
    assert desk.outcome == wanted
    desk.orders.resume()
    assert len(desk.hands.done) == again
    desk.outbox.close()


def test_what_cannot_be_remembered_is_not_done(desk: Desk) -> None:
    """With a full disk every delivery of one command would open the gate anew."""
    fill_the_disk(desk.outbox)
    for number in range(500):
        desk.hear(replace(BARRIER, id=f"c-{number}"))
    assert desk.orders.counters["command_disk"] > 0
    assert len(desk.hands.done) < 500
    remembered = {one.id for one in desk.told}
    assert {one.command.id for one in desk.hands.done} <= remembered


def test_what_is_no_command_is_counted_and_not_answered(desk: Desk) -> None:
    """One broken message would end the agent."""
    for payload in (b"", b"{", b"[]", b'{"id":1}'):
        desk.orders.hear("v1/t1/scale-1/cmd", payload)
    desk.orders.hear("v1/t1/#/cmd", encode_command(BARRIER))
    assert desk.told == []
    assert sum(desk.orders.counters.values()) == 5
