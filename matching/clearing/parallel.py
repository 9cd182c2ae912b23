"""Where are independent markets cleared: here, by processes of this machine, or by a cluster's workers?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from matching.signals import outlive, undisturbed

Job = TypeVar("Job")
Answer = TypeVar("Answer")
Told = TypeVar("Told")
Watch = Callable[[Told], bool]
"""Is told how far a job is, and says whether to go on."""
Work = Callable[[Job, Watch[Told] | None], Answer]
TELL_EVERY_S = 0.1


def each(
    work: Work[Job, Told, Answer],
    jobs: Sequence[Job],
    threads: int,
    cluster: str | None,
    progress: Watch[Mapping[int, Told]] | None = None,
) -> list[Answer]:
    """Do every job and give the answers in the order of the jobs, wherever they were done.

    `cluster` is the address of a Dask scheduler; without one, more than one of `threads` are processes of
    this machine. A job and its answer are sent by pickle. `progress` is told the newest of each job by its
    number, and ends all by saying no; a cluster tells nothing. Raises `OSError` where a cluster cannot be
    reached or loses its workers.
    """
    if cluster is not None:
        return _on_cluster(work, jobs, cluster)
    return _in_processes(work, jobs, min(threads, len(jobs)), progress)


def _in_processes(
    work: Work[Job, Told, Answer],
    jobs: Sequence[Job],
    workers: int,
    progress: Watch[Mapping[int, Told]] | None,
) -> list[Answer]:
    from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
    from multiprocessing import get_context

    # Spawned and not forked: the caller may hold threads and locks of a solver.
    context = get_context("spawn")
    news, stop = context.SimpleQueue(), context.Event()
    latest: dict[int, Told] = {}
    with ProcessPoolExecutor(workers, context, _begin, (news, stop)) as pool:
        try:
            with undisturbed():
                futures = [pool.submit(_watched, work, number, job) for number, job in enumerate(jobs)]
            waiting = set(futures)
            while waiting:
                waiting = wait(waiting, TELL_EVERY_S, FIRST_COMPLETED).not_done
                while not news.empty():
                    number, told = news.get()
                    latest[number] = told
                if latest and progress is not None and not progress(latest):
                    stop.set()
            return [future.result() for future in futures]
        finally:
            stop.set()


_seat: list[Any] = []
"""In a process of the pool: where news goes, and what says to stop."""


def _begin(*seat: Any) -> None:
    """Leave Ctrl-C and a polite kill to the parent: it says to stop, and the best so far is not lost."""
    outlive()
    _seat[:] = seat


def _watched(work: Work[Job, Told, Answer], number: int, job: Job) -> Answer:
    news, stop = _seat
    told_at, goes_on = float("-inf"), True

    def watch(told: Told) -> bool:
        nonlocal told_at, goes_on
        if time.monotonic() >= told_at + TELL_EVERY_S:
            told_at, goes_on = time.monotonic(), not stop.is_set()
            news.put((number, told))
        return goes_on

    return work(job, watch)


def _on_cluster(work: Work[Job, Told, Answer], jobs: Sequence[Job], address: str) -> list[Answer]:
    from distributed import Client, KilledWorker

    connect = cast("Callable[[str], Any]", Client)
    with connect(address) as client:
        try:
            answers: list[Answer] = client.gather(client.map(work, jobs, [None] * len(jobs), pure=False))
        except KilledWorker as lost:
            raise OSError(f"its workers were lost: {lost}") from lost
        return answers
