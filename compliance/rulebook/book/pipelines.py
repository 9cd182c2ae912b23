"""Which rules ask what flows through a pipeline, or cannot be weighed trip by trip (M13)?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import Regulation, Statute
from compliance.rulebook.book.entry import BLOCK, ISSUE, LEDGER, NIGHTLY, RECEIPT, WARN, entry

METERED = (
    Statute("hw_manifest"),
    Regulation("危险废物转移管理办法（部令第23号）", "第19条", date(2022, 1, 1)),
)

PIPELINES = (
    entry(
        "M13.reading",
        LEDGER,
        BLOCK,
        METERED,
        N_("{kg} kg on {said} cannot be a reading: 0 to {largest_kg} kg on a day that the pipeline ran."),
        N_("Correct mass or day; a day on which nothing flowed is entered as 0."),
    ),
    entry(
        "M13.counter",
        LEDGER,
        BLOCK,
        METERED,
        N_("The meter's total went from {before} to {after} kg; that is not {kg} kg."),
        N_("Read the totals again, or leave them out and say how the mass was found."),
    ),
    entry(
        "M13.days_missing",
        ISSUE | RECEIPT,
        BLOCK,
        METERED,
        N_("{count} days of period {period} have no reading of your side, the first is {first}."),
        N_("Enter each day's mass, 0 where nothing flowed; where the meter failed, say how it was reckoned."),
    ),
    entry(
        "M13.sides_differ",
        RECEIPT | NIGHTLY,
        WARN,
        METERED,
        N_(
            "Over {period} the mover metered {mover_kg} kg and the receiver {receiver_kg} kg: more than "
            "{permille} ‰ apart."
        ),
        N_("Compare both meters day by day; confirm with the reason, which the authority reads."),
    ),
)
