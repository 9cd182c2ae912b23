"""What does a scale agent do when the server commands it?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import serial

from devices.codecs.command_args import SCALE, Args, BarrierArgs, CommandType, WeighArgs
from devices.codecs.commands_json import CommandState, ResultCode
from devices.inbox import Order
from devices.orders import Orders
from devices.weighbridge.capture import address_of
from devices.weighbridge.desk import Desk


@dataclass(frozen=True, slots=True)
class Barrier:
    """One barrier: what opens and what closes it, and what it answers (empty: nothing is waited for)."""

    name: str
    url: str
    baudrate: int
    open: bytes
    close: bytes
    answer: bytes
    answer_s: float

    def move(self, *, open_it: bool) -> bool:
        """Open or close it; False when it did not answer. Raises `OSError` where it is not reached."""
        with serial.serial_for_url(
            address_of(self.url), baudrate=self.baudrate, timeout=self.answer_s, write_timeout=self.answer_s
        ) as port:
            port.write(self.open if open_it else self.close)
            port.flush()
            heard = port.read_until(self.answer) if self.answer else b""
        return heard.endswith(self.answer)


class ScaleDoer:
    """Do what a scale agent can: answer, start again, take a plate, move a barrier (one after the other)."""

    def __init__(self, plates: Desk, barriers: Collection[Barrier], restart: Callable[[], None]) -> None:
        self._plates = plates
        self._barriers = {one.name: one for one in barriers}
        self._restart = restart
        self._orders: Orders | None = None
        self._hands = ThreadPoolExecutor(1, "barriers")

    def serve(self, orders: Orders) -> None:
        """Name whom the outcomes are told to."""
        self._orders = orders

    def stop(self) -> None:
        """Finish what was begun."""
        self._hands.shutdown(wait=True)

    def can(self, device: str) -> Collection[CommandType]:
        """Tell what this agent obeys: a barrier only where there is one."""
        return SCALE if self._barriers else SCALE - {CommandType.BARRIER}

    def do(self, order: Order, args: Args) -> None:
        """Do it, or have it done."""
        assert self._orders is not None
        if isinstance(args, BarrierArgs):
            self._hands.submit(self._move, order, args)
            return
        if isinstance(args, WeighArgs):
            self._plates.say(args.plate)
        self._orders.report(order, CommandState.DONE)
        if order.command.type == CommandType.RESTART:
            self._restart()

    def _move(self, order: Order, args: BarrierArgs) -> None:
        assert self._orders is not None
        barrier = self._barriers.get(args.name)
        if barrier is None:
            self._orders.fail(order, ResultCode.NOT_FITTED, f"barriers here: {', '.join(self._barriers)}")
        elif not self._orders.expired(order) and self._orders.begin(order):
            try:
                answered = barrier.move(open_it=args.open)
            except (serial.SerialException, OSError, ValueError) as problem:
                self._orders.fail(order, ResultCode.DEVICE_ERROR, str(problem))
            else:
                if answered:
                    self._orders.report(order, CommandState.DONE)
                else:
                    self._orders.fail(order, ResultCode.NO_ANSWER, barrier.name)
