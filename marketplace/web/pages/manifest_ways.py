"""Which ways may this person open for a load, and what do the forms of a manifest's page mean?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec

from compliance.manifests import gates, national, paper, service, statements
from compliance.manifests.gates import Signing
from compliance.manifests.handover import Means
from compliance.manifests.rules import UNLOADED, Act, Purpose, State, acts_from
from compliance.manifests.tables import Manifest
from compliance.receipts import service as receipts
from compliance.record.errors import N_, Forbidden, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import Mode
from compliance.registry.tables import Person
from marketplace import loads
from marketplace.needs import queries as needs
from marketplace.web.pages import manifest_leave
from marketplace.web.pages.looked import LookedForm
from marketplace.web.pages.typed import kilograms, moment, whole_number
from tracking.trips import queries as trip_queries
from tracking.trips import service as trips
from tracking.trips.rules import Act as Step
from tracking.trips.rules import State as TripState
from tracking.trips.rules import next_step
from tracking.trips.tables import Trip

Text = Annotated[str, msgspec.Meta(max_length=400)]


class WayForm(LookedForm):
    """What the forms beside a manifest send, as typed; each uses some of these."""

    carrier: Text = ""
    means: Text = "by_road"
    place: Text = ""
    at: Text = ""
    plate: Text = ""
    site: Text = ""
    tonnes: Text = ""
    reason: Text = ""
    number: Text = ""
    loaded_at: Text = ""
    ended_at: Text = ""
    sender: Text = ""
    receiver: Text = ""
    evidence: Text = ""
    item: Text = ""
    verdict: Text = ""
    field: Text = ""
    value: Text = ""
    packaging: Text = ""
    packages: Text = ""
    dg_class: Text = ""
    un_number: Text = ""


def _hand_over(work: Work, row: Manifest, form: WayForm) -> None:
    try:
        means = Means(form.means)
    except ValueError:
        raise Invalid(N_("Choose road, rail or water."), field="means") from None
    loads.hand_over(work, row, loads.Handing(form.carrier, means, form.place, moment(form.at, "at")))


def _take_over(work: Work, row: Manifest, form: WayForm) -> None:
    loads.take_over(work, row, form.plate)


def _send_on(work: Work, row: Manifest, form: WayForm) -> None:
    kg = kilograms(form.tonnes, "kg") if form.tonnes.strip() else None
    site, mode = form.site.split("/") if "/" in form.site else ("", "")
    try:
        site_id, use = (UUID(site), Mode(mode)) if site else (None, None)
    except ValueError:
        raise Invalid(N_("Choose where the load goes."), field="site") from None
    loads.send_on(work, row, site_id, use, kg, Signing(reason=form.reason.strip()))


def _take_back(work: Work, row: Manifest, form: WayForm) -> None:
    receipts.sign(work, row, kilograms(form.tonnes, "accepted_kg"), form.reason.strip(), form.looked())


def _refuse(work: Work, row: Manifest, form: WayForm) -> None:
    looked = form.looked()
    receipts.refuse(work, row, form.reason.strip(), looked if looked.differs else None)


def _step(work: Work, row: Manifest, _: WayForm) -> None:
    trip, step = _step_by_leave(work, row)
    if trip is None or step is None:
        raise Forbidden(N_("Only the trip's driver or the carrier's dispatcher may do this."))
    trips.advance(work, trip, step)


def _step_by_leave(work: Work, row: Manifest) -> tuple[Trip | None, Step | None]:
    """Return the trip's next step where this person may do it by leave: the crew has a page of its own."""
    trip = trip_queries.by_manifest(work.session, row.id)
    step = None if trip is None else next_step(TripState(trip.state))
    if trip is None or step is None or not trips.stands_in(work, trip, step):
        return None, None
    return trip, step


def _go_on_paper(work: Work, row: Manifest, form: WayForm) -> None:
    paper.go_on_paper(work, row, form.reason)


def _enter_paper(work: Work, row: Manifest, form: WayForm) -> None:
    told = paper.Paper(
        form.number,
        moment(form.loaded_at, "loaded_at"),
        moment(form.ended_at, "ended_at"),
        kilograms(form.sender, "sender_kg"),
        kilograms(form.receiver, "receiver_kg"),
        form.evidence,
    )
    receipts.enter_paper(work, row, told)


def _enter_number(work: Work, row: Manifest, form: WayForm) -> None:
    national.enter(work, row, form.number)


def _name_escort(work: Work, row: Manifest, form: WayForm) -> None:
    try:
        person_id = UUID(form.item)
    except ValueError:
        raise Invalid(N_("Choose who rides along."), field="item") from None
    service.escort_by(work, row, person_id)


def _pack(work: Work, row: Manifest, form: WayForm) -> None:
    packages = whole_number(form.packages, "packages") if form.packages.strip() else None
    said = statements.Packed(form.packaging.strip(), packages, form.dg_class.strip(), form.un_number.strip())
    statements.pack(work, row, said)


def _decide(work: Work, row: Manifest, form: WayForm) -> None:
    manifest_leave.decide(work, row, form.item, form.verdict, form.reason)


def _correct(work: Work, row: Manifest, form: WayForm) -> None:
    manifest_leave.propose(work, row, form.field, form.value, form.reason)


def _answer(work: Work, row: Manifest, form: WayForm) -> None:
    manifest_leave.answer(work, row, form.item, form.verdict, form.reason)


@dataclass(frozen=True, slots=True)
class Way:
    """One form of the page: the act it signs, what carries it out, what is said when it was done."""

    act: Act | None
    do: Callable[[Work, Manifest, WayForm], None]
    said: str


WAYS: Mapping[str, Way] = {
    "handover": Way(Act.HAND_OVER, _hand_over, N_("The hand-over is offered. The other carrier signs it.")),
    "takeover": Way(Act.TAKE_OVER, _take_over, N_("The load is yours. Drive safely.")),
    "returns": Way(Act.RETURN, _send_on, N_("A linked manifest is drawn up. Its mover signs it next.")),
    "receipt": Way(Act.ACCEPT, _take_back, N_("The load is received and its mass confirmed.")),
    "not-taken": Way(Act.REFUSE, _refuse, N_("Signed: the load was not taken. It goes back next.")),
    "step": Way(None, _step, N_("Signed by leave.")),
    "paper": Way(Act.GO_ON_PAPER, _go_on_paper, N_("This transfer runs on paper now.")),
    "paper-entry": Way(
        Act.BACK_ENTER,
        _enter_paper,
        N_("The paper is entered. The receiver accepts or refuses the load next."),
    ),
    "correction": Way(Act.CORRECT, _correct, N_("The correction is proposed to those it affects.")),
    "answer-correction": Way(None, _answer, N_("Your answer is on record.")),
    "escort": Way(None, _name_escort, N_("The escort is named. The loading check asks for the certificate.")),
    "packing": Way(None, _pack, N_("Stated. Your signature freezes it with the rest of the manifest.")),
    "decide-exception": Way(None, _decide, N_("Your decision is on record.")),
    "national-number": Way(None, _enter_number, N_("The number of the national system is entered.")),
}


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a refused load may go onward: a site with an open need for this waste."""

    value: str
    name: str
    mode: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What the page offers this person beside the simple acts."""

    ways: tuple[str, ...] = ()
    rest_kg: int = 0
    goals: tuple[Goal, ...] = ()
    escorts: tuple[Person, ...] = ()
    step: str = ""
    """The next step of the trip, where this person may sign it by leave."""


def offered(work: Work, row: Manifest) -> Offered:
    """Return the ways that are open to the person now; a return only while something is left to send.

    A receiver decides on the page of its gate; whoever has leave to, or takes the own load back, does here.
    """
    at_gate = work.who.has(Role.PROCESSOR) and work.who.organisation_id == row.receiver_id
    possible = acts_from(State(row.state))
    rest = gates.rest_kg(work, row)
    open_now = [
        name
        for name, way in WAYS.items()
        if way.act is not None
        and way.act in possible
        and (way.act is not Act.RETURN or rest > 0)
        and (way.act not in {Act.ACCEPT, Act.REFUSE} or row.purpose == Purpose.RETURN or not at_gate)
        and service.party_of(work, row, way.act) is not None
    ]
    mover = work.who.has(Role.PRODUCER) and work.who.organisation_id == row.mover_id
    if mover and row.national_number is None and State(row.state) not in {State.DRAFT, State.CANCELLED}:
        open_now.append("national-number")
    if mover and State(row.state) is State.DRAFT:
        open_now.append("packing")
    if work.who.organisation_id in {row.mover_id, row.carrier_id, row.receiver_id}:
        open_now.append("exception")
    escorts = _escorts(work, row)
    if escorts:
        open_now.append("escort")
    _, step = _step_by_leave(work, row)
    if step is not None:
        open_now.append("step")
    goals = _goals(work, row) if "returns" in open_now else ()
    return Offered(tuple(open_now), rest, goals, escorts, step.value if step else "")


def _escorts(work: Work, row: Manifest) -> tuple[Person, ...]:
    """Return whom the carrier's dispatcher may name to ride along with a load that is still to be loaded."""
    own = work.who.has(Role.DISPATCHER) and work.who.organisation_id == row.carrier_id
    if not own or not row.hazardous or State(row.state) not in UNLOADED:
        return ()
    people = registry.people_of(work.session, row.carrier_id)
    return tuple(one for one in people if one.escort_to is not None and one.id != row.driver_id)


def _goals(work: Work, row: Manifest) -> tuple[Goal, ...]:
    found = [
        need
        for need in needs.open_needs(work.session, work.today)
        if need.code == row.code and need.organisation_id != row.receiver_id
    ]
    sites = registry.sites(work.session, {need.site_id for need in found})
    names = registry.organisations(work.session, {need.organisation_id for need in found})
    return tuple(
        Goal(
            f"{need.site_id}/{need.mode}",
            f"{names[need.organisation_id].name} · {sites[need.site_id].name}",
            need.mode,
        )
        for need in found
    )
