"""Does one load close the whole loop, from a listed lot to a settled load, without a browser?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import click

from compliance.record.clock import system_now
from compliance.record.errors import N_, Conflict
from marketplace.demo.client import Client
from marketplace.demo.known import PASSWORD
from marketplace.demo.private import private_instance

CODE = "900-214-08"
KG = 12_000
PATIENCE_S = 300.0
POLL_S = 0.3
T = TypeVar("T")
PEOPLE = ("producer", "processor", "dispatcher", "operator")


@dataclass(slots=True)
class Trace:
    """What happened to one load: ids, times, masses, sums and hashes, and whether everything holds."""

    lot: dict[str, Any] = field(default_factory=dict)
    match: dict[str, Any] = field(default_factory=dict)
    deal: dict[str, Any] = field(default_factory=dict)
    custody: dict[str, Any] = field(default_factory=dict)
    settlement: dict[str, Any] = field(default_factory=dict)
    verification: dict[str, Any] = field(default_factory=dict)

    @property
    def closed(self) -> bool:
        """Tell whether the loop closed and chain, money and mass hold."""
        return (
            self.custody["manifest"]["state"] == "closed"
            and self.settlement["state"] == "paid"
            and bool(self.verification["holds"])
            and self.verification["money_fen"] == 0
            and not self.imbalances()
        )

    def imbalances(self) -> list[str]:
        """Return what does not add up in the masses of this load; empty when all does."""
        nets = {"source": 0, "destination": 0}
        for ticket in self.custody["weighings"]:
            sign = 1 if ticket["role"] == "gross" else -1
            nets[ticket["place"]] += sign * ticket["kg"]
        receipt = self.custody["receipt"]
        found = []
        if (nets["source"], nets["destination"]) != (receipt["sender_kg"], receipt["receiver_kg"]):
            found.append(f"weighed {nets}, stated {receipt['sender_kg']} and {receipt['receiver_kg']}")
        if self.settlement["kg"] + self.settlement["disputed_kg"] != receipt["accepted_kg"]:
            found.append(f"accepted {receipt['accepted_kg']}, settled {self.settlement['kg']}")
        return found

    def told(self) -> dict[str, Any]:
        """Return the trace as JSON-ready facts."""
        return {
            "closed": self.closed,
            "lot": self.lot,
            "match": self.match,
            "deal": self.deal,
            **self.custody,
            "settlement": self.settlement,
            "verification": self.verification,
            "imbalances": self.imbalances(),
        }


class Loop:
    """Walks one load through the API as four people; others may be quicker at their steps."""

    def __init__(self, url: str, say: Callable[[str], None]) -> None:
        self.people = {name: Client(url, name, PASSWORD) for name in PEOPLE}
        self.say = say
        self.trace = Trace()

    def run(self) -> Trace:
        """Walk the loop and return its trace; raises `Conflict` where it does not move for five minutes."""
        self._trade()
        self._load()
        self._receive()
        self._settle()
        self.trace.verification = self.people["operator"].get("/api/v1/verification")
        return self.trace

    def close(self) -> None:
        """End all connections."""
        for person in self.people.values():
            person.close()

    def _trade(self) -> None:
        producer, trace = self.people["producer"], self.trace
        site = producer.get("/api/v1/sites")["items"][0]
        trace.lot = producer.post("/api/v1/lots", _lot(site["id"]))
        self.say(f"lot listed: {trace.lot['id']}, {KG} kg of {CODE}")
        path = f"/api/v1/lots/{trace.lot['id']}/matches"
        trace.match = self._await("matches", lambda: self._matches(path))[0]
        self.say(f"match: {trace.match['metres'] / 1000:.0f} km (estimate), {trace.match['price']} CNY/t")
        trace.deal = producer.post(f"/api/v1/matches/{trace.match['id']}/accept")
        self.say(f"deal agreed: {trace.deal['id']}, terms {trace.deal['terms_hash'][:16]}…")

    def _matches(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.people["producer"].get(path)["items"]
        return found

    def _load(self) -> None:
        self._until({"draft"}, lambda _: self._act("producer", "issue"))
        self.say(f"manifest issued: {self._manifest()['number']} (provisional)")
        self._until({"issued"}, self._load_step)
        self._until({"loaded"}, lambda seen: self._step(seen, "departed"))
        self.say(f"loaded and under way: {self._manifest()['loaded_kg']} kg")
        self._until({"in_transit"}, self._deliver_step)

    def _load_step(self, seen: dict[str, Any]) -> None:
        trip = seen["trip"]
        if trip and trip["state"] == "planned" and trip["at_origin_at"]:
            self._step(seen, "arrived")
        elif trip and trip["state"] == "at_origin" and trip["sender_kg"]:
            self._step(seen, "loaded")

    def _deliver_step(self, seen: dict[str, Any]) -> None:
        if seen["trip"]["arrived_at"]:
            self._step(seen, "delivered")

    def _receive(self) -> None:
        self._until({"arrived"}, self._sign)
        receipt = self.trace.custody["receipt"]
        self.say(f"received: {receipt['sender_kg']} kg sent, {receipt['receiver_kg']} kg weighed in")

    def _sign(self, seen: dict[str, Any]) -> None:
        if seen["receipt"]:
            path = f"/api/v1/manifests/{seen['manifest']['id']}/receipt/sign"
            self.people["processor"].attempt(path, {"accepted_kg": seen["receipt"]["receiver_kg"]})

    def _settle(self) -> None:
        trace = self.trace
        trace.settlement = self._await("settlement", self._settlement)
        while trace.settlement["state"] == "due":
            for name in ("producer", "processor"):
                self.people[name].attempt(f"/api/v1/settlements/{trace.settlement['id']}/pay")
            trace.settlement = self._settlement()
            time.sleep(POLL_S)
        self.say(f"settled: {sum(line['fen'] for line in trace.settlement['lines']) / 100:,.2f} CNY paid")
        self._until({"confirmed"}, lambda _: self._act("processor", "treat"))
        self._until({"treated"}, lambda _: self._act("processor", "close"))
        self.say("treated and closed")

    def _settlement(self) -> dict[str, Any]:
        page = self.people["operator"].get("/api/v1/settlements", limit="100")["items"]
        return next((row for row in page if row["deal_id"] == self.trace.deal["id"]), {})

    def _act(self, person: str, act: str) -> None:
        self.people[person].attempt(f"/api/v1/manifests/{self._manifest()['id']}/acts", {"act": act})

    def _step(self, seen: dict[str, Any], step: str) -> None:
        self.people["dispatcher"].attempt(f"/api/v1/trips/{seen['trip']['id']}/steps", {"step": step})

    def _manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = self._custody()["manifest"]
        return found

    def _custody(self) -> dict[str, Any]:
        known = self.trace.custody.get("manifest")
        key = known["id"] if known else self._await("manifest", self._manifest_id)
        self.trace.custody = self.people["operator"].get(f"/api/v1/manifests/{key}")
        return self.trace.custody

    def _manifest_id(self) -> str:
        page = self.people["operator"].get("/api/v1/manifests", limit="100")["items"]
        return next((row["id"] for row in page if row["deal_id"] == self.trace.deal["id"]), "")

    def _until(self, states: set[str], do: Callable[[dict[str, Any]], None]) -> None:
        """Try a step again and again until the manifest has left some states."""

        def left() -> bool:
            seen = self._custody()
            if seen["manifest"]["state"] not in states:
                return True
            do(seen)
            return self._custody()["manifest"]["state"] not in states

        self._await(f"manifest to leave {', '.join(sorted(states))}", left)

    def _await(self, what: str, ask: Callable[[], T]) -> T:
        until = time.monotonic() + PATIENCE_S
        while not (found := ask()):
            if time.monotonic() > until:
                raise Conflict(
                    N_("Waited {seconds} s in vain for: {what}."),
                    code="loop_stuck",
                    values={"seconds": int(PATIENCE_S), "what": what},
                )
            time.sleep(POLL_S)
        return found


def _lot(site_id: str) -> dict[str, object]:
    """Return the lot that the loop lists; its window is wide, for the instance's clock may run ahead."""
    ready = system_now()
    return {
        "site_id": site_id,
        "code": CODE,
        "kg": KG,
        "ready_from": ready.isoformat(),
        "ready_to": (ready + timedelta(days=1000)).isoformat(),
        "price": "1500.00",
        "division": "whole",
        "packaging": "200L铁桶",
    }


def run(url: str, speed: float, as_json: bool) -> int:
    """Run one loop against an instance (empty: a private one) and print its trace; 0 only if all holds."""
    say: Callable[[str], None] = (lambda _: None) if as_json else click.echo
    if url:
        return _walk(url, as_json, say)
    say("starting a private instance …")
    with private_instance(speed) as instance:
        return _walk(instance.url, as_json, say)


def _walk(url: str, as_json: bool, say: Callable[[str], None]) -> int:
    loop = Loop(url, say)
    try:
        trace = loop.run()
    finally:
        loop.close()
    if as_json:
        click.echo(json.dumps(trace.told(), ensure_ascii=False, indent=2))
    else:
        click.echo("The loop closed and everything holds." if trace.closed else "The loop did NOT close.")
    return 0 if trace.closed else 1
