"""Does the scale agent read exactly what was learned, and refuse a file that says otherwise?"""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.codecs.scales import PROTOCOLS, Check, yaohua
from devices.weighbridge.scale_file import (
    Observed,
    ScaleFile,
    ScaleFileRefused,
    read_scale_file,
    scale_line,
    stability_of,
    write_scale_file,
)

LEARNED = ScaleFile(
    protocol="yaohua_xk3190_continuous",
    check=Check.XOR,
    stability="derived",
    division_kg=50,
    url="socket://192.0.2.7:4001",
    baudrate=4800,
    unit="kg",
    decimals=1,
    observed=(
        Observed("45680 kg", yaohua.encode_continuous(456_800).hex()),
        Observed("12346.0", yaohua.encode_continuous(123_460).hex()),
    ),
)


@pytest.mark.parametrize("name", ["scale.toml", "scale.json"])
def test_what_was_written_is_read(tmp_path: Path, name: str) -> None:
    """A setting lost between installer and agent is a wrong weight."""
    write_scale_file(tmp_path / name, LEARNED)
    learned = read_scale_file(tmp_path / name)
    assert learned == LEARNED
    line = scale_line(learned)
    assert (line.url, line.protocol, line.settings.decimals) == (LEARNED.url, LEARNED.protocol, 1)
    assert (line.rule.division_kg, line.rule.threshold_kg, line.rule.zero_band_kg) == (50, 1000, 50)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("decimals = 1", "decimals = 2", r"observed\[0\]: the frame reads 4568.00, the display showed 45680"),
        ("decimals = 1\n", "", r"observed\[0\]: the frame reads 456800"),
        ("decimals = 1", "decimals = 9", "decimals: 9"),
        ('unit = "kg"', 'unit = "lb"', "unit: a scale reads in kg or t, not lb"),
        ('unit = "kg"\n', "", "unit: a scale reads in kg or t"),
        ('check = "xor"', 'check = "sum7"', "check: sum7, not one of xor, ignored"),
        ('check = "xor"', 'check = "crc"', "crc"),
        ('"derived"', '"flagged"', "stability: yaohua_xk3190_continuous has it derived"),
        ('"yaohua_xk3190_continuous"', '"yaohua"', "protocol: yaohua, not one of"),
        ("division_kg = 50", "division_kg = 0", "division_kg"),
        ("baudrate = 4800", "baudrat = 4800", "baudrat"),
        ('shown = "12346.0"', 'shown = "many"', r"observed\[1\]"),
        ("022b31", "022b39", r"observed\[1\]: bad_checksum"),
        ('url = "socket', 'ask = "A"\nurl = "socket', "ask: yaohua_xk3190_continuous is never asked"),
        ("[[observed]]", "[[observed", "scale.toml: "),
    ],
)
def test_a_changed_file_is_refused_by_its_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Somebody who shifts the decimals of a scale by hand must be found out before the first truck."""
    path = tmp_path / "scale.toml"
    write_scale_file(path, LEARNED)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ScaleFileRefused, match=told):
        read_scale_file(path)


def test_a_site_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    """The evidence of the last commissioning would be gone."""
    path = tmp_path / "scale.toml"
    write_scale_file(path, LEARNED)
    with pytest.raises(ScaleFileRefused, match="is there already"):
        write_scale_file(path, LEARNED)
    write_scale_file(path, LEARNED, replace=True)


@pytest.mark.parametrize("name", ["scale.ini", "nowhere/scale.toml", "missing.toml"])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str) -> None:
    """An operator must see which file was meant."""
    with pytest.raises(ScaleFileRefused, match=name):
        read_scale_file(tmp_path / name)
    if name != "missing.toml":
        with pytest.raises(ScaleFileRefused, match=name):
            write_scale_file(tmp_path / name, LEARNED)


def test_stability_is_derived_where_the_protocol_has_no_flag() -> None:
    """A ticket must say who called the weight stable."""
    flagged = {name for name in PROTOCOLS if stability_of(name) == "flagged"}
    assert flagged == {
        "toledo_continuous",
        "toledo_short",
        "mt_sics",
        "st_gs_text",
        "cas_22",
        "rice_lake_consolidated",
        "sma_level1",
    }
