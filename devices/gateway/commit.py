"""How do many terminals share one disk write, and none is answered before it?"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from devices.codecs import FrameRefused
from devices.outbox import Outbox, OutboxRefused, Transaction


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the records of one message."""

    stored: int = 0
    duplicates: int = 0
    unreadable: int = 0
    events: int = 0


Job = Callable[[Transaction], Stored]
_BATCH = 500
_GATHER_S = 0.01
"""Where several came together last time, the next write waits for so long, so that more share it."""


class GroupCommit:
    """Write the jobs that wait at the same time in one durable transaction.

    `write` returns after the commit. A job that is refused fails alone: the others are written again
    without it.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._queue: asyncio.Queue[tuple[Job, asyncio.Future[Stored]]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write; must be called inside the event loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End the writer; jobs that still wait are not confirmed."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def write(self, job: Job) -> Stored:
        """Run a job inside a transaction and return after its commit; raises what the job raised."""
        done: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        await self._queue.put((job, done))
        return await done

    async def _run(self) -> None:
        waiting: list[tuple[Job, asyncio.Future[Stored]]] = []
        while True:
            is_busy = len(waiting) > 1
            waiting = [await self._queue.get()]
            if is_busy:
                await asyncio.sleep(_GATHER_S)
            while not self._queue.empty() and len(waiting) < _BATCH:
                waiting.append(self._queue.get_nowait())
            outcomes = await asyncio.to_thread(self._commit, [job for job, _ in waiting])
            for (_, done), outcome in zip(waiting, outcomes, strict=True):
                if done.cancelled():
                    continue
                if isinstance(outcome, Stored):
                    done.set_result(outcome)
                else:
                    done.set_exception(outcome)

    def _commit(self, jobs: list[Job]) -> list[Stored | Exception]:
        try:
            with self._outbox.transaction() as work:
                return [job(work) for job in jobs]
        except (OutboxRefused, FrameRefused):
            return [self._alone(job) for job in jobs]
        except sqlite3.Error as broken:
            return [broken] * len(jobs)

    def _alone(self, job: Job) -> Stored | Exception:
        try:
            with self._outbox.transaction() as work:
                return job(work)
        except (OutboxRefused, FrameRefused, sqlite3.Error) as refused:
            return refused
