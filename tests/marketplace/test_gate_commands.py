"""Can the people at the gate void and print a ticket with nothing but the agent's machine?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from devices.agent.identity import KEY, OUTBOX, write_identity
from devices.agent.station import USED
from devices.codecs.enrolment_json import EnrolmentAnswer
from devices.codecs.telemetry_json import decode_events
from devices.codecs.ticket_json import Mode, Plates, particulars
from devices.codecs.weighing_json import decode_weighing, public_key_of, verify_weighing
from devices.outbox import Outbox
from devices.readings import EventReading, Stability, Stream, WeighingReading
from devices.weighbridge.desk import Desk, Typed, read_typed
from devices.weighbridge.keys import load_or_create_key
from devices.weighbridge.tickets import Draft, TicketBook
from marketplace.device_commands import devices

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
DRAFT = Draft(NOW, "鄂A12345", 45_020, 20, Stability.DERIVED, (b"\x02+045020\x03",), {"frames": 8})


class GateBench:
    """The folder of a scale's agent that is off, or whose outbox somebody else holds open."""

    def __init__(self, folder: Path) -> None:
        self.file, self.own = folder / "agent.toml", folder / "own"
        self.own.mkdir(mode=0o700)
        (folder / "line.toml").write_text(
            'protocol = "yaohua_xk3190_continuous"\ncheck = "xor"\nstability = "derived"\n'
            'division_kg = 20\nunit = "kg"\nurl = "COM3"\n',
            "utf-8",
        )
        self.file.write_text('folder = "own"\nscale = "line.toml"\n', "utf-8")
        answer = EnrolmentAnswer("scale-1", "t1", "scale", 3, "mqtt://127.0.0.1:1883", "secret", 5)
        write_identity(self.own, answer)
        (self.own / USED).write_text("3\n", "ascii")
        self.key = load_or_create_key(self.own / KEY)
        self.outbox = Outbox(self.own / OUTBOX)
        self.outbox.enrol("scale-1", "t1", 3)
        self.book = TicketBook(self.outbox, "scale-1", 3, self.key)

    def run(self, command: str, *words: str) -> Result:
        """Run a command as the operator does."""
        return CliRunner().invoke(devices, [command, str(self.file), *words])

    def tickets(self) -> list[WeighingReading]:
        """Return what waits for the server."""
        return [decode_weighing(one.payload)[2] for one in self.outbox.oldest("scale-1", Stream.WEIGHINGS)]

    def prints(self) -> list[EventReading]:
        """Return the prints that wait to be told."""
        waiting = self.outbox.oldest("scale-1", Stream.EVENTS)
        return [told for one in waiting for told in decode_events(one.payload)[1]]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[GateBench]:
    """A gate with two tickets in its book."""
    made = GateBench(tmp_path)
    made.book.issue(DRAFT)
    made.book.issue(replace(DRAFT, weight_kg=14_500))
    yield made
    made.outbox.close()


def test_a_void_is_a_signed_ticket_of_its_own_and_leaves_no_gap(at: GateBench) -> None:
    """A ticket that can vanish, or be made void by nobody and for no reason, proves nothing."""
    refused = at.run("void", "1", "--reason", "重复过磅")
    assert (refused.exit_code, "Who does it?" in refused.output) == (1, True)
    assert at.run("void", "1", "--reason", " ", "--by", "张三").exit_code == 1
    done = at.run("void", "1", "--reason", "重复过磅", "--by", "张三")
    assert done.exit_code == 0, done.output
    assert "already" in at.run("void", "1", "--reason", "again", "--by", "张三").output
    assert at.run("void", "3", "--reason", "void the void", "--by", "张三").exit_code == 1
    assert "no ticket 9" in at.run("void", "9", "--reason", "x", "--by", "张三").output
    assert at.outbox.notice()
    assert not at.outbox.notice()
    assert at.outbox.fresh() == {("scale-1", Stream.WEIGHINGS)}
    tickets = at.tickets()
    assert [one.ticket_number for one in tickets] == [1, 2, 3]
    assert all(b.previous_hash == a.ticket_hash for a, b in pairwise(tickets))
    assert all(verify_weighing("scale-1", 3, one, public_key_of(at.key)) for one in tickets)
    said = particulars(tickets[2].extra).void
    assert said is not None
    assert (said.no, said.hash, said.reason, said.by) == (1, tickets[0].ticket_hash, "重复过磅", "张三")
    assert (tickets[2].weight_kg, tickets[2].shadow, tickets[2].plate) == (0, True, "")
    listed = at.run("tickets").output
    assert "VOID by #3" in listed
    assert "voids #1: 重复过磅" in listed


def test_every_print_says_which_copy_it_is_and_is_told(at: GateBench) -> None:
    """One paper would stand for two loads, and nobody could tell which was the first."""
    first = at.run("print", "1", "--by", "张三")
    assert first.exit_code == 0, first.output
    assert "原件 original" in first.output
    assert "补打" not in first.output
    again = at.run("print", "1", "--by", "李四")
    assert "补打 第 2 次 / reprint, copy 2" in again.output
    assert "45020 kg" in again.output
    told = [(one.kind, one.args["no"], one.args["copy"], one.args["by"]) for one in at.prints()]
    assert told == [("ticket_printed", 1, 1, "张三"), ("ticket_printed", 1, 2, "李四")]
    at.run("void", "1", "--reason", "错车", "--by", "张三")
    assert "已作废 VOID, see ticket #3" in at.run("print", "1", "--by", "张三").output
    assert "作废记录 VOIDS ticket #1" in at.run("print", "3", "--by", "张三").output


def test_an_empty_weight_that_was_not_weighed_says_so(at: GateBench) -> None:
    """A net that rests on a typed or an old empty weight would look like one of two weighings."""
    stored = at.run("tare", "--ticket", "2", "--by", "张三")
    assert stored.exit_code == 0, stored.output
    typed = at.run("tare", "--plate", "鄂A 12345", "--kg", "14000", "--by", "张三")
    assert typed.exit_code == 0, typed.output
    assert at.run("tare", "--ticket", "4", "--by", "张三").exit_code == 1
    assert at.run("tare", "--kg", "14000", "--by", "张三").exit_code == 2
    old, hand = at.tickets()[2:]
    assert (old.weight_kg, old.plate, old.frames_hex) == (14_500, "鄂A12345", ())
    of = particulars(old.extra).of
    assert of is not None
    assert (of.no, of.hash) == (2, at.tickets()[1].ticket_hash)
    assert (hand.weight_kg, hand.plate, hand.stability) == (14_000, "鄂A12345", Stability.UNSTABLE)
    assert [one.extra["from"] for one in (old, hand)] == ["stored", "typed"]
    assert "STORED" in at.run("print", "3", "--by", "张三").output
    assert "TYPED" in at.run("print", "4", "--by", "张三").output


def test_what_the_desk_says_stands_in_the_next_ticket_alone(at: GateBench, tmp_path: Path) -> None:
    """The plate that was typed for one truck would be put on the next one."""
    camera = tmp_path / "plate.txt"
    camera.write_text("鄂A99999\n", "utf-8")
    desk = Desk(camera, 600, lambda: 5.0, folder=at.own)
    assert desk.particulars() == {"plates": {"seen": "鄂A99999"}, "mode": "unattended"}
    at.run("desk", "--operator", "张三", "--plate", "鄂A 12345", "--cargo", "废矿物油")
    assert desk.plate() == "鄂A12345"
    told = particulars(desk.particulars())
    assert told.plates == Plates(seen="鄂A99999", typed="鄂A12345")
    assert (told.operator, told.mode, told.cargo) == ("张三", Mode.ATTENDED, "废矿物油")
    now = datetime.now(UTC)
    ticket = at.book.issue(replace(DRAFT, at=now, beside=desk.particulars()))
    assert "plates differ" in at.run("print", str(ticket.ticket_number)).output
    desk.used(ticket)
    assert read_typed(at.own) == Typed("张三")
    assert desk.plate() == "鄂A99999"
    desk.say("鄂A55555")
    assert particulars(desk.particulars()).plates == Plates(seen="鄂A99999", told="鄂A55555")
    assert at.run("desk", "--operator", "x" * 61).exit_code == 1
    assert "operator   -" in at.run("desk", "--operator", "").output


def test_a_gate_without_a_book_says_so(tmp_path: Path) -> None:
    """Numbers would begin anew beside those that the server has."""
    bench = GateBench(tmp_path)
    bench.outbox.close()
    (bench.own / OUTBOX).unlink()
    refused = bench.run("void", "1", "--reason", "x", "--by", "y")
    assert (refused.exit_code, "there is no book" in refused.output) == (1, True)
    assert not (bench.own / OUTBOX).exists()
