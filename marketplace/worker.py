"""How do reactions run, outside the web process and as many times over as there are workers?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from compliance.deadlines import service as deadlines
from compliance.ledgers import declarations
from compliance.manifests import reserved
from compliance.record import subscribers as record
from compliance.record.clock import Now, local_date
from compliance.record.database import transaction
from compliance.record.subscribers import Outcome, Subscriber
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from compliance.rulebook.workdays import PUBLISHED_YEARS, Workdays
from marketplace.lots import service as lots
from marketplace.matches import board
from marketplace.solves import shaking
from marketplace.wiring import subscribers
from matching.distances import Distances, Estimate
from tracking.judgement import clock
from tracking.judgement import runner as judgement
from tracking.positions import partitions

IDLE_S = 0.1
LOOK_EVERY_S = 10.0
SHAKE_EVERY_S = 60.0
"""The market is shaken for the firmness of its matches no more often; a solver does it."""
TIDY_EVERY_S = 3600.0

log = structlog.get_logger(__name__)


def run_until_idle(engine: Engine, now: Now) -> int:
    """Digest everything there is to digest and return how many steps that took; for tests and tools."""
    wired = subscribers(now)
    record.register(engine, wired)
    steps = 0
    while taken := judgement.until_idle(engine, now) + _digest(engine, wired, now):
        steps += taken
    return steps


def _digest(engine: Engine, wired: list[Subscriber], now: Now) -> int:
    """Let everybody digest for whom something waits, and return how many steps that took."""
    found, moved = record.waiting(engine, wired)
    return moved + sum(_drain(engine, subscriber, now) for subscriber in found)


def _drain(engine: Engine, subscriber: Subscriber, now: Now) -> int:
    steps = 0
    while record.step(engine, subscriber, now) in {Outcome.DONE, Outcome.PARKED}:
        steps += 1
    return steps


def run(
    engine: Engine,
    now: Now,
    stop: threading.Event,
    roads: Callable[[], Distances] = Estimate,
    calendar: Workdays = PUBLISHED_YEARS,
    publish: Callable[[Engine, Now], object] = lambda _engine, _now: None,
) -> None:
    """Digest events as they come until told to stop; any number of processes may run at once.

    `publish` anchors the record; it is asked on each new day, and once an hour for what failed.
    """
    wired = subscribers(now, roads, calendar)
    record.register(engine, wired)
    log.info("worker.ready", subscribers=[subscriber.name for subscriber in wired])
    judge = threading.Thread(target=judgement.run, args=(engine, now, stop), name="judgement")
    judge.start()
    looked, tidied, shaken, swept = 0.0, -TIDY_EVERY_S, -SHAKE_EVERY_S, date.min
    try:
        while not stop.is_set():
            if time.monotonic() - tidied > TIDY_EVERY_S:
                tidy_positions(engine, now)
                publish(engine, now)
                tidied = time.monotonic()
            if time.monotonic() - looked > LOOK_EVERY_S:
                watch_the_clock(engine, now)
                if swept != local_date(now()):
                    swept = sweep_deadlines(engine, now, calendar)
                    publish(engine, now)
                looked = time.monotonic()
            if time.monotonic() - shaken > SHAKE_EVERY_S:
                shaking.ask_when_due(engine, now)
                shaken = time.monotonic()
            if not _digest(engine, wired, now):
                stop.wait(IDLE_S)
    finally:
        stop.set()
        judge.join()


def watch_the_clock(engine: Engine, now: Now) -> None:
    """Do what no event but the passing of time brings about."""
    with transaction(engine) as session:
        lots.expire_lots(Work(session, now(), SYSTEM))
    with transaction(engine) as session:
        clock.notice_silences(Work(session, now(), SYSTEM))
    with transaction(engine) as session:
        deadlines.run_out(Work(session, now(), SYSTEM))
    board.refresh(engine, now)


def tidy_positions(engine: Engine, now: Now) -> None:
    """Make the partitions of the weeks to come, sort in what had to be put beside them, thin checkpoints."""
    with transaction(engine) as session:
        partitions.keep_ready(session, now())
    with transaction(engine) as session:
        clock.thin(Work(session, now(), SYSTEM))


def sweep_deadlines(engine: Engine, now: Now, calendar: Workdays) -> date:
    """Do what a new day brings to the deadlines, once a day and worker; return the day.

    Where another worker does so at the same moment, one of them does it and the other lets it be.
    """
    moment = now()
    try:
        with transaction(engine) as session:
            work = Work(session, moment, SYSTEM)
            declarations.watch(work, calendar)
            reserved.expire(work)
            deadlines.sweep(work, calendar)
    except (IntegrityError, StaleDataError):
        log.info("worker.deadlines_swept_by_another")
    return local_date(moment)
