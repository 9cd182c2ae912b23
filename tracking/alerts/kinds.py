"""Which kinds of alerts are there, and what is said of each?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody should look."""

    NOTICE = "notice"
    WARNING = "warning"
    ALARM = "alarm"


class Subject(StrEnum):
    """What tells two alerts of one kind apart beside their start."""

    DEVICE = "device"
    VEHICLE = "vehicle"
    TRIP = "trip"
    WEIGHING = "weighing"
    SITE = "site"
    ORGANISATION = "organisation"


class Told(StrEnum):
    """Who hears of an alert: the parties it concerns too, or only those who oversee.

    A sign of cheating is not told to whoever may have cheated before somebody has looked.
    """

    PARTIES = "parties"
    OVERSEERS = "overseers"


class Kind(StrEnum):
    """What was noticed."""

    OFF_ROUTE = "off_route"
    RESTRICTED_AREA = "restricted_area"
    OVERSPEED = "overspeed"
    UNPLANNED_STOP = "unplanned_stop"
    SILENCE = "silence"
    EXCEPTION_ASKED = "exception_asked"
    EXCEPTION = "exception"
    MISMATCH_REPORTED = "mismatch_reported"
    INCIDENT = "incident"
    ON_PAPER = "on_paper"
    DOOR_OPENED = "door_opened"
    SEAL_BROKEN = "seal_broken"
    LOAD_CHANGED = "load_changed"
    WRONG_DRIVER = "wrong_driver"
    CONTENT_CONFLICT = "content_conflict"

    WEIGHT_JUMP = "weight_jump"
    NO_AXLES = "no_axles"
    HALF_ON_DECK = "half_on_deck"
    TWO_VEHICLES = "two_vehicles"
    DECK_PROPPED = "deck_propped"
    TARE_BAND = "tare_band"
    TARE_ADDED = "tare_added"
    VEHICLE_ELSEWHERE = "vehicle_elsewhere"
    LOAD_CONTRADICTS = "load_contradicts"
    SHADOW_WEIGHING = "shadow_weighing"
    ZERO_MISSED = "zero_missed"
    TICKET_GAP = "ticket_gap"
    REPRINTED = "reprinted"
    TYPED_WEIGHT = "typed_weight"
    TYPED_TARE = "typed_tare"
    PLATES_DIFFER = "plates_differ"
    PHOTO_AGAIN = "photo_again"
    VOID_AFTER_SIGNING = "void_after_signing"
    CERTIFICATE = "certificate"
    CALIBRATION_DRIFT = "calibration_drift"
    CHAIN_BROKEN = "chain_broken"
    WEIGHTS_DISAGREE = "weights_disagree"

    QUOTA_EXCEEDED = "quota_exceeded"
    DEADLINE_OVERDUE = "deadline_overdue"
    STORE_OVER_LIMIT = "store_over_limit"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What people are told of one kind: its name, what it means, what to do; `rule` is what asks for it."""

    severity: Severity
    rule: str
    subject: Subject
    told: Told
    name: str
    means: str
    remedy: str
