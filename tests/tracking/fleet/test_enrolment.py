"""Does a device get in by its code once, keep its voice through a rotation, and lose it when revoked?"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from compliance.record.database import transaction
from compliance.record.errors import Conflict, Forbidden, Invalid, NotFound
from compliance.record.who import Role, Who
from compliance.record.work import Work
from tests.tracking.world import GATE_A, KEYS, START, TENANT, TRUCK, World, fix, positions, ticket, weighed
from tracking.fleet import credentials, enrolment, queries, service
from tracking.fleet.enrolment import CodeRefused, IssuedCode, Post
from tracking.fleet.passwords import hash_fits
from tracking.fleet.rules import DeviceKind, DeviceStatus, tenant_of
from tracking.fleet.tables import Device, DeviceCredential, EnrolmentCode, Vehicle
from tracking.intake.tables import DeadLetter
from tracking.weighings.tables import Weighing

KEY, OTHER = "ab" * 32, "cd" * 32
DAY = timedelta(days=1)


def register(world: World, who: Who | None = None, name: str = "phone-1") -> IssuedCode:
    """Let the carrier's dispatcher register the driver's phone."""
    with transaction(world.engine) as session:
        work = Work(session, START, who or world.dispatcher)
        found = enrolment.register(work, name, DeviceKind.PHONE, Post(vehicle_id=world.vehicle_id), START)
        session.expunge_all()
        return found


def enrol(world: World, code: str, key: str = KEY, after: timedelta = timedelta()) -> tuple[Device, str]:
    """Let a device present a code."""
    with transaction(world.engine) as session:
        found = enrolment.enrol(Work(session, START, world.dispatcher), code, key, START + after)
        session.flush()
        session.expunge_all()
        return found.device, found.password


def knows(world: World, password: str, after: timedelta = timedelta()) -> bool:
    """Tell whether a password is taken some time after the start."""
    with transaction(world.engine) as session:
        return credentials.by_password(session, password, START + after) is not None


def test_a_device_enrols_once_and_is_known_by_its_password(world: World) -> None:
    """Whoever found a used code on a desk could speak for the lorry."""
    issued = register(world)
    assert issued.device.status == DeviceStatus.REGISTERED.value
    device, password = enrol(world, issued.code)
    assert (device.status, device.inc, device.public_key) == (DeviceStatus.ACTIVE.value, 1, KEY)
    assert device.tenant == tenant_of(world.dispatcher.organisation_id or uuid4())
    assert knows(world, password)
    with pytest.raises(CodeRefused):
        enrol(world, issued.code, OTHER)
    stored = world.rows(select(DeviceCredential))
    assert all(password not in (row.password_hash, row.digest) for row in stored)
    assert issued.code not in [row.digest for row in world.rows(select(EnrolmentCode))]
    assert world.get(Vehicle, world.vehicle_id).device_id == TRUCK, "a phone is no terminal"


def test_a_lost_answer_can_be_asked_for_again_with_the_same_key(world: World) -> None:
    """A device whose connection broke at the wrong moment would need somebody to drive there."""
    issued = register(world)
    _, first = enrol(world, issued.code)
    device, second = enrol(world, issued.code)
    assert device.inc == 1
    assert not knows(world, first)
    assert knows(world, second)


def test_a_code_expires_and_a_newer_one_voids_it(world: World) -> None:
    """An old photograph of a QR code would be as good as the device."""
    issued = register(world)
    with pytest.raises(CodeRefused):
        enrol(world, issued.code, after=DAY)
    with transaction(world.engine) as session:
        row = session.get_one(Device, "phone-1")
        again = enrolment.issue_code(Work(session, START, world.dispatcher), row, START).code
    with pytest.raises(CodeRefused):
        enrol(world, issued.code)
    assert enrol(world, again)[0].status == DeviceStatus.ACTIVE.value


def test_a_device_that_enrols_again_begins_a_new_incarnation(world: World) -> None:
    """A device whose outbox was lost would use numbers that are taken, and its records be set apart."""
    enrol(world, register(world).code)
    with transaction(world.engine) as session:
        row = session.get_one(Device, "phone-1")
        code = enrolment.issue_code(Work(session, START, world.dispatcher), row, START).code
    device, _ = enrol(world, code, OTHER)
    assert (device.inc, device.public_key) == (2, OTHER)
    with transaction(world.engine) as session:
        assert set(queries.signing_keys(session, "phone-1", START, START)) == {KEY, OTHER}


def test_a_device_is_heard_only_once_it_has_enrolled(world: World) -> None:
    """Somebody who guessed a registered name could speak before the device does."""
    issued = register(world)
    tenant = issued.device.tenant
    said = positions(fix(1, 30.6, 114.3), device="phone-1", tenant=tenant)
    world.feed(said)
    assert [row.reason for row in world.rows(select(DeadLetter))] == ["not_enrolled"]
    enrol(world, issued.code)
    assert world.feed(said).counts["pos"] == 1


def test_rotation_keeps_the_old_password_for_its_overlap(world: World) -> None:
    """A fleet would fall silent in the night of a rotation."""
    _, old = enrol(world, register(world).code)
    with transaction(world.engine) as session:
        new = credentials.rotate(session, session.get_one(Device, "phone-1"), START, DAY)
    assert knows(world, old, DAY - timedelta(seconds=1))
    assert not knows(world, old, DAY)
    assert knows(world, new, 9 * DAY)
    with transaction(world.engine) as session:
        (held,) = [h for device, h in credentials.broker_hashes(session, START) if device.id == "phone-1"]
    assert hash_fits(held, old)
    with transaction(world.engine) as session, pytest.raises(Invalid):
        credentials.rotate(session, session.get_one(Device, "phone-1"), START, 8 * DAY)


def test_a_revoked_device_has_no_password_no_key_and_no_code(world: World) -> None:
    """A stolen terminal would go on speaking by one of its three ways."""
    issued = register(world)
    _, password = enrol(world, issued.code)
    with transaction(world.engine) as session:
        service.revoke_device(Work(session, START, world.dispatcher), "phone-1")
        assert queries.signing_keys(session, "phone-1", START, START) == []
        assert credentials.broker_hashes(session, START) == []
    assert not knows(world, password)
    with pytest.raises(CodeRefused):
        enrol(world, issued.code)
    assert [event.kind for event in world.events("DeviceRegistered", "DeviceEnrolled", "DeviceRevoked")] == [
        "DeviceRegistered",
        "DeviceEnrolled",
        "DeviceRevoked",
    ]


def test_a_ticket_of_a_revoked_scale_is_not_believed(world: World) -> None:
    """Whoever took the key out of a scale could still make weights."""
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 9_000, 0)))
    with transaction(world.engine) as session:
        work = Work(session, START + timedelta(seconds=30), world.dispatcher)
        service.take_key(work, session.get_one(Device, GATE_A), OTHER)
    late = ticket(GATE_A, 2, 9_100, 20, previous=ticket(GATE_A, 1, 9_000, 0).ticket_hash)
    world.feed(weighed(GATE_A, late))
    forged = ticket(GATE_A, 3, 9_200, 40, previous=late.ticket_hash)
    world.feed(weighed(GATE_A, forged))
    assert sorted(row.ticket_number for row in world.rows(select(Weighing))) == [1, 2]
    assert KEYS[GATE_A]


def test_only_a_new_provisioning_changes_the_tenant(world: World) -> None:
    """A sold lorry's terminal would go on telling its old owner's tenant where it is."""
    operator = Who(uuid4(), "operator", uuid4(), frozenset({Role.OPERATOR}))
    with transaction(world.engine) as session:
        work = Work(session, START, operator)
        row = enrolment.managed(work, TRUCK)
        with pytest.raises(Conflict):
            enrolment.reprovision(work, row, Post(vehicle_id=world.strange_vehicle_id), START)
    with transaction(world.engine) as session:
        work = Work(session, START, operator)
        service.revoke_device(work, "veh-900")
        row = enrolment.managed(work, TRUCK)
        issued = enrolment.reprovision(work, row, Post(vehicle_id=world.strange_vehicle_id), START)
        code = issued.code
    device, _ = enrol(world, code)
    assert device.tenant == tenant_of(world.stranger.organisation_id or uuid4()) != TENANT
    assert device.inc == 2
    assert world.get(Vehicle, world.vehicle_id).device_id is None
    assert world.get(Vehicle, world.strange_vehicle_id).device_id == TRUCK


def test_nobody_provisions_what_is_not_theirs(world: World) -> None:
    """A rival could put its own terminal on somebody else's lorry."""
    with pytest.raises(Invalid):
        register(world, world.stranger)
    with pytest.raises(Forbidden):
        register(world, world.producer)
    with transaction(world.engine) as session, pytest.raises(NotFound):
        enrolment.managed(Work(session, START, world.stranger), TRUCK)
    for name in ("", "a/b", "server", "a b", "#"):
        with pytest.raises(Invalid):
            register(world, name=name)
    register(world)
    with pytest.raises(Conflict):
        register(world)
