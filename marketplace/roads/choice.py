"""Which provider of road distances does this instance use, and what if it fails?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import httpx
import structlog

from compliance.record.errors import N_, Invalid
from marketplace.roads.osrm import Osrm
from marketplace.roads.resting import Rest, Resting
from marketplace.roads.store import SqliteStore
from marketplace.roads.valhalla import Valhalla
from marketplace.settings import Settings
from matching.distances import (
    LORRY,
    PROFILES,
    BadMatrix,
    Cached,
    Distances,
    Estimate,
    Fallback,
    Given,
    Legs,
    MemoryStore,
    NoDistances,
    Point,
    Profile,
    Setback,
    Trouble,
    read_matrix,
)

CACHE = "roads.db"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Absent:
    """A provider that could not be set up: it has no distances, and says why."""

    setback: Setback

    @property
    def source(self) -> str:
        """Name the provider that was wanted."""
        return self.setback.provider

    @property
    def version(self) -> str:
        """Say why there is none. Raises `NoDistances`."""
        raise NoDistances(self.setback.provider, self.setback.trouble, self.setback.detail)

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Say why there are none. Raises `NoDistances`."""
        raise NoDistances(self.setback.provider, self.setback.trouble, self.setback.detail)

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Say why there are none. Raises `NoDistances`."""
        return self.legs(points, points, profile, depart)


def distances_of(settings: Settings) -> Distances:
    """Return the provider that the settings name, for one solve.

    A road network is asked through the caches and falls back to the estimate, with the reason in
    `setbacks`. Raises `Invalid` for addresses that cannot be read.
    """
    cache = settings.var / CACHE
    match settings.roads:
        case "osrm":
            return Fallback(_kept(Osrm(addresses(settings.roads_url)), settings.roads_url, cache))
        case "valhalla":
            return Fallback(_kept(Valhalla(_address(settings.roads_url)), settings.roads_url, cache))
        case "file":
            return Fallback(_from_file(Path(settings.roads_url)))
        case _:
            return Estimate()


def told(distances: Distances) -> tuple[Setback, ...]:
    """Log and return why (a part of) a solve's distances are estimates though a road network is set."""
    setbacks = distances.setbacks if isinstance(distances, Fallback) else ()
    for one in setbacks:
        log.warning(
            "roads.estimated",
            provider=one.provider,
            trouble=one.trouble.value,
            detail=one.detail,
            points=len(one.points),
        )
    return setbacks


def addresses(text: str) -> dict[str, str]:
    """Read `http://…` or `van=http://…,lorry=http://…`: an address by the name of the vehicle's profile."""
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, mark, address = part.partition("=")
        profile = name if mark and "/" not in name else ""
        address = address if profile else part
        if not _is_address(address) or (profile and profile not in PROFILES):
            raise _unreadable(text)
        found[profile] = address
    return found


def _address(text: str) -> str:
    """Read the one address of a server that knows all vehicles. Raises `Invalid`."""
    if not _is_address(text):
        raise _unreadable(text)
    return text


def _is_address(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def _unreadable(text: str) -> Invalid:
    return Invalid(
        N_("ROADS_URL={text} is neither an address nor a list of {known} with addresses."),
        field="ROADS_URL",
        values={"text": text, "known": ", ".join(PROFILES)},
    )


def _kept(provider: Osrm | Valhalla, url: str, cache: Path) -> Cached:
    return Cached(Cached(Resting(provider, _rest(url)), SqliteStore(cache)), _memory())


@lru_cache(maxsize=8)
def _rest(url: str) -> Rest:  # noqa: ARG001 - one for each address
    return Rest()


@lru_cache(maxsize=1)
def _memory() -> MemoryStore:
    return MemoryStore()


def _from_file(path: Path) -> Distances:
    try:
        return _table(path, path.stat().st_mtime_ns)
    except (OSError, BadMatrix) as failure:
        return Absent(Setback("file", Trouble.GARBLED, str(failure)))


@lru_cache(maxsize=1)
def _table(path: Path, changed_at: int) -> Given:  # noqa: ARG001 - a changed file is another key
    """Read a file once, and again when it has changed."""
    return read_matrix(path)
