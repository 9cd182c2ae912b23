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
    # batteries
    "pack": N_("pack"),
    "module": N_("module"),
    "cell": N_("cell"),
    "dismantled": N_("taken apart"),
    "taken_out": N_("taken out"),
    "handed_on": N_("handed on"),
    "on_record": N_("put on record"),
}
