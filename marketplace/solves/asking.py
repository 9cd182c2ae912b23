"""Which problem does somebody mean who asks for a solve? The one on record at this moment."""

from __future__ import annotations

from compliance.record.errors import N_, Forbidden
from compliance.record.work import Work
from marketplace.plans import day
from marketplace.solves import clearing, service, shaking, trade_offs
from marketplace.solves.rules import MAY_ASK, Kind, Limits
from marketplace.solves.tables import Solve
from marketplace.solves.trade_offs import Wish
from matching.distances import Distances


def ask(
    work: Work,
    kind: Kind,
    limits: Limits,
    *,
    change_fen: int = 0,
    distances: Distances | None = None,
    wish: Wish | None = None,
) -> Solve:
    """Put the problem of this kind, as it now stands on record, into the queue.

    `change_fen` is what moving one stop of a running day counts as: the more, the less is moved. `distances`
    measures the roads of a day. `wish` says which goals of the market are weighed.
    """
    if not work.who.has(MAY_ASK[kind]):
        raise Forbidden(N_("Your role does not allow this."), code="role")
    if kind is Kind.CLEAR_MARKET:
        problem = clearing.snapshot(work.session, work.now)
    elif kind is Kind.TRADE_OFFS:
        problem = trade_offs.snapshot(work.session, work.now, wish or Wish())
    elif kind is Kind.SHAKE_MARKET:
        problem = shaking.snapshot(work.session, work.now)
    else:
        problem = day.snapshot(day.of(work, distances), change_fen)
    return service.ask(work, kind, problem, limits)
