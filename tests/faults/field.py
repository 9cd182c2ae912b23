"""What stands in the field, as a process that can be killed? `gateway` or `scale`, with its task as JSON.

The agents are the product's own; only what starts them is the test's.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from pathlib import Path
from threading import Event

import msgspec

from devices.gateway.registry import TerminalRegistry
from devices.gateway.server import Gateway, GatewayLine
from devices.outbox import Outbox
from devices.stopping import stop_on_signals
from devices.transports.mqtt import BrokerLine, MqttPublisher
from devices.transports.pump import Timing
from devices.weighbridge.agent import ScaleAgent, ScaleLine
from devices.weighbridge.deck import DeckRule
from devices.weighbridge.tickets import TicketBook
from marketplace.instance import clock_of
from marketplace.settings import read_settings

QUICK = Timing(retry_min_s=1.0, retry_max_s=4.0, replay_per_s=5000.0)
SPARE_BYTES = 40_000
"""How much a file may still grow on a full disk."""


class Task(msgspec.Struct, frozen=True):
    """Who the agent is, where its files are and where everybody else is; `full`: its disk has no room."""

    device: str
    tenant: str
    folder: str
    broker: int
    password: str
    port: int = 0
    key: str = ""
    full: bool = False
    hurry: bool = True
    """Whether it sends again after a second already, so that a run of faults ends soon."""


def main() -> None:
    """Run the agent until it is told to stop, or killed."""
    kind, task = sys.argv[1], msgspec.json.decode(sys.argv[2], type=Task)
    outbox = Outbox(Path(task.folder) / "outbox.db")
    outbox.enrol(task.device, task.tenant, 1)
    if task.full:
        _fill_the_disk(Path(task.folder))
    line = BrokerLine("127.0.0.1", task.broker, task.device, task.password, reconnect_max_s=2)
    publisher = MqttPublisher(outbox, line, timing=QUICK if task.hurry else Timing(), poll_s=0.1)
    (_gateway if kind == "gateway" else _scale)(task, outbox, publisher)


def _fill_the_disk(folder: Path) -> None:
    """Let no file grow beyond what the largest now has and a little: writes fail as on a full disk."""
    largest = max(file.stat().st_size for file in folder.iterdir())
    limit = largest + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def _gateway(task: Task, outbox: Outbox, publisher: MqttPublisher) -> None:
    registry = TerminalRegistry(Path(task.folder) / "terminals.json")
    now = clock_of(read_settings())

    async def serve() -> None:
        gateway = Gateway(outbox, registry, publisher, now, line=GatewayLine(port=task.port))
        await gateway.start()
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await stop.wait()
        await gateway.stop()

    asyncio.run(serve())


class _Camera:
    """A camera that reads one plate."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "plate.txt"

    def plate(self) -> str | None:
        """Tell the plate on the deck."""
        return self._file.read_text(encoding="utf-8") or None


def _scale(task: Task, outbox: Outbox, publisher: MqttPublisher) -> None:
    stop = Event()
    stop_on_signals(stop)
    rule = DeckRule(frames=5, seconds=0.3)
    line = ScaleLine(f"socket://127.0.0.1:{task.port}", rule=rule, reopen_max_s=1.0)
    book = TicketBook(outbox, task.device, 1, task.key)
    agent = ScaleAgent(line, book, _Camera(Path(task.folder)), publisher, clock_of(read_settings()))
    agent.start()
    stop.wait()
    agent.stop()


if __name__ == "__main__":
    main()
