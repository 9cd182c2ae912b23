"""What does an agent do with a command: obey, refuse, wait, or answer what it has answered before?"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol

from devices.codecs import FrameRefused
from devices.codecs.command_args import Args, CommandType, read_args
from devices.codecs.commands_json import (
    Command,
    CommandResult,
    CommandState,
    ResultCode,
    decode_command,
    known_type,
    verify_command,
)
from devices.codecs.telemetry_json import parse_topic
from devices.inbox import Inbox, Order

MOST_WAITING = 1000


class Doer(Protocol):
    """Who does what is commanded: it calls `Orders.begin` just before, and `report` when it knows more."""

    def can(self, device: str) -> Collection[CommandType]:
        """Tell which commands this device obeys."""

    def do(self, order: Order, args: Args) -> None:
        """Begin to do it; must not block."""


class Orders:
    """Hear commands, remember them for seven days, and tell what becomes of them (telemetry.md 1.9).

    `tell` passes a result on to the server and may be called from any thread; it calls `told` back once the
    broker has it. A command that needs the server's signature is done at most once: one that was begun when
    the agent was killed is told as failed, every other is begun again.
    """

    def __init__(
        self,
        inbox: Inbox,
        doer: Doer,
        now: Callable[[], datetime],
        *,
        keys: Callable[[], Collection[str]],
        tell: Callable[[str, CommandResult], None],
        counters: Counter[str] | None = None,
    ) -> None:
        self._inbox = inbox
        self._doer = doer
        self.now = now
        self._keys = keys
        self._tell = tell
        self.counters: Counter[str] = Counter() if counters is None else counters

    def hear(self, topic: str, payload: bytes) -> None:
        """Take one message of a command topic; what is no command is counted and not answered."""
        try:
            order = Order(parse_topic(topic).device, decode_command(payload))
        except FrameRefused as refused:
            self.counters[f"command_refused_{refused.code}"] += 1
            return
        try:
            known = self._inbox.take(order, self.now())
        except sqlite3.OperationalError:
            self.counters["command_disk"] += 1  # not remembered, so not begun: the server sends it again
            return
        if known is not None:
            self._tell(order.device, known)
            return
        self.counters["commands"] += 1
        self._tell(order.device, CommandResult(order.command.id, CommandState.RECEIVED, self.now()))
        self._begin(order)

    def resume(self) -> None:
        """Go on with what an earlier run has left."""
        for order in self._inbox.open_orders():
            if order.begun and order.command.needs_signature:
                self.fail(order, ResultCode.DEVICE_ERROR, "the agent ended while it was being done")
            else:
                self._begin(order)

    def tell_again(self) -> None:
        """Tell every result that the broker may not have."""
        for device, result in self._inbox.untold():
            self._tell(device, result)

    def told(self, device: str, result: CommandResult) -> None:
        """Hear that the broker has a result."""
        try:
            self._inbox.told(device, result)
        except sqlite3.OperationalError:
            self.counters["command_disk"] += 1  # it will be told once more: no harm

    def report(
        self,
        order: Order,
        state: CommandState,
        *,
        final: bool = True,
        code: ResultCode | None = None,
        detail: str = "",
    ) -> None:
        """Keep and tell how far a command has come; what is known to have ended stays as it was."""
        result = CommandResult(order.command.id, state, self.now(), final, code, detail)
        try:
            changed = self._inbox.settle(order.device, result)
        except sqlite3.OperationalError:
            self.counters["command_disk"] += 1
            changed = True
        if changed:
            self._tell(order.device, result)

    def fail(self, order: Order, code: ResultCode, detail: str = "") -> None:
        """Tell that a command cannot be done."""
        self.report(order, CommandState.FAILED, code=code, detail=detail)

    def begin(self, order: Order) -> bool:
        """Note that it is about to be done; False when that cannot be kept, and so it must not be."""
        try:
            self._inbox.begin(order)
        except sqlite3.OperationalError:
            self.fail(order, ResultCode.DEVICE_ERROR, "the disk is full")
            return False
        return True

    def expired(self, order: Order) -> bool:
        """Tell whether a command has come too late, and if so say it."""
        late = self.now() > order.command.expires_at
        if late:
            self.report(order, CommandState.EXPIRED)
        return late

    def _begin(self, order: Order) -> None:
        if self.expired(order):
            return
        why = self._why_not(order.device, order.command)
        kind = known_type(order.command)
        if why is not None or kind is None:
            self.fail(order, *(why or (ResultCode.UNKNOWN_TYPE, "")))
            return
        try:
            args = read_args(kind, order.command.args)
        except FrameRefused as refused:
            self.fail(order, ResultCode.BAD_ARGS, refused.detail)
            return
        self._doer.do(order, args)

    def _why_not(self, device: str, command: Command) -> tuple[ResultCode, str] | None:
        kind = known_type(command)
        if kind is None or kind not in self._doer.can(device):
            return ResultCode.UNKNOWN_TYPE, command.type
        if command.needs_signature and not command.signature:
            return ResultCode.UNSIGNED, ""
        if command.signature and not verify_command(device, command, self._keys()):
            return ResultCode.BAD_SIGNATURE, ""
        if len(self._inbox.open_orders()) > MOST_WAITING:
            return ResultCode.TOO_MANY, ""
        return None
