"""Is what a ticket holds beside the weight read as it was meant, and never a reason to lose the ticket?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import FrameRefused
from devices.codecs.ticket_json import (
    Earlier,
    Mode,
    NoPhoto,
    Particulars,
    Plates,
    Source,
    Void,
    as_extra,
    particulars,
)

WHOLE = Particulars(
    how={"frames": 8},
    curve=[(0, 400)],
    photos={"front": "ab" * 32},
    lacks={"top": NoPhoto.TIMEOUT},
    plates=Plates(seen="鄂A12345", typed="鄂A1234S"),
    operator="张三",
    mode=Mode.ATTENDED,
    cargo="废矿物油",
    source=Source.STORED,
    of=Earlier(7, "cd" * 32, 5),
    void=Void(3, "ef" * 32, "重复过磅"),
)
KEYS = tuple(as_extra(WHOLE))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(KEYS), anything))
def test_whatever_stands_there_is_read_or_passed_over(extra: dict[str, object]) -> None:
    """One odd key would make a signed weight unreadable for good."""
    particulars(extra)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_cannot_be_read_hides_no_other(key: str) -> None:
    """A camera with a strange name would hide that the ticket makes another one void."""
    assert set(as_extra(particulars(as_extra(WHOLE) | {key: 1.5}))) == set(KEYS) - {key}


def test_what_is_said_comes_back_and_what_is_too_long_is_refused() -> None:
    """A reason that the server cannot read would be a void without one."""
    assert particulars(as_extra(WHOLE)) == WHOLE
    assert particulars(None) == particulars({"photos": ["old"]}) == Particulars()
    for wrong in (
        Particulars(operator="x" * 61),
        Particulars(void=Void(1, "ab" * 32, "")),
        Particulars(photos={"Front": "ab" * 32}),
    ):
        with pytest.raises(FrameRefused):
            as_extra(wrong)
