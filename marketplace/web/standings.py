"""What stands against a lot, an offer or a deal, and what is warned of, in the reader's language?"""

from __future__ import annotations

from collections.abc import Mapping

from compliance.catalogue import service as catalogue
from compliance.ledgers import plans
from compliance.manifests import queries as manifests
from compliance.manifests.rules import Act, Purpose, awaited
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.tables import Manifest
from compliance.profiles import queries as profiles
from compliance.profiles.rules import missing, profile_of
from compliance.record.errors import N_, Conflict, DomainError, RuleBroken
from compliance.record.who import Who
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import OrganisationKind
from compliance.rulebook.rules import broken
from marketplace import loads
from marketplace.deals import gates as offers
from marketplace.deals.gates import Offer
from marketplace.deals.rules import State as DealState
from marketplace.deals.tables import Deal
from marketplace.edge.problems import Reason, Standing, reason_of, standing_of
from marketplace.lots.rules import State
from marketplace.lots.tables import Lot
from marketplace.matches import queries as matches
from marketplace.matches.rules import State as MatchState
from marketplace.matches.tables import Match
from marketplace.needs.tables import Need
from marketplace.web.profile_views import fact_missing
from marketplace.web.reasons import tell
from marketplace.web.translation import Language
from tracking.fleet.tables import Vehicle


def of_lot(work: Work, lot: Lot, language: Language, provinces: Mapping[str, str] | None = None) -> Standing:
    """Say why a lot cannot be offered today, and what to know before it goes.

    The rules speak first (A1, C1, W4; warned: M5, F1), then the market, where nobody can take the lot.
    """
    against: list[DomainError] = [*_lot_state(work, lot)]
    trade = OrganisationKind.PRODUCER
    against += gates.party_faults(work.session, lot.organisation_id, trade, work.today, field="producer")
    try:
        catalogue.require(work, lot.code, work.today, "code")
    except RuleBroken as gone:
        against.append(gone)
    told = standing_of("offer", against, _unplanned(work, lot, []), language)
    nobody = [] if against else _nobody(work, lot, language, provinces or {})
    return Standing(
        act=told.act,
        allowed=told.allowed and not nobody,
        reasons=[*told.reasons, *nobody],
        warnings=[*told.warnings, *_untold(work, lot, language)],
    )


def of_match(work: Work, match: Match, language: Language) -> Standing:
    """Say why an offer cannot be accepted today, by the very gates that its acceptance asks.

    The holder's plan and what is not told of the waste are the holder's business alone.
    """
    session = work.session
    lot, need = session.get_one(Lot, match.lot_id), session.get_one(Need, match.need_id)
    vehicle = session.get(Vehicle, match.vehicle_id)
    offer = Offer(lot, need, vehicle, vehicle.carrier_id if vehicle else match.carrier_id, match.kg)
    against: list[DomainError] = [*_match_state(match)]
    warned: list[DomainError] = []
    try:
        waste = catalogue.require(work, lot.code, work.today, "code")
    except RuleBroken as gone:
        against.append(gone)
    else:
        known = offers.parties(work, offer, waste)
        against += offers.against(work, offer, waste, known)
        warned += offers.quota_warned(offer, waste, known[offer.need.organisation_id], work.today)
    holds = holds_lot(work.who, lot)
    if holds:
        warned += _unplanned(work, lot, [registry.organisation(session, need.organisation_id).uscc])
    told = standing_of("accept", against, warned, language)
    untold = _untold(work, lot, language) if holds else []
    return Standing(
        act=told.act, allowed=told.allowed, reasons=told.reasons, warnings=[*told.warnings, *untold]
    )


def of_deal(work: Work, deal: Deal, language: Language) -> Standing:
    """Say why a deal does not move on: what stands against the act that its manifest waits for.

    A load goes on after its deal has ended: what was refused goes back, what was received is treated.
    """
    row = manifests.by_deal(work.session, deal.id)
    if row is None or awaited(ManifestState(row.state), Purpose(row.purpose)) is None:
        return standing_of("", _deal_state(DealState(deal.state)), [], language)
    return of_load(work, row, language)


def of_load(
    work: Work,
    row: Manifest,
    language: Language,
    act: Act | None = None,
    kg: int | None = None,
    label: str = "",
) -> Standing:
    """Say what stands against an act on a manifest, or against the one it waits for; all reasons at once."""
    act = act or awaited(ManifestState(row.state), Purpose(row.purpose))
    if act is None:
        return standing_of("", [], [], language)
    against = loads.against(work, row, act, kg, label)
    return standing_of(act.value, against, loads.warnings(work, row, act, label), language)


def holds_lot(who: Who, lot: Lot) -> bool:
    """Tell whether what stands against a lot is a person's business: its holder's, and who oversees."""
    return who.oversees or who.organisation_id == lot.organisation_id


def _lot_state(work: Work, lot: Lot) -> list[DomainError]:
    if State(lot.state) is not State.LISTED:
        return [
            Conflict(
                N_("A lot that is {state} is not on the market."),
                code="lot_state",
                way_out=N_("List what is there as a new lot."),
                values={"state": lot.state},
            )
        ]
    return [broken("W4.window", work.today, field="ready_to")] if lot.ready_to <= work.now else []


def _match_state(match: Match) -> list[DomainError]:
    if MatchState(match.state) is MatchState.PROPOSED:
        return []
    return [matches.gone()]


def _deal_state(state: DealState) -> list[DomainError]:
    if state in {DealState.AGREED, DealState.RECEIVED}:
        return []
    return [
        Conflict(
            N_("A deal that is {state} has ended: nothing more happens on it."),
            code="deal_state",
            values={"state": state.value},
        )
    ]


def _unplanned(work: Work, lot: Lot, receivers: list[str]) -> list[RuleBroken]:
    """Return where the filed management plan does not cover what is left of a lot (M5)."""
    if not lot.hazardous or State(lot.state) is not State.LISTED:
        return []
    return plans.warnings(work, lot.organisation_id, lot.code, lot.left_kg, receivers)


def _untold(work: Work, lot: Lot, language: Language) -> list[Reason]:
    """Return what the profile of a waste wants to know and is not told (F1)."""
    if State(lot.state) is not State.LISTED:
        return []
    facts = profiles.facts(work.session, lot.id)
    return [fact_missing(one, language) for one in missing(profile_of(lot.code), facts, work.today)]


def _nobody(work: Work, lot: Lot, language: Language, provinces: Mapping[str, str]) -> list[Reason]:
    """Return why nobody in the market can take a lot, by who came nearest; empty where somebody can."""
    outlook = matches.outlook(work.session, lot.id)
    if outlook is None or outlook.at < lot.changed_at or matches.of_lot(work.session, lot.id):
        return []
    if not outlook.refusals:
        nobody = Conflict(
            N_("No receiver in the market is licensed for this waste and has an open need for it."),
            code="no_taker",
        )
        return [reason_of(nobody, language)]
    found = []
    for miss in outlook.refusals:
        for reason in miss["reasons"]:
            told = tell(reason["code"], reason["params"], language, provinces)
            found.append(Reason(told.text, code=f"match.{told.number}", field="need", way_out=told.way_out))
    return list(dict.fromkeys(found))
