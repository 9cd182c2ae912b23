"""Which password does the broker take, which key is believed, and is a device there?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.fleet.passwords import hash_fits, hash_password, new_password
from tracking.fleet.rules import (
    CODE_SIGNS,
    NEXT,
    CredentialLife,
    DeviceAct,
    DeviceStatus,
    KeyLife,
    Presence,
    at_the_broker,
    next_status,
    plain_code,
    presence,
    shown_code,
)

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_only_an_enrolment_or_the_word_for_a_gateways_terminal_gives_a_device_its_voice() -> None:
    """A revoked device would speak again without anybody having decided so."""
    ways_in = {act for (_, act), to in NEXT.items() if to is DeviceStatus.ACTIVE}
    assert ways_in == {DeviceAct.ENROL, DeviceAct.VOUCH}
    assert next_status(DeviceStatus.REVOKED, DeviceAct.ENROL) is None
    assert next_status(DeviceStatus.REVOKED, DeviceAct.VOUCH) is None
    assert next_status(DeviceStatus.REVOKED, DeviceAct.REPROVISION) is DeviceStatus.REGISTERED


@given(st.text(alphabet=CODE_SIGNS, min_size=12, max_size=12))
def test_a_code_survives_being_read_out_and_typed(code: str) -> None:
    """A fitter at a gate would type a right code and be refused."""
    assert plain_code(shown_code(code)) == code
    assert plain_code(f" {shown_code(code).lower().replace('-', ' ')} ") == code


def test_the_broker_changes_over_when_the_new_password_has_arrived() -> None:
    """A device on the road would be cut off by a password it has not been told yet."""
    old = CredentialLife(AT, used_at=AT, valid_to=AT + 2 * DAY)
    new = CredentialLife(AT + DAY)
    assert at_the_broker([old, new], AT + DAY) == 0
    arrived = CredentialLife(AT + DAY, used_at=AT + DAY)
    assert at_the_broker([old, arrived], AT + DAY) == 1
    assert at_the_broker([old, new], AT + 2 * DAY) == 1, "the overlap is over"


def test_no_password_that_ended_is_taken() -> None:
    """A stolen terminal would stay connected."""
    ended = [CredentialLife(AT, used_at=AT, revoked_at=AT), CredentialLife(AT, valid_to=AT)]
    assert at_the_broker(ended, AT) is None
    assert at_the_broker([], AT) is None


def test_an_exchanged_key_counts_for_what_it_signed_and_a_revoked_one_for_nothing_new() -> None:
    """Weighings of before the exchange would be lost, or forged ones believed."""
    exchanged = KeyLife(AT, valid_to=AT + DAY)
    assert exchanged.believes(AT + DAY, AT + 9 * DAY)
    assert not exchanged.believes(AT + DAY + timedelta(seconds=1), AT + 9 * DAY)
    revoked = KeyLife(AT, revoked_at=AT + DAY)
    assert revoked.believes(AT, AT)
    assert not revoked.believes(AT, AT + DAY), "whoever has the key can date a ticket back"


@pytest.mark.parametrize(
    ("on", "silent_s", "expected"),
    [
        (True, 0, Presence.ONLINE),
        (True, 90, Presence.ONLINE),
        (True, 91, Presence.SILENT),
        (False, 0, Presence.OFFLINE),
        (False, None, Presence.NEVER),
    ],
)
def test_a_device_is_off_by_its_word_or_by_its_silence(
    on: bool, silent_s: float | None, expected: Presence
) -> None:
    """A dead terminal without a last will would look alive for ever (telemetry.md 1.8)."""
    seen = None if silent_s is None else AT - timedelta(seconds=silent_s)
    assert presence(on=on, last_seen=seen, now=AT, interval_s=30) is expected


def test_passwords_are_never_alike_and_fit_their_own_hash_only() -> None:
    """One device could speak for another."""
    first, second = new_password(), new_password()
    assert first != second
    assert hash_fits(hash_password(first), first)
    assert not hash_fits(hash_password(first), second)
