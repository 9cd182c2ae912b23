"""What do a void, the pictures and the prints of a ticket do, in whatever order they come in?"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from compliance.record.database import transaction
from compliance.record.errors import Conflict
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.codecs.telemetry_json import encode_events, topic
from devices.codecs.ticket_json import Particulars, Source, Void, as_extra
from devices.readings import EventReading, Stability, WeighingReading
from tests.tracking.world import GATE_A, GATE_B, START, TENANT, World, ticket, weighed
from tracking.alerts import queries as alerts
from tracking.pipeline import Message
from tracking.trips.rules import Act
from tracking.weighings import photos, prints, proof
from tracking.weighings.tables import TicketPrint, Weighing, WeighingPhoto

MINUTE = timedelta(minutes=1)


def void(scale: str, number: int, of: WeighingReading, seconds: float, previous: str) -> WeighingReading:
    """Return the signed ticket that makes another one void."""
    said = Void(of.ticket_number, of.ticket_hash, "重复过磅", "张三")
    return ticket(
        scale,
        number,
        0,
        seconds,
        previous=previous,
        plate="",
        stability=Stability.UNSTABLE,
        frames_hex=(),
        shadow=True,
        extra=as_extra(Particulars(void=said)),
    )


def rows(world: World) -> dict[int, Weighing]:
    """Return the stored tickets by number."""
    return {row.ticket_number: row for row in world.rows(select(Weighing))}


def kinds(world: World) -> set[str]:
    """Return the kinds of the alerts that stand."""
    return {row.kind for row in world.rows(alerts.visible_to(SYSTEM)) if row.state != "withdrawn"}


def test_a_void_takes_a_weight_out_in_any_order_and_the_next_one_counts(world: World) -> None:
    """A wrong weighing would be paid, or be paid according to which message was quicker."""
    empty = ticket(GATE_A, 1, 9_000, 300)
    wrong = ticket(GATE_A, 2, 19_000, 900, previous=empty.ticket_hash)
    gone = void(GATE_A, 3, wrong, 1_000, wrong.ticket_hash)
    right = ticket(GATE_A, 4, 21_000, 1_100, previous=gone.ticket_hash)
    world.feed(*[weighed(GATE_A, one) for one in (empty, wrong)])
    assert (world.trip().sender_kg, world.manifest().loaded_kg) == (10_000, 10_000)
    world.feed(weighed(GATE_A, gone))
    assert (world.trip().sender_kg, world.manifest().loaded_kg) == (None, None)
    world.feed(weighed(GATE_A, right))
    found = rows(world)
    assert (world.trip().sender_kg, world.manifest().loaded_kg) == (12_000, 12_000)
    assert [found[number].unbound for number in (1, 2, 3, 4)] == [None, "voided", "void", None]
    assert found[2].voided_by == found[3].id
    assert "void_after_signing" not in kinds(world)
    (told,) = world.events("WeighingVoided")
    assert (told.subject, told.data["ticket"], told.data["void"]) == (world.trip_id, 2, 3)
    assert (told.data["reason"], told.data["by"]) == ("重复过磅", "张三")
    with transaction(world.engine) as session:
        assert all(proof.of(session, session.get_one(Weighing, row.id)).holds for row in found.values())


@pytest.mark.parametrize("order", list(permutations(range(4)))[1::5])
@pytest.mark.sqlite_alone
def test_late_tickets_and_voids_end_where_the_ordered_ones_do(world: World, order: tuple[int, ...]) -> None:
    """A scale that was off line would leave another load than one that was not."""
    empty = ticket(GATE_A, 1, 9_000, 300)
    wrong = ticket(GATE_A, 2, 19_000, 900, previous=empty.ticket_hash)
    gone = void(GATE_A, 3, wrong, 1_000, wrong.ticket_hash)
    right = ticket(GATE_A, 4, 21_000, 1_100, previous=gone.ticket_hash)
    every = (empty, wrong, gone, right)
    for place in order:
        world.feed(weighed(GATE_A, every[place]))
    found = rows(world)
    assert (world.trip().sender_kg, world.manifest().loaded_kg) == (12_000, 12_000)
    assert [found[number].unbound for number in (1, 2, 3, 4)] == [None, "voided", "void", None]


def test_what_was_signed_stays_and_the_inspectors_hear_of_the_void(world: World) -> None:
    """A weighing could be taken out from under a signed load, and nobody would notice."""
    empty = ticket(GATE_A, 1, 9_000, 300)
    full = ticket(GATE_A, 2, 21_000, 900, previous=empty.ticket_hash)
    world.feed(weighed(GATE_A, empty), weighed(GATE_A, full))
    world.step(Act.ARRIVE, START)
    world.step(Act.LOAD, START + 20 * MINUTE)
    world.feed(weighed(GATE_A, void(GATE_A, 3, full, 2_000, full.ticket_hash)))
    assert world.trip().sender_kg == 12_000
    assert rows(world)[2].role == "gross"
    assert len(world.events("WeighingVoided")) == 1
    assert "void_after_signing" in kinds(world)
    (alert,) = [one for one in world.rows(alerts.visible_to(SYSTEM)) if one.kind == "void_after_signing"]
    assert (alert.evidence["void_ticket"], alert.evidence["reason"]) == (3, "重复过磅")


@pytest.mark.sqlite_alone
def test_only_the_scale_itself_makes_its_ticket_void(world: World) -> None:
    """The other end could strike the weights that it does not like."""
    empty = ticket(GATE_A, 1, 9_000, 300)
    full = ticket(GATE_A, 2, 21_000, 900, previous=empty.ticket_hash)
    foreign = void(GATE_B, 1, full, 1_000, "")
    world.feed(weighed(GATE_A, empty), weighed(GATE_A, full), weighed(GATE_B, foreign))
    assert world.trip().sender_kg == 12_000
    assert [row.voided_by for row in world.rows(select(Weighing))] == [None] * 3


@pytest.mark.sqlite_alone
def test_a_preset_tare_makes_a_net_and_is_marked(world: World) -> None:
    """A vehicle that is not weighed empty every time would have no net, or one that hides how it came."""
    extra = as_extra(Particulars(source=Source.TYPED))
    typed = ticket(GATE_A, 1, 9_000, 300, stability=Stability.UNSTABLE, frames_hex=(), extra=extra)
    world.feed(weighed(GATE_A, typed))
    world.feed(weighed(GATE_A, ticket(GATE_A, 2, 21_000, 900, previous=typed.ticket_hash)))
    assert world.trip().sender_kg == 12_000
    assert "typed_weight" in kinds(world)


def pictured(number: int, data: bytes, previous: str = "") -> WeighingReading:
    """Return a ticket that names a picture."""
    extra = as_extra(Particulars(photos={"front": hashlib.sha256(data).hexdigest()}))
    return ticket(GATE_A, number, 9_000, 300 * number, previous=previous, extra=extra)


def test_a_picture_is_taken_only_where_a_ticket_of_the_scale_names_it(world: World) -> None:
    """A stolen password would fill the store with anything, or put a picture under another's ticket."""
    data = b"picture"
    sha256 = hashlib.sha256(data).hexdigest()

    def take(device: str) -> int:
        with transaction(world.engine) as session:
            return photos.take(Work(session, START, SYSTEM), device, sha256, "image/jpeg")

    with pytest.raises(Conflict) as early:
        take(GATE_A)
    assert early.value.code == "photo_unnamed"
    first = pictured(1, data)
    world.feed(weighed(GATE_A, first))
    with pytest.raises(Conflict):
        take(GATE_B)
    assert [take(GATE_A), take(GATE_A)] == [1, 1]
    world.feed(weighed(GATE_A, pictured(2, data, first.ticket_hash)))
    named = world.rows(select(WeighingPhoto))
    assert [(one.view, one.received_at, one.media_type) for one in named] == [
        ("front", START, "image/jpeg")
    ] * 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.sqlite_alone
def test_a_picture_that_stands_in_two_tickets_is_a_sign_on_the_later(
    world: World, order: tuple[int, int]
) -> None:
    """A camera that is fed a recording would prove any truck."""
    first = pictured(1, b"same")
    both = (first, pictured(2, b"same", first.ticket_hash))
    for place in order:
        world.feed(weighed(GATE_A, both[place]))
    told = [one for one in world.rows(alerts.visible_to(SYSTEM)) if one.kind == "photo_again"]
    assert [(one.weighing_id, one.evidence["other_ticket"]) for one in told] == [(rows(world)[2].id, 1)]


def printed(seq: int, of: WeighingReading, copy: int, scale: str = GATE_A) -> Message:
    """Return what an agent tells of a print."""
    args: dict[str, object] = {"no": of.ticket_number, "hash": of.ticket_hash, "copy": copy, "by": "张三"}
    told = EventReading(seq, START + timedelta(seconds=seq), "ticket_printed", args)
    return Message(topic(TENANT, scale, "evt"), encode_events(1, [told]), START)


def test_prints_at_the_gate_and_here_are_counted_together(world: World) -> None:
    """Two papers would both call themselves the original."""
    one = ticket(GATE_A, 1, 9_000, 300)
    world.feed(printed(1, one, 1), printed(9, one, 9, GATE_B))
    world.feed(weighed(GATE_A, one))
    assert "reprinted" not in kinds(world)
    row = rows(world)[1]
    with transaction(world.engine) as session:
        made = prints.record(Work(session, START, SYSTEM), session.get_one(Weighing, row.id))
        assert (made.copy, made.place) == (2, "server")
    world.feed(printed(2, one, 2), printed(2, one, 2))
    assert "reprinted" in kinds(world)
    assert [told.data["copy"] for told in world.events("TicketPrinted")] == [2, 2]
    assert world.count(TicketPrint) == 4
