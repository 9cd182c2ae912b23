"""What stands against an act on a manifest today, by which rule? Every reason at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.approvals import service as approvals
from compliance.approvals.rules import Leave, Load
from compliance.catalogue.rules import WasteType
from compliance.construction import queries as construction
from compliance.construction.rules import Spoil, against_issue, against_loading, is_construction
from compliance.exemptions.rules import Stage, is_exempt
from compliance.manifests import pinning, queries, statements
from compliance.manifests.rules import ARRIVED_AGAIN, Act, Purpose, State
from compliance.manifests.tables import Manifest
from compliance.papers.rules import label_differs
from compliance.record.errors import RuleBroken
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.gates import Party
from compliance.registry.queries import Way
from compliance.registry.rules import Driver, Escort, Mode, OrganisationKind
from compliance.rulebook.rule import Gate
from compliance.rulebook.rules import broken, rule


@dataclass(frozen=True, slots=True)
class Signing:
    """What comes with an act: where it was done, the masses it states, the reason it gives."""

    lat: float | None = None
    lon: float | None = None
    kg: int | None = None
    reason: str = ""
    faults: tuple[RuleBroken, ...] = ()
    """What the caller found wrong at the same gate, to be told with the rest."""
    received_kg: int | None = None
    """What arrived by the receiver's scale, where it is not the mass accepted."""
    label: str = ""
    """The digital code read off a container before loading."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gates of issue and loading ask about one load, read once; rules say the rest.

    `receiver` is None for a load that goes back: whoever gets the own waste needs no licence for it.
    """

    waste: WasteType
    mover: Party
    carrier: Party
    receiver: Party | None
    load: Load
    leaves: list[Leave]
    driver: Driver | None
    escort: Escort | None
    spoil: Spoil | None = None
    """What is asked of construction waste beside."""
    dg_class: str = ""
    """The class of dangerous goods that the mover states (M6)."""
    lapsed: tuple[RuleBroken, ...] = ()
    """Why a draft's code can no longer be issued: its edition has ended without a successor (C1)."""


def facts(work: Work, row: Manifest) -> Facts:
    """Read the facts that the gates of issue and loading ask about a load."""
    waste = pinning.waste_of(work.session, row)
    goes_back = row.purpose == Purpose.RETURN
    wanted = {row.mover_id, row.carrier_id, row.receiver_id}
    parties = gates.parties(work.session, wanted, waste, work.today)
    load, way = _moved(work, row, waste)
    return Facts(
        waste=waste,
        mover=parties[row.mover_id],
        carrier=parties[row.carrier_id],
        receiver=None if goes_back else parties[row.receiver_id],
        load=load,
        leaves=[] if goes_back else approvals.leaves(work, load, row.booking_id),
        driver=way.driver,
        escort=way.escort,
        spoil=spoil_of(work, row) if is_construction(waste.code) and not goes_back else None,
        dg_class=statements.dg_class(work, row),
        lapsed=tuple(pinning.lapsed(work, row)),
    )


def spoil_of(work: Work, row: Manifest, code: str = "", mode: Mode | None = None) -> Spoil:
    """Read what the gates ask of a load of construction waste: plan, goal and vehicle.

    `code` and `mode`: as it is to be, where it is to be another.
    """
    ends = row.origin_site_id, row.destination_site_id
    ends_there = (mode or Mode(row.mode)) in {Mode.DISPOSE, Mode.STORE}
    return construction.spoil(
        work.session, code or row.code, row.plate, row.vehicle_id, ends, to_disposal=ends_there
    )


def faults(
    work: Work, row: Manifest, what: Act, signing: Signing, known: Facts | None = None
) -> list[RuleBroken]:
    """Return what the rules of an act's gate say against it, empty where nothing does.

    Whoever asks about several acts reads the facts once and gives them as `known`.
    """
    if what in ASK_FACTS:
        found = against(known or facts(work, row), row, what, work.today)
        return found + _label_faults(work, row, signing.label) if what is Act.LOAD else found
    if what in {Act.ACCEPT, Act.ACCEPT_PART}:
        return _acceptance_faults(work, row, signing)
    if what in {Act.CLOSE, Act.END_RETURN}:
        return _closing_faults(work, row)
    return []


ASK_FACTS = frozenset({Act.ISSUE, Act.LOAD})


def against(known: Facts, row: Manifest, what: Act, on: date) -> list[RuleBroken]:
    """Return what the rules say against issue or loading, by the facts alone."""
    if what is Act.ISSUE:
        return [*known.lapsed, *_issue_faults(known, row, on)]
    return _loading_faults(known, row, on)


def _issue_faults(known: Facts, row: Manifest, on: date) -> list[RuleBroken]:
    """Check the mover's standing (A1) and both others again on the day of issue (M4): L1, L3, L9, L13, X1.

    The mass was booked with the deal (L4) and is not asked for twice. Whoever gets the own waste back needs
    no licence for it, and no approval to have it come back the way it went.
    """
    faults = gates.against_carrier(known.carrier, known.waste, on, known.dg_class)
    if known.receiver is None:
        return faults
    taken = gates.against_receiver(known.receiver, known.waste, Mode(row.mode), 0, on, row.mover_id)
    spoil = against_issue(known.spoil, row.planned_kg, on) if known.spoil else []
    faults += _mover_faults(known, row, on)
    return taken + faults + spoil + approvals.against_crossing(known.leaves, known.load, on)


def _mover_faults(known: Facts, row: Manifest, on: date) -> list[RuleBroken]:
    """Ask how who sends the waste off stands (A1); a receiver that sends on stands as what it is."""
    sends = OrganisationKind.PROCESSOR if row.purpose == Purpose.ONWARD else OrganisationKind.PRODUCER
    return gates.against_party(known.mover.standing, sends, on, "mover")


def crossing(work: Work, row: Manifest) -> Load:
    """Return a manifest's load as the rules about provinces see it (X1, X4 to X6)."""
    return _moved(work, row, pinning.waste_of(work.session, row))[0]


def _moved(work: Work, row: Manifest, waste: WasteType) -> tuple[Load, Way]:
    ends = row.origin_site_id, row.destination_site_id
    way = registry.way(work.session, *ends, row.driver_id, row.escort_id)
    mode, kg = Mode(row.mode), row.planned_kg
    load = approvals.load_of(way.origin, way.destination, row.mover_id, row.receiver_id, waste, mode, kg)
    return load, way


def _loading_faults(known: Facts, row: Manifest, on: date) -> list[RuleBroken]:
    """Check the load at the gate: weighed (M4), carrier, crew and number in order (M6, M7, L9).

    Of the receiver and the way across provinces it asks what may have run out since the issue (L3, X4).
    """
    faults = gates.against_carrier(known.carrier, known.waste, on, known.dg_class)
    if known.receiver is not None:
        taken = gates.against_receiver(known.receiver, known.waste, Mode(row.mode), 0, on, row.mover_id)
        crossing = approvals.against_crossing(known.leaves, known.load, on)
        faults += [one for one in (*taken, *crossing) if Gate.LOADING in rule(one.rule).gates]
        faults += _mover_faults(known, row, on)
    faults += gates.driver_faults(known.driver, known.waste, on)
    if not is_exempt(known.carrier.grants, Stage.TRANSPORT, on):
        faults += gates.escort_faults(known.escort, known.waste, row.plate, on)
    if known.spoil is not None:
        faults += against_loading(known.spoil, on)
    if row.number is None:
        faults.append(broken("M7.no_manifest", on, field="manifest"))
        if known.waste.kind == gates.HAZARDOUS and not is_exempt(known.carrier.grants, Stage.TRANSPORT, on):
            faults.append(broken("M1.no_manifest", on, field="manifest", code=row.code))
    if row.loaded_kg is None:
        faults.append(broken("M4.not_weighed", on, field="weighing"))
    return faults


def _label_faults(work: Work, row: Manifest, label: str) -> list[RuleBroken]:
    """Compare a label that was read with the manifest (M6)."""
    if not label or not row.hazardous:
        return []
    mover = registry.organisation(work.session, row.mover_id)
    return label_differs(label, mover.uscc, row.code, work.today)


def _acceptance_faults(work: Work, row: Manifest, signing: Signing) -> list[RuleBroken]:
    if signing.kg is None or signing.kg <= 0:
        return [broken("M10.weight_missing", work.today, field="accepted_kg")]
    if row.loaded_kg is not None and signing.kg > row.loaded_kg * 2:
        return [
            broken(
                "M10.over_accepted", work.today, field="accepted_kg", kg=signing.kg, loaded_kg=row.loaded_kg
            )
        ]
    return []


def rest_kg(work: Work, row: Manifest, *, there: bool = False) -> int:
    """Return what of a refused mass no linked manifest covers yet; `there`: or has not brought to a place."""
    covered = [
        one.planned_kg
        for one in queries.linked(work.session, row.id)
        if State(one.state) is not State.CANCELLED
        and (not there or State(one.resume_state or one.state) in ARRIVED_AGAIN)
    ]
    return row.refused_kg - sum(covered)


def _closing_faults(work: Work, row: Manifest) -> list[RuleBroken]:
    """Ask what became of the accepted mass (M10) and of the refused one (M12) before the last word."""
    found = []
    rest = rest_kg(work, row, there=True)
    if rest:
        found.append(broken("M12.rest_open", work.today, field="refused_kg", kg=rest))
    untreated = State(row.state) is State.CONFIRMED and row.purpose != Purpose.RETURN
    if untreated:
        found.append(broken("M10.treatment_missing", work.today, field="act", code=row.code))
    return found
