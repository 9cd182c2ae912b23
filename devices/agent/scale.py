"""How does the scale agent run as a process?"""

from __future__ import annotations

from pathlib import Path

from devices.agent.clock import now
from devices.agent.config_file import BarrierPart, ConfigRefused, ScaleAgentFile, beside, read_file
from devices.agent.identity import KEY
from devices.agent.logs import configure
from devices.agent.station import station
from devices.codecs.config_json import ScaleSettings
from devices.remote import RemoteSettings
from devices.stopping import stop_on_signals
from devices.weighbridge.agent import ScaleAgent
from devices.weighbridge.doer import Barrier, PlateDesk, ScaleDoer
from devices.weighbridge.keys import load_or_create_key
from devices.weighbridge.scale_file import ScaleFileRefused, read_scale_file, scale_line
from devices.weighbridge.tickets import TicketBook


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
        plates = PlateDesk(
            beside(path, config.plate.file) if config.plate.file else None, config.plate.said_for_s
        )
        book = TicketBook(at.outbox, at.who.device, at.who.inc, load_or_create_key(at.folder / KEY))
        agent = ScaleAgent(line, book, plates, at.publisher, now, on_ticket=plates.used, counters=at.counters)
        doer = ScaleDoer(plates, [_barrier(one) for one in config.barriers], at.restart)
        orders = at.serve(doer, RemoteSettings(at.outbox, ScaleSettings, agent.apply))
        doer.serve(orders)
        stop_on_signals(at.stop)
        agent.start()
        orders.resume()
        try:
            at.stop.wait()
        finally:
            agent.stop()
            doer.stop()
        return at.exit_status


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
