"""Does the devices page show who is silent, let a device in, and tell it something, to the right people?"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from devices.codecs.telemetry_json import DeviceState, encode_events, encode_state, topic
from devices.readings import RAW_FRAMES, EventReading
from tests.factories.site import PASSWORD, Site
from tracking.commands.tables import DeviceCommand
from tracking.fleet import enrolment
from tracking.fleet.tables import Device
from tracking.intake.tables import DeviceMessage
from tracking.pipeline import Message, handle_batch

SCALE = "scale-producer"


def enrolled(site: Site, name: str = "veh-1") -> str:
    """Register a vehicle's terminal by the page and let it enrol."""
    vehicle = str(site.market.vehicles[0])
    answer = site.visitor("carrier").post("/devices", id=name, kind="vehicle", vehicle_id=vehicle, site_id="")
    assert answer.status_code == 200
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", answer.text)
    assert code is not None
    assert "<svg" in answer.text
    with site.market.work("carrier") as work:
        enrolment.enrol(work, code[0], "ab" * 32, site.wall_at)
    return name


def tell(site: Site, device: str, payload: bytes, kind: str = "state") -> None:
    """Let a device say something."""
    tenant = site.market.get(Device, device).tenant
    with site.market.work() as work:
        handle_batch(work, [Message(topic(tenant, device, kind), payload, site.market.at)])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_is_for_those_who_have_devices(site: Site, language: str) -> None:
    """A rival would learn a carrier's terminals, or somebody look at an empty list and wonder."""
    enrolled(site)
    assert ("No device is like that" in site.visitor("carrier", language).get("/devices?q=nothing")) is (
        language == "en"
    )
    for name in ("carrier", "inspector", "operator"):
        assert "veh-1" in site.visitor(name, language).get("/devices")
        assert "veh-1" in site.visitor(name, language).get("/devices/veh-1")
    producer = site.visitor("producer", language)
    assert "veh-1" not in producer.get("/devices")
    producer.get("/devices/veh-1", status=404)
    site.visitor(site.market.drivers[0]).get("/devices", status=403)
    assert "Register a device" not in site.visitor("inspector").get("/devices")


def test_a_device_that_falls_silent_is_told_apart(site: Site) -> None:
    """A dead terminal would look alive until its load is missed."""
    enrolled(site)
    visitor = site.visitor("carrier")
    assert "not heard of yet" in visitor.get("/devices?state=never")
    tell(site, "veh-1", encode_state(DeviceState(True, inc=1, boot=1, fw="agent 7", q=12, cap=1000)))
    text = visitor.get("/devices?state=online&q=veh")
    assert "agent 7" in text
    seen = re.search(r"seen=([0-9a-f]{16})", text)
    assert seen is not None
    visitor.get(f"/devices/table?state=online&q=veh&seen={seen[1]}", status=204)
    speed = site.app.state.door.settings.demo_speed
    site.market.at += timedelta(seconds=91 * speed)
    assert "veh-1" in visitor.get("/devices?state=silent")
    assert "No device is like that" in visitor.get("/devices?state=online")
    assert "silent for" in visitor.get("/devices/veh-1")
    tell(site, "veh-1", encode_state(DeviceState(False, inc=1, boot=1)))
    assert "offline" in visitor.get("/devices?state=offline")


def test_what_is_refused_comes_back_as_it_was_typed(site: Site) -> None:
    """Somebody would type a device's name again and again."""
    visitor = site.visitor("carrier")
    answer = visitor.post("/devices", id="bad name", kind="vehicle", vehicle_id="", site_id="")
    assert answer.status_code == 422
    assert 'value="bad name"' in answer.text
    answer = visitor.post("/devices", id="good", kind="vehicle", vehicle_id="", site_id="")
    assert "Choose the vehicle" in answer.text
    assert visitor.post("/devices", id="good", kind="", vehicle_id="", site_id="").status_code == 422


def test_a_message_is_sent_once_however_often_the_button_is_pressed(site: Site) -> None:
    """A driver would read the same message three times over."""
    enrolled(site)
    visitor, intent = site.visitor("carrier"), str(uuid4())
    for _ in range(2):
        path = visitor.sent_to("/devices/veh-1/commands", intent=intent, kind="text", text="请到 2 号门")
        assert path == "/devices/veh-1"
    (command,) = site.market.rows(select(DeviceCommand))
    assert command.args["text"] == "请到 2 号门"
    text = visitor.get("/devices/veh-1")
    assert "waits to be sent" in text
    seen = re.search(r"now\?seen=([0-9a-f]{16})", text)
    assert seen is not None
    visitor.get(f"/devices/veh-1/now?seen={seen[1]}", status=204)
    visitor.get("/devices/veh-1/now?seen=old")


def test_cutting_the_fuel_asks_for_the_password(site: Site) -> None:
    """Whoever sits down at an unlocked screen could stop a lorry."""
    enrolled(site)
    visitor = site.visitor("carrier")
    fields = {"kind": "fuel", "on": "1"}
    refused = visitor.post("/devices/veh-1/commands", intent=str(uuid4()), **fields)
    assert refused.status_code == 403
    assert "enter your password again" in refused.text
    wrong = visitor.post("/devices/veh-1/commands", intent=str(uuid4()), password="guess", **fields)
    assert "Login or password is wrong" in wrong.text
    visitor.sent_to("/devices/veh-1/commands", intent=str(uuid4()), password=PASSWORD, **fields)
    (command,) = site.market.rows(select(DeviceCommand))
    assert (command.kind, command.args) == ("fuel", {"cut": True})


def test_a_scale_is_configured_and_told_its_faults(site: Site) -> None:
    """A wrong threshold would be set without anybody noticing."""
    visitor = site.visitor("producer")
    wrong = visitor.post(f"/devices/{SCALE}/config", settings='{"threshold_kg": -5}')
    assert wrong.status_code == 422
    assert "threshold_kg" in wrong.text
    assert visitor.post(f"/devices/{SCALE}/config", settings="[1]").status_code == 422
    visitor.sent_to(f"/devices/{SCALE}/config", settings='{"threshold_kg": 500}')
    assert "Version 1 is on its way" in visitor.get(f"/devices/{SCALE}")
    tell(site, SCALE, encode_state(DeviceState(True, inc=1, boot=1, cfg=1)))
    assert "on its way" not in visitor.get(f"/devices/{SCALE}")


def test_password_code_and_revocation_are_on_the_page(site: Site) -> None:
    """An operator could not answer a stolen terminal in time."""
    enrolled(site)
    visitor = site.visitor("carrier")
    assert "hd_" in visitor.post("/devices/veh-1/password", overlap_hours="0").text
    assert "hd_" not in visitor.get("/devices/veh-1")
    assert visitor.post("/devices/veh-1/password", overlap_hours="x").status_code == 422
    assert "It is shown this once" in visitor.post("/devices/veh-1/code").text
    assert visitor.sent_to("/devices/veh-1/revoke") == "/devices/veh-1"
    assert "revoked" in visitor.get("/devices/veh-1")
    vehicle = str(site.market.vehicles[1])
    again = visitor.post("/devices/veh-1/reprovision", vehicle_id=vehicle, site_id="")
    assert "It is shown this once" in again.text
    assert visitor.post(f"/devices/{SCALE}/revoke").status_code == 404
    assert site.visitor("inspector").post("/devices/veh-1/revoke").status_code == 403


def test_what_a_device_counts_is_told_in_words(site: Site) -> None:
    """A Chinese operator would read the names that programmers gave the counters."""
    name = enrolled(site)
    with site.market.work() as work:
        counted = {"connections": 60, "tickets": 7, "refused_bad_auth": 2, "odd_counter": 1}
        work.session.get_one(Device, name).counted = counted
    page = site.visitor("carrier", "zh").get(f"/devices/{name}")
    for words in ("累计连接: 60", "磅单: 7", "拒绝（鉴权码错误）: 2", "odd counter: 1"):
        assert words in page


def test_somebody_who_listens_sees_what_came_in_and_what_was_refused(site: Site) -> None:
    """A fitter would not see why a terminal is not heard."""
    enrolled(site)
    visitor = site.visitor("carrier")
    tell(site, "veh-1", b"{broken", "pos")
    text = visitor.get("/devices/veh-1")
    assert "malformed JSON" in text
    assert "{broken" in text
    visitor.sent_to("/devices/veh-1/listen")
    tell(site, "veh-1", b'{"inc": 1, "r": [{"s": 1}]}', "pos")
    tell(site, "veh-1", encode_state(DeviceState(True, inc=1, boot=1)))
    text = visitor.get("/devices/veh-1")
    assert '"s": 1' in text
    assert "the next 98 messages" in text
    assert len(site.market.rows(select(DeviceMessage))) == 2


def test_the_last_raw_frames_of_a_terminal_stand_on_its_page(site: Site) -> None:
    """A fitter would have to travel to the gateway to see why a terminal's positions are refused."""
    enrolled(site)
    good = "7e000200000123456789017fff0a7e"
    frames = [{"t": 1, "hex": good}, {"t": 2, "hex": good.replace("0a7e", "0b7e")}]
    events = [EventReading(1, site.market.at, RAW_FRAMES, {"frames": frames})]
    tell(site, "veh-1", encode_events(1, events), "evt")
    text = site.visitor("carrier").get("/devices/veh-1")
    assert "0x0002" in text
    assert text.index(frames[1]["hex"]) < text.index(good)
    assert "Fetch its last raw frames" in text
    odd = [EventReading(2, site.market.at, RAW_FRAMES, {"frames": "x"})]
    tell(site, "veh-1", encode_events(1, odd), "evt")
    assert good not in site.visitor("carrier").get("/devices/veh-1")


def test_a_terminal_is_put_behind_a_gateway_on_its_page(site: Site) -> None:
    """A dispatcher would need a program on the server for every lorry."""
    visitor = site.visitor("carrier")
    visitor.post("/devices", id="gateway-1", kind="gateway", vehicle_id="", site_id="")
    vehicle = str(site.market.vehicles[0])
    text = visitor.post("/devices", id="veh-1", kind="vehicle", vehicle_id=vehicle, site_id="").text
    assert "No gateway of this carrier has enrolled yet" in text
    with site.market.work("carrier") as work:
        code = enrolment.issue_code(work, work.session.get_one(Device, "gateway-1"), site.wall_at).code
        enrolment.enrol(work, code, "ab" * 32, site.wall_at)
    line = {"gateway_id": "gateway-1", "zone": "+08:00", "datum": "gcj02"}
    assert visitor.post("/devices/veh-1/gateway", phone="x", **line).status_code == 422
    assert visitor.sent_to("/devices/veh-1/gateway", phone="013912345678", **line) == "/devices/veh-1"
    assert "Version 1 is on its way" in visitor.get("/devices/gateway-1")
    assert site.market.get(Device, "veh-1").status == "active"


def test_an_instrument_and_its_verification_are_entered_on_the_page(site: Site) -> None:
    """An inspector would need a program to say what a scale's plate says."""
    inspector = site.visitor("inspector")
    assert "Not on record" in inspector.get(f"/devices/{SCALE}")
    plate = {"serial": "A-1", "indicator": "XK3190"}
    wrong = inspector.post(f"/devices/{SCALE}/instrument", division_kg="20", max_kg="900000", **plate)
    assert wrong.status_code == 422
    assert "500 to 10,000 divisions" in wrong.text
    inspector.sent_to(f"/devices/{SCALE}/instrument", division_kg="20", max_kg="80000", **plate)
    day = {"verified_on": "2026-03-01", "valid_to": "2027-02-28"}
    assert inspector.post(f"/devices/{SCALE}/certificates", number="", **day).status_code == 422
    inspector.sent_to(f"/devices/{SCALE}/certificates", number="J-1", issued_by="武汉市计量院", **day)
    text = inspector.get(f"/devices/{SCALE}")
    assert all(one in text for one in ("XK3190", "J-1", "武汉市计量院"))
    owner = site.visitor("producer")
    assert "J-1" in owner.get(f"/devices/{SCALE}")
    assert owner.post(f"/devices/{SCALE}/certificates", number="J-2", **day).status_code == 403
