"""Does a signed weighing prove itself, and does every change to it show?"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import FrameRefused
from devices.codecs import telemetry_json as tj
from devices.readings import Stability, WeighingReading

NOON = datetime(2026, 11, 20, 4, 0, 0, tzinfo=UTC)
# The first key pair of RFC 8032, section 7.1.
PRIVATE = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
PLAIN = WeighingReading(
    seq=4,
    device_time=NOON,
    ticket_number=17,
    plate="鄂A12345",
    weight_kg=45680,
    division_kg=20,
    stability=Stability.DERIVED,
    frames_hex=("022b30343536383030313403",),
    previous_hash="",
    ticket_hash="",
    signature="",
    extra={"photos": ["ab" * 32], "rule": {"n": 5, "s": 2.5}},
)
SIGNED = tj.sign_weighing("scale-1", 2, PLAIN, PRIVATE)


def test_a_ticket_is_signed_as_it_always_was() -> None:
    """Every ticket that was ever signed would fail its check after an update of the server."""
    assert SIGNED.ticket_hash == "af893f6012c26c06e0cd75fd6d186265e8fefaa3638007ab73b80c2bffdd0727"
    assert SIGNED.signature == (
        "e5b754dd17c6600de54eae2fbeb128d60e6ff26fe1616490b17d3d04c1f35e6b"
        "b2a569f64a565821be20249ea402282dcf8e048314887c45e7b597de90124104"
    )


weighings = st.builds(
    WeighingReading,
    seq=st.integers(1, 2**53 - 1),
    device_time=st.integers(0, 10**12).map(lambda millis: NOON + timedelta(milliseconds=millis)),
    ticket_number=st.integers(1, 10**9),
    plate=st.text("鄂京A0123456789", max_size=9),
    weight_kg=st.integers(0, 200_000),
    division_kg=st.sampled_from([10, 20, 50]),
    stability=st.sampled_from(Stability),
    frames_hex=st.lists(st.binary(min_size=1, max_size=12).map(bytes.hex), max_size=3).map(tuple),
    previous_hash=st.sampled_from(["", "ab" * 32]),
    ticket_hash=st.just(""),
    signature=st.just(""),
    shadow=st.booleans(),
    extra=st.dictionaries(st.sampled_from(["photos", "x"]), st.integers(-9, 9) | st.floats(-1, 1)),
)


@given(st.sampled_from(["s1", "scale-2"]), st.integers(0, 99), weighings)
def test_signed_weighings_come_back_and_verify(device, inc, reading):
    """A true ticket that did not verify would stop the settlement of an honest load."""
    signed = tj.sign_weighing(device, inc, reading, PRIVATE)
    arrived = tj.decode_weighing(tj.encode_weighing(device, inc, signed))
    assert arrived == (device, inc, signed)
    assert tj.verify_weighing(*arrived, PUBLIC)
    assert signed.ticket_hash == tj.weighing_hash(device, inc, reading)


@given(st.integers(0), st.integers(0, 7))
def test_a_flipped_bit_is_found(at, bit):
    """Whoever changes one bit of a stored ticket must be caught."""
    payload = bytearray(tj.encode_weighing("scale-1", 2, SIGNED))
    payload[at % len(payload)] ^= 1 << bit
    try:
        arrived = tj.decode_weighing(bytes(payload))
    except FrameRefused:
        return
    assert not tj.verify_weighing(*arrived, PUBLIC)


@pytest.mark.parametrize(
    "changed",
    [
        ("scale-2", 2, SIGNED),
        ("scale-1", 3, SIGNED),
        ("scale-1", 2, replace(SIGNED, weight_kg=45660)),
        ("scale-1", 2, replace(SIGNED, ticket_hash="0" * 64)),
        ("scale-1", 2, replace(SIGNED, signature="0" * 128)),
        ("scale-1", 2, replace(SIGNED, signature="no hex")),
        ("scale-1", 2, replace(SIGNED, extra={})),
        ("scale-1", 2, replace(SIGNED, extra={"kg": 1})),
        ("scale-1", 2, replace(SIGNED, weight_kg=-1)),
        ("scale-1", 2, replace(SIGNED, device_time=NOON.replace(tzinfo=None))),
    ],
)
def test_any_change_shows(changed):
    """Scale, incarnation, weight, photos and hash are all under the signature."""
    assert tj.verify_weighing("scale-1", 2, SIGNED, PUBLIC)
    assert not tj.verify_weighing(*changed, PUBLIC)


@pytest.mark.parametrize("key", ["", "no hex", "00" * 31, "11" * 32])
def test_a_wrong_key_is_no_proof(key):
    """A key that was never enrolled, or garbage in the registry, must not pass or crash."""
    assert not tj.verify_weighing("scale-1", 2, SIGNED, key)


def test_the_signed_bytes_are_canonical():
    """Any other implementation must be able to verify our tickets years later from RFC 8785 alone."""
    millis = int(NOON.timestamp()) * 1000
    expected = (
        '{"device":"scale-1","e":20,"frames":["022b30343536383030313403"],"inc":2,"kg":45680,"no":17,'
        f'"photos":["{"ab" * 32}"],"plate":"鄂A12345","prev":"","rule":{{"n":5,"s":2.5}},"s":4,"shadow":0,'
        f'"stab":"derived","t":{millis}}}'
    )
    assert tj.weighing_canonical("scale-1", 2, PLAIN) == expected.encode()
    assert tj.weighing_canonical("scale-1", 2, SIGNED) == expected.encode()
    assert tj.public_key_of(PRIVATE) == PUBLIC


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kg", -1),
        ("kg", 45680.5),
        ("kg", "45680"),
        ("kg", 10**7),
        ("e", 0),
        ("no", 0),
        ("s", 0),
        ("stab", "maybe"),
        ("frames", ["zz"]),
        ("frames", ["abc"]),
        ("frames", ["ab"] * 101),
        ("prev", "ab"),
        ("hash", "AB" * 32),
        ("hash", "ab" * 32 + "\n"),
        ("sig", ""),
        ("plate", "x" * 33),
        ("device", ""),
        ("shadow", 2),
    ],
)
def test_a_misshapen_ticket_is_refused(key, value):
    """A negative or absurd weight must be refused at the door, whoever signed it."""
    payload = json.loads(tj.encode_weighing("scale-1", 2, SIGNED)) | {key: value}
    with pytest.raises(FrameRefused):
        tj.decode_weighing(json.dumps(payload).encode())


@pytest.mark.parametrize("extra", [{"n": 2**53}, {"n": float("inf")}, {"n": "\ud800"}, {"n": object()}])
def test_what_cannot_be_canonical_is_not_signed(extra):
    """A signature over bytes that others write differently would prove nothing."""
    with pytest.raises(FrameRefused):
        tj.sign_weighing("scale-1", 2, replace(PLAIN, extra=extra), PRIVATE)
