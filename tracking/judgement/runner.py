"""Who judges, and when? Any process may, any number at once."""

from __future__ import annotations

import threading

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from compliance.record.clock import Now
from compliance.record.database import transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from tracking.judgement import service

IDLE_S = 0.2
PAUSE_S = 2.0
"""How long the judgement rests after the database failed it."""

log = structlog.get_logger(__name__)


def until_idle(engine: Engine, now: Now) -> int:
    """Judge everything there is to judge and return how many vehicles' turns that took."""
    turns = 0
    while taken := once(engine, now):
        turns += taken
    return turns


def once(engine: Engine, now: Now) -> int:
    """Judge what has waited longest, in one transaction, and return how many vehicles that were."""
    with transaction(engine) as session:
        return service.judge_waiting(Work(session, now(), SYSTEM))


def run(engine: Engine, now: Now, stop: threading.Event) -> None:
    """Judge what comes until told to stop."""
    while not stop.is_set():
        try:
            if not once(engine, now):
                stop.wait(IDLE_S)
        except SQLAlchemyError:
            log.warning("judgement.put_off", exc_info=True)
            stop.wait(PAUSE_S)
