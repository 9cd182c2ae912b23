"""Does the record hold? The answer over HTTP, for those who oversee."""

from __future__ import annotations

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from compliance.record.who import Role
from marketplace import verification
from marketplace.edge.door import Door
from marketplace.edge.guards import requires


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that does not hold."""

    check: str
    row: str
    reason: str


class VerificationView(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, whether it holds, and the first hundred findings."""

    holds: bool
    events: int
    head: str
    money_fen: int
    manifests: int
    findings: list[FindingView]


class Verifications(Controller):
    """The whole record, looked at now."""

    path = "/api/v1/verification"
    tags = ("record",)

    @get(
        "/",
        guards=[requires(Role.OPERATOR, Role.INSPECTOR)],
        sync_to_thread=True,
        operation_id="get_verification",
    )
    def verification(self, door: NamedDependency[Door]) -> VerificationView:
        """Walk the chain, add up the money and balance the mass; takes seconds on a large record."""
        found = verification.verify(door.engine)
        findings = [FindingView(check=f.check, row=f.row, reason=f.reason) for f in found.findings[:100]]
        return VerificationView(
            holds=found.holds,
            events=found.events,
            head=found.head,
            money_fen=found.money_fen,
            manifests=found.manifests,
            findings=findings,
        )
