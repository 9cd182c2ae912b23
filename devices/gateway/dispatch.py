"""Which commands are on their way to terminals, and what have these answered?"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from devices.codecs import FrameRefused
from devices.codecs.command_args import GATEWAY, TERMINAL, Args, CommandType
from devices.codecs.commands_json import CommandState, ResultCode
from devices.codecs.jt808 import TERMINAL_REPLY, GeneralReply, Message, Record, Result
from devices.gateway.downlink import Downlink
from devices.inbox import Order
from devices.orders import Orders
from devices.outbox import OutboxRefused

ANSWER_S = 20.0
TRIES = 3
_REFUSED: dict[int, ResultCode] = {
    Result.FAILED: ResultCode.TERMINAL_FAILED,
    Result.BAD_MESSAGE: ResultCode.TERMINAL_BAD_MESSAGE,
    Result.UNSUPPORTED: ResultCode.TERMINAL_UNSUPPORTED,
}


class Wire(Protocol):
    """The connection to one authenticated terminal."""

    def word(self, kind: CommandType, args: Args) -> tuple[int, Downlink, list[bytes]]:
        """Word a message: its serial, what it is, and its frames."""

    def write(self, frames: list[bytes]) -> bool:
        """Send frames; False when the terminal does not take them."""

    def keep_heard(self) -> None:
        """Put the last raw frames of the terminal into the outbox, as an event."""


@dataclass(slots=True)
class _Sent:
    """A command that was sent and has not come to its end."""

    order: Order
    args: Args
    message: Downlink
    frames: list[bytes]
    due: float
    tries: int = 1
    taken: bool = False


class Dispatch:
    """Send commands to terminals that are there, hold them for those that are not, until they expire.

    `do` may be called from any thread, everything else belongs to the event loop of `start`. A command that
    is not answered is sent again, with the same serial, and at last failed. What is kept of a command is
    written by a thread of its own, in order, so that the disk holds up no terminal.
    """

    def __init__(self, own: str, listed: Callable[[str], bool], restart: Callable[[], None]) -> None:
        self._own = own
        self._listed = listed
        self._restart = restart
        self._orders: Orders | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._keeper = ThreadPoolExecutor(1, "commands")
        self._wires: dict[str, Wire] = {}
        self._held: dict[str, list[tuple[Order, Args]]] = {}
        self._sent: dict[tuple[str, int], _Sent] = {}

    def serve(self, orders: Orders) -> None:
        """Name whom the outcomes are told to."""
        self._orders = orders

    def start(self) -> None:
        """Begin; must be called inside the event loop. Goes on with what an earlier run has left."""
        self._loop = asyncio.get_running_loop()
        if self._orders is not None:
            self._keeper.submit(self._orders.resume)

    def stop(self) -> None:
        """Keep what is still to be kept."""
        self._loop = None
        self._keeper.shutdown(wait=True)

    def can(self, device: str) -> Collection[CommandType]:
        """Tell which commands the gateway itself, or a listed terminal, obeys."""
        if device == self._own:
            return GATEWAY
        return TERMINAL if self._listed(device) else frozenset()

    def do(self, order: Order, args: Args) -> None:
        """Take a command over, from any thread."""
        if order.device == self._own:
            self._keep(order, CommandState.DONE)
            if order.command.type == CommandType.RESTART:
                self._keeper.submit(self._restart)
        elif self._loop is not None:
            self._loop.call_soon_threadsafe(self._take, order, args)

    def arrived(self, device: str, wire: Wire) -> None:
        """Hear that a terminal has authenticated: send what was held for it, and again what it left open."""
        self._wires[device] = wire
        for key in [key for key in self._sent if key[0] == device]:
            sent = self._sent.pop(key)
            self._take(sent.order, sent.args)
        for order, args in self._held.pop(device, []):
            self._take(order, args)

    def left(self, device: str, wire: Wire) -> None:
        """Hear that a connection is gone."""
        if self._wires.get(device) is wire:
            del self._wires[device]

    def answered(self, device: str, message: Message) -> None:
        """Take what a terminal says of a command: 0x0001, or the message that tells its end."""
        body = message.body
        if isinstance(body, GeneralReply) and message.msg_id == TERMINAL_REPLY:
            first, found = self._find(device, body.serial)
            if found is not None and found.message.msg_id == body.msg_id:
                self._confirm(device, first, found, body.result)
        elif isinstance(body, Record) and isinstance(serial := body.values.get("ack_serial"), int):
            first, found = self._find(device, serial)
            if found is not None and found.message.answer == message.msg_id:
                del self._sent[device, first]
                self._keep(found.order, CommandState.DONE)

    def sweep(self, now: float) -> None:
        """Send again what was not answered, give up what never was, and let go what has expired."""
        for (device, serial), sent in [(k, s) for k, s in self._sent.items() if now >= s.due]:
            self._overdue(device, serial, sent, now)
        for device, waiting in list(self._held.items()):
            left = [(order, args) for order, args in waiting if not self._is_late(order)]
            if left:
                self._held[device] = left
            else:
                del self._held[device]

    def _find(self, device: str, serial: int) -> tuple[int, _Sent | None]:
        """Return the message of which this is the serial, or that of one of its parts."""
        for (whose, first), sent in self._sent.items():
            if whose == device and (serial - first) & 0xFFFF < len(sent.frames):
                return first, sent
        return 0, None

    def _take(self, order: Order, args: Args) -> None:
        if self._is_late(order):
            return
        wire = self._wires.get(order.device)
        if wire is None:
            self._hold(order, args)
            return
        if order.command.type == CommandType.FRAMES:
            self._keeper.submit(self._tell_heard, order, wire)
            return
        try:
            serial, message, frames = wire.word(CommandType(order.command.type), args)
        except FrameRefused as refused:
            self._keep(order, CommandState.FAILED, code=ResultCode.BAD_ARGS, detail=refused.detail)
            return
        sent = _Sent(order, args, message, frames, self._clock() + ANSWER_S)
        self._sent[order.device, serial] = sent
        self._keeper.submit(self._begin_and_send, sent, wire)

    def _begin_and_send(self, sent: _Sent, wire: Wire) -> None:
        """Note that it begins, on the disk, before it leaves."""
        assert self._orders is not None
        if self._orders.begin(sent.order) and self._loop is not None:
            self._loop.call_soon_threadsafe(wire.write, sent.frames)

    def _tell_heard(self, order: Order, wire: Wire) -> None:
        """Let the last raw frames go to the server, as an event, and end the command."""
        assert self._orders is not None
        try:
            wire.keep_heard()
        except (OutboxRefused, sqlite3.Error) as problem:
            self._orders.fail(order, ResultCode.DEVICE_ERROR, str(problem))
        else:
            self._orders.report(order, CommandState.DONE)

    def _hold(self, order: Order, args: Args) -> None:
        self._held.setdefault(order.device, []).append((order, args))
        self._keep(order, CommandState.ACCEPTED, final=False)

    def _confirm(self, device: str, serial: int, sent: _Sent, result: int) -> None:
        if result != Result.OK:
            del self._sent[device, serial]
            self._keep(sent.order, CommandState.FAILED, code=_REFUSED.get(result, ResultCode.TERMINAL_FAILED))
        elif sent.message.answer is None:
            del self._sent[device, serial]
            self._keep(sent.order, CommandState.RECEIVED)
        else:
            sent.taken, sent.due = True, self._clock() + TRIES * ANSWER_S

    def _overdue(self, device: str, serial: int, sent: _Sent, now: float) -> None:
        wire = self._wires.get(device)
        if sent.taken:
            del self._sent[device, serial]
            self._keep(sent.order, CommandState.RECEIVED)
        elif wire is None:
            del self._sent[device, serial]
            self._hold(sent.order, sent.args)
        elif sent.tries >= TRIES or not wire.write(sent.frames):
            del self._sent[device, serial]
            self._keep(sent.order, CommandState.FAILED, code=ResultCode.NO_ANSWER)
        else:
            sent.tries += 1
            sent.due = now + ANSWER_S * 2 ** (sent.tries - 1)

    def _is_late(self, order: Order) -> bool:
        late = self._now() > order.command.expires_at
        if late:
            self._keep(order, CommandState.EXPIRED)
        return late

    def _keep(
        self,
        order: Order,
        state: CommandState,
        *,
        final: bool = True,
        code: ResultCode | None = None,
        detail: str = "",
    ) -> None:
        assert self._orders is not None
        orders = self._orders
        self._keeper.submit(lambda: orders.report(order, state, final=final, code=code, detail=detail))

    def _now(self) -> datetime:
        assert self._orders is not None
        return self._orders.now()

    def _clock(self) -> float:
        return asyncio.get_running_loop().time()
