"""What do alerts about what a site has booked or left undone mean, and what is to be done?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compliance.record.errors import N_
from tracking.alerts.kinds import Kind, Severity, Sheet, Subject, Told

ON_THE_BOOKS: Mapping[Kind, Sheet] = MappingProxyType(
    {
        Kind.QUOTA_EXCEEDED: Sheet(
            Severity.ALARM,
            "L4",
            Subject.SITE,
            Told.PARTIES,
            N_("Licence exceeded by more than a fifth"),
            N_(
                "With this load the receiver has taken more than 120 % of what its licence allows in the "
                "year: beyond that it needs a new licence."
            ),
            N_(
                "Have it take nothing more under this licence; ask for its application and look at its stock."
            ),
        ),
        Kind.DEADLINE_OVERDUE: Sheet(
            Severity.WARNING,
            "A1",
            Subject.ORGANISATION,
            Told.PARTIES,
            N_("Not done in time"),
            N_("A day has passed by which its owner had to do something; nothing shows that it was done."),
            N_("Ask the owner; look at the page of deadlines for the rule and for what ends the clock."),
        ),
        Kind.STORE_OVER_LIMIT: Sheet(
            Severity.WARNING,
            "L8",
            Subject.SITE,
            Told.PARTIES,
            N_("More lies there than may"),
            N_(
                "By ledgers and manifests (an estimate), more of a waste lies at the site, or in one of its "
                "facilities, than its licence, plan or environmental assessment allows."
            ),
            N_("Look at the store; have treatment caught up or receiving stopped, or the ledger corrected."),
        ),
    }
)
