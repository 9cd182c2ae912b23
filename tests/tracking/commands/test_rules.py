"""Has every command one outcome only, and is it said again often enough and not for ever?"""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from compliance.record.who import Role
from devices.codecs.command_args import CommandType
from devices.codecs.commands_json import CommandState
from tracking.commands.rules import (
    ACT_OF,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    NEXT,
    OBEYS,
    OVER,
    Act,
    State,
    may_order,
    needs_password,
    next_state,
    pause_before,
)
from tracking.fleet.rules import DeviceKind


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("over", sorted(OVER))
def test_an_outcome_is_never_changed(over: State, act: Act) -> None:
    """A late answer would turn an expired order to open a barrier into one that was done."""
    assert next_state(over, act) is None


def test_every_word_of_a_device_leads_somewhere_and_only_forward() -> None:
    """A device's result would be lost, or a command go back to where it was."""
    assert set(ACT_OF) == set(CommandState)
    order = list(State)
    assert all(order.index(to) > order.index(at) for (at, _), to in NEXT.items())
    open_states = [state for state in State if state not in OVER]
    for state, act in product(open_states, (Act.FINISH, Act.FAIL, Act.EXPIRE)):
        assert next_state(state, act) in OVER


def test_a_command_is_said_again_ever_more_slowly() -> None:
    """A lorry out of reach would be called without end, or not called when it comes back."""
    pauses = [pause_before(tries) for tries in range(100)]
    assert pauses == sorted(pauses)
    assert pauses[0] == FIRST_PAUSE
    assert pauses[-1] == LONGEST_PAUSE
    assert timedelta(minutes=2) > LONGEST_PAUSE


def test_what_moves_something_needs_the_password() -> None:
    """Somebody at an unlocked screen could cut a lorry's fuel."""
    dangerous = {CommandType.FUEL, CommandType.BARRIER, CommandType.DOORS}
    assert all(needs_password(kind) for kind in dangerous)
    assert not needs_password(CommandType.TEXT)


def test_a_role_commands_what_it_provisions() -> None:
    """A producer could stop a carrier's lorry."""
    assert may_order(frozenset({Role.DISPATCHER}), DeviceKind.VEHICLE)
    assert not may_order(frozenset({Role.PRODUCER}), DeviceKind.VEHICLE)
    assert not any(may_order(frozenset({Role.INSPECTOR}), kind) for kind in DeviceKind)
    assert CommandType.BARRIER not in OBEYS[DeviceKind.VEHICLE]
    assert CommandType.FUEL not in OBEYS[DeviceKind.SCALE]
