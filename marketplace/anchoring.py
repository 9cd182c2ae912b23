"""How is the record anchored every day, stamped with a time, and published as files?"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from compliance.anchors import offline, queries, service
from compliance.anchors.service import Authority, StampRefused
from compliance.anchors.tables import Anchor
from compliance.record.clock import Now, system_now
from compliance.record.database import reading, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from marketplace.settings import Settings

log = structlog.get_logger(__name__)


def authority_of(settings: Settings, at: datetime) -> Authority | None:
    """Return who stamps anchors: the authority of `TIMESTAMP_URL`, a simulator, in production nobody."""
    if settings.timestamp_url:
        from marketplace.stamps.remote import RemoteAuthority

        return RemoteAuthority(settings.timestamp_url, Path(settings.timestamp_ca))
    if settings.production:
        return None
    from marketplace.stamps.simulated import simulated_authority

    return simulated_authority(settings.var / "secrets", at)


def checker_of(settings: Settings) -> Authority | None:
    """Return who can tell whether a time stamp holds; None where nothing was stamped yet."""
    if settings.timestamp_url or settings.production:
        return authority_of(settings, system_now())
    from marketplace.stamps.simulated import known_authority

    return known_authority(settings.var / "secrets")


def folder_of(settings: Settings) -> Path:
    """Return where anchors are published as files."""
    return Path(settings.anchors) if settings.anchors else settings.var / "anchors"


def publish(settings: Settings, engine: Engine, now: Now) -> int:
    """Anchor the day if that was not done, stamp what has no stamp, write the files; return how many anchors.

    Any number of workers may do so at once. What fails on the way, a network say, is done the next time.
    """
    try:
        with transaction(engine) as session:
            service.anchor(Work(session, now(), SYSTEM))
    except IntegrityError:
        log.info("anchors.published_by_another")
    authority = authority_of(settings, now())
    if authority is not None:
        _stamp(engine, now, authority)
    try:
        count = write(engine, folder_of(settings), authority)
    except OSError as failure:
        log.warning("anchors.not_written", reason=str(failure))
        return 0
    try:
        with transaction(engine) as session:
            service.published(Work(session, now(), SYSTEM), count)
    except IntegrityError:
        log.info("anchors.published_by_another")
    return count


def _stamp(engine: Engine, now: Now, authority: Authority) -> None:
    with reading(engine) as session:
        waiting = [(row, service.statement_of(row)) for row in queries.unstamped(session, authority.name)]
    for row, text in waiting:
        try:
            stamp = authority.stamp(text, row.at)
            with transaction(engine) as session:
                service.keep_stamp(Work(session, now(), SYSTEM), row, authority, stamp)
        except StampRefused as refusal:
            log.warning("anchors.not_stamped", day=row.day.isoformat(), reason=str(refusal))
            return
        except IntegrityError:
            log.info("anchors.stamped_by_another", day=row.day.isoformat())


def write(engine: Engine, folder: Path, authority: Authority | None = None) -> int:
    """Write what is not in a folder yet: `DAY.json` as it was stamped, `DAY.tsr`, `anchors.jsonl`."""
    with reading(engine) as session:
        rows = session.scalars(queries.anchors().order_by(Anchor.last_seq)).all()
        stamps = queries.stamps(session, [row.id for row in rows])
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        _put(folder / f"{row.day.isoformat()}.json", service.statement_of(row))
        for number, stamp in enumerate(stamps.get(row.id, [])):
            _put(folder / f"{row.day.isoformat()}{f'-{number + 1}' if number else ''}.tsr", stamp.token)
    lines = "".join(f"{offline.canonical(service.stated(row))}\n" for row in rows)
    fresh = folder / "anchors.jsonl.new"
    fresh.write_text(lines, encoding="utf-8")
    fresh.replace(folder / "anchors.jsonl")
    if authority is not None:
        _put(folder / "authority.pem", authority.roots)
    return len(rows)


def put_roots(settings: Settings, folder: Path) -> None:
    """Put the root certificates beside exported time stamps, so that they can be checked there."""
    authority = checker_of(settings)
    if authority is not None:
        _put(folder / "authority.pem", authority.roots)


def _put(path: Path, content: bytes) -> None:
    """Write a file that is not there yet; one that is there is never written again."""
    if not path.exists():
        path.write_bytes(content)


def compare(engine: Engine, folder: Path) -> list[tuple[str, str]]:
    """Return the anchors of a published file that the database no longer has as they were published."""
    with reading(engine) as session:
        ours = {row.day.isoformat(): row.digest for row in session.scalars(queries.anchors())}
    found = []
    for line in (folder / "anchors.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if ours.get(row["day"]) != row["digest"]:
            found.append((f"anchor {row['day']}", "it is not the one that was published"))
    return found
