"""What do alerts about weighings mean, and what is to be done?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compliance.record.errors import N_
from tracking.alerts.kinds import Kind, Severity, Sheet, Subject, Told

AT_THE_SCALE: Mapping[Kind, Sheet] = MappingProxyType(
    {
        Kind.WEIGHT_JUMP: Sheet(
            Severity.ALARM,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Weight jumped while it stood still"),
            N_(
                "The weight changed by more than a settling deck can, with no wheel moving: so works a "
                "remote-control box."
            ),
            N_("Weigh the vehicle anew on another scale; have load cells, junction box and cable examined."),
        ),
        Kind.NO_AXLES: Sheet(
            Severity.ALARM,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Weight came without axles"),
            N_("The weight rose in one step where the axles of a vehicle come on one after another."),
            N_("Look at the photographs and the curve; have the indicator and its line examined."),
        ),
        Kind.HALF_ON_DECK: Sheet(
            Severity.ALARM,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Not all axles on the deck"),
            N_(
                "Fewer axles came onto the deck than this vehicle has, or it weighs less than it ever "
                "weighed empty."
            ),
            N_(
                "Look at the photographs; weigh anew with all wheels on the deck; check the beams at its "
                "ends."
            ),
        ),
        Kind.TWO_VEHICLES: Sheet(
            Severity.ALARM,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("More than one vehicle on the deck"),
            N_("More axles came onto the deck than this vehicle has, or more mass than it can carry."),
            N_("Look at the photographs; weigh anew with this vehicle alone."),
        ),
        Kind.DECK_PROPPED: Sheet(
            Severity.ALARM,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Deck held up at one end"),
            N_(
                "The axles weigh otherwise coming on than going off, or the empty deck shows another zero "
                "after: a plate, a prop or dirt carries part of the load."
            ),
            N_("Have the gaps around the deck examined before the next weighing; weigh anew."),
        ),
        Kind.TARE_BAND: Sheet(
            Severity.WARNING,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Empty weight out of its band"),
            N_(
                "The vehicle weighs otherwise empty than it did before: another vehicle under this plate, "
                "or another trailer."
            ),
            N_(
                "Look at the photographs and the vehicle's papers; confirm a rebuilt vehicle, then its "
                "band begins anew."
            ),
        ),
        Kind.TARE_ADDED: Sheet(
            Severity.WARNING,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Something aboard the empty vehicle"),
            N_(
                "The empty vehicle is heavier than it was, by as much as people, water or a rest of the "
                "load weigh."
            ),
            N_("Have the vehicle emptied and weighed anew, with nobody aboard."),
        ),
        Kind.VEHICLE_ELSEWHERE: Sheet(
            Severity.ALARM,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Weighed where it was not"),
            N_("At the moment of the ticket the vehicle's own terminal was far from the scale."),
            N_("Look at the photographs: a swapped plate, or a ticket without a vehicle."),
        ),
        Kind.LOAD_CONTRADICTS: Sheet(
            Severity.WARNING,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Load sensor says otherwise"),
            N_("The vehicle's load sensor says empty where the ticket says loaded, or the other way round."),
            N_("Look at the photographs; have the load sensor checked if this comes again."),
        ),
        Kind.SHADOW_WEIGHING: Sheet(
            Severity.NOTICE,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("On the deck without a ticket"),
            N_("A vehicle stood on the deck and left, and no ticket was written for it."),
            N_("Ask the operator which vehicle it was; look for loads that were weighed and not declared."),
        ),
        Kind.ZERO_MISSED: Sheet(
            Severity.WARNING,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Zero was not reached"),
            N_(
                "The deck did not show zero before the vehicle came on: something lay on it, or its zero "
                "was moved."
            ),
            N_("Clean and zero the deck, weigh anew."),
        ),
        Kind.TICKET_GAP: Sheet(
            Severity.WARNING,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Ticket numbers are missing"),
            N_("The scale numbers its tickets without gaps, and numbers before this one never came."),
            N_("Wait for a scale that was off line; otherwise ask what became of the missing tickets."),
        ),
        Kind.REPRINTED: Sheet(
            Severity.NOTICE,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Ticket printed again"),
            N_("The ticket was printed more than once, so that one paper may stand for two loads."),
            N_("Ask for all prints of this ticket."),
        ),
        Kind.TYPED_WEIGHT: Sheet(
            Severity.ALARM,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Weight typed by hand"),
            N_("The weight was not read off the indicator but typed by a person."),
            N_("Ask who typed it and why; weigh anew before anything is paid."),
        ),
        Kind.TYPED_TARE: Sheet(
            Severity.NOTICE,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Empty weight not weighed"),
            N_("The empty weight was typed or taken from the store, not weighed for this load."),
            N_("Compare it with the vehicle's band; have the vehicle weighed empty."),
        ),
        Kind.PLATES_DIFFER: Sheet(
            Severity.WARNING,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Plates differ"),
            N_("Camera, desk and server did not name the same vehicle for one weighing."),
            N_("Look at the photographs: a swapped plate, a dirty one, or a ticket for another vehicle."),
        ),
        Kind.PHOTO_AGAIN: Sheet(
            Severity.WARNING,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Same photo as an earlier ticket"),
            N_(
                "The very bytes of a photo stand in an earlier ticket: the camera hangs, or is fed a "
                "recording."
            ),
            N_("Compare both tickets; have the camera and its line examined."),
        ),
        Kind.VOID_AFTER_SIGNING: Sheet(
            Severity.ALARM,
            "telemetry 3.2",
            Subject.WEIGHING,
            Told.OVERSEERS,
            N_("Ticket void after the load was signed"),
            N_(
                "The scale made a ticket void after somebody had signed for the load that it weighed. What "
                "was signed stands until somebody has looked."
            ),
            N_(
                "Ask who made it void and why; have the load weighed anew or the manifest corrected before "
                "anything is paid."
            ),
        ),
        Kind.CERTIFICATE: Sheet(
            Severity.WARNING,
            "telemetry 3.2",
            Subject.DEVICE,
            Told.PARTIES,
            N_("Scale without valid verification"),
            N_("On the day of the weighing the scale's verification had run out."),
            N_(
                "Have the scale verified and enter the new certificate; the weights of the days between "
                "are open to dispute."
            ),
        ),
        Kind.CALIBRATION_DRIFT: Sheet(
            Severity.WARNING,
            "telemetry 3.2",
            Subject.DEVICE,
            Told.OVERSEERS,
            N_("Scale drifts against the others"),
            N_(
                "Loads that this scale and others weighed differ by more than before, always to the same "
                "side: its calibration was changed or wears off."
            ),
            N_("Have the scale checked with test weights; look for a calibration nobody ordered."),
        ),
        Kind.CHAIN_BROKEN: Sheet(
            Severity.ALARM,
            "telemetry 1.10",
            Subject.DEVICE,
            Told.OVERSEERS,
            N_("Chain of tickets broken"),
            N_(
                "A ticket does not fit the one before it, or its signature is not the scale's: one was "
                "removed, changed or slipped in."
            ),
            N_("Secure the scale's agent with its outbox; compare its tickets with those here."),
        ),
        Kind.WEIGHTS_DISAGREE: Sheet(
            Severity.WARNING,
            "S2",
            Subject.TRIP,
            Told.PARTIES,
            N_("Both ends weigh otherwise"),
            N_("The two nets differ by more than the instruments, the moisture and the fuel explain."),
            N_("Weigh anew or open a dispute; only what both ends agree upon is paid."),
        ),
    }
)
"""Said by tickets, curves and the comparison of both ends (telemetry.md 3.2)."""
