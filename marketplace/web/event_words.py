"""In which words does a party's timeline tell what happened?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compliance.record.errors import N_

EVENT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "DocumentSubmitted": N_("Document submitted"),
        "DocumentChecked": N_("Document accepted by the first reviewer"),
        "DocumentAccepted": N_("Document accepted"),
        "DocumentReturned": N_("Document given back"),
        "DocumentWithdrawn": N_("Document taken back"),
        "DocumentRevoked": N_("Document revoked"),
        "OrganisationRegistered": N_("Registered"),
        "OrganisationApplied": N_("Applied for a further role"),
        "OrganisationApproved": N_("Approved for a role"),
        "OrganisationSuspended": N_("Suspended"),
        "SuspensionLifted": N_("Suspension lifted"),
        "SiteAdded": N_("Site entered"),
        "PersonAdded": N_("Person entered"),
        "VehicleAdded": N_("Vehicle entered"),
        "FundsArrived": N_("Money arrived"),
        "ReceivingChanged": N_("Receiving hours changed"),
        "QuotaNear": N_("Yearly quantity nearly used up"),
        "QuotaExceeded": N_("Yearly quantity exceeded by more than a fifth"),
        "VisitCalledOff": N_("A drawn visit was called off"),
        "VisitFound": N_("Visited: findings"),
        "VisitPassed": N_("Visited: nothing found"),
        "VisitRechecked": N_("Visited again: put right"),
        "PastSimulated": N_("A simulated past was put in"),
        "VisitFailed": N_("Visited again: not put right"),
    }
)
"""Kinds of events about a party; a kind that is not here is told by its own name."""
