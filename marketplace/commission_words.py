"""How is what a line says, and what was learned of it, told to an installer?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devices.weighbridge.commissioning import Heard, Reading, Shown, Verdict

_LISTED = 6

WHY = {
    "nothing_heard": "Not one byte came. Check cable, port, baud rate and that the indicator is set to send; "
    "an indicator that speaks only when asked needs --protocol and --ask.",
    "not_understood": "Bytes came, but no protocol parses them cleanly. Check the baud rate and the "
    "indicator's format; --unchecked also takes frames whose check fits no known rule.",
    "no_weight": "Frames came, but no gross weight stood still in them: wait until it does, clear the tare.",
    "too_few_loads": "Put another load on: two different numbers of the display are needed.",
    "nothing_fits": "No protocol says these numbers. Read the display again while the weight stands still.",
    "several_fit": "More than one reading still fits. Put another load on, neither zero nor a round one.",
    "units_differ": "The numbers were told in different units. Tell the one that the display shows.",
    "unit_unknown": "The frames state no unit: tell the display's, as in `12345 kg`, or with --unit.",
    "unit_not_weighed": "A scale weighs in kg or t; this one shows another unit. Change it at the indicator.",
    "unit_contradicted": "The frames state another mass than this number in this unit. Read the unit again.",
}
"""What each refusal means for the person at the scale, and the way out."""


def table(heard: Sequence[Heard]) -> list[str]:
    """Say in lines which protocols found frames, how cleanly, and what each would display."""
    head = f"{'protocol':<26} {'check':<8} {'frames':>6} {'refused':>7} {'noise':>6}  would display"
    return [head, *(_row(one) for one in heard if one.frames or one.refused)]


def _row(one: Heard) -> str:
    said = " ".join(f"{reason}×{count}" for reason, count in one.not_weights.items())
    display = _display(one) if one.clean else "(not clean)"
    counts = f"{one.frames:>6} {one.refused:>7} {one.noise:>6}"
    return f"{one.protocol.name:<26} {one.check:<8} {counts}  {display} {said}".rstrip()


def _display(one: Heard) -> str:
    """Say the last weights that stood still, or the last frame where none did."""
    runs = [f"{run.displayed} {run.unit or '(no unit)'}" for run in one.runs[-4:]]
    if runs:
        return ", ".join(runs)
    last = one.last
    return f"moving, last {last.displayed}" if last is not None else ""


def explanation(verdict: Verdict) -> list[str]:
    """Say in lines what was found, or why nothing was, and what to do."""
    if verdict.reading is not None:
        return [f"One reading fits: {_said(verdict.reading)}"]
    lines = [WHY[verdict.refusal]] if verdict.refusal is not None else []
    fitting = verdict.fitting if len(verdict.fitting) > 1 else ()
    lines += [f"  {_said(reading)}" for reading in fitting[:_LISTED]]
    return [*lines, f"  and {len(fitting) - _LISTED} more"] if len(fitting) > _LISTED else lines


def _said(reading: Reading) -> str:
    from devices.weighbridge.scale_file import stability_of

    settings = reading.settings
    decimals = "as sent" if settings.decimals is None else settings.decimals
    sign = "as sent" if settings.sign == 1 else "reversed"
    return (
        f"{reading.protocol.name}, check {settings.check}, decimals {decimals}, sign {sign}, "
        f"unit {reading.unit or 'unknown'}, stability {stability_of(reading.protocol.name)}"
    )


def now_says(reading: Reading, capture: bytes) -> str:
    """Say what a capture reads by these settings."""
    from devices.codecs.scales import read_all

    readings, _, _ = read_all(reading.protocol, capture, reading.settings)
    last = readings[-1].displayed if readings else None
    return (
        f"The line now says {last} {reading.unit}." if last is not None else "The line shows no weight now."
    )


def as_object(verdict: Verdict, shown: Sequence[Shown]) -> dict[str, object]:
    """Say it as one JSON object."""

    def told(reading: Reading) -> dict[str, object]:
        settings = reading.settings
        return {
            "protocol": reading.protocol.name,
            "check": settings.check,
            "decimals": settings.decimals,
            "sign": settings.sign,
            "unit": reading.unit,
        }

    return {
        "reading": None if verdict.reading is None else told(verdict.reading),
        "refusal": verdict.refusal,
        "fitting": [told(reading) for reading in verdict.fitting],
        "shows": [one.text for one in shown],
    }
