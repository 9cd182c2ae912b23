"""Who had a load, when and where, what did it weigh, and does the record of it hold?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.manifests import crew
from compliance.manifests import queries as manifests
from compliance.manifests.crew import Crewed
from compliance.manifests.rules import NEXT, OPEN_STATES, State
from compliance.manifests.tables import Manifest, ManifestLeg, ManifestPaper
from compliance.receipts.rules import TOLERANCE_PERMILLE, Comparison
from compliance.receipts.tables import Receipt
from compliance.record import ledger
from compliance.record.errors import N_
from compliance.record.ledger import Recorded
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation, Site
from marketplace.web.pages import custody_facts
from marketplace.web.pages.custody_facts import Signature
from tracking.trips.tables import Trip
from tracking.weighings import queries as weighings
from tracking.weighings.rules import Place
from tracking.weighings.tables import Weighing

PATH = (
    State.DRAFT,
    State.ISSUED,
    State.LOADED,
    State.IN_TRANSIT,
    State.ARRIVED,
    State.ACCEPTED,
    State.CONFIRMED,
    State.TREATED,
    State.CLOSED,
)
"""The way of a load that meets no trouble; a partial acceptance or a refusal takes the place of its step."""
INSTEAD = {
    State.PARTLY_ACCEPTED: State.ACCEPTED,
    State.REFUSED: State.ACCEPTED,
    State.RETURNING: State.ACCEPTED,
}
MEANWHILE = {State.HANDOVER: State.IN_TRANSIT, State.PAPER_BACKFILL: State.IN_TRANSIT}
"""States that take the place of a step only while a load stands in them."""
ENDS_BADLY = frozenset({State.REFUSED, State.RETURNING, State.CANCELLED})


EVENTS: Mapping[str, str] = {
    "DealAgreed": N_("The deal was agreed"),
    "DealMoved": N_("The deal moved on"),
    "ManifestDrafted": N_("The manifest was drawn up"),
    "ManifestIssued": N_("The manifest was issued and numbered"),
    "ManifestSigned": N_("The manifest was signed"),
    "ManifestPacked": N_("The mover said how the load is packed"),
    "ManifestReassigned": N_("The carrier filled in another vehicle"),
    "LoadRefused": N_("The load was refused"),
    "LoadSentOn": N_("What was refused goes on under another manifest"),
    "HandoverAgreed": N_("Two carriers agreed where the load changes hands"),
    "LoadBatchesNamed": N_("The mover's batches of the load were named"),
    "LoadTakenOver": N_("Another carrier took the load over"),
    "ExceptionAsked": N_("Leave was asked to go on by exception"),
    "ExceptionGranted": N_("An exception was granted"),
    "MismatchReported": N_("The load differed from its manifest: the authority was told"),
    "IncidentReported": N_("An incident was reported"),
    "ExceptionDenied": N_("An exception was denied"),
    "ExceptionUsed": N_("An act was signed by exception"),
    "EscortNamed": N_("Escort named"),
    "CarrierReplaced": N_("Another carrier was named by exception"),
    "CorrectionProposed": N_("A correction was proposed"),
    "CorrectionAnswered": N_("An affected party answered a correction"),
    "CorrectionDropped": N_("A correction was rejected or taken back"),
    "ManifestCorrected": N_("A correction is in force"),
    "TransferOnPaper": N_("The transfer runs on paper"),
    "PaperEntered": N_("The paper manifest was entered"),
    "NationalNumberEntered": N_("The number of the national system was entered"),
    "HandCodeShown": N_("A code was shown by which the load changes hands"),
    "HandedByCode": N_("The load changed hands by a code: two signatures in one act"),
    "ActKept": N_("A terminal handed in what was signed without signal"),
    "KeptActMoved": N_("An act signed without signal was taken, set aside or decided upon"),
    "TripPlanned": N_("The trip was planned"),
    "RunChanged": N_("The loads on the vehicle were put together anew"),
    "TripStarted": N_("The vehicle left the loading site"),
    "TripArrived": N_("The vehicle reached the receiving site"),
    "TripCancelled": N_("The trip was called off"),
    "TripDeviated": N_("The vehicle left its planned route"),
    "TripRejoined": N_("The vehicle is back on its planned route"),
    "TripInRestrictedArea": N_("The vehicle entered a restricted area without approval"),
    "TripTooFast": N_("The vehicle was too fast"),
    "TripHalted": N_("The vehicle stood on its way, away from every site"),
    "TripSilent": N_("Nothing was heard of the vehicle"),
    "TripOpened": N_("Something was opened on the road"),
    "EpisodeWithdrawn": N_("Late data disproved what was reported"),
    "Weighed": N_("A scale weighed the vehicle"),
    "WeighingVoided": N_("The scale made a ticket void"),
    "ReceiptDrafted": N_("Both weights were compared"),
    "ReceiptWithdrawn": N_("The comparison was taken back: a weight is no longer there"),
    "ReceiptSigned": N_("The receipt was signed"),
    "WeightDisputed": N_("The weights differ by more than the tolerance"),
}
"""What the events about a load say to a person."""


@dataclass(frozen=True, slots=True)
class Step:
    """One state on the manifest's way: `look` is done, now, next or bad; `signatures` led into it."""

    state: str
    look: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """What one end weighed; `net_kg` once both tickets are there, `shared` among several loads."""

    place: str
    site: str
    tickets: tuple[Weighing, ...]
    net_kg: int | None
    shared: bool
    simulated: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """The two nets side by side, as the tolerance of the contract sees them."""

    sender_kg: int
    receiver_kg: int
    receiver_typed: bool
    accepted_kg: int | None
    gap_kg: int
    gap_permille: float
    tolerance_kg: int
    tolerance_parts: Mapping[str, object]
    within: bool
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Link:
    """One event of the record about this load; `holds`: its content and the event before fit their hashes."""

    seq: int
    kind: str
    said: str
    at: datetime
    hash: str
    previous_hash: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Leg:
    """One hand-over with the names of both carriers."""

    row: ManifestLeg
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Custody:
    """The whole chain of custody of one manifest."""

    manifest: Manifest
    mover: Organisation
    carrier: Organisation
    receiver: Organisation
    origin: Site
    destination: Site
    driver: Crewed | None
    escort: Crewed | None
    steps: tuple[Step, ...]
    signatures: tuple[Signature, ...]
    scales: tuple[Scale, ...]
    balance: Balance | None
    trip: Trip | None
    links: tuple[Link, ...]
    legs: tuple[Leg, ...] = ()
    paper: ManifestPaper | None = None
    parent: Manifest | None = None
    linked: tuple[Manifest, ...] = ()

    @property
    def holds(self) -> bool:
        """Tell whether every event about this load is what its hash says."""
        return all(link.holds for link in self.links)

    @property
    def document_hash(self) -> str:
        """Return the hash that the newest signature covers, empty before the first."""
        return self.signatures[-1].document_hash if self.signatures else ""

    @property
    def seen(self) -> str:
        """Return a short name of what is shown, which changes with it."""
        parts = (self.manifest.version, self.trip.version if self.trip else 0, len(self.links))
        return "-".join(str(part) for part in parts)

    @property
    def simulated(self) -> bool:
        """Tell whether a party of the demonstration world takes part."""
        return self.mover.simulated or self.carrier.simulated or self.receiver.simulated


def of(session: Session, manifest: Manifest) -> Custody:
    """Gather a manifest's chain of custody; the caller has made sure that the manifest may be seen."""
    found = custody_facts.behind(session, manifest.id)
    trip, receipt = found.trip, found.receipt
    signed = custody_facts.signatures(session, manifest.id, found.parties)
    return Custody(
        manifest=manifest,
        mover=found.mover,
        carrier=found.carrier,
        receiver=found.receiver,
        origin=found.origin,
        destination=found.destination,
        driver=crew.member(found.statement, "driver", found.driver),
        escort=crew.member(found.statement, "escort", found.escort),
        steps=steps(State(manifest.resume_state or manifest.state), signed),
        signatures=signed,
        scales=scales(session, trip, found.sites) if trip else (),
        balance=balance(receipt) if receipt else None,
        trip=trip,
        links=links(session, _subjects(manifest, trip, receipt)),
        legs=_legs(session, manifest) if found.handed_over else (),
        paper=found.paper,
        parent=session.get(Manifest, manifest.parent_id) if manifest.parent_id else None,
        linked=tuple(manifests.linked(session, manifest.id)) if found.sent_on else (),
    )


def _legs(session: Session, manifest: Manifest) -> tuple[Leg, ...]:
    rows = manifests.legs(session, manifest.id)
    names = registry.organisations(
        session, {key for leg in rows for key in (leg.from_carrier_id, leg.carrier_id)}
    )
    return tuple(Leg(leg, names[leg.from_carrier_id].name, names[leg.carrier_id].name) for leg in rows)


def signed_hash(session: Session, manifest: Manifest) -> str:
    """Return the hash of the document that the newest signature covers, empty before the first."""
    given = manifests.signatures(session, manifest.id)
    return given[-1].document_hash if given else ""


def steps(state: State, signed: Sequence[Signature]) -> tuple[Step, ...]:
    """Return the manifest's way with what is done, where it stands and what is still ahead."""
    path = _path(state, signed)
    here = path.index(state) if state in path else len(path)
    return tuple(
        Step(one.value, _look(one, place, here), tuple(by for by in signed if _leads_to(by, one)))
        for place, one in enumerate(path)
    )


def _path(state: State, signed: Sequence[Signature]) -> list[State]:
    if state is State.CANCELLED:
        met = [one for one in PATH if any(_leads_to(by, one) for by in signed)]
        return [State.DRAFT, *met, State.CANCELLED]
    taken = {INSTEAD[end]: end for end in INSTEAD if any(_leads_to(by, end) for by in signed)}
    taken |= {MEANWHILE[state]: state} if state in MEANWHILE else {}
    path = [taken.get(one, one) for one in PATH]
    if taken.get(State.ACCEPTED) in ENDS_BADLY or state in ENDS_BADLY:
        ended = path[: path.index(taken.get(State.ACCEPTED, State.ACCEPTED)) + 1]
        return [*ended, State.CLOSED] if state is State.CLOSED else ended
    return path


def _look(one: State, place: int, here: int) -> str:
    if one in ENDS_BADLY:
        return "bad"
    if place == here and one in OPEN_STATES:
        return "now"
    return "done" if place <= here else "next"


def _leads_to(signature: Signature, state: State) -> bool:
    return (signature.act, state) in _LEADS


_LEADS = frozenset((act.value, to) for (at, act), to in NEXT.items() if at is not to)


def scales(session: Session, trip: Trip, sites: Mapping[UUID, Site]) -> tuple[Scale, ...]:
    """Return what both ends of a trip weighed, the source first; empty ends are left out."""
    found = weighings.with_scales(session, trip)
    ends = {Place.SOURCE: trip.origin_site_id, Place.DESTINATION: trip.destination_site_id}
    nets = {
        Place.SOURCE: (trip.sender_kg, trip.sender_shared),
        Place.DESTINATION: (trip.receiver_kg, trip.receiver_shared),
    }
    return tuple(
        Scale(
            place.value,
            sites[ends[place]].name,
            tuple(row for row, _ in own),
            *nets[place],
            any(simulated for _, simulated in own),
        )
        for place in Place
        if (own := [pair for pair in found if pair[0].place == place.value])
    )


def balance(receipt: Receipt) -> Balance:
    """Return the two nets of a receipt with their gap in per mille and what the tolerance says of it."""
    comparison = Comparison(receipt.sender_kg, receipt.receiver_kg, receipt.tolerance_kg)
    return Balance(
        sender_kg=receipt.sender_kg,
        receiver_kg=receipt.receiver_kg,
        receiver_typed=receipt.receiver_typed,
        accepted_kg=receipt.accepted_kg,
        gap_kg=comparison.gap_kg,
        gap_permille=float(comparison.gap_permille),
        tolerance_kg=comparison.tolerance_kg,
        tolerance_parts=receipt.tolerance_parts or {"basis": "default", "permille": f"{TOLERANCE_PERMILLE}"},
        within=receipt.within_tolerance,
        state=receipt.state,
        reason=receipt.reason,
    )


def _subjects(manifest: Manifest, trip: Trip | None, receipt: Receipt | None) -> list[UUID]:
    return [manifest.id, manifest.deal_id, *([trip.id] if trip else []), *([receipt.id] if receipt else [])]


def links(session: Session, subjects: list[UUID]) -> tuple[Link, ...]:
    """Return the events about these things, each checked against its own hash and the event before it."""
    return tuple(_link(one, holds) for one, holds in ledger.checked(session, subjects))


def _said(one: Recorded) -> str:
    return EVENTS.get(one.event.kind, one.event.kind)


def _link(one: Recorded, holds: bool) -> Link:
    return Link(
        seq=one.seq,
        kind=one.event.kind,
        said=_said(one),
        at=one.event.at,
        hash=one.hash,
        previous_hash=one.previous_hash,
        holds=holds,
    )
