"""How does the JT/T 808 gateway run as a process?"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import msgspec

from devices.agent.clock import now
from devices.agent.config_file import GatewayFile, ListenPart, beside, read_file
from devices.agent.identity import read_identity
from devices.agent.logs import configure
from devices.agent.station import AgentRefused, Station, refuse_file, station
from devices.codecs.config_json import GatewaySettings
from devices.gateway.dispatch import Dispatch
from devices.gateway.registry import TerminalRegistry
from devices.gateway.server import Gateway, GatewayLine
from devices.remote import RemoteSettings

_LOOK_S = 0.5


def run(path: Path) -> int:
    """Run a gateway by its file until it is told to end; return the exit status."""
    config = read_file(path, GatewayFile)
    registry = _registry(path, config)
    configure(config.log.level)
    with station(path, config) as at:
        dispatch = Dispatch(at.who.device, registry.has, at.restart)
        gateway = Gateway(
            at.outbox,
            registry,
            at.publisher,
            now,
            line=_line(config.listen),
            counters=at.counters,
            dispatch=dispatch,
        )
        dispatch.serve(at.serve(dispatch, RemoteSettings(at.outbox, GatewaySettings, gateway.apply)))
        asyncio.run(_serve(gateway, config.listen, at))
        return at.exit_status


def _registry(path: Path, config: GatewayFile) -> TerminalRegistry:
    """Open the list of terminals; without one the gateway lets in whom the server lists."""
    tenant = read_identity(beside(path, config.folder)).tenant
    try:
        return TerminalRegistry(beside(path, config.terminals) if config.terminals else None, tenant)
    except (OSError, msgspec.MsgspecError) as problem:
        raise refuse_file(path, "terminals", problem) from None


def _line(listen: ListenPart) -> GatewayLine:
    return GatewayLine(**msgspec.structs.asdict(listen))


async def _serve(gateway: Gateway, listen: ListenPart, at: Station) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, at.stop.set)
    try:
        await gateway.start()
    except OSError as problem:
        raise AgentRefused(f"{listen.host}:{listen.port}: {problem.strerror or problem}") from None
    try:
        while not at.stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.to_thread(at.stop.wait, _LOOK_S), 2 * _LOOK_S)
    finally:
        await gateway.stop()
