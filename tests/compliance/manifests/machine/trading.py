"""Which sequences of listing, accepting, changing and withdrawing does the machine try?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sqlalchemy import select

from marketplace.lots.tables import Lot
from marketplace.needs.tables import Need
from tests.compliance.manifests.machine import way
from tests.compliance.manifests.machine.base import AMOUNTS, PEOPLE, PICKS, Base
from tests.compliance.manifests.machine.people import GREASE, SOIL, SOLVENT
from tests.compliance.manifests.machine.world import Call
from tests.factories.trade import OIL

HOLDERS = st.sampled_from(["producer", "producer", "neighbour"])
CODES = st.sampled_from([OIL, OIL, OIL, OIL, GREASE, SOIL])
STIRS = st.sampled_from(["accept", "list", "change", "withdraw", "needs"])
LOADS_KG = st.sampled_from([5_000, 9_990, 20_000, 20_001, 25_000, 50_000])


class Trading(Base):
    """What happens on the market."""

    @initialize(who=HOLDERS, code=CODES, rank=PICKS, times=st.integers(0, 6))
    def begin(self, who: str, code: str, rank: int, times: int) -> None:
        """Begin with a fresh copy of a market in which everybody is signed in, and one load on its way."""
        self.open()
        self.agree(who, code, 20_000, rank)
        for row in self.world.manifests() * times:
            way.go_on(self.world, self.world.fresh(row))

    @rule(who=HOLDERS, code=CODES, kg=LOADS_KG, rank=PICKS)
    def agree(self, who: str, code: str, kg: int, rank: int) -> None:
        """List a lot and accept an offer for it: a booking on its receiver's licence."""
        lot_id = self.world.list_lot(who, code, kg)
        if lot_id is not None:
            self.world.digest(now=True)
            self.accept_one(who, lot_id, rank)

    def accept_one(self, who: str, lot_id: UUID, rank: int) -> None:
        """Accept one of the offers for a lot as somebody."""
        listed = self.world.get(who, f"/lots/{lot_id}/matches")
        offers = [one["id"] for one in listed.json()["items"]] if listed.is_success else []
        if offers:
            match_id = offers[rank % len(offers)]
            self.world.get(who, f"/matches/{match_id}/reasons")
            self.world.post(who, f"/matches/{match_id}/accept")

    @rule(what=STIRS, who=PEOPLE, pick=PICKS, kg=AMOUNTS, stale=st.booleans())
    def stir(self, what: str, who: int, pick: int, kg: object, stale: bool) -> None:
        """Do something else on the market: by an old version, by an absurd mass, as somebody else."""
        lots = self.world.market.rows(select(Lot).order_by(Lot.created_at, Lot.id))
        name, lot = self.world.named(who), lots[pick % len(lots)] if lots else None
        if what == "list":
            self._list_oddly(name, kg)
        elif what == "needs":
            self._turn_needs_over(("processor", "distant", "abroad")[who % 3], pick)
        elif lot is not None and what == "accept":
            self.accept_one(name, lot.id, who)
        elif lot is not None and what == "withdraw":
            self.world.post(name, f"/lots/{lot.id}/withdraw")
        elif lot is not None:
            self._change(lot, kg, stale)

    def _list_oddly(self, who: str, kg: object) -> None:
        """List a lot of any mass as anybody, on the producer's site."""
        site = str(self.world.market.parties["producer"].site_id)
        at = self.world.market.at
        said = {"ready_from": at.isoformat(), "ready_to": (at + timedelta(days=3)).isoformat()}
        self.world.post(who, "/lots", site_id=site, code=SOLVENT, kg=kg, **said)

    def _change(self, row: Lot, kg: object, stale: bool) -> None:
        """Change a lot by its newest or a stale version."""
        who = self.world.people.acting_for(row.organisation_id)
        version = row.version - 1 if stale else row.version
        named = {"if-match": f'"{version}"'}
        answer = self.world.change(Call(who, "PATCH", f"/lots/{row.id}", {"kg": kg}, named))
        assert not (stale and answer.is_success)

    def _turn_needs_over(self, who: str, pick: int) -> None:
        """Close one of the needs, its own or another's, and open another."""
        market = self.world.market
        needs = market.rows(select(Need).order_by(Need.created_at, Need.id))
        if len(needs) > 6:
            self.world.post(who, f"/needs/{needs[pick % len(needs)].id}/close")
        said = {
            "site_id": str(market.parties[who].site_id),
            "code": OIL,
            "mode": "use",
            "price": "-2250",
            "kg": 30_000,
            "valid_to": (market.at.date() + timedelta(days=40)).isoformat(),
        }
        self.world.post(who, "/needs", **said)
