"""By which facts is each rule about moving a load kept, and by which broken (1a, 1b)?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from compliance.approvals import service as approvals
from compliance.approvals.neighbours import far_disposal
from compliance.approvals.rules import Act as ApprovalAct
from compliance.approvals.rules import Kind, Leave, Load, Paper
from compliance.approvals.service import Application
from compliance.approvals.tables import Approval
from compliance.deadlines.rules import TERMS, missed
from compliance.deadlines.rules import Kind as Deadline
from compliance.manifests import gates, national, service
from compliance.manifests.gates import Facts, Signing
from compliance.manifests.handover import Agreed, Means, place_faults
from compliance.manifests.rules import Act, Purpose, State
from compliance.manifests.tables import Manifest
from compliance.papers.rules import digital_code, label_differs, label_not_read
from compliance.receipts.rules import Comparison, warnings
from compliance.registry.rules import Driver, Escort, Mode
from compliance.rulebook.workdays import Workdays
from tests.compliance.rulebook.table.scene import (
    A_DAY,
    MINE,
    OIL_TYPE,
    THEIRS,
    Pair,
    Scene,
    Told,
    licence,
    party,
    permit,
)
from tests.factories import parties
from tests.factories.parties import CHANGSHA, OIL, SCRAP, WUHAN, company_code
from tracking.trips.rules import meeting_fault


def loading(**changes: Any) -> Callable[[Scene], Told]:
    """Ask what stands against loading an issued manifest whose load was weighed, but for what is said."""

    def ask(at: Scene) -> Told:
        row = Manifest(
            **({"number": "20264201000001", "loaded_kg": 9_980, "code": OIL, "mode": "use"} | changes)
        )
        load = _load()
        driver = Driver("李四", at.on)
        escort = Escort("王五", at.on)
        known = Facts(OIL_TYPE, party(), party(permit()), party(licence()), load, [], driver, escort)
        return gates.against(known, row, Act.LOAD, at.on)

    return ask


def together(hazards: str) -> Callable[[Scene], Told]:
    """Ask whether oil may be on one vehicle with a waste of these hazards (M3)."""
    other = replace(OIL_TYPE, code="900-999-49", hazards=hazards)
    return lambda at: [fault] if (fault := meeting_fault(OIL_TYPE, other, at.on)) else []


def accepting(kg: int | None) -> Callable[[Scene], Told]:
    """Ask what stands against accepting a load of 9,980 kg with a mass."""
    row = Manifest(state=State.ARRIVED.value, loaded_kg=9_980)
    return lambda at: gates.faults(at.work(), row, Act.ACCEPT, Signing(kg=kg))


def handed(place: str) -> Callable[[Scene], Told]:
    """Ask about a hand-over at a place."""
    return lambda at: place_faults(Agreed(THEIRS, Means.BY_WATER, place, at.now), "Chang Shipping", at.on)


def closing(refused_kg: int = 0, state: State = State.TREATED) -> Callable[[Scene], Told]:
    """Ask what stands against closing a manifest, of which a mass was refused."""

    def ask(at: Scene) -> Told:
        row = Manifest(
            id=MINE,
            state=state.value,
            received_kg=9_980,
            accepted_kg=9_980 - refused_kg,
            purpose=Purpose.TRANSFER.value,
            code=OIL,
        )
        return gates.faults(at.work(), row, Act.CLOSE, Signing())

    return ask


def entering(number: str, before: str | None = None) -> Callable[[Scene], object]:
    """Enter the national system's number on an issued manifest from Wuhan."""

    def ask(at: Scene) -> object:
        work = at.work()
        row = service.draft(work, at.cast.load())
        row.state, row.number, row.national_number = State.ISSUED.value, "20264201000001", before
        work.session.flush()
        return national.enter(at.work(at.cast.producer), row, number)

    return ask


def labelled(waste: str = OIL, days: int = 0) -> Callable[[Scene], Told]:
    """Ask whether a container's label is that of a load of oil."""

    def ask(at: Scene) -> Told:
        unit = company_code(7)
        code = digital_code(unit, waste, at.on + days * A_DAY, 1)
        return label_differs(code, unit, OIL, at.on)

    return ask


def weighed(received_kg: int) -> Callable[[Scene], Told]:
    """Ask of what the nets of a load warn, which left with ten tonnes."""
    return lambda at: warnings(Comparison(10_000, received_kg), "20264201000001", at.on)


def clock(kind: Deadline, *, late: bool) -> Callable[[Scene], Told]:
    """Ask of a clock that ends on the scene's day or soon after, or ended before it, by the real calendar."""

    def ask(at: Scene) -> Told:
        term, calendar = TERMS[kind], Workdays()
        near = at.on - timedelta(days=term.working_days * 7 // 5 + term.years * 365)
        due = [term.due(near + timedelta(days=shift), calendar).day for shift in range(-9, 9)]
        ahead = min(day for day in due if day >= at.on)
        return missed(
            kind, "20264201000001", max(day for day in due if day < at.on) if late else ahead, at.on
        )

    return ask


def clocks(*kinds: Deadline) -> dict[str, Pair]:
    """Return the pair of every clock by its rule."""
    return {TERMS[kind].rule: Pair(clock(kind, late=False), clock(kind, late=True)) for kind in kinds}


def _load(**changes: Any) -> Load:
    usual: dict[str, Any] = {
        "mover_id": MINE,
        "receiver_id": THEIRS,
        "code": OIL,
        "hazardous": True,
        "mode": Mode.USE,
        "kg": 10_000,
        "origin": "42",
        "destination": "43",
    }
    return Load(**(usual | changes))


def crossing(load: Load, kind: Kind | None, last: int = 10, **leave: Any) -> Callable[[Scene], Told]:
    """Ask whether a load may leave its province by one leave, valid to so many days from now, or by none."""

    def ask(at: Scene) -> Told:
        if kind is None:
            return approvals.against_crossing([], load, at.on)
        first, end = at.on - timedelta(days=30), at.on + timedelta(days=last)
        usual = Leave(
            MINE, kind, load.receiver_id, load.code, load.mode, load.destination, first, end, 10_000
        )
        return approvals.against_crossing([replace(usual, **leave)], load, at.on)

    return ask


def reported(filed: bool) -> Callable[[Scene], Told]:
    """Ask about scrap for use in Hunan: filed with one province before the Code, reported to both since."""

    def ask(at: Scene) -> Told:
        wanted = approvals.needed(False, Mode.USE, at.on)
        return crossing(SCRAP_FOR_USE, wanted if filed else None)(at)

    return ask


def applied(months: int) -> Callable[[Scene], object]:
    """Draw up an application for oil to Hunan, for so many months from today."""

    def ask(at: Scene) -> object:
        there = parties.site(at.work(), _id(at.cast.processor), (28.2, 113.0), CHANGSHA)
        end = at.on + timedelta(days=30 * months)
        new = Application(at.cast.origin_id, there.id, OIL, Mode.USE, 10_000, at.on, end)
        return approvals.draft(at.work(at.cast.producer), new)

    return ask


def submitted(papers: Mapping[str, str]) -> Callable[[Scene], object]:
    """Submit an application with some papers."""

    def ask(at: Scene) -> object:
        row = Approval(
            id=MINE,
            kind=Kind.APPROVAL.value,
            state="draft",
            mover_id=_id(at.cast.producer),
            receiver_id=THEIRS,
            origin=WUHAN,
            papers=dict(papers),
            note="",
            number="",
        )
        return approvals.move(at.work(at.cast.producer), row, ApprovalAct.SUBMIT)

    return ask


def _id(who: Any) -> Any:
    return who.organisation_id


OIL_OUT = _load()
SCRAP_FOR_USE = _load(code=SCRAP, hazardous=False)
SCRAP_TO_BURN = _load(code=SCRAP, hazardous=False, mode=Mode.DISPOSE)
ATTACHED = {paper.value: "folder 7" for paper in Paper}
GOOD_NUMBER = "20264201000777"

MOVEMENTS: dict[str, Pair] = {
    "M1.no_manifest": Pair(loading(), loading(number=None)),
    "M2.number": Pair(entering(GOOD_NUMBER), entering("20264301000777")),
    "M3.must_not_meet": Pair(together("T,I"), together("T/C/I/R")),
    "M4.not_weighed": Pair(loading(), loading(loaded_kg=None)),
    "M6.label_differs": Pair(labelled(), labelled("900-249-08")),
    "M6.label_not_read": Pair(
        lambda at: label_not_read(digital_code(company_code(7), OIL, at.on, 1), OIL, at.on),
        lambda at: label_not_read(" ", OIL, at.on),
    ),
    "M7.no_manifest": Pair(loading(), loading(number=None)),
    "M9.not_agreed": Pair(handed("Yangluo quay 3"), handed(" ")),
    "M17.far_disposal": Pair(
        lambda at: far_disposal(OIL, "42", "50", at.on), lambda at: far_disposal(OIL, "42", "65", at.on)
    ),
    "M10.weight_missing": Pair(accepting(9_980), accepting(0)),
    "M10.over_accepted": Pair(accepting(19_960), accepting(19_961)),
    "M10.treatment_missing": Pair(closing(), closing(state=State.CONFIRMED)),
    "M12.mismatch": Pair(weighed(10_030), weighed(10_031)),
    "M12.rest_open": Pair(closing(), closing(refused_kg=80)),
    "M16.sealed_field": Pair(entering(GOOD_NUMBER), entering("20264201000778", before=GOOD_NUMBER)),
    "S2.outside_tolerance": Pair(weighed(9_971), weighed(9_970)),
    "X1.approval_missing": Pair(crossing(OIL_OUT, Kind.APPROVAL), crossing(OIL_OUT, None)),
    "X2.attachment_missing": Pair(submitted(ATTACHED), submitted(ATTACHED | {"contract": ""})),
    "X4.not_valid": Pair(crossing(OIL_OUT, Kind.APPROVAL, last=0), crossing(OIL_OUT, Kind.APPROVAL, last=-1)),
    "X4.quantity_exceeded": Pair(
        crossing(OIL_OUT, Kind.APPROVAL), crossing(OIL_OUT, Kind.APPROVAL, left_kg=9_999)
    ),
    "X5.new_application": Pair(
        crossing(OIL_OUT, Kind.APPROVAL), crossing(OIL_OUT, Kind.APPROVAL, mode=Mode.DISPOSE)
    ),
    "X6.report_missing": Pair(reported(True), reported(False)),
    "X6.approval_missing": Pair(crossing(SCRAP_TO_BURN, Kind.APPROVAL), crossing(SCRAP_TO_BURN, None)),
    "X7.period_too_long": Pair(applied(12), applied(13)),
    **clocks(*Deadline),
}
