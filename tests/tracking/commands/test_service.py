"""Does a command go out, come back with one outcome, and stay out of the wrong hands?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.record.database import transaction
from compliance.record.errors import Conflict, Forbidden, Invalid, NotFound
from compliance.record.who import Role, Who
from compliance.record.work import Work
from devices.codecs.command_args import CommandType
from devices.codecs.commands_json import CommandResult, CommandState, ResultCode, encode_result
from devices.codecs.telemetry_json import DeviceState, encode_state, topic
from tests.tracking.world import GATE_A, START, TENANT, TRUCK, World
from tracking.commands import queries, service
from tracking.commands.rules import LATE, MOST_OPEN, State
from tracking.commands.service import Order
from tracking.commands.tables import DeviceCommand
from tracking.fleet import service as fleet
from tracking.fleet.tables import Device
from tracking.intake.tables import DeadLetter
from tracking.pipeline import Message

TEXT = Order(TRUCK, CommandType.TEXT, {"text": "请到 2 号门"})
FUEL = Order(TRUCK, CommandType.FUEL, {"cut": True})


def order(world: World, said: Order = TEXT, who: Who | None = None, at: datetime = START) -> UUID:
    """Let the carrier's dispatcher tell the truck something."""
    with transaction(world.engine) as session:
        return service.order(Work(session, at, who or world.dispatcher), said).id


def say(world: World, at: datetime = START) -> list[str]:
    """Say what is due and note that the broker has it."""
    with transaction(world.engine) as session:
        work = Work(session, at, world.dispatcher)
        service.expire(work)
        due = [(service.said_now(row, at), device.id) for row, device in queries.due(session, at)]
        for command, device in due:
            service.note_sent(work, UUID(command.id), device)
        return [command.id for command, _ in due]


def answer(
    world: World, command: UUID, state: CommandState, at: datetime = START, device: str = TRUCK, **more: Any
) -> None:
    """Let a device answer, by the way that results come in."""
    told = CommandResult(str(command), state, at, **more)
    name = topic(TENANT, device, "res")
    world.feed(Message(name, encode_result(told), at), now=at)


def row_of(world: World, command: UUID) -> DeviceCommand:
    """Return a command as it is stored."""
    found = world.get(DeviceCommand, command)
    assert isinstance(found, DeviceCommand)
    return found


def test_a_command_goes_its_way_to_one_outcome(world: World) -> None:
    """A dispatcher would not know whether the driver was told."""
    command = order(world)
    assert row_of(world, command).state == State.QUEUED
    assert say(world) == [str(command)]
    assert row_of(world, command).state == State.SENT
    for state in (CommandState.RECEIVED, CommandState.ACCEPTED, CommandState.RECEIVED):
        answer(world, command, state)
    assert row_of(world, command).state == State.ACCEPTED
    for _ in range(2):
        answer(world, command, CommandState.DONE, START + timedelta(seconds=9), final=True)
    done = row_of(world, command)
    assert (done.state, done.late) == (State.DONE, "")
    answer(world, command, CommandState.FAILED, final=True, code=ResultCode.NO_ANSWER)
    assert (row_of(world, command).state, row_of(world, command).late) == (State.DONE, "failed")
    assert [e.data["state"] for e in world.events("CommandEnded")] == ["done"]
    assert say(world, START + timedelta(hours=1)) == []


def test_a_command_without_an_answer_is_said_again_until_it_expires(world: World) -> None:
    """A lorry in a tunnel would never hear it, or hear it a day later."""
    command = order(world)
    assert say(world) == [str(command)]
    assert say(world) == [], "it was just said"
    assert say(world, START + timedelta(seconds=5)) == [str(command)]
    over = START + TEXT.valid_for
    assert say(world, over) == []
    assert row_of(world, command).state == State.SENT, "the device may have done it in time"
    assert say(world, over + LATE) == []
    assert row_of(world, command).state == State.EXPIRED
    answer(world, command, CommandState.DONE, over, final=True)
    assert (row_of(world, command).state, row_of(world, command).late) == (State.EXPIRED, "done")


def test_a_terminal_that_says_nothing_further_has_received_it(world: World) -> None:
    """A text would be called expired although the terminal has shown it."""
    command = order(world)
    say(world)
    answer(world, command, CommandState.RECEIVED, final=True)
    assert say(world, START + timedelta(hours=1)) == []
    found = row_of(world, command)
    assert found.state == State.RECEIVED
    assert found.ended_at == START


def test_nobody_elses_device_answers_for_it(world: World) -> None:
    """A rival's terminal could say that the barrier was opened."""
    command = order(world)
    answer(world, command, CommandState.DONE, device=GATE_A, final=True)
    assert row_of(world, command).state == State.QUEUED
    answer(world, UUID(int=7), CommandState.DONE, final=True)
    assert [letter.reason for letter in world.rows(select(DeadLetter))] == ["unknown_command"] * 2


def test_what_moves_something_is_confirmed_and_everything_is_checked(world: World) -> None:
    """A click too many would stop a lorry on the motorway."""
    with pytest.raises(Forbidden) as refused:
        order(world, FUEL)
    assert refused.value.code == "password_again"
    assert order(world, replace(FUEL, confirmed=True))
    faults: list[tuple[type[Exception], Order]] = [
        (Invalid, replace(TEXT, args={"text": ""})),
        (Invalid, replace(TEXT, kind=CommandType.BARRIER, args={"name": "in", "open": True}, confirmed=True)),
        (Invalid, replace(TEXT, valid_for=timedelta(days=8))),
        (NotFound, replace(TEXT, device_id="veh-900")),
        (NotFound, replace(TEXT, device_id=GATE_A)),
    ]
    for error, said in faults:
        with pytest.raises(error):
            order(world, said)
    inspector = Who(None, "inspector", None, frozenset({Role.INSPECTOR}))
    with pytest.raises(Forbidden):
        order(world, who=inspector)
    for _ in range(MOST_OPEN - 1):
        order(world)
    with pytest.raises(Conflict):
        order(world)


def test_a_revoked_device_is_told_nothing_more(world: World) -> None:
    """Orders would wait for whoever holds the stolen terminal."""
    command = order(world)
    with transaction(world.engine) as session:
        work = Work(session, START, world.dispatcher)
        fleet.revoke_device(work, TRUCK)
        service.give_up(work, TRUCK)
    found = row_of(world, command)
    assert (found.state, found.code) == (State.FAILED, "revoked")
    with pytest.raises(Conflict):
        order(world)


def test_a_configuration_has_versions_and_the_device_says_which_it_has(world: World) -> None:
    """Nobody would know whether a scale weighs by the old threshold or the new one."""
    operator = Who(None, "operator", None, frozenset({Role.OPERATOR}))
    with transaction(world.engine) as session:
        work = Work(session, START, operator)
        assert service.configure(work, GATE_A, {"threshold_kg": 200}).version == 1
        assert service.configure(work, GATE_A, {"threshold_kg": 300}).version == 2
        for settings in ({"threshold_kg": -1}, {"unheard_of": 1}):
            with pytest.raises(Invalid):
                service.configure(work, GATE_A, settings)
        with pytest.raises(Invalid):
            service.configure(work, TRUCK, {})
        assert queries.wanted_versions(session, [GATE_A, TRUCK]) == {GATE_A: 2}
        (waiting,) = queries.unpublished(session, again=False)
        assert waiting[0].version == 2
        waiting[0].published_at = START
    state = encode_state(DeviceState(True, inc=1, boot=1, cfg=2, can=("ping", "barrier")))
    world.feed(Message(topic(TENANT, GATE_A, "state"), state, START))
    with transaction(world.engine) as session:
        assert queries.unpublished(session, again=False) == []
        assert queries.unpublished(session, again=True) == []
    assert world.get(Device, GATE_A).obeys == ["ping", "barrier"]


def test_a_new_incarnation_counts_its_boots_anew(world: World) -> None:
    """A device with a new store would be called offline for ever, for its boots begin again at one."""

    def told(**more: Any) -> Message:
        return Message(topic(TENANT, TRUCK, "state"), encode_state(DeviceState(**more)), START)

    world.feed(told(on=True, inc=1, boot=57))
    world.feed(told(on=False, inc=1, boot=56))
    assert world.get(Device, TRUCK).online, "the will of an earlier boot"
    with transaction(world.engine) as session:
        fleet.renew_incarnation(Work(session, START, world.dispatcher), TRUCK)
    world.feed(told(on=True, inc=2, boot=1))
    world.feed(told(on=False, inc=1, boot=57))
    assert world.get(Device, TRUCK).online, "the will of an earlier incarnation"
    world.feed(told(on=False, inc=2, boot=1))
    assert not world.get(Device, TRUCK).online
