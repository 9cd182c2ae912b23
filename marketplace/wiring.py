"""Who reacts to what? The whole business flow, event by event, in one place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from compliance.ledgers import loads
from compliance.manifests import service as manifests
from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import Manifest
from compliance.pipelines import books
from compliance.pipelines.tables import PeriodManifest, Pipeline
from compliance.profiles import service as profiles
from compliance.qualification import queries as qualification
from compliance.qualification.entering import Terms
from compliance.qualification.rules import DocumentKind
from compliance.receipts import service as receipts
from compliance.record.clock import Now
from compliance.record.ledger import Event
from compliance.record.subscribers import Subscriber, Turn
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.rulebook.workdays import PUBLISHED_YEARS, Workdays
from marketplace.clocks import clocks
from marketplace.deals import service as deals
from marketplace.deals.rules import Act as DealAct
from marketplace.deals.tables import Deal
from marketplace.lots.tables import Lot
from marketplace.matches import queries as match_queries
from marketplace.matches import service as matches
from marketplace.needs.tables import Need
from marketplace.roads.choice import told
from marketplace.settlements import service as settlements
from matching.distances import Distances, Estimate
from tracking.alerts import overdue, quotas, stores
from tracking.alerts import queries as alert_queries
from tracking.alerts import service as alerts
from tracking.alerts.kinds import Kind as AlertKind
from tracking.alerts.rules import Subjects
from tracking.alerts.tables import Alert
from tracking.fleet import queries as fleet
from tracking.fleet import service as fleet_service
from tracking.positions import service as positions
from tracking.trips import queries as trip_queries
from tracking.trips import routes
from tracking.trips import service as trips
from tracking.trips.tables import Trip
from tracking.weighings import instruments
from tracking.weighings import service as weighings

CHANGES_MATCHES = frozenset(
    {
        "LotListed",
        "LotChanged",
        "NeedOpened",
        "NeedClosed",
        "DealAgreed",
        "DealMoved",
        "ManifestReassigned",
    }
)
MOVES_TRIPS = frozenset(
    {
        "ManifestDrafted",
        "ManifestSigned",
        "LoadRefused",
        "LoadTakenOver",
        "PaperEntered",
        "CarrierReplaced",
    }
)
MOVES_STORES = frozenset(
    {"StorageLimitSet", "ManifestSigned", "LedgerEntryMade", "LedgerEntryCorrected", "LedgerDrawn"}
)
MOVES_LEDGERS = frozenset({"ManifestSigned", "ManifestCorrected", "LedgerEntryMade", "LedgerEntryCorrected"})
TELLS = {
    "ExceptionAsked": AlertKind.EXCEPTION_ASKED,
    "ExceptionGranted": AlertKind.EXCEPTION,
    "TransferOnPaper": AlertKind.ON_PAPER,
    "MismatchReported": AlertKind.MISMATCH_REPORTED,
    "IncidentReported": AlertKind.INCIDENT,
}
"""What the inspectors hear of a load besides what its vehicle and scales say."""
DECIDES = frozenset({"ExceptionGranted", "ExceptionDenied"})
"""What ends the alert that leave is asked."""


def subscribers(
    now: Now, roads: Callable[[], Distances] = Estimate, calendar: Workdays = PUBLISHED_YEARS
) -> list[Subscriber]:
    """Return every reaction of the product.

    `now` is the instance's clock for the slow look-aheads; `roads` makes who measures the roads of one;
    `calendar` tells working days.
    """
    return [
        Subscriber("matches", CHANGES_MATCHES, _propose, partial(_work_out, now, roads)),
        Subscriber("manifests", frozenset({"DealAgreed"}), _draw_up_manifest),
        Subscriber("trips", MOVES_TRIPS, _follow_manifest),
        Subscriber(
            "routes", frozenset({"TripPlanned", "RunChanged"}), _measure_route, partial(_ask_road, roads)
        ),
        Subscriber("certificates", frozenset({"DocumentAccepted", "DocumentRevoked"}), _certify_vehicle),
        Subscriber("receipts", frozenset({"Weighed"}), _draft_receipt),
        Subscriber("live_map", frozenset({"AlertRaised", "AlertWithdrawn", "AlertClosed"}), _mark_on_the_map),
        Subscriber("settlements", frozenset({"ReceiptSigned"}), _draw_up_settlement),
        *clocks(calendar),
        Subscriber("ledgers", MOVES_LEDGERS, _keep_ledgers),
        Subscriber("exceptions", frozenset(TELLS) | DECIDES, _tell_inspectors),
        Subscriber(
            "overdue",
            frozenset({"DeadlineOverdue", "DeadlineLapsed"}),
            lambda turn: overdue.tell(turn.work, turn.event),
        ),
        Subscriber("quotas", frozenset({"QuotaExceeded"}), lambda turn: quotas.alarm(turn.work, turn.event)),
        Subscriber("stores", MOVES_STORES, lambda turn: stores.look(turn.work, turn.event)),
        Subscriber("deals", frozenset({"LoadRefused", "SettlementPaid", "ManifestSigned"}), _move_deal),
    ]


def _work_out(
    now: Now, roads: Callable[[], Distances], session: Session, fact: Event
) -> list[matches.Proposal]:
    distances = roads()
    found = matches.work_out(session, lots_touched(session, fact), now(), distances)
    told(distances)
    return found


def lots_touched(session: Session, fact: Event) -> set[UUID]:
    """Return the lots whose matches an event may have changed."""
    if fact.kind in {"LotListed", "LotChanged"}:
        return {fact.subject}
    if fact.kind == "NeedOpened":
        return match_queries.lots_of_code(session, session.get_one(Need, fact.subject).code)
    if fact.kind == "NeedClosed":
        return match_queries.lots_wanting(session, None, fact.subject)
    if fact.kind == "ManifestReassigned":
        taken = UUID(str(fact.data["vehicle"]))
        return match_queries.lots_wanting(session, taken, None) | match_queries.lots_without_match(session)
    deal = session.get_one(Deal, fact.subject)
    if fact.kind == "DealAgreed":
        return match_queries.lots_wanting(session, deal.vehicle_id, deal.need_id) | {deal.lot_id}
    return match_queries.lots_without_match(session)


def _propose(turn: Turn) -> None:
    assert isinstance(turn.prepared, list)
    matches.propose(turn.work, turn.prepared)


def _draw_up_manifest(turn: Turn) -> None:
    work = turn.work
    deal = work.session.get_one(Deal, turn.event.subject)
    vehicle = fleet.vehicle(work.session, deal.vehicle_id, work.who)
    drivers = registry.drivers_of(work.session, deal.carrier_id)
    driver = next((one for one in drivers if one.id == vehicle.driver_id), drivers[0] if drivers else None)
    lot = work.session.get_one(Lot, deal.lot_id)
    manifests.draft(
        work,
        manifests.NewManifest(
            deal_id=deal.id,
            mover_id=deal.producer_id,
            carrier_id=deal.carrier_id,
            receiver_id=deal.processor_id,
            origin_site_id=deal.origin_site_id,
            destination_site_id=deal.destination_site_id,
            vehicle_id=vehicle.id,
            plate=vehicle.plate,
            driver_id=driver.id if driver else None,
            code=deal.code,
            mode=deal.mode,
            planned_kg=deal.kg,
            lot_id=lot.id,
            packaging=lot.packaging,
            remarks=lot.note,
        ),
    )


def _follow_manifest(turn: Turn) -> None:
    fact, work = turn.event, turn.work
    row = work.session.get_one(Manifest, fact.subject)
    if fact.kind == "ManifestDrafted":
        lot = work.session.get_one(Lot, work.session.get_one(Deal, row.deal_id).lot_id)
        trips.plan(work, row, max(lot.ready_from, work.now) if row.parent_id is None else work.now)
    elif fact.kind in {"LoadTakenOver", "CarrierReplaced"}:
        trips.hand_over(work, row)
    elif fact.kind == "PaperEntered":
        loaded, ended = (datetime.fromisoformat(str(fact.data[name])) for name in ("loaded_at", "ended_at"))
        trips.deliver_on_paper(work, row.id, loaded, ended)
    elif fact.kind == "ManifestSigned" and fact.data["act"] == ManifestAct.LOAD.value:
        trip = trip_queries.by_manifest(work.session, row.id)
        if trip is not None:
            weighings.revisit(work, trip)
    elif fact.kind == "LoadRefused" or fact.data["act"] == ManifestAct.CANCEL.value:
        trips.end(work, row.id)


def _ask_road(roads: Callable[[], Distances], session: Session, fact: Event) -> routes.Way:
    distances = roads()
    found = routes.measured(session, session.get_one(Trip, fact.subject), distances)
    told(distances)
    return found


def _measure_route(turn: Turn) -> None:
    assert isinstance(turn.prepared, routes.Way)
    routes.redraw(turn.work.session, turn.event.subject, turn.prepared)


def _certify_vehicle(turn: Turn) -> None:
    """Let a vehicle carry what its accepted transport certificate says, and no longer than that (L9)."""
    fact, work = turn.event, turn.work
    if fact.data["paper"] != DocumentKind.VEHICLE_CERTIFICATE.value:
        return
    vehicle_id = UUID(str(fact.data["about"]))
    paper = qualification.longest(work.session, DocumentKind.VEHICLE_CERTIFICATE, vehicle_id)
    classes = Terms.read(paper.terms).classes if paper else ()
    fleet_service.certify(work, vehicle_id, classes, paper.valid_to if paper else None)


def _mark_on_the_map(turn: Turn) -> None:
    """Have every open map read a vehicle again about which an alert was raised, taken back or closed."""
    alert = turn.work.session.get(Alert, turn.event.subject)
    if alert is not None and alert.vehicle_id is not None:
        positions.touch(turn.work.session, [alert.vehicle_id])


def _draft_receipt(turn: Turn) -> None:
    data, work = turn.event.data, turn.work
    row = work.session.get_one(Manifest, UUID(str(data["manifest"])))
    told = row.loaded_kg if row.loaded_typed or row.parent_id is not None else None
    sender_kg = told if row.loaded_typed else data.get("sender_kg") or told
    if not data.get("receiver_kg") or not sender_kg:
        receipts.take_back(work, row)
        return
    tickets = [UUID(str(key)) for key in _listed(data["weighings"])]
    receiver_kg = int(str(data["receiver_kg"]))
    trip = work.session.get_one(Trip, turn.event.subject)
    allowed = instruments.told(instruments.tolerance_of(work.session, trip, receiver_kg))
    receipts.draft(work, row, int(str(sender_kg)), receiver_kg, tickets, allowed)


def _draw_up_settlement(turn: Turn) -> None:
    data, work = turn.event.data, turn.work
    if not _was_sent_off(work, UUID(str(data["manifest"]))):
        return
    deal = deals.move(work, UUID(str(data["deal"])), DealAct.RECEIVE)
    if deal is None:
        return
    accepted, payable = int(str(data["accepted_kg"])), int(str(data["payable_kg"]))
    settlements.draw_up(work, deal, UUID(str(data["manifest"])), payable, accepted - payable)


def _move_deal(turn: Turn) -> None:
    fact, work = turn.event, turn.work
    act = {"LoadRefused": DealAct.REFUSE, "SettlementPaid": DealAct.SETTLE}.get(fact.kind)
    if fact.kind == "ManifestSigned" and fact.data["act"] == ManifestAct.CANCEL.value:
        act = DealAct.CANCEL
    if act is DealAct.SETTLE or (act is not None and _was_sent_off(work, fact.subject)):
        deals.move(work, UUID(str(fact.data["deal"])), act)


def _was_sent_off(work: Work, manifest_id: UUID) -> bool:
    """Tell whether a deal is about a manifest's load: what went on after a refusal moves no deal."""
    return work.session.get_one(Manifest, manifest_id).parent_id is None


def _keep_ledgers(turn: Turn) -> None:
    """Keep both ends' ledgers in step with a load (G4), and let its batteries be the receiver's.

    A batch that is entered afterwards goes to the loads that none accounted for.
    """
    fact, work = turn.event, turn.work
    if fact.kind in {"LedgerEntryMade", "LedgerEntryCorrected"}:
        entry = fact.data["entry"]
        assert isinstance(entry, dict)
        unit = UUID(str(fact.data["organisation"]))
        loads.entered(work, unit, entry, lambda key: _settle_again(work, key))
        return
    row = work.session.get_one(Manifest, fact.subject)
    act = ManifestAct(str(fact.data["act"])) if fact.kind == "ManifestSigned" else None
    if act is ManifestAct.LOAD and fact.data.get("label"):
        loads.label_read(work, row, str(fact.data["label"]))
    if act is None or act in loads.SETTLES:
        loads.settle(work, row)
    if act is ManifestAct.CONFIRM:
        profiles.hand_on(work, row)


def _settle_again(work: Work, manifest_id: UUID) -> None:
    """Work out the lines of a load, or of a pipeline's period, anew."""
    load = work.session.get(Manifest, manifest_id)
    if load is not None:
        loads.settle(work, load)
        return
    period = work.session.get_one(PeriodManifest, manifest_id)
    books.settle(work, work.session.get_one(Pipeline, period.pipeline_id), period)


def _tell_inspectors(turn: Turn) -> None:
    """Let the inspectors hear of leave asked and given, of mismatches, incidents and what runs on paper.

    A mismatch is reported to the authority at the receiving place (M12).
    """
    fact, work = turn.event, turn.work
    trip = trip_queries.by_manifest(work.session, fact.subject)
    if trip is None:
        return
    if fact.kind in DECIDES:
        _no_longer_asked(work, trip.id, fact)
    kind = TELLS.get(fact.kind)
    if kind is None:
        return
    site_id = trip.destination_site_id if kind is AlertKind.MISMATCH_REPORTED else None
    about = Subjects(vehicle_id=trip.vehicle_id, trip_id=trip.id, manifest_id=fact.subject, site_id=site_id)
    said = {name: fact.data[name] for name in TOLD if fact.data.get(name) not in (None, "")}
    alerts.raise_alert(work, kind, about, fact.at, evidence=said)


def _no_longer_asked(work: Work, trip_id: UUID, fact: Event) -> None:
    """Take the alert that leave is asked out of the queue: somebody has decided."""
    for row in alert_queries.of_subject(work.session, [AlertKind.EXCEPTION_ASKED], str(trip_id)):
        if all(row.evidence.get(name) == fact.data[name] for name in ASKED):
            alerts.withdraw(work, row, alerts.DECIDED)


ASKED = ("situation", "act", "reason", "asked_by")
"""By what one asking is told from another of the same load."""
TOLD = (
    *("situation", "act", "reason", "evidence", "without_photo", "evidence_due_at"),
    *("asked_by", "house", "kg", "file"),
    *("differs", "what", "spilled", "hurt", "place", "lat", "lon", "told_by"),
)
"""What of such an event stands as evidence beside the alert."""


def _listed(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
