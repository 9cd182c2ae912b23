"""Which sequences of corrections, exceptions and paper does the machine try?"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from compliance.manifests.rules import Act
from compliance.manifests.situations import WAYS, Situation
from tests.compliance.manifests.machine import way
from tests.compliance.manifests.machine.base import AMOUNTS, PEOPLE, PICKS, Base
from tests.compliance.manifests.machine.people import GREASE, SOIL, SOLVENT
from tests.factories.trade import OIL

MASSES = st.sampled_from(["planned_kg", "loaded_kg", "accepted_kg"])
WORDS: dict[str, tuple[object, ...]] = {
    "code": (OIL, GREASE, SOLVENT, SOIL, "900-999-99"),
    "mode": ("use", "dispose", "store", "burn"),
    "plate": ("鄂A70009", ""),
    "packages": (3, -1),
    "dg_class": ("3", "9"),
    "national_number": ("20264201000007", "x"),
}
ANSWERS = st.sampled_from([True, True, False, None])
"""What everybody says to a correction; None: it is left open."""
SITUATIONS = st.sampled_from(sorted(Situation))


class Amending(Base):
    """What puts right what went wrong."""

    @rule(pick=PICKS, field=MASSES, kg=AMOUNTS, who=PEOPLE, approve=ANSWERS)
    def correct_mass(self, pick: int, field: str, kg: object, who: int, approve: bool | None) -> None:
        """Propose another mass, and have it answered or left open."""
        self._correct(pick, {field: kg}, who, approve)

    @rule(
        pick=PICKS,
        change=st.sampled_from([(name, value) for name, values in WORDS.items() for value in values]),
        who=PEOPLE,
        approve=ANSWERS,
    )
    def correct_words(self, pick: int, change: tuple[str, object], who: int, approve: bool | None) -> None:
        """Propose another code, mode, plate or statement, and have it answered or left open."""
        self._correct(pick, dict([change]), who, approve)

    def _correct(self, pick: int, changes: dict[str, object], who: int, approve: bool | None) -> None:
        row = self.world.chosen(pick)
        if row is None:
            return
        houses = (row.mover_id, row.carrier_id, row.receiver_id)
        name = self.world.named(who) if who > 10 else self.world.people.acting_for(houses[who % 3])
        self.world.post(name, f"/manifests/{row.id}/corrections", changes=changes, reason="typo")
        if approve is not None:
            way.answer_all(self.world, row, approve=approve)

    @rule(pick=PICKS, who=PEOPLE, approve=st.booleans(), withdraw=st.booleans())
    def answer(self, pick: int, who: int, approve: bool, withdraw: bool) -> None:
        """Answer or withdraw the newest correction as anybody."""
        row = self.world.chosen(pick)
        if row is None:
            return
        name, path = self.world.named(who), f"/manifests/{row.id}/corrections"
        listed = self.world.get(name, path)
        if listed.is_success and listed.json():
            newest = f"{path}/{listed.json()[-1]['id']}"
            if withdraw:
                self.world.post(name, f"{newest}/withdraw")
            else:
                self.world.post(name, f"{newest}/answer", approve=approve, reason="seen")

    @rule(pick=PICKS, who=PEOPLE, situation=SITUATIONS, act=st.sampled_from(Act), kg=AMOUNTS)
    def ask_leave(self, pick: int, who: int, situation: Situation, act: Act, kg: object) -> None:
        """Ask leave for an act, mostly one that the situation is about."""
        row = self.world.chosen(pick)
        if row is not None:
            acts = sorted(WAYS[situation].acts)
            self._ask(str(row.id), self.world.named(who), situation, act if act in acts else acts[0], kg)

    def _ask(self, key: str, who: str, situation: Situation, act: Act, kg: object) -> None:
        said: dict[str, Any] = {"situation": situation.value, "act": act.value, "reason": "as it is"}
        if WAYS[situation].asks_kg:
            said["kg"] = kg
        if WAYS[situation].asks_carrier:
            said |= {"carrier": self.world.uscc("rival"), "plate": "鄂B70777"}
        self.world.post(who, f"/manifests/{key}/exceptions", missing="no_signal", **said)

    @rule(pick=PICKS, who=PEOPLE, grant=st.sampled_from([True, True, True, False]))
    def decide(self, pick: int, who: int, grant: bool) -> None:
        """Grant or deny whatever leave is asked for a load, as anybody."""
        row = self.world.chosen(pick)
        if row is None:
            return
        path = f"/manifests/{row.id}/exceptions"
        name = self.world.named(who) if who > 8 else ("operator" if who % 2 else "inspector")
        listed = self.world.get(name, path)
        for one in listed.json() if listed.is_success else ():
            if one["state"] == "asked" or who == 0:
                self.world.post(name, f"{path}/{one['id']}/decision", grant=grant, reason="seen")

    @rule(pick=PICKS, situation=SITUATIONS, kg=AMOUNTS, act=st.sampled_from(Act))
    def go_on_by_leave(self, pick: int, situation: Situation, kg: object, act: Act) -> None:
        """Ask leave as whoever may, have it granted, and go on."""
        row = self.world.chosen(pick)
        if row is None:
            return
        acts = sorted(WAYS[situation].acts)
        asks = self.world.people.acting_for(row.receiver_id)
        self._ask(str(row.id), asks, situation, act if act in acts else acts[0], kg)
        for who in ("inspector", "operator"):
            path = f"/manifests/{row.id}/exceptions"
            for one in self.world.get(who, path).json():
                if one["state"] == "asked":
                    self.world.post(who, f"{path}/{one['id']}/decision", grant=True, reason="seen")
        way.go_on(self.world, self.world.fresh(row))

    @rule(pick=PICKS, who=PEOPLE)
    def go_on_paper(self, pick: int, who: int) -> None:
        """Let the transfer run on paper."""
        row = self.world.chosen(pick)
        if row is not None:
            name = self.world.named(who) if who > 10 else self.world.people.acting_for(row.carrier_id)
            self.world.post(name, f"/manifests/{row.id}/paper", reason="no signal")

    @rule(pick=PICKS, who=PEOPLE, kg=AMOUNTS, early=st.booleans())
    def enter_paper(self, pick: int, who: int, kg: object, early: bool) -> None:
        """Enter what stood on the paper, or what cannot have stood there."""
        row = self.world.chosen(pick)
        if row is None:
            return
        at = self.world.market.at.isoformat()
        told = {
            "number": "P-1",
            "loaded_at": at,
            "ended_at": "2026-11-01T00:00:00Z" if early else at,
            "sender_kg": kg,
            "receiver_kg": kg,
            "evidence": "binder",
        }
        name = self.world.named(who) if who > 10 else self.world.people.acting_for(row.mover_id)
        self.world.post(name, f"/manifests/{row.id}/paper-entry", **told)

    @rule(pick=PICKS, number=st.sampled_from(["20264201000001", "20264201000002", "1"]))
    def enter_number(self, pick: int, number: str) -> None:
        """Enter the number of the national system."""
        row = self.world.chosen(pick)
        if row is not None:
            who = self.world.people.acting_for(row.mover_id)
            self.world.post(who, f"/manifests/{row.id}/national-number", number=number)
