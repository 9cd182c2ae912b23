"""What do the people at the gate do with a scale's book, whether its agent runs or not, on line or off?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from devices.agent.clock import now
from devices.agent.config_file import ConfigRefused, ScaleAgentFile, beside, read_file
from devices.agent.identity import KEY, OUTBOX, read_identity
from devices.agent.station import USED, AgentRefused, open_outbox
from devices.codecs.ticket_json import Mode, Particulars, Plates, as_extra
from devices.codecs.wire import check
from devices.readings import WeighingReading
from devices.weighbridge.desk import Typed, read_typed, write_typed
from devices.weighbridge.keys import load_or_create_key
from devices.weighbridge.scale_file import ScaleFile, ScaleFileRefused, read_scale_file
from devices.weighbridge.tickets import Issued, TicketBook


@dataclass(frozen=True, slots=True)
class Gate:
    """A scale's book and desk, opened by a command beside the agent."""

    folder: Path
    device: str
    scale: ScaleFile
    book: TicketBook

    def by(self, named: str) -> str:
        """Return who acts: whoever is named, else whoever has signed on at the desk; raise `AgentRefused`."""
        found = named.strip() or read_typed(self.folder).operator
        if not found:
            raise AgentRefused("Who does it? Name them with --by, or sign on at the desk.")
        return found

    def newest(self, most: int) -> list[Issued]:
        """Return the newest tickets."""
        return self.book.newest(most)

    def printed(self, number: int, by: str) -> Issued:
        """Note one more print of a ticket; raise `GateRefused`."""
        return self.book.printed(number, self.by(by), now())

    def void(self, number: int, reason: str, by: str) -> WeighingReading:
        """Make a ticket void; raise `GateRefused`."""
        return self.book.void(number, reason, self.by(by), now())

    def tare(self, plate: str, kg: int, by: str) -> WeighingReading:
        """Write a ticket of an empty weight that was typed."""
        return self.book.typed_tare(plate, self.scale.division_kg, kg, now(), self._beside(plate, by))

    def stored_tare(self, number: int, by: str) -> WeighingReading:
        """Write a ticket of the empty weight of an earlier ticket; raise `GateRefused`."""
        return self.book.stored_tare(number, now(), self._beside("", by))

    def _beside(self, plate: str, by: str) -> dict[str, object]:
        plates = Plates(typed=plate) if plate else None
        return as_extra(Particulars(plates=plates, operator=self.by(by), mode=Mode.ATTENDED))


@contextmanager
def gate(path: Path) -> Iterator[Gate]:
    """Open the book of a scale by its agent's file; raise `AgentRefused` and its kin."""
    config, folder = _place(path)
    who = read_identity(folder)
    if not (folder / OUTBOX).exists() or not (folder / USED).exists():
        raise AgentRefused(f"{folder}: the agent has never run here, there is no book")
    try:
        scale = read_scale_file(beside(path, config.scale))
    except ScaleFileRefused as refused:
        raise ConfigRefused(path, "scale", str(refused)) from None
    outbox = open_outbox(folder, who, config)
    try:
        book = TicketBook(outbox, who.device, who.inc, load_or_create_key(folder / KEY))
        yield Gate(folder, who.device, scale, book)
    finally:
        outbox.close()


def desk(path: Path, wanted: Typed | None = None) -> Typed:
    """Return what the desk says, changed as it is wanted; raise `FrameRefused` for what is too long."""
    _, folder = _place(path)
    read_identity(folder)
    if wanted is not None:
        check(msgspec.to_builtins(wanted), Typed)
        write_typed(folder, wanted)
    return read_typed(folder)


def said_now(folder_typed: Typed, *, operator: str | None, plate: str | None, cargo: str | None) -> Typed:
    """Return what the desk says once this is said too; None leaves a thing as it was."""
    told = Typed(
        folder_typed.operator if operator is None else operator.strip(),
        folder_typed.plate if plate is None else "".join(plate.split()),
        folder_typed.cargo if cargo is None else cargo.strip(),
        folder_typed.at,
    )
    if plate is not None or cargo is not None:
        told = msgspec.structs.replace(told, at=now())
    return told if told.plate or told.cargo else Typed(told.operator)


def _place(path: Path) -> tuple[ScaleAgentFile, Path]:
    config = read_file(path, ScaleAgentFile)
    return config, (path.parent / config.folder).resolve()
