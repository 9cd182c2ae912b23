"""By which facts is each rule about wastes, lots, money, ledgers and the road kept, and by which broken?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from compliance.catalogue import service as catalogue
from compliance.collection.rules import Giver, HandInDraft, accounted
from compliance.collection.rules import draft_faults as draft_faults_of_hand_in
from compliance.ledgers.book import Book, Known
from compliance.ledgers.comparing import Done, Matter, compare
from compliance.ledgers.drawing import Lying, draw, remarks
from compliance.ledgers.forms import Form, Row
from compliance.ledgers.planning import Filed, PlanLine, coverage
from compliance.ledgers.rules import Draft, Table
from compliance.papers.rules import label_faults
from compliance.profiles import gypsum
from compliance.profiles import service as profiles
from compliance.profiles.gypsum import Balance
from compliance.profiles.rules import Profile, missing
from compliance.registry import service as registry
from marketplace.lots.rules import LotDraft, draft_faults
from marketplace.settlements.rules import AccountKind, Posting, amount_faults, entry_faults, funds_faults
from tests.compliance.rulebook.table.scene import A_DAY, MINE, Pair, Scene, Told
from tests.factories.parties import OIL, SCRAP
from tracking.judgement.rules import RULES, Kind
from tracking.judgement.warnings import warnings

PACK, MODULE, OTHER = "001PE081234567FBL0000001", "001ME081234567FBL0000002", "001PE081234567FBL0000009"


def code(text: str, *, ended: bool = False) -> Callable[[Scene], object]:
    """Look a waste code up; `ended`: its edition let it go out of force on the day before."""

    def ask(at: Scene) -> object:
        work = at.work()
        if ended:
            catalogue.withdraw(work, "HW2025", text, at.on - A_DAY)
            work.session.flush()
        return catalogue.require(work, text, at.on, "code")

    return ask


def lot(**changes: Any) -> Callable[[Scene], Told]:
    """Ask about a sound draft of a lot, but for what is said."""

    def ask(at: Scene) -> Told:
        until = at.now + timedelta(days=3)
        draft = LotDraft(MINE, OIL, 20_000, at.now, until, Decimal("-2500.25"))
        return draft_faults(replace(draft, **changes), at.now, at.on)

    return ask


def window(days: int) -> Callable[[Scene], Told]:
    """Ask about a lot whose window ends so many days from now."""
    return lambda at: lot(ready_to=at.now + timedelta(days=days, seconds=1))(at)


def place(lat: float, lon: float) -> Callable[[Scene], object]:
    """Put a site on the map."""
    return lambda at: registry.check_place(at.work(), lat, lon)


def label(**changes: Any) -> Callable[[Scene], Told]:
    """Ask about sound labels, but for what is said."""
    usual: dict[str, Any] = {"litres": 200, "kg": 180, "first": 1, "count": 10}
    return lambda at: label_faults(on=at.on, **(usual | changes))


def ledger(days: int = 0, **changes: Any) -> Callable[[Scene], Told]:
    """Ask about an entry of some days ago into a ledger whose store holds a tonne of oil."""

    def ask(at: Scene) -> Told:
        store = f"HWRK{at.on - 9 * A_DAY:%Y%m%d}001"
        kept = Draft(Table.STORED, at.on - 9 * A_DAY, OIL, 1_000, batch=store)
        new = Draft(Table.TAKEN_OUT, at.on - days * A_DAY, OIL, 1_000, source=store)
        _, found = Book({store: Known(kept)}).judge(replace(new, **changes), at.on, hazardous=True)
        return found

    return ask


def year(kg: int = 0, way: tuple[str, str] = ("use", "R9")) -> Callable[[Scene], Told]:
    """Ask about a year for which a tonne is planned to be used in the works."""

    def ask(at: Scene) -> Told:
        plan: dict[Form, list[Row]] = {Form.TREATMENT: [{"code": OIL, "purpose": "use", "kg": 1_000}]}
        done = [Done(OIL, {Matter.TREATED: kg or 1}, frozenset({way}))]
        return [told for one in compare(plan, done, at.on.year, at.on) for told in one.told]

    return ask


def left_with(kg: int) -> Callable[[Scene], Told]:
    """Ask about a load of so many kilograms that left a store of a tonne."""

    def ask(at: Scene) -> Told:
        return remarks("1", OIL, draw(kg, [Lying("HWRK20260101001", Table.STORED, 1_000)]).short_kg, at.on)

    return ask


def plan(*lines: PlanLine, filed: bool = True, kg: int = 1_000) -> Callable[[Scene], Told]:
    """Ask whether a plan covers a move to a receiver, nine tonnes having left this year."""

    def ask(at: Scene) -> Told:
        found = Filed(at.on.year, "BA-2026-1", lines) if filed else None
        return coverage(found, OIL, kg, 9_000, at.on, ["91420704RECEIVER01"])

    return ask


def battery(*texts: str) -> Callable[[Scene], object]:
    """Register a pack, then a battery, as part of another one where there is a third text."""

    def ask(at: Scene) -> object:
        work = at.work(at.cast.producer)
        profiles.register(work, PACK)
        work.session.flush()
        return profiles.register(work, *texts)

    return ask


def apart(twice: bool) -> Callable[[Scene], object]:
    """Take a pack apart, once or twice."""

    def ask(at: Scene) -> object:
        work = at.work(at.cast.producer)
        for texts in ((PACK,), (MODULE, PACK)):
            profiles.register(work, *texts)
            work.session.flush()
        found = profiles.dismantle(work, PACK)
        work.session.flush()
        return profiles.dismantle(work, PACK) if twice else found

    return ask


def plant(**changes: int) -> Callable[[Scene], Told]:
    """Ask of what the year of a plant warns that uses 70 of its 100 tonnes and makes the rest harmless."""
    usual = {"made_kg": 100, "used_kg": 70, "harmless_kg": 30, "piled_kg": 0, "off_pile_kg": 0}
    return lambda at: gypsum.remarks(Balance(**(usual | changes)), at.on.year, at.on)


def way(kind: Kind, **facts: Any) -> Pair:
    """Return an ordinary stop and an episode of a kind."""
    return Pair(
        lambda at: warnings(Kind.STOP, {}, "鄂A·70012", at.on),
        lambda at: warnings(kind, facts, "鄂A·70012", at.on),
    )


def entry(*fen: int) -> Callable[[Scene], Told]:
    """Ask about an entry with lines of so many fen."""
    lines = [Posting(MINE, AccountKind.AVAILABLE, one) for one in fen]
    return lambda at: entry_faults(lines, at.on)


def profile(**facts: str) -> Callable[[Scene], Told]:
    """Ask which facts of phosphogypsum are missing."""
    return lambda at: missing(Profile.PHOSPHOGYPSUM, facts, at.on)


def building(**facts: str) -> Callable[[Scene], Told]:
    """Ask which facts of construction waste are missing."""
    return lambda at: missing(Profile.CONSTRUCTION, {"project": "tower", **facts}, at.on)


def handed_in(giver: Giver) -> Callable[[Scene], Told]:
    """Ask what is wrong with two kilograms of hazardous waste that somebody hands in."""
    now = datetime(2026, 11, 20, 1, tzinfo=UTC)
    draft = HandInDraft(UUID(int=1), "900-044-49", 2_000, now, giver, giver_name="Corner shop")
    return lambda at: draft_faults_of_hand_in(draft, now, at.on, hazardous=True)


def made_up(grams: int) -> Callable[[Scene], Told]:
    """Ask what is to be said of a lot of 10 kg for which hand-ins account in part."""
    return lambda at: accounted(10, grams, at.on)


GYPSUM = {"age": "fresh", "grade": "washed", "ore": "Yichang"}
LINE = PlanLine(OIL, 10_000)
TO_OTHERS = PlanLine(OIL, 10_000, receiver="914201000OTHER0001")

MARKET: dict[str, Pair] = {
    "C1.bad_form": Pair(code(OIL), code("oil")),
    "C1.unknown_code": Pair(code(OIL), code("900-999-49")),
    "C1.code_not_in_force": Pair(code(OIL), code(OIL, ended=True)),
    "P5.mass": Pair(lot(kg=100_000_000), lot(kg=100_000_001)),
    "P1.price_form": Pair(lot(), lot(price=Decimal("1.005"))),
    "W4.window": Pair(window(0), window(-1)),
    "X8.import_ban": Pair(lot(), lot(origin_country="MY")),
    "GEO.outside_china": Pair(place(30.6, 114.3), place(48.8, 2.3)),
    "GEO.swapped": Pair(place(30.6, 114.3), place(114.3, 30.6)),
    "G5.weight": Pair(label(), label(kg=0)),
    "G6.volume": Pair(label(), label(litres=0)),
    "G7.serial": Pair(label(first=990, count=10), label(first=990, count=11)),
    "G2.over_plan": Pair(year(kg=1_000), year(kg=1_001)),
    "G2.other_treatment": Pair(year(way=("use", "R9")), year(way=("dispose", "D10"))),
    "G4.mass": Pair(ledger(), ledger(kg=0)),
    "G4.day": Pair(ledger(), ledger(days=-1)),
    "G4.batch": Pair(ledger(), ledger(batch="HWCS20260101001")),
    "G4.source": Pair(ledger(), ledger(code=SCRAP)),
    "G4.more_than_is_there": Pair(ledger(kg=1_000), ledger(kg=1_001)),
    "G4.not_in_stock": Pair(left_with(1_000), left_with(1_001)),
    "M5.no_plan": Pair(plan(LINE), plan(filed=False)),
    "M5.not_in_plan": Pair(plan(LINE), plan(replace(LINE, code=SCRAP))),
    "M5.over_plan": Pair(plan(LINE), plan(LINE, kg=1_001)),
    "M5.other_receiver": Pair(plan(LINE), plan(TO_OTHERS)),
    "F2.plan_not_filed": Pair(building(plan_number="BA-7"), building()),
    "F1.fact_missing": Pair(profile(**GYPSUM), profile(**(GYPSUM | {"ore": " "}))),
    "R1.needs_manifest": Pair(handed_in(Giver.HOUSEHOLD), handed_in(Giver.SHOP)),
    "R2.not_accounted": Pair(made_up(10_000), made_up(9_999)),
    "B1.identity": Pair(battery(OTHER), battery("001PE08")),
    "B2.parent": Pair(battery(MODULE, PACK), battery(MODULE, OTHER)),
    "B3.apart": Pair(apart(False), apart(True)),
    "H1.use_below_target": Pair(plant(used_kg=65), plant(used_kg=64)),
    "H2.more_made_than_used": Pair(plant(), plant(harmless_kg=29)),
    "H3.balance": Pair(plant(), plant(off_pile_kg=1)),
    "M7.off_route": way(Kind.DEVIATION, metres=1_500, seconds=600, farthest_m=900),
    "M7.unplanned_stop": way(Kind.HALT, seconds=1_900),
    "M7.silent": way(Kind.SILENCE, seconds=900),
    "M8.restricted_area": way(Kind.AREA, name="长江大桥", rule=RULES[Kind.AREA]),
    "S1.amount": Pair(
        lambda at: amount_faults(2_475_248, Decimal("-2500.25"), 9_900, at.on),
        lambda at: amount_faults(2_475_247, Decimal("-2500.25"), 9_900, at.on),
    ),
    "S6.unbalanced": Pair(entry(5, -5), entry(5, -4)),
    "S6.insufficient_funds": Pair(
        lambda at: funds_faults(100, -100, at.on), lambda at: funds_faults(100, -101, at.on)
    ),
}
