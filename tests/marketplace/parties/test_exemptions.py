"""Does an exemption for one unit's waste bring that unit's lots to the works, and no other's?"""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from sqlalchemy import Engine, select

from compliance.exemptions.tables import ExemptionClaim
from compliance.registry.tables import LicenceDraw, LicenceRow
from tests.factories.trade import OIL, Market, open_market


def granted(market: Market, holder: str, mover: str) -> None:
    """Let a works use one unit's oil without a licence."""
    with market.work() as work:
        work.session.add(
            ExemptionClaim(
                id=uuid4(),
                organisation_id=market.parties[holder].id,
                edition="HW2025",
                item=32,
                line=58,
                code=OIL,
                stage="利用",
                condition="—",
                statement="—",
                evidence_sha256="0" * 64,
                only_from=market.parties[mover].id,
                state="granted",
                valid_from=date(2026, 1, 1),
                valid_to=date(2027, 1, 1),
                claimed_at=market.at,
                changed_at=market.at,
            )
        )


def test_directed_use_is_matched_and_agreed_for_its_own_unit_alone(engine: Engine) -> None:
    """The legal basis of a market for waste as raw material could not be traded upon, or by all (L12)."""
    market = open_market(engine)
    with market.work() as work:
        mine = select(LicenceRow).where(LicenceRow.organisation_id == market.parties["processor"].id)
        for row in work.session.scalars(mine):
            row.revoked_on = work.today
    granted(market, "processor", "producer")
    own, other = market.list_lot("producer"), market.list_lot("neighbour")
    market.idle()
    need = market.needs["processor"]
    assert need in {one.need_id for one in market.matches(own)}
    assert need not in {one.need_id for one in market.matches(other)}
    match = next(one for one in market.matches(own) if one.need_id == need)
    market.accept(match.id)
    assert market.rows(select(LicenceDraw)) == []
