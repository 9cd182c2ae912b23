"""Is a command obeyed by the device it was given to, and only with the server's word where it must be?"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import FrameRefused
from devices.codecs import commands_json as cj
from devices.codecs.command_args import ARGS, SIGNED, CommandType, read_args
from devices.codecs.weighing_json import public_key_of

NOON = datetime(2026, 11, 29, 4, tzinfo=UTC)
KEY, OTHER = "11" * 32, "22" * 32
FUEL = cj.Command("c-1", "fuel", NOON, NOON + timedelta(minutes=5), {"cut": True})
SQUARE = [[30.6, 114.1], [30.5, 114.1], [30.5, 114.2]]
GOOD: dict[CommandType, dict[str, object]] = {
    CommandType.PING: {},
    CommandType.RESTART: {},
    CommandType.FACTORY_RESET: {},
    CommandType.TEXT: {"text": "前方限行", "speak": True},
    CommandType.LOCATE: {},
    CommandType.TRACK: {"every_s": 5, "for_s": 600},
    CommandType.PARAMETERS: {"parameters": {"heartbeat_s": 60, "0x0013": "192.0.2.1"}},
    CommandType.AREA: {"shape": "polygon", "id": 7, "points": SQUARE, "max_kmh": 40},
    CommandType.FORGET_AREAS: {"shape": "circle", "ids": [7]},
    CommandType.ROUTE: {"id": 9, "points": [{"lat": 30.6, "lon": 114.1}, {"lat": 30.5, "lon": 114.2}]},
    CommandType.FORGET_ROUTES: {},
    CommandType.FRAMES: {},
    CommandType.DOORS: {"locked": True},
    CommandType.FUEL: {"cut": False},
    CommandType.BARRIER: {"name": "in", "open": True},
    CommandType.WEIGH: {"plate": "鄂A12345"},
}


@pytest.mark.parametrize("kind", list(CommandType))
def test_every_command_has_arguments_that_are_checked(kind: CommandType) -> None:
    """A new command would reach a device unchecked, or a misspelt argument be passed over in silence."""
    assert isinstance(read_args(kind, GOOD[kind]), ARGS[kind])
    with pytest.raises(FrameRefused):
        read_args(kind, {**GOOD[kind], "opne": 1})


@pytest.mark.parametrize(
    "args",
    [
        {"shape": "circle", "id": 1, "points": [[30, 114]]},
        {"shape": "circle", "id": 1, "points": [[30, 114], [31, 114]], "radius_m": 9},
        {"shape": "rectangle", "id": 1, "points": [[30, 114], [31, 115]]},
        {"shape": "rectangle", "id": 1, "points": [[31, 114], [30, 115]], "radius_m": 9},
        {"shape": "polygon", "id": 1, "points": [[31, 114], [30, 115]]},
        {"shape": "circle", "id": 1, "points": [[30, 114]], "radius_m": 9, "from_ms": 5},
        {"shape": "circle", "id": 1, "points": [[91, 114]], "radius_m": 9},
    ],
)
def test_an_impossible_area_is_refused_before_it_is_sent(args: dict[str, object]) -> None:
    """A terminal would guard a place that nobody meant."""
    with pytest.raises(FrameRefused):
        read_args(CommandType.AREA, args)


def test_a_command_is_read_as_it_was_written() -> None:
    """Server and device would mean different commands by one id."""
    signed = cj.sign_command("veh-1", FUEL, KEY)
    assert cj.decode_command(cj.encode_command(signed)) == signed
    strange = replace(FUEL, type="make_coffee", args={})
    assert cj.known_type(cj.decode_command(cj.encode_command(strange))) is None


def test_a_signature_holds_for_one_device_one_command_and_one_key() -> None:
    """The fuel of another lorry could be cut with a command overheard."""
    keys = [public_key_of(OTHER), public_key_of(KEY)]
    signed = cj.sign_command("veh-1", FUEL, KEY)
    assert cj.verify_command("veh-1", signed, keys)
    assert not cj.verify_command("veh-2", signed, keys)
    assert not cj.verify_command("veh-1", signed, keys[:1])
    assert not cj.verify_command("veh-1", FUEL, keys)
    for changed in (
        replace(signed, id="c-2"),
        replace(signed, type="barrier"),
        replace(signed, args={"cut": False}),
        replace(signed, expires_at=signed.expires_at + timedelta(days=1)),
        replace(signed, issued_at=signed.issued_at - timedelta(seconds=1)),
        replace(signed, signature=signed.signature[:-1] + "g"),
    ):
        assert not cj.verify_command("veh-1", changed, [*keys, "no key"])


def test_what_moves_something_needs_the_servers_signature() -> None:
    """Whoever got into the broker could open a barrier or cut a lorry's fuel."""
    assert {"fuel", "barrier", "doors", "factory_reset", "parameters"} <= SIGNED
    assert FUEL.needs_signature
    assert not replace(FUEL, type="text").needs_signature


def test_a_command_that_expires_before_it_begins_is_refused() -> None:
    """A slip of units (seconds for milliseconds) would be taken for a command that was simply late."""
    with pytest.raises(FrameRefused):
        cj.decode_command(b'{"id":"a","type":"ping","t":5,"exp":4}')


@given(
    st.builds(
        cj.CommandResult,
        st.text("abcXYZ019_-", min_size=1, max_size=64),
        st.sampled_from(cj.CommandState),
        st.just(NOON),
        st.booleans(),
        st.none() | st.sampled_from(cj.ResultCode),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=500),
    )
)
def test_a_result_is_read_as_it_was_written(result: cj.CommandResult) -> None:
    """The dispatcher would see another outcome than the driver."""
    assert cj.decode_result(cj.encode_result(result)) == result


def test_a_result_of_a_newer_device_is_understood_as_far_as_it_goes() -> None:
    """One new word of a newer agent would leave its command without an outcome."""
    told = cj.decode_result(b'{"id":"a","state":"failed","t":5,"code":"on_fire","detail":"much","new":1}')
    assert (told.code, told.detail) == (cj.ResultCode.DEVICE_ERROR, "on_fire: much")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_crash_the_readers(payload: bytes) -> None:
    """One broken message would end an agent."""
    for read in (cj.decode_command, cj.decode_result):
        with contextlib.suppress(FrameRefused):
            read(payload)
