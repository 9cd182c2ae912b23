"""Which rules of the law does no gate ask, and how are they kept instead?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compliance.record.errors import N_

NOT_ASKED: Mapping[str, str] = MappingProxyType(
    {
        "M14": N_(
            "Manifests are kept for ten years by keeping everything: nothing on the record is deleted, and a "
            "closed year is taken out and checked without the database (huanlian archive)."
        ),
        "L6": N_(
            "Operating records are kept for ten years, those of a landfill for ever, as all of the record "
            "is; what a licence holder keeps on paper is looked at on a visit."
        ),
        "L10": N_(
            "The waybill of dangerous goods is made in the carrier's own system; the manifest travels with "
            "the load on the driver's page and as a print."
        ),
        "L11": N_(
            "Excepted and limited quantities are not told apart: every load of hazardous waste is asked for "
            "the permits of a full one."
        ),
        "G1": N_(
            "The class of a unit is no duty but a measure: it is worked out from three years of ledgers and "
            "decides by when G2 and G3 are due."
        ),
        "G8": N_(
            "Packing, coding, weighing, printing and storing at once happen in the works; the label with its "
            "code and the ledger's batch are made here, and M6 compares the label that is read."
        ),
        "G9": N_(
            "How a store is built and kept apart is looked at on a visit, point by point; the stock against "
            "the site's limit is worked out in the year's analyses."
        ),
        "G10": N_(
            "The ledger of other industrial waste is kept and exported with the hazardous one; that it is "
            "kept at all is looked at on a visit."
        ),
    }
)
"""By rule: how it is kept, for whoever asks the rulebook for it."""

CLAUSES: Mapping[str, str] = MappingProxyType(
    {
        "M4": N_(
            "The written contract with the duties on pollution is made by the parties outside this market; "
            "that the mover looks afterwards at what the receiver did is served by its trail of custody."
        ),
        "M6": N_(
            "The consignor is whoever the manifest names as mover, or the receiver that sends on: there is "
            "no field of its own, so nobody else can be one."
        ),
        "L4": N_(
            "Whether a new facility or another way of working wants a new licence is the authority's to say; "
            "here a licence counts for the modes, codes and yearly amounts on it, and for nothing beyond."
        ),
        "L5": N_(
            "A change of the holder's name or address within 15 working days is applied for at the "
            "authority; here the changed licence is submitted as a new document and reviewed."
        ),
        "G2": N_(
            "That a plan is amended when what it says changes is the unit's duty; here what happens is "
            "compared with the plan, and what is beyond it is told (M5, G2)."
        ),
        "B1": N_(
            "That a scrapped vehicle is handed over only with its battery is checked where it is scrapped; "
            "here each battery names the vehicle it came from, where that was told."
        ),
    }
)
"""By rule of which a clause is asked by no gate: how that clause is kept."""
