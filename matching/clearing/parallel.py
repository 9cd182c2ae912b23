"""Where are independent markets cleared: here, by processes of this machine, or by a cluster's workers?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

Job = TypeVar("Job")
Answer = TypeVar("Answer")


def each(
    work: Callable[[Job], Answer], jobs: Sequence[Job], threads: int, cluster: str | None
) -> list[Answer]:
    """Do every job and give the answers in the order of the jobs, wherever they were done.

    `cluster` is the address of a Dask scheduler; without one, more than one of `threads` are processes of
    this machine. A job and its answer are sent by pickle.
    """
    if cluster is not None:
        return _on_cluster(work, jobs, cluster)
    if threads == 1 or len(jobs) < 2:
        return [work(job) for job in jobs]
    return _in_processes(work, jobs, min(threads, len(jobs)))


def _in_processes(work: Callable[[Job], Answer], jobs: Sequence[Job], workers: int) -> list[Answer]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Spawned and not forked: the caller may hold threads and locks of a solver.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, jobs))


def _on_cluster(work: Callable[[Job], Answer], jobs: Sequence[Job], address: str) -> list[Answer]:
    from distributed import Client

    connect = cast("Callable[[str], Any]", Client)
    with connect(address) as client:
        answers: list[Answer] = client.gather(client.map(work, jobs, pure=False))
        return answers
