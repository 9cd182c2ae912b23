"""What stands against an act on a manifest today, by which rule? Every reason at once."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.approvals import service as approvals
from compliance.approvals.rules import Load
from compliance.catalogue import service as catalogue_service
from compliance.manifests import queries
from compliance.manifests.rules import ARRIVED_AGAIN, Act, Purpose, State
from compliance.manifests.tables import Manifest
from compliance.record.errors import RuleBroken
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Mode
from compliance.rulebook.rules import broken


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


def faults(work: Work, row: Manifest, what: Act, signing: Signing) -> list[RuleBroken]:
    """Return what the rules of an act's gate say against it, empty where nothing does."""
    if what is Act.ISSUE:
        return _issue_faults(work, row)
    if what is Act.LOAD:
        return _loading_faults(work, row)
    if what in {Act.ACCEPT, Act.ACCEPT_PART}:
        return _acceptance_faults(work, row, signing)
    if what in {Act.CLOSE, Act.END_RETURN}:
        return _closing_faults(work, row)
    return []


def _issue_faults(work: Work, row: Manifest) -> list[RuleBroken]:
    """Check both other parties again on the day of issue (M4): L1, L3, L9, L13, X1.

    The mass was booked with the deal (L4) and is not asked for twice. Whoever gets the own waste back needs
    no licence for it, and no approval to have it come back the way it went.
    """
    session = work.session
    waste = catalogue_service.require(work, row.code, work.today, "code")
    faults = gates.carrier_faults(session, row.carrier_id, waste, work.today)
    if row.purpose == Purpose.RETURN:
        return faults
    receiver, mode = row.receiver_id, Mode(row.mode)
    faults = gates.receiver_faults(session, receiver, waste, mode, 0, work.today, row.mover_id) + faults
    return faults + approvals.faults(work, crossing(work, row), row.booking_id)


def crossing(work: Work, row: Manifest) -> Load:
    """Return a manifest's load as the rules about provinces see it (X1, X4 to X6)."""
    waste = catalogue_service.require(work, row.code, work.today, "code")
    origin = registry.site(work.session, row.origin_site_id)
    destination = registry.site(work.session, row.destination_site_id)
    mode, kg = Mode(row.mode), row.planned_kg
    return approvals.load_of(origin, destination, row.mover_id, row.receiver_id, waste, mode, kg)


def _loading_faults(work: Work, row: Manifest) -> list[RuleBroken]:
    """Check the load at the gate: weighed (M4), carrier, driver and number in order (M6, M7, L9)."""
    session = work.session
    waste = catalogue_service.require(work, row.code, work.today, "code")
    driver = registry.people(session, [row.driver_id]).get(row.driver_id) if row.driver_id else None
    faults = gates.carrier_faults(session, row.carrier_id, waste, work.today)
    faults += gates.driver_faults(driver, waste, work.today)
    if row.number is None:
        faults.append(broken("M7.no_manifest", work.today, field="manifest"))
    if row.loaded_kg is None:
        faults.append(broken("M4.not_weighed", work.today, field="weighing"))
    return faults


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
        if State(one.state) is not State.CANCELLED and (not there or State(one.state) in ARRIVED_AGAIN)
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
