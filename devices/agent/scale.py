"""How does the scale agent run as a process?"""

from __future__ import annotations

from pathlib import Path

import structlog

from devices.agent.clock import now
from devices.agent.config_file import BarrierPart, ConfigRefused, ScaleAgentFile, beside, read_file
from devices.agent.identity import KEY
from devices.agent.logs import configure
from devices.agent.photos import HttpsPost, Outcome, PhotoPost, cameras_of, picture_store, server_of
from devices.agent.station import Station, station
from devices.codecs.config_json import ScaleSettings
from devices.remote import RemoteSettings
from devices.stopping import stop_on_signals
from devices.weighbridge.agent import ScaleAgent, ScaleLine
from devices.weighbridge.cameras import Cameras
from devices.weighbridge.desk import Desk
from devices.weighbridge.doer import Barrier, ScaleDoer
from devices.weighbridge.keys import load_or_create_key
from devices.weighbridge.pictures import PictureStore
from devices.weighbridge.scale_file import ScaleFileRefused, read_scale_file, scale_line
from devices.weighbridge.tickets import TicketBook

_LOOK_S = 0.5

log = structlog.get_logger(__name__)


def run(path: Path) -> int:
    """Run a scale agent by its file until it is told to end; return the exit status."""
    config = read_file(path, ScaleAgentFile)
    try:
        line = scale_line(read_scale_file(beside(path, config.scale)))
    except ScaleFileRefused as refused:
        raise ConfigRefused(path, "scale", str(refused)) from None
    if not line.url:
        raise ConfigRefused(path, "scale", "the scale file has no url: which port is it?")
    configure(config.log.level)
    with station(path, config) as at:
        store = picture_store(config, at.folder)
        cameras = cameras_of(path, config, store)
        file = beside(path, config.plate.file) if config.plate.file else None
        desk = Desk(file, config.plate.said_for_s, folder=at.folder, now=now)
        agent = _agent(line, at, desk, cameras)
        doer = ScaleDoer(desk, [_barrier(one) for one in config.barriers], at.restart)
        orders = at.serve(doer, RemoteSettings(at.outbox, ScaleSettings, agent.apply))
        doer.serve(orders)
        post = _post(path, config, at, store)
        stop_on_signals(at.stop)
        agent.start()
        post.start()
        orders.resume()
        try:
            while not at.stop.wait(_LOOK_S):
                if at.outbox.notice():
                    at.publisher.wake()
        finally:
            agent.stop()
            post.stop()
            doer.stop()
            if cameras is not None:
                cameras.stop()
        return at.exit_status


def _agent(line: ScaleLine, at: Station, desk: Desk, cameras: Cameras | None) -> ScaleAgent:
    return ScaleAgent(
        line,
        TicketBook(at.outbox, at.who.device, at.who.inc, load_or_create_key(at.folder / KEY)),
        desk,
        at.publisher,
        now,
        cameras=cameras,
        particulars=desk.particulars,
        on_ticket=desk.used,
        counters=at.counters,
    )


def _post(path: Path, config: ScaleAgentFile, at: Station, store: PictureStore) -> PhotoPost:
    """Return what hands the pictures in; without a server's address they wait."""
    place = server_of(path, config, at.folder)
    if place is None:
        if config.cameras:
            log.error("photos_wait", why="no server is known: name it in [photos], or enrol again")
        return PhotoPost(at.outbox, store, lambda _sha256, _data: Outcome.AWAY, now, at.counters)
    return PhotoPost(at.outbox, store, HttpsPost(place, at.who.password), now, at.counters)


def _barrier(told: BarrierPart) -> Barrier:
    return Barrier(
        told.name,
        told.url,
        told.baudrate,
        bytes.fromhex(told.open),
        bytes.fromhex(told.close),
        bytes.fromhex(told.answer or ""),
        told.answer_s,
    )
