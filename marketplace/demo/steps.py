"""What is the next thing a person has to do for a load, and who is it?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from compliance.manifests.rules import State as ManifestState
from tracking.trips.rules import State as TripState


class Step(StrEnum):
    """The acts of people along the loop, in order."""

    ISSUE = "issue"
    ARRIVE = "arrive"
    LOAD = "load"
    DEPART = "depart"
    DELIVER = "deliver"
    RECEIVE = "receive"
    PAY = "pay"
    TREAT = "treat"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Load:
    """Where one load stands, as far as its next step depends on it."""

    manifest: ManifestState
    trip: TripState
    at_origin: bool
    source_weighed: bool
    at_destination: bool
    receipt_drafted: bool
    unpaid: bool


def next_step(load: Load) -> Step | None:
    """Return the next act that some person owes this load; None while devices or nobody have the turn."""
    moving = {
        ManifestState.DRAFT: Step.ISSUE,
        ManifestState.LOADED: Step.DEPART,
        ManifestState.IN_TRANSIT: Step.DELIVER if load.at_destination else None,
        ManifestState.ARRIVED: Step.RECEIVE if load.receipt_drafted else None,
    }
    if load.manifest in moving:
        return moving[load.manifest]
    if load.manifest is ManifestState.ISSUED:
        return _at_origin(load)
    if load.unpaid:
        return Step.PAY
    return {ManifestState.CONFIRMED: Step.TREAT, ManifestState.TREATED: Step.CLOSE}.get(load.manifest)


def _at_origin(load: Load) -> Step | None:
    if load.trip is TripState.PLANNED:
        return Step.ARRIVE if load.at_origin else None
    return Step.LOAD if load.trip is TripState.AT_ORIGIN and load.source_weighed else None
