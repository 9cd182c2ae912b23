"""Are readings values that nobody can change after the fact?"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from devices.codecs import FrameRefused, RefusalCode
from devices.readings import EventReading, Load, PositionReading, ScaleReading, Stream

NOON = datetime(2026, 11, 20, 4, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reading", "name"),
    [
        (PositionReading(1, NOON, 30.0, 114.0), "seq"),
        (EventReading(1, NOON, "sos"), "seq"),
        (ScaleReading(Decimal(1), "kg", 0, None), "displayed"),
    ],
)
def test_readings_cannot_be_changed(reading, name):
    """A handler that changed a reading in passing would falsify what the next handler stores."""
    with pytest.raises(AttributeError):
        setattr(reading, name, 2)


def test_readings_do_not_share_their_extras():
    """Two terminals must not write into one dictionary."""
    first, second = PositionReading(1, NOON, 30.0, 114.0), PositionReading(2, NOON, 30.0, 114.0)
    assert first.extra is not second.extra
    assert first.load is Load.UNKNOWN


def test_stream_names_are_the_topics():
    """The names are keys in stored rows and in topics; a renamed one would orphan them."""
    assert [str(stream) for stream in Stream] == ["pos", "evt", "wgt"]


def test_a_refusal_says_code_and_detail():
    """The operator's log shows both; an unknown code is a mistake of ours and must show at once."""
    refusal = FrameRefused("bad_field", "lat")
    assert (refusal.code, refusal.detail, str(refusal)) == (RefusalCode.BAD_FIELD, "lat", "bad_field: lat")
    assert str(FrameRefused(RefusalCode.SPLIT)) == "split"
    with pytest.raises(ValueError, match="no_such_code"):
        FrameRefused("no_such_code")
