"""Does an agent get the settings that were meant for it, and does it say no to the others?"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs import config_json as cfg
from devices.codecs.enrolment_json import (
    EnrolmentAnswer,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
    make_request,
    proves,
)
from devices.codecs.terminals import Terminal

NOON = datetime(2026, 11, 29, 4, tzinfo=UTC)
TERMINAL = {"phone": "13912345678", "device": "veh-1", "tenant": "carrier-1", "inc": 1}


def test_a_configuration_is_read_as_it_was_written() -> None:
    """The agent would listen to other terminals than the operator has listed."""
    config = cfg.Configuration(3, NOON, {"terminals": [TERMINAL], "idle_s": 90})
    read = cfg.decode_config(cfg.encode_config(config))
    assert read == config
    settings = cfg.read_settings(read, cfg.GatewaySettings)
    assert settings.terminals == [Terminal("13912345678", "veh-1", "carrier-1", 1)]
    assert settings.auth_s is None


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"idle": 90}, "idle"),
        ({"idle_s": 0}, "idle_s"),
        ({"terminals": [{**TERMINAL, "phone": "+86"}]}, "terminals"),
        ({"terminals": [{**TERMINAL, "datum": "mars"}]}, "datum"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(wrong: dict[str, object], named: str) -> None:
    """A misspelt setting would be passed over, and the operator believe it in force."""
    with pytest.raises(FrameRefused, match=named):
        cfg.read_settings(cfg.Configuration(1, NOON, wrong), cfg.GatewaySettings)


def test_ten_thousand_terminals_fit_and_a_flood_does_not() -> None:
    """A large fleet would have no configuration, or a broken server fill the agent's memory."""
    one = {"phone": "013912345678", "device": "veh-12345", "tenant": "carrier-1", "inc": 1}
    assert cfg.decode_config(cfg.encode_config(cfg.Configuration(1, NOON, {"terminals": [one] * 10_000})))
    with pytest.raises(FrameRefused) as refused:
        cfg.decode_config(b" " * (cfg.MAX_CONFIG + 1))
    assert refused.value.code is RefusalCode.TOO_LONG


def test_an_enrolment_proves_the_key_and_nothing_of_it_can_be_changed() -> None:
    """Somebody who read a one-time code over a shoulder could put another's public key in its place."""
    asked = make_request(" abcd-efgh 2345 ", "11" * 32, "agent 1")
    assert asked.code == "ABCD-EFGH2345"
    assert decode_request(encode_request(asked)) == asked
    assert proves(asked)
    other = make_request("XXXX-0000", "22" * 32)
    for key in (asked.public_key, "zz" * 32):
        forged = type(asked)(asked.code, key, other.proof, asked.fw)
        assert not proves(forged)


def test_an_answer_is_read_whole_and_a_later_releases_words_are_passed_over() -> None:
    """A device of today could not be enrolled at a server of tomorrow."""
    answer = EnrolmentAnswer(
        "scale-1", "owner-1", "scale", 1, "mqtts://broker.example:8883", "pw", 5, ["ab" * 32]
    )
    assert decode_answer(encode_answer(answer)) == answer
    assert decode_answer(encode_answer(answer)[:-1] + b',"later":true}') == answer
    with pytest.raises(FrameRefused, match="mqtt"):
        decode_answer(encode_answer(answer).replace(b"mqtts:", b"https:"))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_crash_the_readers(payload: bytes) -> None:
    """One broken message would end an agent."""
    for read in (cfg.decode_config, decode_request, decode_answer):
        with contextlib.suppress(FrameRefused):
            read(payload)
