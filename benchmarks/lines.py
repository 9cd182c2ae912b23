"""What did a measurement find, and was that what was promised?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: ours in `unit`, beside a reference where there is one.

    With a reference the target is the least ratio of ours to it; without one it is the most that ours may be.
    """

    name: str
    ours: float
    unit: str
    reference: float | None = None
    target: float | None = None
    ratio: float | None = None
    note: str = ""

    @property
    def ok(self) -> bool | None:
        """Tell whether the target is reached; None where nothing was promised."""
        if self.target is None:
            return None
        return self.ours <= self.target if self.ratio is None else self.ratio >= self.target

    def told(self) -> dict[str, object]:
        """Return the finding as JSON-ready facts."""
        return {**asdict(self), "ok": self.ok}


def beside(
    name: str, unit: str, pairs: Sequence[tuple[float, float]], target: float | None = None, note: str = ""
) -> Line:
    """Return the finding of interleaved rounds (ours, reference): medians, and the median of the ratios."""
    ours, reference = (middle([pair[side] for pair in pairs]) for side in (0, 1))
    ratio = middle([mine / other for mine, other in pairs])
    return Line(name, ours, unit, reference, target, ratio, note)


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


HEADINGS = ("name", "ours", "reference", "unit", "ratio", "target", "ok", "note")


def table(lines: Sequence[Line]) -> str:
    """Return the findings as a table for people."""
    rows = [HEADINGS, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _cells(line: Line) -> tuple[str, ...]:
    sign = ">=" if line.ratio is not None else "<="
    return (
        line.name,
        figure(line.ours),
        "" if line.reference is None else figure(line.reference),
        line.unit,
        "" if line.ratio is None else f"{line.ratio:.2f}",
        "" if line.target is None else f"{sign} {line.target:g}",
        {True: "yes", False: "MISSED", None: ""}[line.ok],
        line.note,
    )


def figure(value: float) -> str:
    """Return a measured value with three significant figures or so."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
