"""Which rules ask more of one family of waste (1f)?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import House, Regulation, Statute
from compliance.rulebook.book.entry import BLOCK, ISSUE, LEDGER, LISTING, LOADING, NIGHTLY, WARN, entry
from compliance.rulebook.book.licences import EXEMPT

BATTERIES = (
    Regulation(
        "新能源汽车废旧动力电池回收和综合利用管理暂行办法", "", date(2026, 4, 1), under_repealed_act=False
    ),
    Regulation("汽车动力蓄电池编码规则（GB/T 34014-2017）", "", date(2018, 2, 1), under_repealed_act=False),
)
GYPSUM = (Statute("industrial_ledger"), Regulation("湖北省磷石膏污染防治条例", "", date(2023, 1, 1)))
"""Of 2022; on which day it came into force is not established, so it counts from the year after."""
BALANCED = (
    *GYPSUM,
    Regulation(
        "磷石膏综合利用行动方案（工信部联节〔2024〕58号）", "", date(2024, 4, 1), under_repealed_act=False
    ),
)

PROFILES = (
    entry(
        "F1.fact_missing",
        LISTING | ISSUE,
        WARN,
        (House("F1"),),
        N_("This family of waste wants to know more: “{name}”."),
        N_("Tell it on the page of the lot; it is printed on the manifest."),
    ),
    entry(
        "F2.plan_not_filed",
        LISTING | ISSUE,
        WARN,
        (Statute("construction_plan"),),
        N_("No treatment plan is on file for this construction waste: “{name}” is not told."),
        N_("File the plan with the authority of the place, and tell its number on the page of the lot."),
    ),
    entry(
        "B1.identity",
        LEDGER,
        BLOCK,
        BATTERIES,
        N_("“{code}” is no code of a battery: {segments} cannot be right."),
        N_("Read the 24 characters off the battery again: maker 3, kind P, M or C, then 20 more."),
    ),
    entry(
        "B2.parent",
        LEDGER,
        BLOCK,
        BATTERIES,
        N_("{code} cannot be part of {parent}: that is not on record with you as a whole pack or module."),
        N_("A module belongs to a pack, a cell to a module or a pack; register those first."),
    ),
    entry(
        "B3.apart",
        LEDGER | LOADING,
        BLOCK,
        BATTERIES,
        N_("{code} is no whole battery by itself: it was taken apart, or is inside another."),
        N_("Name what it was taken apart into, or the battery that it is in."),
    ),
    entry(
        "H1.use_below_target",
        NIGHTLY,
        WARN,
        GYPSUM,
        N_("{percent} % of the phosphogypsum of {year} was used; the target is {target} %."),
        N_("Find takers on the market, or make it harmless before it goes onto the pile."),
    ),
    entry(
        "H2.more_made_than_used",
        NIGHTLY,
        WARN,
        BALANCED,
        N_("{made} kg were made, {over} kg more than was used and made harmless."),
        N_("Use more, or make less: what may be made follows what is used."),
    ),
    entry(
        "H3.balance",
        LEDGER,
        WARN,
        GYPSUM,
        N_("The ledger does not add up: {pile} kg on the pile, {open} kg unaccounted for."),
        N_("Correct the entries onto the pile, off it, and of what was used."),
    ),
    entry(
        "R1.needs_manifest",
        LEDGER,
        BLOCK,
        EXEMPT,
        N_("Hazardous waste of a shop or office is no hand-in: only a household's needs no manifest."),
        N_("Let the shop or office list it as a lot; it then travels under a manifest."),
    ),
    entry(
        "R2.not_accounted",
        LISTING | ISSUE,
        WARN,
        (House("R2"),),
        N_("Hand-ins account for {kg} of the lot's {lot_kg} kg; where {open_kg} kg come from is not told."),
        N_("Enter what was handed in, and make the lot up of it on its page."),
    ),
)
