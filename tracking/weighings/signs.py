"""Which signs of cheating does a weighing show? One plain rule for each, in one table (telemetry.md 3.2).

A rule takes the facts and returns the figures that speak for the sign, or None. Where a fact is not known the
rule says nothing: a missing curve, terminal or history is no sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from devices.readings import Load
from tracking.alerts.kinds import Kind
from tracking.weighings.curve import Shape
from tracking.weighings.rules import Part
from tracking.weighings.tares import Band, How

Evidence = dict[str, object]

VEHICLE_KG = 3_000
"""Nothing that carries loads weighs less."""
ADDED_KG = 1_000
"""People, water or a rest of the load weigh no more than this; more is another vehicle."""
ABOARD_KG = 100
"""One person and a coat."""
ELSEWHERE_M = 500.0
SPEED_M_S = 25.0
CARRIES = 1.5
"""So many times its capacity no vehicle carries."""
ZERO_DIVISIONS = 2


@dataclass(frozen=True, slots=True)
class Near:
    """Where the vehicle's terminal was at the nearest fix: metres from the scale, seconds from the ticket."""

    metres: float
    seconds: float
    load: Load = Load.UNKNOWN


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one weighing; None where it is not."""

    kg: int
    division_kg: int
    part: Part | None = None
    shadow: bool = False
    zero_seen: bool | None = None
    how: How = How.WEIGHED
    has_frames: bool = True
    reprints: int = 0
    shape: Shape | None = None
    usual_axles: tuple[int, int] | None = None
    """The least and the most axles that this vehicle's curves show (`curve.usual`)."""
    band: Band | None = None
    other_tare_kg: int | None = None
    """The same load's empty weight at the source, for a tare at the destination."""
    tare_error_kg: int = 0
    """What both instruments may be off at an empty vehicle's weight, together."""
    capacity_kg: int | None = None
    near: Near | None = None
    missing: tuple[int, int] | None = None
    """The first and the last ticket number that never came before this one."""
    plates: frozenset[str] = frozenset()
    """The plates that camera, desk and server named, each as it is compared."""
    photo_of: tuple[str, int] | None = None
    """The view and the number of the earlier ticket that has the very same picture."""
    void: tuple[int, str] | None = None
    """The number and the reason of the ticket that makes this one void."""
    ticketed: bool = False
    """Whether a stay without a ticket was followed or preceded by one of the same weight."""


Rule = Callable[[Facts], Evidence | None]


def weight_jump(facts: Facts) -> Evidence | None:
    """Find a step between two standing weights that no wheel made."""
    if facts.shape is None or not facts.shape.jumps:
        return None
    jump = max(facts.shape.jumps, key=lambda one: abs(one.after_kg - one.before_kg))
    return {"ms": jump.ms, "before_kg": jump.before_kg, "after_kg": jump.after_kg}


def no_axles(facts: Facts) -> Evidence | None:
    """Find a vehicle's weight that came in one bare step."""
    if facts.shape is None or not facts.shape.bare or facts.shape.top_kg < VEHICLE_KG:
        return None
    return {"axles": facts.shape.axles_on, "kg": facts.shape.top_kg}


def half_on_deck(facts: Facts) -> Evidence | None:
    """Find fewer axles than the vehicle has, or a weight below its empty one."""
    seen, usual = facts.shape, facts.usual_axles
    if seen is not None and usual is not None and not seen.bare and seen.axles_on < usual[0]:
        return {"axles": seen.axles_on, "usual_axles": usual[0]}
    if facts.part is Part.GROSS and facts.band is not None and facts.kg < facts.band.low_kg:
        return {"kg": facts.kg, "tare_low_kg": facts.band.low_kg}
    return None


def two_vehicles(facts: Facts) -> Evidence | None:
    """Find more axles than the vehicle has, or more mass than it can carry."""
    seen, usual = facts.shape, facts.usual_axles
    if seen is not None and usual is not None and seen.axles_on > usual[1] + 1:
        return {"axles": seen.axles_on, "usual_axles": usual[1]}
    if facts.band is None or facts.capacity_kg is None:
        return None
    most = facts.band.high_kg + round(CARRIES * facts.capacity_kg)
    return {"kg": facts.kg, "most_kg": most} if facts.kg > most else None


def deck_propped(facts: Facts) -> Evidence | None:
    """Find a deck that carries less while wheels roll along it, or that shows another zero after."""
    if facts.shape is None:
        return None
    if facts.shape.sag_kg:
        return {"sag_kg": facts.shape.sag_kg}
    before, after = facts.shape.zero_before_kg, facts.shape.zero_after_kg
    if before is None or after is None or abs(after - before) < ZERO_DIVISIONS * facts.division_kg:
        return None
    return {"zero_before_kg": before, "zero_after_kg": after}


def tare_band(facts: Facts) -> Evidence | None:
    """Find an empty weight that is another vehicle's: below the band, or far above it."""
    gap = _gap(facts)
    if gap is None or 0 <= gap <= ADDED_KG or facts.band is None:
        return None
    return _banded(facts, facts.band, gap)


def tare_added(facts: Facts) -> Evidence | None:
    """Find an empty vehicle that is heavier than it was, as with people, water or a rest aboard."""
    gap = _gap(facts)
    if facts.band is not None and gap is not None and 0 < gap <= ADDED_KG:
        return _banded(facts, facts.band, gap)
    if facts.part is not Part.TARE or facts.other_tare_kg is None:
        return None
    more = facts.kg - facts.other_tare_kg
    if facts.tare_error_kg + ABOARD_KG < more <= ADDED_KG:
        return {"kg": facts.kg, "source_tare_kg": facts.other_tare_kg, "more_kg": more}
    return None


def vehicle_elsewhere(facts: Facts) -> Evidence | None:
    """Find a vehicle that was farther from the scale than it could have driven."""
    near = facts.near
    if near is None or facts.shadow or near.metres - SPEED_M_S * near.seconds <= ELSEWHERE_M:
        return None
    return {"metres": round(near.metres), "seconds": round(near.seconds)}


def load_contradicts(facts: Facts) -> Evidence | None:
    """Find a load sensor that says empty of a loaded vehicle, or full of an empty one."""
    says = Load.UNKNOWN if facts.near is None else facts.near.load
    wrong = {Part.GROSS: Load.EMPTY, Part.TARE: Load.FULL}
    if facts.part is None or says is not wrong.get(facts.part):
        return None
    return {"load": says.value, "part": facts.part.value, "kg": facts.kg}


def shadow_weighing(facts: Facts) -> Evidence | None:
    """Find a vehicle that stood on the deck and got no ticket, soon before or after."""
    return {"kg": facts.kg} if facts.shadow and not facts.ticketed and facts.kg >= VEHICLE_KG else None


def zero_missed(facts: Facts) -> Evidence | None:
    """Find a ticket before whose vehicle the deck did not show zero."""
    return {"zero_seen": False} if facts.zero_seen is False and not facts.shadow else None


def ticket_gap(facts: Facts) -> Evidence | None:
    """Find ticket numbers that never came."""
    return {"first": facts.missing[0], "last": facts.missing[1]} if facts.missing is not None else None


def reprinted(facts: Facts) -> Evidence | None:
    """Find a ticket that was printed again."""
    return {"reprints": facts.reprints} if facts.reprints > 0 else None


def typed_weight(facts: Facts) -> Evidence | None:
    """Find a weight that no frame of an indicator shows, or that its scale says was typed."""
    tare = facts.part is Part.TARE and facts.how is How.STORED
    if facts.shadow or tare or (facts.has_frames and facts.how is not How.TYPED):
        return None
    return {"how": facts.how.value, "frames": facts.has_frames}


def void_after_signing(facts: Facts) -> Evidence | None:
    """Find a ticket that became void and still counts, because somebody had signed for its load."""
    if facts.void is None or facts.part is None:
        return None
    return {"void_ticket": facts.void[0], "reason": facts.void[1], "kg": facts.kg}


def plates_differ(facts: Facts) -> Evidence | None:
    """Find a vehicle that camera, desk and server did not name alike."""
    return {"plates": sorted(facts.plates)} if len(facts.plates) > 1 else None


def photo_again(facts: Facts) -> Evidence | None:
    """Find a picture whose very bytes an earlier ticket has: a camera that hangs, or is fed."""
    if facts.photo_of is None:
        return None
    return {"view": facts.photo_of[0], "other_ticket": facts.photo_of[1]}


def typed_tare(facts: Facts) -> Evidence | None:
    """Find an empty weight that was taken from the store instead of weighed."""
    return {"how": facts.how.value} if facts.how is How.STORED else None


RULES: Mapping[Kind, Rule] = MappingProxyType(
    {
        Kind.WEIGHT_JUMP: weight_jump,
        Kind.NO_AXLES: no_axles,
        Kind.HALF_ON_DECK: half_on_deck,
        Kind.TWO_VEHICLES: two_vehicles,
        Kind.DECK_PROPPED: deck_propped,
        Kind.TARE_BAND: tare_band,
        Kind.TARE_ADDED: tare_added,
        Kind.VEHICLE_ELSEWHERE: vehicle_elsewhere,
        Kind.LOAD_CONTRADICTS: load_contradicts,
        Kind.SHADOW_WEIGHING: shadow_weighing,
        Kind.ZERO_MISSED: zero_missed,
        Kind.TICKET_GAP: ticket_gap,
        Kind.REPRINTED: reprinted,
        Kind.TYPED_WEIGHT: typed_weight,
        Kind.TYPED_TARE: typed_tare,
        Kind.PLATES_DIFFER: plates_differ,
        Kind.PHOTO_AGAIN: photo_again,
        Kind.VOID_AFTER_SIGNING: void_after_signing,
    }
)
"""The rules about one weighing. What several weighings show stands in `reconciliation`."""


TARE_SIGNS = frozenset({Kind.TARE_BAND, Kind.TARE_ADDED})
EXPLAIN_A_TARE = frozenset(
    {Kind.WEIGHT_JUMP, Kind.NO_AXLES, Kind.HALF_ON_DECK, Kind.TWO_VEHICLES, Kind.DECK_PROPPED}
)
"""What says of an odd empty weight how it came about: the sign that tells less is left out."""


def signs(facts: Facts) -> dict[Kind, Evidence]:
    """Return every sign that a weighing shows, with its evidence; of an odd tare the one that tells most."""
    found = {kind: evidence for kind, rule in RULES.items() if (evidence := rule(facts)) is not None}
    explained = EXPLAIN_A_TARE.intersection(found)
    return {kind: told for kind, told in found.items() if not (explained and kind in TARE_SIGNS)}


def _gap(facts: Facts) -> int | None:
    """Return how far a weighed tare lies outside its band, None where there is nothing to compare."""
    if facts.part is not Part.TARE or facts.band is None or facts.how is not How.WEIGHED:
        return None
    return facts.band.gap_kg(facts.kg)


def _banded(facts: Facts, band: Band, gap: int) -> Evidence:
    return {
        "kg": facts.kg,
        "low_kg": band.low_kg,
        "high_kg": band.high_kg,
        "tares": band.count,
        "outside_kg": gap,
    }
