"""In which words is a complaint told and answered?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compliance.cases.rules import Kind, Outcome
from compliance.record.errors import N_

KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.DUMPING: N_("Dumping or burying of waste"),
        Kind.UNLICENSED: N_("Taking or treating waste without a licence"),
        Kind.FALSE_PAPER: N_("False manifests or weights"),
        Kind.SPILL: N_("Spill, leak or smell on the way"),
        Kind.STORAGE: N_("Waste stored wrongly"),
        Kind.OTHER: N_("Something else"),
    }
)
OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.CONFIRMED: N_("It is so"),
        Outcome.UNFOUNDED: N_("It was not found"),
        Outcome.PASSED_ON: N_("Passed on to another authority"),
        Outcome.NOT_OURS: N_("Not taken up"),
    }
)
DUTIES: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.DUMPING: ("general_liability",),
        Kind.UNLICENSED: ("hw_licence",),
        Kind.FALSE_PAPER: ("hw_manifest", "hw_plan_ledger"),
        Kind.SPILL: ("hw_transport", "general_liability"),
        Kind.STORAGE: ("hw_storage_1y", "hw_segregation"),
    }
)
"""Which duties of the law fail, where it is as a complaint says (`data/penalties.csv`)."""
