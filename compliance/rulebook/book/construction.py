"""Which rules ask what leaves a building site (1f)?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import Regulation, Statute
from compliance.rulebook.book.entry import BLOCK, ISSUE, LOADING, entry

OPINION = Regulation("国办函〔2025〕57号", "", date(2026, 1, 1), under_repealed_act=False)
"""Of 2025; on which day it took effect is not established, so it counts from the year after."""
PLANNED = (Statute("construction_plan"), OPINION)
MOVED = (Statute("construction_manifest"), OPINION)

CONSTRUCTION = (
    entry(
        "U1.no_plan",
        ISSUE,
        BLOCK,
        PLANNED,
        N_("No filed treatment plan of this building site covers {code} today."),
        N_("Submit the plan under construction waste and have the authority file it."),
    ),
    entry(
        "U2.over_plan",
        ISSUE,
        BLOCK,
        PLANNED,
        N_("{kg} kg exceed what treatment plan {plan} leaves: {left_kg} kg."),
        N_("Submit a plan for what is more, or send less."),
    ),
    entry(
        "U3.other_site",
        ISSUE,
        BLOCK,
        PLANNED,
        N_("Treatment plan {plan} does not name the site that this load goes to."),
        N_("Choose a site that the plan names, or submit the plan anew with this one."),
    ),
    entry(
        "U4.not_permitted",
        ISSUE,
        BLOCK,
        MOVED,
        N_("The destination is no permitted disposal site of construction waste."),
        N_("Choose a permitted one, or have the authority note its permit."),
    ),
    entry(
        "U4.site_full",
        ISSUE,
        BLOCK,
        MOVED,
        N_("{kg} kg exceed the room that is left at {site}: {left_kg} kg."),
        N_("Choose a site with room, or have its enlarged permit noted."),
    ),
    entry(
        "U5.not_closed",
        LOADING,
        BLOCK,
        MOVED,
        N_("{plate} is not permitted as a closed vehicle for construction waste today."),
        N_("Send a closed vehicle, or have its dispatcher enter the permit."),
    ),
)
