"""Where does a test's database lie, and when is it made? Not too early: it may be replaced at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.util import LRUCache

from compliance.record.database import open_database


@dataclass
class Place:
    """An address, and what makes the database there, which happens once."""

    url: str
    create: Callable[[], None]
    made: bool = False
    lock: Lock = field(default_factory=Lock)

    def make(self) -> None:
        """Make the database unless it is there; whoever comes meanwhile waits."""
        with self.lock:
            if not self.made:
                self.create()
                self.made = True

    def opened(self) -> Engine:
        """Return an engine that makes the database when it first connects."""
        engine = open_database(self.url)
        _places[engine] = self

        @event.listens_for(engine, "do_connect")
        def _(*_: Any) -> None:
            self.make()

        share_statements(engine)
        return engine


def share_statements(engine: Engine) -> None:
    """Let an engine use what those before it have compiled: the same statements, for another database."""
    name = engine.dialect.name
    if name in _dialects:
        engine.dialect = _dialects[name]
    else:

        @event.listens_for(engine, "connect")
        def _(*_: Any) -> None:
            _dialects.setdefault(name, engine.dialect)

    engine.update_execution_options(compiled_cache=_statements)


_dialects: dict[str, Dialect] = {}
"""By its name, one that has met its database; what is compiled is compiled for one dialect."""

_statements: LRUCache[Any, Any] = LRUCache(3000)
_places: WeakKeyDictionary[Engine, Place] = WeakKeyDictionary()


def unmade(engine: Engine) -> Place | None:
    """Return the place of a database that nobody has touched yet."""
    place = _places.get(engine)
    return None if place is None or place.made else place
