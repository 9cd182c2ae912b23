"""How does somebody whom nobody knows complain, without one address flooding the desk?"""

from __future__ import annotations

from compliance.cases import queries, service
from compliance.cases.rules import Complaint
from compliance.cases.tables import CaseFile
from compliance.record.database import reading, transaction
from compliance.record.errors import N_
from compliance.record.who import Who
from compliance.record.work import Work
from marketplace.accounts import service as accounts
from marketplace.accounts.rules import TooManyTries
from marketplace.edge.door import Door
from marketplace.edge.entry import address_of
from marketplace.edge.identity import Visit

NOBODY = Who(None, "public", None, frozenset())
"""Somebody who did not sign in: may open a case, and see nothing but by number and code."""
COMPLAINTS, LOOKS = 5, 20
"""So many in a quarter of an hour from one address."""


class TooManyComplaints(TooManyTries):
    """Too many complaints, or looks at one, came from an address."""

    code = "too_many_complaints"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.message = N_("Too much came from this address. Try again in {minutes} min.")


def receive(door: Door, request: Visit, told: Complaint) -> tuple[CaseFile, str]:
    """Open a case for whoever asks; raises `TooManyComplaints`, and every fault of what was told."""
    _charge(door, f"complaint:{address_of(request)}", COMPLAINTS)
    with transaction(door.engine) as session:
        return service.receive(Work(session, door.now(), NOBODY), told)


def look(door: Door, request: Visit, number: str, code: str) -> CaseFile:
    """Return a case to whoever has its number and code."""
    _charge(door, f"case:{address_of(request)}", LOOKS)
    with reading(door.engine) as session:
        return queries.own(session, number, code)


def _charge(door: Door, key: str, allowed: int) -> None:
    try:
        with transaction(door.engine) as session:
            accounts.charge_one(session, key, allowed, door.wall())
    except TooManyTries as refusal:
        raise TooManyComplaints(refusal.retry_after_s) from None
