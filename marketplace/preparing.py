"""How is an instance's database brought to its newest form and filled, and which clock fits what is in it?"""

from __future__ import annotations

from sqlalchemy import Engine, func, select

from compliance.catalogue import service as catalogue
from compliance.record import ledger
from compliance.record.clock import system_now
from compliance.record.database import open_database, reading, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from compliance.registry.tables import Organisation
from marketplace import schema
from marketplace.scans import store_of
from marketplace.settings import Settings


def prepare(settings: Settings) -> Engine:
    """Bring the database to its newest form and put catalogue and demonstration world into it, once."""
    engine = open_database(settings.database)
    schema.upgrade(engine)
    with transaction(engine) as session:
        work = Work(session, system_now(), SYSTEM)
        catalogue.load(work)
        if settings.demo and session.scalar(select(Organisation.id).limit(1)) is None:
            from marketplace.demo import world
            from marketplace.demo.past import papers

            papers.keep_scan(store_of(settings))
            world.seed(work, settings.seed)
    return engine


def start_clock(settings: Settings, engine: Engine) -> str:
    """Return the setting of a demonstration clock that never runs behind what is on the record."""
    if settings.demo_speed == 1:
        return ""
    with reading(engine) as session:
        last = session.scalar(select(func.max(ledger.events.c.at)))
    shown = max(system_now(), last) if last else system_now()
    return f"{system_now().isoformat()},{shown.isoformat()},{settings.demo_speed}"
