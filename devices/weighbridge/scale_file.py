"""What did the commissioning of a scale find, in a file that the scale agent reads?

TOML or JSON by the file's ending. The numbers read off the display and the frames that said them stand in
it, so that a changed setting which no longer gives them is refused.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec

from devices.codecs import FrameRefused
from devices.codecs.scales import Check, Settings, protocol
from devices.weighbridge.agent import ScaleLine
from devices.weighbridge.commissioning import read_shown
from devices.weighbridge.deck import DeckRule

ENDINGS = (".toml", ".json")
_LEAST_DIVISIONS = 20
_HEADER = "# What the indicator's line means, learned against its display by `huanlian devices commission`.\n"


class ScaleFileRefused(ValueError):
    """A scale file that cannot be used: which file, which field, why."""

    def __init__(self, path: Path, field: str, why: str) -> None:
        self.path, self.field, self.why = path, field, why
        super().__init__(f"{path}: {field}: {why}" if field else f"{path}: {why}")


class Observed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number read off the display, and the frame that said it."""

    shown: str
    frame: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2}){1,64}\Z")]


class ScaleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One scale's line: where it is, what it speaks, and what was learned against the display.

    `decimals` and `unit` are left out where the frame's own are right. `stability` says who tells that a
    weight stands still: `flagged` by the indicator or `derived` by the agent.
    """

    protocol: str
    check: Check
    stability: str
    division_kg: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    url: str = ""
    baudrate: Annotated[int, msgspec.Meta(ge=50, le=4_000_000)] = 9600
    unit: str | None = None
    decimals: int | None = None
    sign: int = 1
    ask: str | None = None
    commissioned: str = ""
    observed: tuple[Observed, ...] = ()

    @property
    def settings(self) -> Settings:
        """What the codec is set to."""
        return Settings(unit=self.unit, decimals=self.decimals, sign=self.sign, check=self.check)

    @property
    def rule(self) -> DeckRule:
        """When the deck counts as occupied and as still: the scale's Min is 20 e."""
        e = self.division_kg
        return DeckRule(division_kg=e, threshold_kg=_LEAST_DIVISIONS * e, zero_band_kg=e)


def stability_of(name: str) -> str:
    """Say who tells that a weight stands still, by the protocol's table."""
    return "flagged" if "stable" in protocol(name).states else "derived"


def scale_line(learned: ScaleFile) -> ScaleLine:
    """Return the line that the scale agent reads by these settings."""
    return ScaleLine(
        learned.url,
        learned.baudrate,
        learned.protocol,
        settings=learned.settings,
        rule=learned.rule,
        ask=learned.ask,
    )


def write_scale_file(path: Path, learned: ScaleFile, *, replace: bool = False) -> None:
    """Write a scale file whole or not at all; raise `ScaleFileRefused`, also where one is there already."""
    refuse_place(path, replace=replace)
    _check(path, learned)
    fields = msgspec.to_builtins(learned)
    as_json = path.suffix == ".json"
    text = json.dumps(fields, ensure_ascii=False, indent=2) + "\n" if as_json else _toml(fields)
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except OSError as problem:
        raise ScaleFileRefused(path, "", problem.strerror or str(problem)) from None


def refuse_place(path: Path, *, replace: bool = False) -> None:
    """Raise `ScaleFileRefused` where no scale file can be written, before anybody takes the trouble."""
    _refuse_ending(path)
    if path.exists() and not replace:
        raise ScaleFileRefused(path, "", "is there already")
    if not path.parent.is_dir():
        raise ScaleFileRefused(path, "", f"there is no folder {path.parent}")


def read_scale_file(path: Path) -> ScaleFile:
    """Read a scale file and prove it on the frames it was learned from; raise `ScaleFileRefused`."""
    _refuse_ending(path)
    try:
        text = path.read_bytes()
        decode = msgspec.json.decode if path.suffix == ".json" else msgspec.toml.decode
        learned = decode(text, type=ScaleFile)
    except OSError as problem:
        raise ScaleFileRefused(path, "", problem.strerror or str(problem)) from None
    except (msgspec.MsgspecError, ValueError) as problem:
        raise ScaleFileRefused(path, "", str(problem)) from None
    _check(path, learned)
    return learned


def _refuse_ending(path: Path) -> None:
    if path.suffix not in ENDINGS:
        raise ScaleFileRefused(path, "", f"ends in none of {', '.join(ENDINGS)}")


def _check(path: Path, learned: ScaleFile) -> None:
    """Refuse settings that do not fit the protocol, or that the frames of the commissioning speak against."""
    try:
        scale_line(learned).refuse()
    except FrameRefused as refused:
        raise ScaleFileRefused(path, *_named(refused.detail)) from None
    except ValueError as problem:
        raise ScaleFileRefused(path, *_named(str(problem))) from None
    if learned.stability != stability_of(learned.protocol):
        raise ScaleFileRefused(
            path, "stability", f"{learned.protocol} has it {stability_of(learned.protocol)}"
        )
    for number, one in enumerate(learned.observed):
        _check_observed(path, learned, number, one)


def _named(detail: str) -> tuple[str, str]:
    field, _, why = detail.partition(": ")
    return field, why


def _check_observed(path: Path, learned: ScaleFile, number: int, one: Observed) -> None:
    field = f"observed[{number}]"
    try:
        reading = protocol(learned.protocol).decode(bytes.fromhex(one.frame), learned.settings)
    except FrameRefused as refused:
        raise ScaleFileRefused(path, field, str(refused)) from None
    if reading.displayed is None or reading.displayed != _exact(one.shown):
        raise ScaleFileRefused(
            path, field, f"the frame reads {reading.displayed}, the display showed {one.shown}"
        )


def _exact(shown: str) -> Decimal | None:
    try:
        return read_shown(shown).value
    except ValueError:
        return None


def _toml(fields: dict[str, object]) -> str:
    """Write flat fields and the list of observations as TOML, whose strings are written as JSON's are."""
    flat = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in fields.items()
        if name != "observed"
    ]
    observed = fields.get("observed", [])
    assert isinstance(observed, list | tuple)
    blocks = [
        "\n[[observed]]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in one.items())
        for one in observed
    ]
    return _HEADER + "\n".join([*flat, *blocks]) + "\n"
