"""What does each sign of an analysis mean, on which rule does it rest, and what is to be done?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from compliance.oversight.rules import Sign
from compliance.record.errors import N_


@dataclass(frozen=True, slots=True)
class Sheet:
    """What people are told of one sign."""

    name: str
    means: str
    remedy: str
    rule: str


SHEETS: Mapping[Sign, Sheet] = MappingProxyType(
    {
        Sign.NEGATIVE_STOCK: Sheet(
            N_("More left than came"),
            N_("The site treated and handed on more than it took in during the year."),
            N_("Ask for the year's opening stock and the site's ledger; look for undeclared loads."),
            "G4",
        ),
        Sign.OVER_STORAGE: Sheet(
            N_("Stock above the storage limit"),
            N_("What was taken in and neither treated nor handed on is more than the site may store."),
            N_("Look at the store; have treatment caught up or receiving stopped."),
            "L8",
        ),
        Sign.STORED_TOO_LONG: Sheet(
            N_("Stored for more than a year"),
            N_("Hazardous waste that was accepted more than a year ago is not signed as treated."),
            N_("Ask for the extension of the issuing authority, or for the treatment to be signed."),
            "L8",
        ),
        Sign.WITHOUT_LICENCE: Sheet(
            N_("Taken without a licence"),
            N_("On the day of acceptance no licence of the receiver covered this waste."),
            N_("Look at the licence as issued; have the loads traced and the receiver heard."),
            "L1",
        ),
        Sign.BEYOND_LICENCE: Sheet(
            N_("More than the licence allows"),
            N_("The receiver accepted more in the year than its licence allows, on one line or in total."),
            N_("Compare with the licence as issued; from 120 per cent on a new application is due."),
            "L4",
        ),
        Sign.OUTLIER: Sheet(
            N_("Load far from the usual"),
            N_("The load's mass is far from the median of this mover's loads of this waste."),
            N_("Look at the tickets and the vehicle; ask whether several loads were put on one paper."),
            "M4",
        ),
        Sign.CIRCULAR: Sheet(
            N_("Waste that goes round"),
            N_("Waste of one category can have come back, leg after leg, to the company that it left."),
            N_("Look for loads that only exist on paper: compare tickets, tracks and treatment."),
            "M10",
        ),
        Sign.CANCELLED_LOADED: Sheet(
            N_("Called off after loading"),
            N_("Manifests were called off after a scale had weighed the loaded vehicle."),
            N_("Ask where the load went; look at the vehicle's way after the weighing."),
            "M4",
        ),
        Sign.METERS_DISAGREE: Sheet(
            N_("Meters of a pipeline disagree"),
            N_("Over a month both ends of a pipeline metered more apart than they had agreed."),
            N_("Have both meters checked against a measured volume; compare them day by day."),
            "M13",
        ),
        Sign.LINKED: Sheet(
            N_("Linked companies"),
            N_("Two companies have something in common; it is named beside them, and is often harmless."),
            N_("Keep it in mind when they confirm each other's masses; look at both sites."),
            "M4",
        ),
    }
)
"""Every sign is a question to somebody, not a finding of guilt."""
