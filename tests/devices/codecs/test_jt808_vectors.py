"""Do we read the frames of other implementations as they do, and refuse what they refuse?"""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from devices.codecs import FrameRefused, RefusalCode, jt808
from devices.codecs.jt808.framing import checksum, close_frame, escape, open_frame, unescape
from devices.codecs.jt808.items import models, read_items

DATA = Path(__file__).parents[1] / "data" / "jt808" / "vectors.jsonl"
VECTORS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]

# Asserted by the source, but not said by the bytes.
NOT_IN_THE_BYTES = {
    "jt808-s-0155": {"auth_code"},  # result 4: the source's object keeps a code that it does not write
    # the source's object says 1 by default; a header without the version flag has no such byte
    "jt808-s-0138": {"protocol_version"},
    "jt808-s-0214": {"protocol_version"},
}
# What Traccar reads from vendor items, where items.csv has a row: vector -> (model, our name).
VENDOR_ATTRIBUTES = {
    "jt808-s-0021": ("obd_battery", "battery_percent"),
    "jt808-s-0153": ("asset_tracker", "power_v"),
    "jt808-s-0307": ("cold_chain", "temperature_1_c"),
}
POSITION_KEYS = {
    "alarm_bits",
    "status_bits",
    "lat_e6_raw",
    "lon_e6_raw",
    "lat",
    "lon",
    "altitude_m",
    "speed_tenth_kmh_raw",
    "speed_kmh",
    "course_deg",
    "time_local",
    "time_local_gmt8",
    "acc_on",
    "positioned",
    "items",
    "items_truncated",
    "item_0x01_mileage_tenth_km",
    "item_0x31_satellites",
}
TWOS_COMPLEMENT = "two's complement"


def frames(*kinds, ok=True):
    """Return the frame vectors of these kinds (all when none is named)."""
    return [
        pytest.param(vector, id=vector["id"])
        for vector in VECTORS
        if vector["scope"] == "frame"
        and vector["frame_ok"] is ok
        and (vector["expected"]["kind"] in kinds or not kinds)
    ]


def scoped(scope, *kinds):
    """Return the vectors of a scope and of these kinds (all when none is named)."""
    return [
        pytest.param(vector, id=vector["id"])
        for vector in VECTORS
        if vector["scope"] == scope and (vector["expected"]["kind"] in kinds or not kinds)
    ]


def on_the_wire(vector) -> bytes:
    """Return the frame with its escapes."""
    return bytes.fromhex(vector.get("wire_hex") or vector["hex"])


def told_by_envelope(envelope) -> dict:
    """Return what our header says, under the names of the vectors."""
    msg_id = f"0x{envelope.msg_id:04X}"
    is_2019 = envelope.version is jt808.Version.V2019
    told = {
        "msg_id": msg_id,
        "msg_id_body": msg_id,
        "serial": envelope.serial,
        "phone": envelope.phone,
        "phone_bcd": envelope.phone,
        "phone_trimmed": envelope.phone.lstrip("0"),
        "body_len": len(envelope.body),
        "body_properties": envelope.properties,
        "version_flag": int(is_2019),
        "protocol_version": envelope.revision if is_2019 else 0,
        "encrypt": envelope.encryption,
        "subpackage": envelope.packet is not None,
        "checksum_ok": True,
    }
    if envelope.packet:
        told["packet_total"], told["packet_no"] = envelope.packet
    return told


def told_by_body(body) -> dict:
    """Return what our body says, under the names of the vectors."""
    match body:
        case jt808.GeneralReply():
            return {"ack_serial": body.serial, "ack_msg_id": f"0x{body.msg_id:04X}", "result": body.result}
        case jt808.RegistrationReply():
            return {"ack_serial": body.serial, "result": body.result, "auth_code": body.auth_code}
        case jt808.Authentication():
            return {
                "auth_code": body.auth_code,
                "auth_code_len": len(body.auth_code),
                "imei": body.imei,
                "software_version": body.software,
            }
        case jt808.Registration():
            return {
                "province_id": body.province,
                "city_id": body.city,
                "maker_id": body.maker,
                "terminal_model": body.model,
                "terminal_id": body.terminal_id,
                "plate_color": body.plate_colour,
                "plate": body.plate,
            }
        case jt808.Position():
            return told_by_position(body)
        case jt808.PositionBatch():
            return {"count": len(body.positions), "batch_type": body.kind}
    return {}


def told_by_position(position) -> dict:
    """Return what our position says, under the names of the vectors."""
    local = position.moment() + timedelta(hours=8)
    values, _ = read_items(position.items)
    told = {
        "alarm_bits": position.alarm_bits,
        "status_bits": position.status_bits,
        "lat_e6_raw": round(position.lat * 1e6),
        "lon_e6_raw": round(position.lon * 1e6),
        "lat": position.lat,
        "lon": position.lon,
        "altitude_m": position.altitude_m,
        "speed_tenth_kmh_raw": position.speed_raw,
        "speed_kmh": position.speed_kmh,
        "course_deg": position.course_deg,
        "time_local": f"{local:%Y-%m-%d %H:%M:%S}",
        "time_local_gmt8": f"{local:%Y-%m-%d %H:%M:%S}",
        "acc_on": bool(position.status_bits & 1),
        "positioned": bool(position.status_bits & 2),
        "items": [{"id": f"0x{number:02X}", "hex": value.hex()} for number, value in position.items],
        "items_truncated": jt808.Quirk.ITEMS_TRUNCATED in position.quirks,
        "item_0x31_satellites": values.get("satellites"),
    }
    if "odometer_m" in values:
        told["item_0x01_mileage_tenth_km"] = values["odometer_m"] // 100
    return told


def assert_agrees(claims: dict, told: dict, exempt: set[str] = frozenset()) -> None:
    """Compare every claim that has a name of ours."""
    for key in (claims.keys() & told.keys()) - exempt:
        claim = claims[key].replace("T", " ") if key == "time_local" else claims[key]
        assert told[key] == claim, key


def assert_body_agrees(vector: dict, body) -> None:
    """Compare a decoded body with what the source asserts and with what the independent decoder read."""
    claims, derived = vector["expected"], vector.get("derived", {})
    exempt = NOT_IN_THE_BYTES.get(vector["id"], set())
    told = told_by_body(body)
    body_keys = set(told) | {"positions"}
    assert_agrees({key: value for key, value in claims.items() if key in body_keys}, told, exempt)
    if not any(TWOS_COMPLEMENT in quirk for quirk in vector.get("quirks", [])):
        assert_agrees(derived, told)
    if isinstance(body, jt808.PositionBatch):
        for position, claim in zip(body.positions, claims.get("positions", []), strict=False):
            assert_agrees(
                {key: claim[key] for key in claim.keys() & POSITION_KEYS}, told_by_position(position)
            )
        for position, claim in zip(body.positions, derived["positions"], strict=True):
            assert_agrees(claim, told_by_position(position))


def test_all_vectors_are_present():
    """A truncated data file would let the codec pass unproven."""
    assert len(VECTORS) == 303
    assert len(frames()) == 257


@pytest.mark.parametrize("vector", frames())
def test_sound_frames_are_taken_apart(vector):
    """A terminal whose header we misread would be registered under another's number."""
    envelope = jt808.unwrap(on_the_wire(vector))
    told = told_by_envelope(envelope) | {"checksum": checksum(open_frame(on_the_wire(vector)))}
    exempt = NOT_IN_THE_BYTES.get(vector["id"], set())
    assert_agrees(
        {key: value for key, value in vector["expected"].items() if key != "positions"}, told, exempt
    )
    assert_agrees(vector["derived"], told)
    assert jt808.wrap(envelope) == on_the_wire(vector)
    assert jt808.Framer().feed(on_the_wire(vector)) == [on_the_wire(vector)]


@pytest.mark.parametrize(
    "vector",
    [
        case
        for case in frames()
        if case.values[0]["expected"]["kind"] not in ("subpackage", "frame_only")
        and not case.values[0]["derived"]["encrypt"]
    ],
)
def test_sound_messages_are_read_and_written_back(vector):
    """A field read otherwise than the sender meant puts a truck, a plate or an alarm in the wrong place."""
    message = jt808.decode(on_the_wire(vector))
    assert_body_agrees(vector, message.body)
    if vector["edition"] in ("2011", "2013") and isinstance(message.body, jt808.Registration):
        assert message.version == vector["edition"]
    assert jt808.encode(message) == on_the_wire(vector)


@pytest.mark.parametrize("vector", frames("subpackage"))
def test_a_part_of_a_split_message_is_no_message(vector):
    """Half a message read as a whole one would be nonsense with a valid check."""
    with pytest.raises(FrameRefused) as refusal:
        jt808.decode(on_the_wire(vector))
    assert refusal.value.code is RefusalCode.SPLIT


def test_an_encrypted_body_is_refused():
    """RSA bodies cannot be read without the key; guessing would give a false position."""
    encrypted = [vector for vector in VECTORS if vector.get("derived", {}).get("encrypt")]
    assert [vector["id"] for vector in encrypted] == ["jt808-s-0037"]
    with pytest.raises(FrameRefused) as refusal:
        jt808.decode(on_the_wire(encrypted[0]))
    assert refusal.value.code is RefusalCode.ENCRYPTED


@pytest.mark.parametrize("vector", frames("frame_only"))
def test_replies_without_a_body_are_refused(vector):
    """A reply that does not say what it answers must not confirm anything."""
    message_id = jt808.unwrap(on_the_wire(vector)).msg_id
    with pytest.raises(FrameRefused) as refusal:
        jt808.decode(on_the_wire(vector))
    assert message_id in (jt808.PLATFORM_REPLY, jt808.REGISTRATION_REPLY)
    assert refusal.value.code is RefusalCode.BAD_LENGTH


@pytest.mark.parametrize("vector", frames(ok=False))
def test_unsound_frames_are_refused(vector):
    """Sources that skip the checksum would let a corrupted position move a truck."""
    reasons = {
        "bad_checksum": {RefusalCode.BAD_CHECKSUM},
        "header_too_short": {RefusalCode.BAD_LENGTH},
        "bad_delimiters_or_escape": {RefusalCode.BAD_DELIMITER, RefusalCode.BAD_ESCAPE},
    }
    by_problem = {
        "checksum": {RefusalCode.BAD_CHECKSUM, RefusalCode.BAD_DELIMITER},
        "dangling 7d": {RefusalCode.BAD_ESCAPE},
    }
    problem = vector["frame_problem"].split(";")[0]
    allowed = reasons.get(vector["expected"].get("error")) or by_problem[problem]
    with pytest.raises(FrameRefused) as refusal:
        jt808.decode(on_the_wire(vector))
    assert refusal.value.code in allowed


@pytest.mark.parametrize("vector", scoped("body"))
def test_bodies_are_read(vector):
    """Negative and swapped coordinates of real terminals must be read as meant or flagged, never crash."""
    msg_id, data = int(vector["expected"]["msg_id_of_body"], 16), bytes.fromhex(vector["hex"])
    version = jt808.Version.V2019 if msg_id == jt808.AUTHENTICATION else jt808.Version.V2013
    body = jt808.decode_body(msg_id, data, version)
    assert_body_agrees(vector, body)
    message = jt808.Message(
        msg_id, version, "0" * 20 if version is jt808.Version.V2019 else "0" * 12, 1, body
    )
    assert jt808.decode(jt808.encode(message)) == message


@pytest.mark.parametrize("vector", [case for case in scoped("body") + frames() if "quirks" in case.values[0]])
def test_quirks_of_the_vectors_are_named(vector):
    """An operator must see which terminal writes coordinates its own way."""
    if vector["scope"] == "body":
        body = jt808.decode_body(jt808.POSITION, bytes.fromhex(vector["hex"]), jt808.Version.V2013)
    else:
        body = jt808.decode(on_the_wire(vector)).body
    positions = body.positions if isinstance(body, jt808.PositionBatch) else [body]
    twos = TWOS_COMPLEMENT in vector["quirks"][0]
    wanted = jt808.Quirk.TWOS_COMPLEMENT if twos else jt808.Quirk.SWAPPED_COORDINATES
    flagged = [wanted in position.quirks for position in positions]
    # the batch of 0319 alternates with points at latitude 232, which no exchange mends
    assert all(flagged[::2] if vector["id"] == "jt808-s-0319" else flagged)


@pytest.mark.parametrize("vector", scoped("header+body"))
def test_a_registration_without_its_frame_is_read(vector):
    """The same bytes inside delimiters and a check must give the registration that the source asserts."""
    frame = close_frame(bytes.fromhex(vector["hex"]))
    assert_agrees(vector["expected"], told_by_envelope(jt808.unwrap(frame)))
    assert_body_agrees(vector, jt808.decode(frame).body)


@pytest.mark.parametrize("vector", scoped("stream"))
def test_streams_are_cut_into_frames(vector):
    """A TCP stream with garbage must give every whole frame and keep the begun one."""
    framer, expected = jt808.Framer(), vector["expected"]
    found = framer.feed(bytes.fromhex(vector["hex"]))
    assert [item.hex() for item in found if isinstance(item, bytes)] == expected["frames"]
    assert framer.pending_bytes == expected.get("pending_bytes", 0)


@pytest.mark.parametrize("vector", scoped("escape", "unescape"))
def test_escapes_are_undone(vector):
    """An escape read wrongly shifts every byte after it."""
    expected = vector["expected"]
    wanted = expected.get("unescaped_hex_without_delimiters") or expected["unescaped_hex"][2:-2]
    assert unescape(bytes.fromhex(vector["hex"])).hex() == wanted


@pytest.mark.parametrize("vector", scoped("escape", "escape"))
def test_escapes_are_done(vector):
    """A reply with an unescaped delimiter would never reach the terminal."""
    expected = vector["expected"]
    plain = expected.get("unescaped_hex_without_delimiters") or expected["unescaped_hex"][2:-2]
    assert escape(bytes.fromhex(plain)).hex() == vector["hex"]


@pytest.mark.parametrize("vector", scoped("escape", "reject") + scoped("vendor-variant"))
def test_what_is_not_the_standard_is_refused(vector):
    """Another protocol on the port must be told apart from a position."""
    with pytest.raises(FrameRefused):
        jt808.decode(bytes.fromhex(vector["hex"]))


@pytest.mark.parametrize(
    "vector",
    [case for case in frames("position", "positions") if case.values[0]["derived"]["msg_id"] != "0x0210"],
)
def test_positions_become_readings(vector):
    """The frames of real trackers must give valid readings, not only valid bytes."""
    body = jt808.decode(on_the_wire(vector)).body
    positions = body.positions if isinstance(body, jt808.PositionBatch) else [body]
    assert len(positions) >= vector["expected"].get("min_count", 1)
    for seq, position in enumerate(positions, 1):
        reading = jt808.to_reading(position, seq)
        assert -90 <= reading.lat <= 90
        assert -180 <= reading.lon <= 180


@pytest.mark.parametrize(("vector_id", "meaning"), VENDOR_ATTRIBUTES.items())
def test_vendor_items_of_the_table_mean_what_the_source_says(vector_id, meaning):
    """A wrong scale would show a wrong temperature or voltage for that model."""
    model, name = meaning
    vector = next(vector for vector in VECTORS if vector["id"] == vector_id)
    (claim,) = vector["expected"]["attributes"].values()
    values, _ = read_items(jt808.decode(on_the_wire(vector)).body.items, model)
    assert model in models()
    assert values[name] == claim


def test_standard_items_mean_what_the_source_says():
    """Mileage, fuel and inputs of a terminal would otherwise carry wrong names or scales."""
    vector = next(vector for vector in VECTORS if vector["id"] == "jt808-s-0207")
    claims = vector["expected"]["items_by_id"]
    values, unknown = read_items(jt808.decode(on_the_wire(vector)).body.items)
    assert values == {
        "odometer_m": claims["1"] * 100,
        "fuel_l": claims["2"] / 10,
        "recorder_speed_kmh": claims["3"] / 10,
        "alarm_to_confirm": claims["4"],
        "box_temperature_c": claims["6"],
        "overspeed_area_type": claims["17"]["areaType"],
        "overspeed_area": claims["17"]["areaId"],
        "crossing_area_type": claims["18"]["areaType"],
        "crossing_area": claims["18"]["areaId"],
        "crossing_outward": claims["18"]["course_deg"],
        "section": claims["19"]["areaId"],
        "section_s": claims["19"]["driveTime"],
        "section_too_long": claims["19"]["result"],
        "signal_bits": claims["37"],
        "io_bits": claims["42"],
        "analogue_0": claims["43"],
        "analogue_1": 0,
        "network_signal": claims["48"],
        "satellites": claims["49"],
    }
    assert unknown == {"0x05": bytes(claims["5"]["value"]).hex()}
