"""What does a producer see of a lot, of its matches, and of those who could not take it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from compliance.catalogue import queries as catalogue
from compliance.catalogue.rules import WasteType
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Judgement, Mode
from compliance.registry.tables import Organisation, Site
from marketplace.edge.problems import Standing as Asked
from marketplace.lots import queries as lots
from marketplace.lots.rules import State
from marketplace.lots.tables import Lot
from marketplace.matches import firmness
from marketplace.matches import queries as matches
from marketplace.matches.firmness import Firmness
from marketplace.matches.rules import State as MatchState
from marketplace.matches.tables import Match, Outlook
from marketplace.needs.tables import Need
from marketplace.settlements.rules import Line, Parties, lines_for
from marketplace.web import standings
from marketplace.web.guidance_views import Standing
from marketplace.web.guidance_views import standings as holds
from marketplace.web.reasons import Told, tell
from marketplace.web.score_bars import Bar, bars
from marketplace.web.translation import Language
from tracking.fleet.tables import Vehicle

MOST = 200


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot of the list with its best match and what it waits for."""

    lot: Lot
    best: Match | None
    taker: Organisation | None
    looked_at: bool


@dataclass(frozen=True, slots=True)
class LicenceState:
    """What the receiver's licence says of this load."""

    number: str
    valid_to: object
    left_kg: int
    allowed: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One match as the producer weighs it up; `net_fen` is what is left to the producer, in fen."""

    match: Match
    processor: Organisation
    site: Site
    place: str
    mode: str
    carrier: Organisation
    plate: str
    bars: tuple[Bar, ...]
    reasons: tuple[Told, ...]
    licence: LicenceState | None
    lines: tuple[Line, ...]
    net_fen: int
    standing: Standing | None
    asked: Asked
    firmness: Firmness | None


@dataclass(frozen=True, slots=True)
class Miss:
    """One receiver that cannot take the lot, and why."""

    name: Organisation | None
    reasons: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class MatchesView:
    """Where the matching of a lot stands: still being worked out, or done with these answers."""

    lot: Lot
    pending: bool
    outlook: Outlook | None
    cards: tuple[Card, ...]
    misses: tuple[Miss, ...]
    asked: Asked


def own_lots(work: Work) -> list[LotLine]:
    """Return the lots of the person's organisation, newest first."""
    session = work.session
    statement = lots.visible_to(work.who).where(Lot.organisation_id == work.who.organisation_id)
    rows = session.scalars(statement.order_by(Lot.created_at.desc(), Lot.id).limit(MOST)).all()
    ids = [row.id for row in rows]
    best: dict[UUID, Match] = {}
    proposed = select(Match).where(Match.lot_id.in_(ids), Match.state == MatchState.PROPOSED.value)
    for match in session.scalars(proposed.order_by(Match.rank)):
        best.setdefault(match.lot_id, match)
    looked = set(session.scalars(select(Outlook.lot_id).where(Outlook.lot_id.in_(ids))))
    takers = registry.organisations(session, [match.processor_id for match in best.values()])
    return [_line(row, best.get(row.id), takers, row.id in looked) for row in rows]


def _line(row: Lot, best: Match | None, takers: Mapping[UUID, Organisation], looked_at: bool) -> LotLine:
    if State(row.state) is not State.LISTED:
        return LotLine(row, None, None, looked_at)
    return LotLine(row, best, takers[best.processor_id] if best else None, looked_at)


def matches_of(work: Work, lot: Lot, language: Language) -> MatchesView:
    """Return the matches of a lot as cards; the caller has made sure that the lot may be seen."""
    session = work.session
    outlook = matches.outlook(session, lot.id)
    listed = State(lot.state) is State.LISTED and lot.ready_to > work.now
    pending = listed and (outlook is None or outlook.at < lot.changed_at)
    asked = standings.of_lot(work, lot, language)
    if not listed or pending:
        return MatchesView(lot, pending, outlook, (), (), asked)
    provinces = province_names(work)
    rows = matches.of_lot(session, lot.id)
    told = outlook.refusals if outlook is not None and not rows else []
    return MatchesView(
        lot,
        pending=False,
        outlook=outlook,
        cards=tuple(_cards(work, lot, rows, asked, language, provinces)),
        misses=_misses(work, told, language, provinces),
        asked=asked,
    )


def _cards(
    work: Work,
    lot: Lot,
    rows: Sequence[Match],
    of_lot: Asked,
    language: Language,
    provinces: Mapping[str, str],
) -> Iterator[Card]:
    session = work.session
    parties = registry.organisations(session, [i for row in rows for i in (row.processor_id, row.carrier_id)])
    needs = {row.id: row for row in _by_ids(work, Need, [row.need_id for row in rows])}
    plates = {row.id: row.plate for row in _by_ids(work, Vehicle, [row.vehicle_id for row in rows])}
    sites = registry.sites(session, [need.site_id for need in needs.values()])
    waste = catalogue.find(session, lot.code, work.today)
    standing = holds(work, rows)
    firm = firmness.of_matches(session, lot, rows)
    for row in rows:
        need = needs[row.need_id]
        site, sides = sites[need.site_id], Parties(lot.organisation_id, row.processor_id, row.carrier_id)
        lines = lines_for(sides, row.price, row.freight_fen, row.kg)
        yield Card(
            match=row,
            processor=parties[row.processor_id],
            site=site,
            place=catalogue.full_name(session, site.division_code),
            mode=need.mode,
            carrier=parties[row.carrier_id],
            plate=plates[row.vehicle_id],
            bars=bars(row.parts),
            reasons=_told(row.reasons, language, provinces),
            licence=_licence(work, row, waste, Mode(need.mode)),
            lines=lines,
            net_fen=net_fen(lines, lot.organisation_id),
            standing=standing.get(row.id),
            asked=_beyond(of_lot, standings.of_match(work, row, language)),
            firmness=firm.get(row.id),
        )


def _beyond(lot: Asked, match: Asked) -> Asked:
    """Return what is said of a match alone: what is said of its lot stands above them all."""
    return Asked(
        act=match.act,
        allowed=match.allowed,
        reasons=[one for one in match.reasons if one not in lot.reasons],
        warnings=[one for one in match.warnings if one not in lot.warnings],
    )


def net_fen(lines: Sequence[Line], party: UUID) -> int:
    """Return what some lines leave a party with: what it is paid less what it pays, in fen."""
    return sum(
        line.fen if line.payee == party else -line.fen for line in lines if party in {line.payer, line.payee}
    )


def _licence(work: Work, row: Match, waste: WasteType | None, mode: Mode) -> LicenceState | None:
    """Return what the receiver's licence says today; the deal checks and books it again."""
    if waste is None:
        return None
    held = registry.licences(work.session, [row.processor_id], work.today.year).get(row.processor_id, [])
    verdict: Judgement = gates.judge_receiver(held, waste, mode, row.kg, work.today)
    if verdict.licence is None or verdict.line is None:
        return None
    return LicenceState(
        verdict.licence.number, verdict.licence.valid_to, verdict.line.left_kg, verdict.allowed
    )


def _misses(
    work: Work, refusals: Sequence[Mapping[str, Any]], language: Language, provinces: Mapping[str, str]
) -> tuple[Miss, ...]:
    needs = {row.id: row for row in _by_ids(work, Need, [UUID(str(one["taker"])) for one in refusals])}
    names = registry.organisations(work.session, [need.organisation_id for need in needs.values()])
    found = []
    for one in refusals:
        need = needs.get(UUID(str(one["taker"])))
        name = names.get(need.organisation_id) if need else None
        found.append(Miss(name, _told(one["reasons"], language, provinces)))
    return tuple(found)


def _told(
    stored: Sequence[Mapping[str, Any]], language: Language, provinces: Mapping[str, str]
) -> tuple[Told, ...]:
    return tuple(tell(one["code"], one["params"], language, provinces) for one in stored)


def province_names(work: Work) -> dict[str, str]:
    """Return the names of the provinces by the first two digits of their codes."""
    return {row.code[:2]: row.name_zh for row in catalogue.divisions_under(work.session, None)}


def _by_ids(work: Work, table: type[Any], ids: Sequence[UUID]) -> Sequence[Any]:
    return work.session.scalars(select(table).where(table.id.in_(set(ids)))).all()
