"""Which rules ask whether a waste code exists and is in force?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import Regulation, Statute
from compliance.rulebook.book.entry import BLOCK, ISSUE, LISTING, entry

HW_CATALOGUES = (
    Regulation("国家危险废物名录（2021年版）（部令第15号）", "", date(2021, 1, 1), date(2024, 12, 31)),
    Regulation("国家危险废物名录（2025年版）（部令第36号）", "", date(2025, 1, 1)),
)
DECLARED = (*HW_CATALOGUES, Statute("industrial_ledger"), Statute("hw_plan_ledger"))

CATALOGUE = (
    entry(
        "C1.bad_form",
        LISTING,
        BLOCK,
        DECLARED,
        N_("“{code}” does not have the form of a waste code."),
        N_("Write 900-214-08 for hazardous waste, 900-001-S17 or SW10 for other waste, or search by name."),
    ),
    entry(
        "C1.unknown_code",
        LISTING | ISSUE,
        BLOCK,
        DECLARED,
        N_("Waste code {code} is in no edition of the catalogue."),
        N_("Search by name or pinyin and choose a code from the list."),
    ),
    entry(
        "C1.code_not_in_force",
        LISTING | ISSUE,
        BLOCK,
        DECLARED,
        N_(
            "Waste code {code} is not in force on {day}: edition {edition} lists it"
            " from {valid_from} to {valid_to}."
        ),
        N_("Choose the code that has been in force since then; search by name or pinyin."),
    ),
)
