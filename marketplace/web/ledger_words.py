"""By which word do people know a code of the ledgers, and of a battery's life?"""

from __future__ import annotations

from compliance.record.errors import N_

LEDGER_WORDS: dict[str, str] = {
    # ledgers
    "export_use": N_("export for use"),
    "export_dispose": N_("export for disposal"),
    "inserted": N_("entered"),
    "updated": N_("corrected"),
    "ignored": N_("the same as before"),
    "monthly": N_("monthly declaration"),
    "quarterly": N_("quarterly declaration"),
    "annual": N_("annual declaration"),
    # pipelines
    "by_day": N_("each day"),
    "by_month": N_("each month"),
    "by_quarter": N_("each quarter"),
    "by_year": N_("each year"),
    "pipe": N_("pipe"),
    "conveyor": N_("conveyor"),
    "unweighed": N_("vehicles that cannot be weighed"),
    "meter": N_("metered"),
    "level": N_("by the level of a tank"),
    "reckoned": N_("reckoned"),
    "agrees": N_("in agreement"),
    "differs": N_("beyond the tolerance"),
    "no_mover_reading": N_("the mover's reading is missing"),
    "no_receiver_reading": N_("the receiver's reading is missing"),
    "no_reading": N_("no reading"),
    "flowing": N_("in use"),
    "ended": N_("ended"),
    # construction waste
    "filed": N_("filed"),
    "sent_back": N_("sent back"),
    # collection
    "station": N_("collection station"),
    "box": N_("drop-off box"),
    "round": N_("round from door to door"),
    "take_back": N_("shop that takes back"),
    "from_household": N_("household"),
    "from_shop": N_("shop"),
    "from_office": N_("office or public body"),
    # batteries
    "pack": N_("pack"),
    "module": N_("module"),
    "cell": N_("cell"),
    "dismantled": N_("taken apart"),
    "taken_out": N_("taken out"),
    "handed_on": N_("handed on"),
    "on_record": N_("put on record"),
}
