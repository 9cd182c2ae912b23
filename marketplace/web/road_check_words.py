"""In which words is a road check answered?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compliance.record.errors import N_
from tracking.road_checks.rules import Remark, Verdict

VERDICTS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.VALID: N_("Valid"),
        Verdict.EXPIRED: N_("Expired"),
        Verdict.NONE_FOUND: N_("None found"),
    }
)
MEANS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.VALID: N_(
            "The manifest is in force, and the papers of carrier, vehicle and driver hold today."
        ),
        Verdict.EXPIRED: N_("The manifest is over, or a paper behind it does not hold today."),
        Verdict.NONE_FOUND: N_("No manifest of this platform answers to this."),
    }
)
REMARKS: Mapping[Remark, str] = MappingProxyType(
    {
        Remark.OVER: N_("The load was handed over, or called off: nothing may travel on this manifest."),
        Remark.NOT_LOADED: N_("The loading is not signed yet: the vehicle has to be empty."),
        Remark.GOES_BACK: N_("The receiver refused the load: it may only go back."),
        Remark.PAPER_CHANGED: N_(
            "The hash on the paper belongs to no signature of this manifest: a changed paper."
        ),
        Remark.PAPER_OLD: N_("The paper was printed before the newest signature."),
        Remark.ELSEWHERE: N_("The vehicle's own terminal is far from here: look for a copied plate."),
        Remark.NO_POSITION: N_("The vehicle's terminal has said nothing for half an hour."),
        Remark.SEVERAL: N_("The vehicle runs on several manifests: check each load."),
        Remark.NO_LOAD: N_("The vehicle is registered and has no manifest: it has to be empty."),
        Remark.UNKNOWN_VEHICLE: N_("No carrier of this platform has registered this plate."),
    }
)
"""What an inspector should look at."""
