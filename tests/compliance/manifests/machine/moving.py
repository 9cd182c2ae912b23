"""Which sequences of signing, steps, weighing, receiving and sending on does the machine try?"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select

from compliance.manifests import exceptions
from compliance.manifests.rules import SIGNER, Act, State
from compliance.manifests.tables import Manifest
from tests.compliance.manifests.machine import way
from tests.compliance.manifests.machine.base import AMOUNTS, PEOPLE, PICKS, Base
from tests.compliance.manifests.machine.people import GREASE
from tracking.trips.tables import Trip

DIRECT = st.sampled_from(["issue", "cancel", "keep_load", "end_return", "treat", "close"])
STEPS = st.sampled_from(["arrived", "loaded", "departed", "delivered"])
GOALS = st.sampled_from(["", "", "", "processor", "distant", "abroad"])
FIRST = {State.DRAFT, State.ISSUED, State.LOADED, State.IN_TRANSIT}


class Moving(Base):
    """What happens to a load on its way."""

    def bring(self, row: Manifest, to: Container[State]) -> Manifest:
        """Bring a load towards a state by the plain way; return it as it then stands."""
        for _ in range(5):
            if State(row.state) in FIRST and State(row.state) not in to:
                way.go_on(self.world, row)
                row = self.world.fresh(row)
        return row

    @rule(pick=PICKS, times=st.integers(1, 8))
    def go_on(self, pick: int, times: int) -> None:
        """Go the plain way for a while, so that the far ends are reached too."""
        row = self.world.chosen(pick)
        for _ in range(times if row is not None else 0):
            assert row is not None
            way.go_on(self.world, self.world.fresh(row))

    @rule(pick=PICKS, took=st.sampled_from([0, 1, 3_000, None]), refuse=st.booleans())
    def bring_and_receive(self, pick: int, took: int | None, refuse: bool) -> None:
        """Bring a load to the receiver's gate and take it in part or not at all."""
        row = self.world.chosen(pick)
        if row is None:
            return
        row = self.bring(row, {State.ARRIVED})
        receiver = self.world.people.acting_for(row.receiver_id)
        said: dict[str, Any] = {"reason": "wet", "differs": {"property": "wet"}}
        path = f"/manifests/{row.id}/receipt"
        if refuse:
            self.world.post(receiver, f"{path}/refuse", **said)
        else:
            self.world.post(receiver, f"{path}/sign", accepted_kg=took or (row.loaded_kg or 9) // 2, **said)

    @rule(pick=PICKS, kg=st.sampled_from([None, 1, 3_000]), goal=GOALS, times=st.integers(0, 6))
    def refuse_and_send_on(self, pick: int, kg: int | None, goal: str, times: int) -> None:
        """Refuse a load that is brought, send it back or onward, and go that way for a while."""
        self.bring_and_receive(pick, None, refuse=True)
        self.send_on(pick, kg, goal)
        linked = [row for row in self.world.manifests() if row.parent_id == self.world.touched]
        for _ in range(times if linked else 0):
            way.go_on(self.world, self.world.fresh(linked[-1]))

    @rule(pick=PICKS, who=PEOPLE, act=DIRECT)
    def sign(self, pick: int, who: int, act: str) -> None:
        """Sign any act, in turn or not, as anybody; what is explained beforehand must come true."""
        row = self.world.chosen(pick)
        if row is None:
            return
        turn = exceptions.holders(row)[SIGNER[Act(act)]]
        name = self.world.named(who) if who > 8 else self.world.people.acting_for(turn)
        told = self.world.get(name, f"/manifests/{row.id}/reasons", act=act)
        answer = way.act(self.world, name, row, act)
        if answer.is_success:
            assert told.json()["allowed"], told.text
        elif told.is_success and told.json()["allowed"]:
            assert answer.status_code == 403, answer.text

    @rule(pick=PICKS, who=PEOPLE, step=STEPS)
    def step(self, pick: int, who: int, step: str) -> None:
        """Take any step of a trip as anybody."""
        row = self.world.chosen(pick)
        if row is not None:
            way.step(self.world, row, step, self.world.named(who) if who > 6 else "")

    @rule(pick=PICKS, other=PICKS, leave=st.booleans())
    def share_the_vehicle(self, pick: int, other: int, leave: bool) -> None:
        """Put two loads on one run, or take one off it."""
        trips = self.world.market.rows(select(Trip).order_by(Trip.planned_at, Trip.id))
        if not trips:
            return
        own = trips[pick % len(trips)]
        who = self.world.people.acting_for(own.carrier_id)
        if leave:
            self.world.post(who, f"/trips/{own.id}/run/leave")
        else:
            self.world.post(who, f"/trips/{own.id}/run", with_trip_id=str(trips[other % len(trips)].id))

    @rule(pick=PICKS, there=st.booleans(), kg=st.sampled_from([0, 10, 9_980, 19_980, 27_000]))
    def weigh(self, pick: int, there: bool, kg: int) -> None:
        """Drive a vehicle over a scale at any time."""
        row = self.world.chosen(pick)
        if row is not None:
            way.weigh(self.world, row, there=there, kg=kg)

    @rule(pick=PICKS, who=PEOPLE, kg=AMOUNTS, refuse=st.booleans(), why=st.booleans())
    def receive(self, pick: int, who: int, kg: object, refuse: bool, why: bool) -> None:
        """Take or refuse a load as anybody, by any mass, explained or not."""
        row = self.world.chosen(pick)
        if row is None:
            return
        said: dict[str, Any] = {"reason": "wet", "differs": {"property": "wet"}} if why else {}
        path = f"/manifests/{row.id}/receipt"
        name = self.world.named(who) if who > 10 else self.world.people.acting_for(row.receiver_id)
        asked = {"act": Act.ACCEPT.value, "kg": kg if isinstance(kg, int) and 0 < kg < 10**8 else None}
        told = self.world.get(name, f"/manifests/{row.id}/reasons", **asked)
        if refuse:
            self.world.post(name, f"{path}/refuse", **said)
        else:
            answer = self.world.post(name, f"{path}/sign", accepted_kg=kg, **said)
            if asked["kg"] and told.is_success:
                may = answer.is_success or answer.status_code == 403 or not why
                assert told.json()["allowed"] >= answer.is_success, (told.text, answer.text)
                assert told.json()["allowed"] <= may, (told.text, answer.text)

    @rule(pick=PICKS, kg=st.sampled_from([None, None, 0, 1, 3_000, 9_000]), goal=GOALS)
    def send_on(self, pick: int, kg: int | None, goal: str) -> None:
        """Send what was refused back, or onward to another processor."""
        row = self.world.chosen(pick)
        if row is None:
            return
        said: dict[str, Any] = {"site_id": str(self.world.market.parties[goal].site_id)} if goal else {}
        if kg is not None:
            said["kg"] = kg
        who = self.world.people.acting_for(row.mover_id)
        self.world.post(who, f"/manifests/{row.id}/returns", **said)

    @rule(pick=PICKS, to=st.sampled_from(["rival", "rival", "carrier", "processor"]), road=st.booleans())
    def hand_over(self, pick: int, to: str, road: bool) -> None:
        """Offer a load to another carrier, mostly on its way."""
        row = self.world.chosen(pick)
        if row is None:
            return
        if to == "rival":
            row = self.bring(row, {State.IN_TRANSIT})
        agreed = {
            "carrier": self.world.uscc(to),
            "means": "by_road" if road else "by_water",
            "place": "yard",
            "at": self.world.market.at.isoformat(),
        }
        who = self.world.people.acting_for(row.carrier_id)
        self.world.post(who, f"/manifests/{row.id}/handover", **agreed)

    @rule(pick=PICKS, who=st.sampled_from(["rival", "rival", "carrier", "driver 2", "neighbour"]))
    def take_over(self, pick: int, who: str) -> None:
        """Take a load over that was offered, or was not."""
        row = self.world.chosen(pick)
        if row is not None:
            if who == "rival" and row.state == State.IN_TRANSIT:
                self.hand_over(pick, "rival", road=True)
            plate = "鄂B70777" if who == "rival" else "鄂A70001"
            self.world.post(who, f"/manifests/{row.id}/takeover", plate=plate)

    @rule(pick=PICKS, packages=st.sampled_from([1, 12, 10**9]), dg=st.sampled_from(["3", "9", "x"]))
    def state_packing(self, pick: int, packages: int, dg: str) -> None:
        """Say how a load is packed."""
        row = self.world.chosen(pick)
        if row is not None:
            who = self.world.people.acting_for(row.mover_id)
            said = {"packaging": "drums", "packages": packages, "dg_class": dg}
            self.world.post(who, f"/manifests/{row.id}/statement", **said)

    @rule(who=PEOPLE, code=st.sampled_from([GREASE, "900-214-08"]))
    def read(self, who: int, code: str) -> None:
        """Read lists as anybody: nobody's hold what is not theirs."""
        name = self.world.named(who)
        own = self.world.people.everyone[name]
        listed = self.world.get(name, "/manifests", limit=100, code=code).json()["items"]
        for one in listed if not own.oversees else ():
            row = next(row for row in self.world.manifests() if str(row.id) == one["id"])
            assert own.organisation_id in self.world.taking_part(row)
