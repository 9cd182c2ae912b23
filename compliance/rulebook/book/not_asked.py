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
