"""Does a terminal without a program of ours get its voice behind its carrier's gateway, and nobody else's?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from compliance.record.database import transaction
from compliance.record.errors import Conflict, Invalid
from compliance.record.work import Work
from devices.codecs.jt808.header import Version
from tests.tracking.world import START, World, fix, positions
from tracking.commands import queries, terminals
from tracking.commands.terminals import Line
from tracking.fleet import enrolment, service
from tracking.fleet.enrolment import Post
from tracking.fleet.rules import DeviceKind, DeviceStatus
from tracking.fleet.tables import Device, EnrolmentCode, Vehicle
from tracking.intake.tables import DeadLetter

LINE = Line("gateway-1", "013912345678")


def entered(world: World, *, enrolled: bool = True) -> None:
    """Enter the carrier's gateway and a terminal in the place of the truck's."""
    with transaction(world.engine) as session:
        work = Work(session, START, world.dispatcher)
        session.get_one(Vehicle, world.vehicle_id).device_id = None
        code = enrolment.register(work, "gateway-1", DeviceKind.GATEWAY, Post(), START).code
        if enrolled:
            enrolment.enrol(work, code, "ab" * 32, START)
        post = Post(vehicle_id=world.vehicle_id)
        enrolment.register(work, "veh-new", DeviceKind.VEHICLE, post, START)


def admit(world: World, line: Line = LINE, device: str = "veh-new") -> None:
    """Let the carrier's dispatcher say that the terminal is behind the gateway."""
    with transaction(world.engine) as session:
        terminals.admit(Work(session, START, world.dispatcher), device, line, START)


def listed(world: World) -> list[dict[str, object]]:
    """Return the terminals that the gateway is told of."""
    with transaction(world.engine) as session:
        found = queries.configs(session, "gateway-1")
        return list(found[0].settings["terminals"]) if found else []


def test_a_terminal_behind_a_gateway_is_heard_without_code_or_program(world: World) -> None:
    """A carrier's terminals stayed registered for ever unless somebody wrote a program."""
    entered(world)
    admit(world)
    row = world.get(Device, "veh-new")
    assert (row.status, row.public_key, row.inc) == (DeviceStatus.ACTIVE.value, "", 1)
    [told] = listed(world)
    assert (told["phone"], told["device"], told["tenant"]) == (LINE.phone, "veh-new", row.tenant)
    said = positions(fix(1, 30.6, 114.3), device="veh-new", tenant=row.tenant)
    assert world.feed(said).counts["pos"] == 1
    assert world.rows(select(DeadLetter)) == []
    codes = world.rows(select(EnrolmentCode).where(EnrolmentCode.device_id == "veh-new"))
    assert all(code.expires_at <= START for code in codes), "a code would let somebody else in"
    admit(world, Line("gateway-1", "013900000000"))
    assert [one["phone"] for one in listed(world)] == ["013900000000"]
    assert world.get(Device, "veh-new").inc == 1


def test_only_an_enrolled_gateway_of_the_carrier_vouches(world: World) -> None:
    """Anybody's gateway could speak for a rival's lorry."""
    entered(world, enrolled=False)
    with pytest.raises(Invalid):
        admit(world)
    with transaction(world.engine) as session:
        service.revoke_device(Work(session, START, world.dispatcher), "veh-new")
    assert world.get(Device, "veh-new").status == DeviceStatus.REVOKED.value
    with pytest.raises(Invalid):
        admit(world)


def test_a_list_from_here_takes_nobody_elses_place(world: World) -> None:
    """The terminals of a gateway's own file would be cut off, and a phone be two vehicles'."""
    entered(world)
    admit(world, Line("gateway-1"))
    assert listed(world) == []
    with transaction(world.engine) as session:
        work = Work(session, START, world.dispatcher)
        session.get_one(Vehicle, world.vehicle_id).device_id = None
        post = Post(vehicle_id=world.vehicle_id)
        enrolment.register(work, "veh-next", DeviceKind.VEHICLE, post, START)
    with pytest.raises(Conflict):
        admit(world, LINE, "veh-next")
    admit(world)


def test_what_is_odd_about_a_terminal_is_told_to_its_gateway(world: World) -> None:
    """Its own items would stay bytes, and somebody would have to log in to the gateway to mend it."""
    entered(world)
    admit(world, Line("gateway-1", "013900000000", model="onboard_scale", edition=Version.V2011))
    [told] = listed(world)
    assert (told["model"], told["edition"]) == ("onboard_scale", "2011")
    for odd in (Line("gateway-1", "1", model="invented"), Line("gateway-1", "1", edition=Version.V2019)):
        with pytest.raises(Invalid):
            admit(world, odd)


def test_a_carriers_second_gateway_is_told_its_terminals_too(world: World) -> None:
    """What the first gateway lists stood in the way of the second's list."""
    entered(world)
    admit(world)
    with transaction(world.engine) as session:
        work = Work(session, START, world.dispatcher)
        code = enrolment.register(work, "gateway-2", DeviceKind.GATEWAY, Post(), START).code
        enrolment.enrol(work, code, "cd" * 32, START)
        session.get_one(Vehicle, world.vehicle_id).device_id = None
        enrolment.register(work, "veh-next", DeviceKind.VEHICLE, Post(vehicle_id=world.vehicle_id), START)
    admit(world, Line("gateway-2", "013912345679"), "veh-next")
    with transaction(world.engine) as session:
        [config] = queries.configs(session, "gateway-2")
        assert [one["device"] for one in config.settings["terminals"]] == ["veh-next"]  # type: ignore[attr-defined]
