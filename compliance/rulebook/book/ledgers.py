"""Which rules ask what a unit records, plans and declares (1e)?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import Regulation, Statute
from compliance.rulebook.book.entry import BLOCK, ISSUE, LEDGER, LISTING, NIGHTLY, TASK, WARN, entry

STANDARD = Regulation("危险废物管理计划和管理台账制定技术导则（HJ 1259-2022）", "", date(2022, 10, 1))
KEPT = (Statute("hw_plan_ledger"), Statute("industrial_ledger"), STANDARD)
PLANNED = (Statute("hw_plan_ledger"), STANDARD)
IN_PLAN = (
    *PLANNED,
    Regulation("危险废物转移管理办法（部令第23号）", "第14条", date(2022, 1, 1)),
)

LEDGERS = (
    entry(
        "G2.plan_in_time",
        NIGHTLY,
        TASK,
        PLANNED,
        N_("The management plan of {year} must be filed by {due}."),
        N_("File it in the national system and enter its filing number in the ledgers."),
    ),
    entry(
        "G2.over_plan",
        LEDGER,
        WARN,
        PLANNED,
        N_("{kg} kg of {code} {kind} in {year} exceed the {planned} kg of the management plan."),
        N_("Amend the plan in the national system and enter the amended table in the ledgers."),
    ),
    entry(
        "G2.other_treatment",
        LEDGER,
        WARN,
        PLANNED,
        N_("{code} was treated by “{way}” in {year}, which the management plan does not name."),
        N_("Amend table A.5 of the plan, or correct the entry if the method is mistyped."),
    ),
    entry(
        "G3.declare_in_time",
        NIGHTLY,
        TASK,
        PLANNED,
        N_("Period {period} must be declared by {due}."),
        N_("Declare it in the national system and enter the receipt number in the ledgers."),
    ),
    entry(
        "G4.mass",
        LEDGER,
        BLOCK,
        KEPT,
        N_("{kg} kg is no possible mass here: it must be above 0 and at most {largest_kg} kg."),
        N_("Correct the mass; ledgers are kept in tonnes with three places."),
    ),
    entry(
        "G4.day",
        LEDGER,
        BLOCK,
        KEPT,
        N_("{said} lies ahead: a ledger records what has happened."),
        N_("Correct the day."),
    ),
    entry(
        "G4.batch",
        LEDGER,
        BLOCK,
        KEPT,
        N_("“{batch}” is no batch code of this table and day: {sample} would be one."),
        N_("Correct it, or leave it empty and the next one is given."),
    ),
    entry(
        "G4.source",
        LEDGER,
        BLOCK,
        KEPT,
        N_("Batch {batch} is of waste {code} since {since}: this entry cannot come out of it."),
        N_("Name the batch that this waste really came from."),
    ),
    entry(
        "G4.more_than_is_there",
        LEDGER,
        BLOCK,
        KEPT,
        N_("{kg} kg exceed what batch {batch} holds: {left} kg."),
        N_("Correct the mass here, or that of the batch it comes out of."),
    ),
    entry(
        "G4.not_in_stock",
        LEDGER,
        WARN,
        KEPT,
        N_("{kg} kg of {code} left under manifest {manifest}, and no batch here accounts for them."),
        N_("Enter what is missing in B.1 or B.2 with its day, or have the mass on the manifest corrected."),
    ),
    entry(
        "M5.no_plan",
        LISTING | ISSUE,
        WARN,
        IN_PLAN,
        N_("No management plan of {year} is on file here, so {code} is covered by none."),
        N_("File the plan in the national system and enter its filing number and its lines in the ledgers."),
    ),
    entry(
        "M5.not_in_plan",
        LISTING | ISSUE,
        WARN,
        IN_PLAN,
        N_("Management plan {plan} does not name waste {code}."),
        N_("Amend the plan before the load leaves."),
    ),
    entry(
        "M5.over_plan",
        LISTING | ISSUE,
        WARN,
        IN_PLAN,
        N_("{kg} kg of {code} exceed what management plan {plan} leaves for this year: {left_kg} kg."),
        N_("Amend the plan before the load leaves, or list less."),
    ),
    entry(
        "M5.other_receiver",
        ISSUE,
        WARN,
        IN_PLAN,
        N_("Management plan {plan} names another receiver for waste {code}."),
        N_("Amend the plan, or choose a receiver that it names."),
    ),
)
