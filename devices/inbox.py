"""Which commands was this agent given, and what became of each?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.codecs.commands_json import (
    Command,
    CommandResult,
    CommandState,
    decode_command,
    decode_result,
    encode_command,
    encode_result,
)
from devices.codecs.wire import to_millis
from devices.outbox import Outbox

REMEMBERED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Order:
    """One command to one device, and whether it was begun already (by a run that then ended)."""

    device: str
    command: Command
    begun: bool = False


class Inbox:
    """The commands of the last seven days in the outbox's file: a repeat is answered, not done again."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def take(self, order: Order, now: datetime) -> CommandResult | None:
        """Store a new command as received; return what became of it when it is known already."""
        received = CommandResult(order.command.id, CommandState.RECEIVED, now)
        with self._outbox.exclusive() as db:
            db.execute("DELETE FROM command WHERE at_ms < ?", (to_millis(now - REMEMBERED_FOR),))
            known = db.execute(
                "SELECT result FROM command WHERE device = ? AND id = ?", (order.device, order.command.id)
            ).fetchone()
            if known is not None:
                return decode_result(known[0])
            db.execute(
                "INSERT INTO command VALUES(?, ?, ?, ?, ?, 0, 0, 0)",
                (
                    order.device,
                    order.command.id,
                    encode_command(order.command),
                    encode_result(received),
                    to_millis(now),
                ),
            )
        return None

    def begin(self, order: Order) -> None:
        """Note that a command is about to be done."""
        with self._outbox.exclusive() as db:
            db.execute(
                "UPDATE command SET begun = 1 WHERE device = ? AND id = ?", (order.device, order.command.id)
            )

    def settle(self, device: str, result: CommandResult) -> bool:
        """Keep how far a command has come; False when its end was known already."""
        with self._outbox.exclusive() as db:
            done = db.execute(
                "UPDATE command SET result = ?, final = ?, told = 0 "
                "WHERE device = ? AND id = ? AND final = 0",
                (encode_result(result), int(result.final), device, result.id),
            )
        return done.rowcount == 1

    def open_orders(self) -> list[Order]:
        """List the commands whose end is not known, oldest first."""
        with self._outbox.exclusive() as db:
            rows = db.execute(
                "SELECT device, order_payload, begun FROM command WHERE final = 0 ORDER BY at_ms, id"
            ).fetchall()
        return [Order(device, decode_command(payload), bool(begun)) for device, payload, begun in rows]

    def untold(self) -> list[tuple[str, CommandResult]]:
        """List the results that may not have reached the broker."""
        with self._outbox.exclusive() as db:
            rows = db.execute(
                "SELECT device, result FROM command WHERE told = 0 ORDER BY at_ms, id"
            ).fetchall()
        return [(device, decode_result(result)) for device, result in rows]

    def told(self, device: str, result: CommandResult) -> None:
        """Note that the broker has taken this very result."""
        with self._outbox.exclusive() as db:
            db.execute(
                "UPDATE command SET told = 1 WHERE device = ? AND id = ? AND result = ?",
                (device, result.id, encode_result(result)),
            )
