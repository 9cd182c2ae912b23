"""What has every agent in common when it runs: its folder, outbox, line, orders and settings?"""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import structlog

from devices.agent.clock import now
from devices.agent.config_file import AgentFile, ConfigRefused
from devices.agent.identity import OUTBOX, broker_line, read_identity
from devices.codecs.commands_json import CommandResult, encode_result
from devices.codecs.enrolment_json import EnrolmentAnswer
from devices.codecs.topics import TopicKind
from devices.inbox import Inbox
from devices.orders import Doer, Orders
from devices.outbox import Outbox
from devices.remote import RemoteSettings
from devices.transports.mqtt import Ears, MqttPublisher
from devices.transports.presence import About

LOCK, STATUS, USED = "lock", "status.json", "incarnation"
RESTART = 75
"""The exit status of an agent that was told to start again: whoever started it does."""
_MEBIBYTE = 1024 * 1024
_LOOK_S = 1.0
_STATUS_EVERY = 5

log = structlog.get_logger(__name__)


class AgentRefused(Exception):
    """The agent cannot run as it is; the text says why and what to do."""


@dataclass(slots=True)
class Station:
    """One running agent: who it is and what it works with."""

    who: EnrolmentAnswer
    folder: Path
    outbox: Outbox
    publisher: MqttPublisher
    counters: Counter[str]
    about: dict[str, Callable[[str], About]] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)
    exit_status: int = 0

    def restart(self) -> None:
        """End, and ask whoever started the agent to start it again."""
        self.exit_status = RESTART
        self.stop.set()

    def serve(self, doer: Doer, settings: RemoteSettings[Any]) -> Orders:
        """Let the server's commands and configuration reach those who act on them."""
        publisher, inbox = self.publisher, Inbox(self.outbox)

        def tell(device: str, result: CommandResult) -> None:
            payload = encode_result(result)
            publisher.say(device, TopicKind.RESULTS, payload, lambda: orders.told(device, result))

        def configure(payload: bytes) -> bool:
            changed = settings.hear(payload)
            if changed:
                log.info("configuration", version=settings.version, refused=_told(settings))
            return changed

        def describe(device: str) -> About:
            can = tuple(sorted(map(str, doer.can(device))))
            own = device == self.who.device
            return About(settings.version, settings.bad, can) if own else About(can=can)

        orders = Orders(
            inbox, doer, now, keys=lambda: self.who.command_keys, tell=tell, counters=self.counters
        )
        self.about["describe"] = describe
        publisher.listen(Ears(orders.hear, configure, orders.tell_again))
        settings.start()
        return orders


def _told(settings: RemoteSettings[Any]) -> str:
    bad = settings.bad
    return f"version {bad.v}: {bad.code}: {bad.detail}" if bad else ""


@contextmanager
def station(path: Path, config: AgentFile) -> Iterator[Station]:
    """Open an agent's folder, alone, and close it again; raise `AgentRefused` and its kin."""
    folder = (path.parent / config.folder).resolve()
    who = read_identity(folder)
    with _alone(folder):
        outbox = _outbox(folder, who, config)
        counters: Counter[str] = Counter()
        about: dict[str, Callable[[str], About]] = {}
        publisher = MqttPublisher(
            outbox,
            broker_line(folder, who),
            counters=lambda: counters,
            describe=lambda device: about["describe"](device) if about else About(),
        )
        found = Station(who, folder, outbox, publisher, counters, about)
        reporter = Thread(target=_report, args=(found, config.log.counters_every_s), daemon=True)
        reporter.start()
        log.info("started", device=who.device, tenant=who.tenant, inc=who.inc, broker=who.mqtt)
        try:
            yield found
        finally:
            found.stop.set()
            reporter.join()
            outbox.close()
            log.info("ended", exit_status=found.exit_status, **counters)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: two agents on one outbox would give the same numbers twice."""
    with (folder / LOCK).open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AgentRefused(f"{folder}: another agent is running here") from None
        yield


def is_running(folder: Path) -> bool:
    """Tell whether an agent holds this folder now."""
    try:
        with _alone(folder):
            return False
    except AgentRefused:
        return True
    except FileNotFoundError:
        return False


def _outbox(folder: Path, who: EnrolmentAnswer, config: AgentFile) -> Outbox:
    """Open the outbox; refuse a fresh one under an incarnation that was used before."""
    used, path = folder / USED, folder / OUTBOX
    if not path.exists() and used.exists() and used.read_text("ascii").strip() == str(who.inc):
        raise AgentRefused(
            f"{path}: is gone, and its numbers were used under incarnation {who.inc}: "
            "enrol again with a new code, which gives a new incarnation"
        )
    outbox = open_outbox(folder, who, config)
    used.write_text(f"{who.inc}\n", "ascii")
    return outbox


def open_outbox(folder: Path, who: EnrolmentAnswer, config: AgentFile) -> Outbox:
    """Open an agent's outbox as its file bounds it."""
    capacity_bytes = config.outbox.capacity_mb * _MEBIBYTE
    outbox = Outbox(folder / OUTBOX, capacity=config.outbox.capacity, capacity_bytes=capacity_bytes)
    outbox.enrol(who.device, who.tenant, who.inc)
    return outbox


def refuse_file(path: Path, key: str, problem: Exception) -> ConfigRefused:
    """Word what is wrong with another file that an agent's file names."""
    if isinstance(problem, OSError) and problem.filename:
        return ConfigRefused(path, key, f"{problem.filename}: {problem.strerror}")
    return ConfigRefused(path, key, str(problem))


def _report(of: Station, counters_every_s: float) -> None:
    """Tell the line's changes and, now and then, the counters; keep `status.json` for `devices status`."""
    online, refusal, looks = False, "", 0
    told: dict[str, int] = {}
    while not of.stop.wait(_LOOK_S):
        if of.publisher.online != online:
            online = of.publisher.online
            log.info("line_up" if online else "line_down", broker=of.who.mqtt)
        if of.publisher.refusal != refusal:
            refusal = of.publisher.refusal
            if refusal:
                log.error("line_refused", broker=of.who.mqtt, why=refusal)
        counted = dict(of.counters)
        if looks % max(1, round(counters_every_s / _LOOK_S)) == 0 and counted != told:
            told = counted
            log.info("counters", waiting=of.outbox.status().waiting, **counted)
        if looks % _STATUS_EVERY == 0:
            _write_status(of, online)
        looks += 1


def _write_status(of: Station, online: bool) -> None:
    box = of.outbox.status()
    value = {
        "at": now().isoformat(timespec="seconds"),
        "online": online,
        "refusal": of.publisher.refusal,
        "waiting": box.waiting,
        "capacity": box.capacity,
        "refused_full": box.refused_full,
        "counters": dict(of.counters),
    }
    fresh = of.folder / f"{STATUS}.new"
    with contextlib.suppress(OSError):  # a full disk must not end the agent for want of a status
        fresh.write_text(json.dumps(value), "utf-8")
        fresh.replace(of.folder / STATUS)
