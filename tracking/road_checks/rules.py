"""What did an inspector ask for at the roadside, and what does the record answer?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from compliance.manifests.rules import NUMBER, State
from tracking.fleet.rules import plate_key

LONGEST = 400
_LINK = re.compile(r"/manifests/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{64}$")
"""It ends the text; a field of one line has swallowed the line ends before it."""
_PLATE = re.compile(r"^[\w]{5,10}$")

OVER = frozenset(
    {
        State.ACCEPTED,
        State.PARTLY_ACCEPTED,
        State.CONFIRMED,
        State.TREATED,
        State.CLOSED,
        State.CANCELLED,
    }
)
"""The load was handed over, or never moved: nothing may travel on this manifest any more."""
UNSAID = frozenset({State.DRAFT})
"""Not signed by anybody yet: it is no manifest."""

FAR_M = 5_000.0
FRESH = timedelta(minutes=30)


class By(StrEnum):
    """By what somebody asks."""

    PLATE = "plate"
    NUMBER = "number"
    QR = "qr"


class Verdict(StrEnum):
    """The answer in one word."""

    VALID = "valid"
    EXPIRED = "expired"
    NONE_FOUND = "none_found"


class Remark(StrEnum):
    """What an inspector should look at beside the papers."""

    OVER = "over"
    NOT_LOADED = "not_loaded"
    GOES_BACK = "goes_back"
    PAPER_CHANGED = "paper_changed"
    PAPER_OLD = "paper_old"
    ELSEWHERE = "elsewhere"
    NO_POSITION = "no_position"
    SEVERAL = "several"
    NO_LOAD = "no_load"
    UNKNOWN_VEHICLE = "unknown_vehicle"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed or scanned: a plate's key, a number, or a manifest's id with the hash on its paper."""

    by: By
    key: str
    document_hash: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was asked: degrees WGS-84 as far as the phone tells, and words."""

    lat: float | None = None
    lon: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One paper that does not hold on the day of the check, with its rule and article."""

    rule: str
    article: str
    message: str
    way_out: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holder:
    """A party as the register has it."""

    name: str
    uscc: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Licence:
    """The carrier's permit that is nearest to covering the load."""

    number: str
    kind: str
    valid_to: date


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the vehicle's own terminal said it was, and how far from the place of the check."""

    lat: float
    lon: float
    at: datetime
    speed_kmh: float | None
    apart_m: float | None


@dataclass(frozen=True, slots=True)
class Paper:
    """One manifest and everything that stands behind it, as of the check."""

    manifest_id: UUID
    number: str
    national_number: str
    state: str
    verdict: Verdict
    code: str
    waste_name: str
    hazardous: bool
    kg: int
    weighed: bool
    plate: str
    mover: Holder
    carrier: Holder
    receiver: Holder
    origin: str
    destination: str
    vehicle_permit_to: date | None
    driver: str
    driver_permit_to: date | None
    licences: Sequence[Licence]
    signed_act: str
    signed_at: datetime | None
    document_hash: str
    faults: Sequence[Fault]
    remarks: Sequence[Remark]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the inspector is told: one verdict, the manifests it rests on, and where the vehicle is."""

    verdict: Verdict
    papers: Sequence[Paper] = ()
    remarks: Sequence[Remark] = ()
    seen: Seen | None = None
    plate: str = ""


def read(text: str) -> Asked | None:
    """Tell what a typed or scanned text asks for; None where it is none of the three."""
    plain = unicodedata.normalize("NFKC", text).strip()
    link = _LINK.search(plain)
    if link is not None:
        printed = _HASH.search(plain[link.end() :])
        return Asked(By.QR, link.group(1).lower(), printed.group() if printed else "")
    key = plate_key(plain)
    if NUMBER.match(key):
        return Asked(By.NUMBER, key)
    looks_so = _PLATE.match(key) and any(sign.isdigit() for sign in key) and not key.isdigit()
    return Asked(By.PLATE, key) if looks_so else None


def verdict_of(state: State, faults: Collection[object]) -> Verdict:
    """Judge one manifest: in force, over, or with a paper behind it that has ended."""
    if state in UNSAID:
        return Verdict.NONE_FOUND
    return Verdict.EXPIRED if state in OVER or faults else Verdict.VALID


def verdict_of_all(verdicts: Collection[Verdict]) -> Verdict:
    """Judge a vehicle by all the manifests it runs on: one that has ended spoils the answer."""
    if not verdicts or set(verdicts) == {Verdict.NONE_FOUND}:
        return Verdict.NONE_FOUND
    return Verdict.EXPIRED if Verdict.EXPIRED in verdicts else Verdict.VALID


def remarks_on(state: State, printed: str, signed: Sequence[str]) -> list[Remark]:
    """Say what to look at on one manifest; `signed` are the hashes of its signatures, the newest last."""
    found = []
    if state in OVER:
        found.append(Remark.OVER)
    if state is State.ISSUED:
        found.append(Remark.NOT_LOADED)
    if state in {State.REFUSED, State.RETURNING}:
        found.append(Remark.GOES_BACK)
    if printed and printed not in signed:
        found.append(Remark.PAPER_CHANGED)
    elif printed and printed != signed[-1]:
        found.append(Remark.PAPER_OLD)
    return found


def remarks_on_place(seen: Seen | None, now: datetime) -> list[Remark]:
    """Say whether the vehicle's own terminal agrees with where it was stopped: a copied plate does not."""
    if seen is None or now - seen.at > FRESH:
        return [Remark.NO_POSITION]
    return [Remark.ELSEWHERE] if seen.apart_m is not None and seen.apart_m > FAR_M else []
