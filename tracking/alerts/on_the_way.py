"""What do alerts about vehicles and devices mean, and what is to be done?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compliance.record.errors import N_
from tracking.alerts.kinds import Kind, Severity, Sheet, Subject, Told

ON_THE_WAY: Mapping[Kind, Sheet] = MappingProxyType(
    {
        Kind.OFF_ROUTE: Sheet(
            Severity.WARNING,
            "M8",
            Subject.TRIP,
            Told.PARTIES,
            N_("Off the planned route"),
            N_("The loaded vehicle was outside the corridor of its planned route for longer than allowed."),
            N_("Ask the driver for the reason; look at stops and doors on the stretch off the route."),
        ),
        Kind.INCIDENT: Sheet(
            Severity.ALARM,
            "M18",
            Subject.TRIP,
            Told.PARTIES,
            N_("Incident with the load"),
            N_("Whoever is with the load reports an accident or a spill, with what happened and where."),
            N_("Call the driver, start the emergency plan, inform the authority of the place."),
        ),
        Kind.MISMATCH_REPORTED: Sheet(
            Severity.WARNING,
            "M12",
            Subject.TRIP,
            Told.PARTIES,
            N_("The load is not what its manifest says"),
            N_("The receiver found another kind, property, form, packaging or marks than the manifest says."),
            N_("Read what differs; the report to the authority at the receiving place is this alert."),
        ),
        Kind.EXCEPTION_ASKED: Sheet(
            Severity.WARNING,
            "M16",
            Subject.TRIP,
            Told.PARTIES,
            N_("Leave is asked"),
            N_("A load stands: somebody asks leave to go on although a rule or a missing signer stops it."),
            N_("Read what is asked and what shows it, and decide on the manifest's page."),
        ),
        Kind.EXCEPTION: Sheet(
            Severity.WARNING,
            "M16",
            Subject.TRIP,
            Told.PARTIES,
            N_("Let through by exception"),
            N_("Leave was given to sign an act that a rule, or a missing signer, stood against."),
            N_("Read the reason and what shows it on the manifest; ask whoever granted it."),
        ),
        Kind.ON_PAPER: Sheet(
            Severity.NOTICE,
            "M15",
            Subject.TRIP,
            Told.PARTIES,
            N_("Runs on paper"),
            N_(
                "The steps of this transfer are signed on paper; nothing of them is here until it is entered."
            ),
            N_("See that the paper is entered within ten working days after the transfer ended."),
        ),
        Kind.RESTRICTED_AREA: Sheet(
            Severity.ALARM,
            "M8",
            Subject.TRIP,
            Told.PARTIES,
            N_("In a restricted area"),
            N_("The loaded vehicle was in an area that hazardous waste must not pass."),
            N_("Have the driver leave the area; ask the carrier for the reason and the permit."),
        ),
        Kind.OVERSPEED: Sheet(
            Severity.WARNING,
            "M8",
            Subject.VEHICLE,
            Told.PARTIES,
            N_("Too fast"),
            N_(
                "The vehicle drove faster than its limit for longer than a passing gust of bad fixes "
                "explains."
            ),
            N_("Have the carrier speak with the driver; repeated cases belong into the carrier's file."),
        ),
        Kind.UNPLANNED_STOP: Sheet(
            Severity.WARNING,
            "M8",
            Subject.TRIP,
            Told.PARTIES,
            N_("Unplanned stop"),
            N_("The loaded vehicle stood still at a place that is no site of the trip and no rest area."),
            N_("Ask the driver for the reason; compare the weights of both ends."),
        ),
        Kind.SILENCE: Sheet(
            Severity.WARNING,
            "M8",
            Subject.DEVICE,
            Told.PARTIES,
            N_("Silent"),
            N_("The device said nothing for longer than three of its intervals while it should have spoken."),
            N_("Ask the carrier; the terminal may be broken, unplugged or without signal."),
        ),
        Kind.DOOR_OPENED: Sheet(
            Severity.ALARM,
            "M8",
            Subject.TRIP,
            Told.PARTIES,
            N_("Door opened on the way"),
            N_("The loading door was opened away from the sites of the trip."),
            N_("Ask the driver for the reason; compare the weights of both ends."),
        ),
        Kind.SEAL_BROKEN: Sheet(
            Severity.ALARM,
            "M8",
            Subject.TRIP,
            Told.PARTIES,
            N_("Seal broken"),
            N_("The electronic seal says that it was opened or cut before the receiving site."),
            N_("Have the receiver photograph the seal and weigh the load before it is unloaded."),
        ),
        Kind.LOAD_CHANGED: Sheet(
            Severity.ALARM,
            "M8",
            Subject.TRIP,
            Told.PARTIES,
            N_("Load changed on the way"),
            N_("The load sensor says that mass came on or off between the two sites of the trip."),
            N_("Compare the weights of both ends; look at stops near the moment of the change."),
        ),
        Kind.WRONG_DRIVER: Sheet(
            Severity.WARNING,
            "M7",
            Subject.TRIP,
            Told.PARTIES,
            N_("Another driver than the manifest names"),
            N_("The driver's card in the terminal is not that of the driver on the manifest."),
            N_("Have the carrier correct the manifest or explain who drove."),
        ),
        Kind.CONTENT_CONFLICT: Sheet(
            Severity.ALARM,
            "telemetry 1.2",
            Subject.DEVICE,
            Told.OVERSEERS,
            N_("One number, two contents"),
            N_("A device sent another content under a sequence number that was already stored."),
            N_("Look for a copied or manipulated device; renew its incarnation and credentials."),
        ),
    }
)
"""Said by positions, events and the stream of messages itself."""
