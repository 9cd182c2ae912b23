"""Do the tables of JT/T 808 items, parameters and messages hang together?"""

from __future__ import annotations

import csv
from collections import defaultdict
from importlib.resources import files

import pytest

from devices.codecs import FrameRefused, RefusalCode, jt808
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.items import models, read_items
from devices.codecs.jt808.parameters import parameters
from devices.codecs.jt808.records import LAYOUTS, Record, read_record, write_record

ITEMS = list(csv.DictReader(files("devices.codecs.jt808").joinpath("items.csv").read_text().splitlines()))


def test_every_item_row_lies_inside_its_item() -> None:
    """A value read past its end would be another value, with nobody the wiser."""
    names = defaultdict(list)
    for row in ITEMS:
        names[row["model"], row["id"], row["length"]].append(row["name"])
        if row["length"] != "*":
            assert int(row["start"]) + int(row["size"]) <= int(row["length"]), row
        else:
            assert row["start"] == row["size"] == "0", row
    assert all(len(set(found)) == len(found) for found in names.values())
    assert {row["model"] for row in ITEMS} == models()


@pytest.mark.parametrize(
    ("items", "model", "named", "unknown"),
    [
        ([(0xEB, "000300e164000300e301")], "listed", {"battery_percent": 100}, {"0xEB/0x00E3": "01"}),
        ([(0xEB, "000300e16400")], "listed", {}, {"0xEB": "000300e16400"}),
        ([(0xEB, "000300e164")], "standard", {}, {"0xEB": "000300e164"}),
        ([(0xEB, "00080023303078303031")], "listed", {}, {"0xEB/0x0023": "303078303031"}),
        ([(0xE1, "c8")], "obd_battery", {}, {"0xE1": "c8"}),
        ([(0xF2, "312e32" + "00" * 4)], "asset_tracker", {"firmware": "1.2"}, {}),
        ([(0x30, "1f"), (0x30, "1f0a")], "standard", {"network_signal": 31}, {"0x30": "1f0a"}),
        ([(0xEB, ""), (0xEB, "")], "listed", {}, {}),
    ],
)
def test_vendor_items_mean_what_their_model_and_length_say(
    items: list[tuple[int, str]], model: str, named: dict[str, object], unknown: dict[str, str]
) -> None:
    """One number means load here and voltage there; what no row fits is kept byte for byte."""
    assert read_items([(number, bytes.fromhex(data)) for number, data in items], model) == (named, unknown)


def test_every_parameter_is_written_as_it_was_read() -> None:
    """A setting read back changed would be sent changed to a thousand terminals."""
    names = [parameter.name for parameter in parameters().values()]
    assert len(set(names)) == len(names)
    for number, parameter in parameters().items():
        for data in (bytes(1), b"\x01" * 4, b"abc", b""):
            body = b"\x01" + number.to_bytes(4, "big") + bytes([len(data)]) + data
            record = read_record(0x8103, body, Version.V2013)
            assert write_record(0x8103, record, Version.V2013) == body, parameter


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ({"heartbeat_s": 30}, "0100000001040000001e"),
        ({"1": 30}, "0100000001040000001e"),
        ({"0x0001": {"hex": "ff"}}, "010000000101ff"),
        ({"main_server": "a.cn", "61713": {"hex": "00"}}, "020000001304612e636e0000f1110100"),
        ({"1": 1, "1#2": 2}, "02000000010400000001000000010400000002"),
    ],
)
def test_parameters_go_by_number_or_name(told: dict[str, object], written: str) -> None:
    """An operator knows the name, a log the number."""
    assert write_record(0x8103, Record({"parameters": told}), Version.V2013).hex() == written


@pytest.mark.parametrize(
    "told", [{"heartbeat": 1}, {"61713": 1}, {"heartbeat_s": "30"}, {"heartbeat_s": -1}, {"plate": 7}]
)
def test_a_parameter_that_does_not_exist_or_fit_is_refused(told: dict[str, object]) -> None:
    """A misspelt name must not become another parameter."""
    with pytest.raises(FrameRefused) as refused:
        write_record(0x8103, Record({"parameters": told}), Version.V2013)
    assert refused.value.code is RefusalCode.BAD_FIELD


def test_every_message_that_the_platform_sends_is_in_the_table() -> None:
    """A command the table lacks would be sent as bare bytes by hand."""
    wanted = (
        "8003 8103 8104 8105 8106 8107 8108 8201 8202 8203 8300 8301 8302 8303 8304 8400 8401 8500 8600 8601"
    )
    wanted += " 8602 8603 8604 8605 8606 8607 8700 8800 8801 8802 8803 8804 8805 8900 8A00"
    assert {int(number, 16) for number in wanted.split()} <= set(LAYOUTS)


@pytest.mark.parametrize(
    ("version", "wide"), [(Version.V2011, 0), (Version.V2013, 0), (Version.V2019, 2 + 2 + 4)]
)
def test_an_area_has_the_fields_of_its_edition(version: Version, wide: int) -> None:
    """A fence in the layout of another edition would be a fence elsewhere."""
    area = {
        "id": 7,
        "attribute": 0b11,
        "lat_e6_raw": 30_500_000,
        "lon_e6_raw": 114_300_000,
        "radius": 200,
        "startTime": "2026-11-20T06:00:00",
        "endTime": "2026-11-20T18:00:00",
        "maxSpeed": 40,
        "duration": 10,
        "nightMaxSpeed": 30,
        "name": "堆场",
    }
    data = write_record(0x8600, Record({"action": 0, "positions": [area]}), version)
    assert len(data) == 2 + 18 + 12 + 3 + wide
    read = read_record(0x8600, data, version)
    (told,) = read.values["positions"]  # type: ignore[misc]
    assert {**area, **told} == area
    assert ("name" in told) is (version is Version.V2019)


def test_a_body_of_another_edition_is_read_and_said_so() -> None:
    """Terminals send the 2019 alarm identity under a header of 2013; its files must not be lost."""
    identity = {
        "terminal_id": "T1",
        "deviceId_": "T1",
        "time_local": "2026-11-20T06:00:00",
        "sequenceNo": 1,
        "fileTotal": 1,
        "reserved": 0,
        "platformAlarmId": "a" * 32,
        "batch_type": 0,
        "files": [{"name": "a.jpg", "size": 7}],
    }
    data = write_record(0x1210, Record(identity), Version.V2019)
    read = read_record(0x1210, data, Version.V2013)
    assert (read.edition, read.values, read.tail) == (Version.V2019, identity, b"")
    assert write_record(0x1210, read, Version.V2013) == data


def test_an_edition_that_a_device_is_known_to_speak_counts() -> None:
    """A driver's card of 2011 has other fields under the same header."""
    values = {"name": "张三", "idCard": "42", "licenseNo": "L1", "institution": "武汉"}
    message = jt808.Message(0x0702, Version.V2011, "13800000001", 1, Record(values))
    frame = jt808.encode(message)
    assert jt808.decode(frame, Version.V2011).body == Record(values)
    assert jt808.decode(frame).body != Record(values)
