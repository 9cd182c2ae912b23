"""Is the one reading of a line found that gives what the display shows, and none while two are left?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.scales import PROTOCOLS, Check, NotAWeight, yaohua
from devices.weighbridge.commissioning import Reading, Refusal, Shown, decide, hear, read_shown

YAOHUA = "yaohua_xk3190_continuous"


def shows(*texts: str) -> list[Shown]:
    """Read numbers off the display."""
    return [read_shown(text) for text in texts]


def line(name: str, *weights: float, times: int = 5, **fields: object) -> bytes:
    """Return what an indicator sends while weights stand on it one after the other."""
    row = PROTOCOLS[name]
    return b"".join(row.encode({"displayed": weight, **fields}) * times for weight in weights)


def asked(name: str, *weights: int) -> bytes:
    """Return the answers of an indicator that is asked."""
    told = {"command": "B", "direction": "indicator->host"}
    return b"".join(PROTOCOLS[name].encode({**told, "gross": weight}) * 5 for weight in weights)


def found(captures: Sequence[bytes], shown: Sequence[Shown], **more: bool) -> Reading:
    """Return the reading that was found."""
    verdict = decide(captures, shown, **more)
    assert verdict.refusal is None
    assert verdict.reading is not None
    return verdict.reading


@pytest.mark.parametrize("name", [name for name, row in PROTOCOLS.items() if not row.assumed])
def test_every_protocol_is_found_by_its_bytes_and_two_loads(name: str) -> None:
    """An installer does not know the protocol's name; a wrong one weighs wrong or not at all."""
    answers = asked(name, 45_680, 12_340) if "command" in name else line(name, 45_680, 12_340)
    reading = found([answers], shows("45680 kg", "12340 kg"))
    assert reading.protocol.name == name
    assert (reading.settings.decimals, reading.settings.sign, reading.unit) == (None, 1, "kg")
    assert [reading.protocol.decode(frame).displayed for frame in reading.frames] == [45_680, 12_340]


@given(
    st.lists(st.integers(1, 999_999), min_size=2, max_size=4, unique=True),
    st.integers(-2, 4),
    st.sampled_from([1, -1]),
)
def test_decimals_and_sign_are_learned_against_the_display(
    digits: list[int], decimals: int, sign: int
) -> None:
    """Products disagree on the decimals byte; a factor of ten would be settled in money."""
    data = b"".join(yaohua.encode_continuous(sign * number, 1) * 4 for number in digits)
    told = [Shown(Decimal(number).scaleb(-decimals), "kg", "") for number in digits]
    verdict = decide([data], told)
    settings = {(reading.settings.decimals, reading.settings.sign) for reading in verdict.fitting}
    assert (None if decimals == 1 else decimals, sign) in settings
    if verdict.reading is not None:
        assert len(settings) == 1


def test_a_reversed_line_of_digits_is_told_apart_by_the_display_alone() -> None:
    """`=0003.000` reads as 3 t forwards and as 0.3 t backwards, and nothing in the bytes says which."""
    data = line("yaohua_equals_forward", 3.0, 12.34, decimals=3)
    assert [one.protocol.name for one in hear(data) if one.clean] == [
        "yaohua_equals_reversed",
        "yaohua_equals_forward",
    ]
    assert found([data], shows("3 t", "12.34 t")).protocol.name == "yaohua_equals_forward"


@pytest.mark.parametrize("numbers", [("0", "0"), ("45680", "45680"), ("0 kg",)])
def test_one_load_is_not_enough(numbers: tuple[str, ...]) -> None:
    """Zero fits every reading and one load may fit a wrong one by chance."""
    verdict = decide([line(YAOHUA, 0, 45_680, 45_700, 45_680, 0)], shows(*numbers))
    assert (verdict.reading, verdict.refusal) == (None, Refusal.TOO_FEW_LOADS)


def test_more_than_one_reading_that_fits_is_refused() -> None:
    """A line that showed 4500 and 450 has said 450 kg in two ways; the first one to fit may be wrong."""
    verdict = decide([line(YAOHUA, 45_000, 4_500, 450, 45)], shows("450 kg", "45 kg"))
    assert (verdict.reading, verdict.refusal) == (None, Refusal.SEVERAL_FIT)
    assert [one.settings.decimals for one in verdict.fitting] == [None, 1, 2]


@pytest.mark.parametrize(
    ("data", "numbers", "refusal"),
    [
        (b"", ("1 kg", "2 kg"), Refusal.NOTHING_HEARD),
        (b"hello world\r\n" * 40, ("1 kg", "2 kg"), Refusal.NOT_UNDERSTOOD),
        (line("st_gs_text", 100, 200, stable=False), ("100 kg", "200 kg"), Refusal.NO_WEIGHT),
        (line("toledo_continuous", 100, 200, net=True), ("100 kg", "200 kg"), Refusal.NO_WEIGHT),
        (line(YAOHUA, 100, 200), ("100 kg", "201 kg"), Refusal.NOTHING_FITS),
        (line(YAOHUA, 100, 200), ("200 kg", "100 kg"), Refusal.NOTHING_FITS),
        (line(YAOHUA, 100, 200), ("100 kg", "200 t"), Refusal.UNITS_DIFFER),
        (line(YAOHUA, 100, 200), ("100", "200"), Refusal.UNIT_UNKNOWN),
        (line("toledo_continuous", 100, 200, unit="lb"), ("100", "200"), Refusal.UNIT_NOT_WEIGHED),
        (line("st_gs_text", 100, 200, unit="kg"), ("100 t", "200 t"), Refusal.UNIT_CONTRADICTED),
    ],
)
def test_says_why_nothing_was_found(data: bytes, numbers: tuple[str, ...], refusal: Refusal) -> None:
    """An installer on a ladder needs to know what to change."""
    verdict = decide([data], shows(*numbers))
    assert (verdict.reading, verdict.refusal) == (None, refusal)


def test_the_unit_of_the_display_overrides_a_bit_that_products_disagree_on() -> None:
    """Bit 4 of status byte B says lb on scales that weigh in kg; every truck would weigh half."""
    reading = found([line("toledo_continuous", 100, 200, unit="lb")], shows("100 kg", "200 kg"))
    assert (reading.settings.unit, reading.unit) == ("kg", "kg")


def test_the_same_mass_in_tonnes_is_no_contradiction() -> None:
    """A large display in tonnes beside a line in kilograms is common."""
    reading = found([line("st_gs_text", 45_680, 200, unit="kg")], shows("45.680 t", "0.2 t"))
    assert (reading.settings.unit, reading.settings.decimals) == ("t", 3)


@pytest.mark.parametrize(("with_check", "check"), [(True, Check.SUM7), (None, Check.ABSENT)])
def test_whether_a_check_byte_is_sent_is_learned(with_check: bool | None, check: Check) -> None:
    """A site set to the wrong one would refuse every frame or take every corrupted one."""
    data = line("toledo_continuous", 45_680, 200, checksum_ok=with_check)
    assert found([data], shows("45680 kg", "200 kg")).settings.check is check


def test_a_check_that_fits_no_rule_is_ignored_only_when_told_to() -> None:
    """Some products compute the check otherwise; reading them unchecked is the site's own decision."""
    data = b"".join(
        yaohua.encode_continuous(digits)[:9] + b"ZZ\x03" for digits in (100, 200) for _ in range(5)
    )
    told = shows("100 kg", "200 kg")
    assert decide([data], told).refusal is Refusal.NOT_UNDERSTOOD
    assert found([data], told, unchecked=True).settings.check is Check.IGNORED


def test_noise_between_frames_is_not_clean_but_a_start_midway_is() -> None:
    """A protocol that fits only now and then is the wrong one, or the baud rate is."""
    frames = line(YAOHUA, 100, 200)
    noisy = b"".join(frames[at : at + 12] + b"\xaa\xbb" for at in range(0, len(frames), 12))
    assert [one.clean for one in hear(frames[5:] + frames[:7], [YAOHUA])] == [True]
    assert [one.clean for one in hear(noisy, [YAOHUA])] == [False]


def test_one_capture_for_each_load_binds_each_number_to_its_own() -> None:
    """Numbers taken down in the wrong order must not fit by chance."""
    captures = [line(YAOHUA, 100), line(YAOHUA, 200)]
    assert found(captures, shows("100 kg", "200 kg")).settings.decimals is None
    assert decide(captures, shows("200 kg", "100 kg")).refusal is Refusal.NOTHING_FITS
    with pytest.raises(ValueError, match="one for each number"):
        decide(captures, shows("200 kg"))


def test_an_assumed_layout_is_tried_only_by_name() -> None:
    """A layout that nobody has confirmed must not compete with one that was captured."""
    data, told = asked("yaohua_xk3190_a22_command", 100, 200), shows("100 kg", "200 kg")
    reading = decide([data], told, ["yaohua_xk3190_a22_command"]).reading
    assert reading is not None
    assert reading.protocol.assumed
    assert found([data], told).protocol.name == "yaohua_xk3190_command"


def test_what_is_no_gross_weight_is_counted() -> None:
    """An installer who forgot to clear the tare must be told so, not that nothing came."""
    data = line("toledo_continuous", 100, net=True) + line("toledo_continuous", 100)
    assert hear(data, ["toledo_continuous"])[0].not_weights == {NotAWeight.NOT_GROSS: 5}


@pytest.mark.parametrize("text", ["", "kg", "12,5", "1e5", "12 stone", "-", "--1", "1.2.3", "９"])
def test_a_number_that_no_display_shows_is_refused(text: str) -> None:
    """A mistyped number must be asked for again, not guessed."""
    with pytest.raises(ValueError, match=r"^"):
        read_shown(text)


@given(st.binary(max_size=300))
def test_any_bytes_are_heard_without_a_crash(data: bytes) -> None:
    """The wrong cable, baud rate or device must end in a sentence."""
    assert decide([data], shows("100 kg", "200 kg")).reading is None
