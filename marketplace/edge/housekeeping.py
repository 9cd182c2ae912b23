"""What may the front door forget, and when?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog
from litestar import Litestar
from litestar.concurrency import sync_to_thread
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from compliance.record.database import transaction
from marketplace.accounts import queries
from marketplace.accounts.rules import WINDOW
from marketplace.edge.door import Door
from marketplace.edge.held_forms import KEPT_FOR
from marketplace.edge.tables import HeldForm, IdempotencyKey
from marketplace.solves import service as solves

log = structlog.get_logger(__name__)

EVERY_S = 3600.0
KEYS_KEPT = timedelta(days=30)
"""A client that retries after a month means something new."""
SIGN_INS_KEPT = timedelta(days=7)
"""An ended sign-in stays so long that a form posted with it still finds its person."""


def sweep(door: Door) -> None:
    """Drop ended sign-ins, old counters, forms nobody came back for, and answers nobody asks for again.

    Solves are as old as the instance's clock says: it is the one they were asked for by.
    """
    at: datetime = door.wall()
    with transaction(door.engine) as session:
        queries.forget(session, at - SIGN_INS_KEPT, at - WINDOW)
        session.execute(delete(HeldForm).where(HeldForm.at < at - KEPT_FOR))
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.at < at - KEYS_KEPT))
        solves.forget(session, door.now() - timedelta(days=door.settings.solves_kept_days))


class Housekeeping:
    """Sweeps once an hour while the application lives; several processes doing so disturb nobody."""

    def __init__(self, door: Door, every_s: float = EVERY_S) -> None:
        self.door = door
        self.every_s = every_s

    def __call__(self, _: Litestar) -> AbstractAsyncContextManager[None]:
        """Return the life of the sweeping."""
        return self.running()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sweep in the background until the block ends."""
        task = asyncio.create_task(self._sweep_on())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(self.every_s)
            try:
                await sync_to_thread(sweep, self.door)
            except SQLAlchemyError:
                log.warning("housekeeping.failed", exc_info=True)
