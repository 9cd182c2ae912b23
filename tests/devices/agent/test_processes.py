"""Do the agents run as processes of their own, on a machine that has nothing of the server?"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from devices.codecs import jt808
from devices.codecs.commands_json import (
    Command,
    CommandState,
    ResultCode,
    decode_result,
    encode_command,
    sign_command,
)
from devices.codecs.config_json import Configuration, encode_config
from devices.codecs.enrolment_json import EnrolmentAnswer
from devices.codecs.jt808 import GeneralReply, Message
from devices.codecs.scales import yaohua
from devices.codecs.state_json import DeviceState, decode_state
from devices.codecs.ticket_json import particulars
from devices.codecs.weighing_json import decode_weighing, public_key_of, verify_weighing
from tests.devices.agent.bench import enrolling, huanlian, running
from tests.devices.gateway.bench import PHONE, Line, position
from tests.devices.transports.broker import BrokerThread, Server, until

KEY = "33" * 32
TERMINAL = {"phone": "13800000001", "device": "truck-1", "tenant": "t1", "inc": 7}


def free_port() -> int:
    """Find a free port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    """Run a broker and a server that acknowledges."""
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    port = free_port()
    broker = BrokerThread(port)
    heard = Server(port)
    heard.acknowledges = True
    until(heard.client.is_connected)
    yield heard, port
    heard.stop()
    broker.stop()


def enrolled(folder: Path, device: str, kind: str, broker: int) -> None:
    """Enrol an agent by its command."""
    answer = EnrolmentAnswer(
        device, "t1", kind, 1, f"mqtt://127.0.0.1:{broker}", "secret", 5, [public_key_of(KEY)]
    )
    with enrolling(answer) as url:
        refused = huanlian("devices", "enrol", "OTHER-CODE", "--server", url, "--folder", folder)
        assert (refused.returncode, "No such code, or it is over." in refused.stderr) == (1, True)
        done = huanlian("devices", "enrol", "good-code", "--server", url, "--folder", folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{device} ({kind}) of t1")
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {
        "identity.json": "0o600",
        "key": "0o600",
        "server.json": "0o600",
    }


def order(kind: str, device: str = "truck-1", *, id: str = "c-1", **args: object) -> bytes:
    """Word a signed command."""
    now = datetime.now(UTC)
    return encode_command(
        sign_command(device, Command(id, kind, now, now + timedelta(minutes=5), dict(args)), KEY)
    )


def results(server: Server, device: str) -> list[tuple[str, CommandState, bool, ResultCode | None]]:
    """Return what was said of commands, each thing once."""
    said = [decode_result(payload) for topic, payload in server.heard if topic == f"v1/t1/{device}/res"]
    return list(dict.fromkeys((one.id, one.state, one.final, one.code) for one in said))


def states(server: Server, device: str) -> list[DeviceState]:
    """Return what a device has said of itself."""
    return [decode_state(payload) for topic, payload in server.heard if topic == f"v1/t1/{device}/state"]


async def said_until_heard(heard: Server, line: Line, command: bytes) -> Message | None:
    """Say a command as the server does: again and again, since the gateway may not listen yet."""
    hearing = asyncio.create_task(line.message())
    while not hearing.done():
        heard.client.publish("v1/t1/truck-1/cmd", command, qos=1)
        await asyncio.wait({hearing}, timeout=0.5)
    return hearing.result()


async def drive(heard: Server, port: int) -> None:
    """Be a terminal: sign in, send a fix, and take a text from the server."""
    line = Line(*await asyncio.open_connection("127.0.0.1", port), PHONE)
    await line.sign_in()
    assert await line.result(jt808.POSITION, position()) == 0
    told = await said_until_heard(heard, line, order("text", text="前方限行"))
    assert told is not None
    assert told.msg_id == 0x8300
    await line.send(line.frame(jt808.TERMINAL_REPLY, GeneralReply(told.serial, told.msg_id, 0)))
    wanted = ("c-1", CommandState.RECEIVED, True, None)
    await asyncio.to_thread(until, lambda: wanted in results(heard, "truck-1"))
    line.writer.close()


def test_a_gateway_is_enrolled_configured_commanded_and_ended(
    tmp_path: Path, server: tuple[Server, int]
) -> None:
    """An operator at the gate could not get one terminal onto the map with what was installed."""
    heard, broker = server
    enrolled(tmp_path / "own", "gateway-1", "gateway", broker)
    port, file = free_port(), tmp_path / "gateway.toml"
    file.write_text(f'folder = "own"\n[listen]\nhost = "127.0.0.1"\nport = {port}\n', "utf-8")
    wanted = Configuration(4, datetime.now(UTC), {"terminals": [TERMINAL], "idle_s": 90})
    heard.client.publish("v1/t1/gateway-1/cfg", encode_config(wanted), qos=1, retain=True)

    log = tmp_path / "log"
    with running(log, "devices", "gateway", file) as process:
        until(lambda: any(one.cfg == 4 for one in states(heard, "gateway-1")))
        asyncio.run(drive(heard, port))
        until(lambda: bool(heard.seen))
        told = huanlian("devices", "status", file, "--json")
        assert json.loads(told.stdout)["configuration"] == 4
        again = huanlian("devices", "gateway", file)
        assert (again.returncode, "another agent is running here" in again.stderr) == (1, True)
        until(lambda: '"line_up"' in log.read_text("utf-8"))
    assert process.returncode == 0
    until(lambda: not states(heard, "gateway-1")[-1].on)
    last = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert {"started", "line_up", "configuration", "ended"} <= {one["event"] for one in last}
    assert huanlian("devices", "status", file).returncode == 1


class Indicator:
    """An indicator behind a serial server, with a barrier at its side."""

    def __init__(self) -> None:
        self.weight, self.moved = 0, b""
        self._stop = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._main()))
        self.port, self.barrier = free_port(), free_port()
        self._thread.start()

    async def _main(self) -> None:
        weigh = await asyncio.start_server(self._show, "127.0.0.1", self.port)
        gate = await asyncio.start_server(self._move, "127.0.0.1", self.barrier)
        while not self._stop.is_set():
            await asyncio.sleep(0.02)
        weigh.close()
        gate.close()

    async def _show(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not self._stop.is_set() and not writer.is_closing():
            writer.write(yaohua.encode_continuous(self.weight))
            await asyncio.sleep(0.02)
        writer.close()

    async def _move(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.moved += await reader.read(16)
        writer.write(b"\x4f")
        await writer.drain()
        writer.close()

    def stop(self) -> None:
        """Switch it off."""
        self._stop.set()
        self._thread.join()


def scale_file(folder: Path, indicator: Indicator) -> Path:
    """Write what an operator and the commissioning would."""
    (folder / "line.toml").write_text(
        'protocol = "yaohua_xk3190_continuous"\ncheck = "xor"\nstability = "derived"\ndivision_kg = 20\n'
        f'unit = "kg"\nurl = "socket://127.0.0.1:{indicator.port}"\n',
        "utf-8",
    )
    file = folder / "scale.toml"
    file.write_text(
        'folder = "own"\nscale = "line.toml"\n[[barriers]]\nname = "in"\nopen = "01"\nclose = "02"\n'
        f'answer = "4f"\nurl = "socket://127.0.0.1:{indicator.barrier}"\n'
        '[[cameras]]\nview = "front"\nfolder = "ftp"\nnew_for_s = 3600\n',
        "utf-8",
    )
    return file


def test_a_scale_is_enrolled_weighs_and_opens_its_barrier(tmp_path: Path, server: tuple[Server, int]) -> None:
    """A load could not be weighed with what was installed at the gate, or the gate not be opened."""
    heard, broker = server
    enrolled(tmp_path / "own", "scale-1", "scale", broker)
    indicator = Indicator()
    file = scale_file(tmp_path, indicator)
    picture = b"\xff\xd8\xff\xe0" + b"a truck".ljust(100) + b"\xff\xd9"
    wanted = Configuration(2, datetime.now(UTC), {"still_frames": 3, "still_s": 0.2})
    heard.client.publish("v1/t1/scale-1/cfg", encode_config(wanted), qos=1, retain=True)

    def tickets() -> list[bytes]:
        return [payload for topic, payload in heard.heard if topic == "v1/t1/scale-1/wgt"]

    def done(id: str) -> bool:
        return (id, CommandState.DONE, True, None) in results(heard, "scale-1")

    try:
        with running(tmp_path / "log", "devices", "scale", file) as process:
            until(lambda: any(one.cfg == 2 for one in states(heard, "scale-1")))
            heard.client.publish("v1/t1/scale-1/cmd", order("weigh", "scale-1", plate="鄂A12345"), qos=1)
            until(lambda: done("c-1"))
            gate = order("barrier", "scale-1", id="c-2", name="in", open=True)
            heard.client.publish("v1/t1/scale-1/cmd", gate, qos=1)
            heard.client.publish("v1/t1/scale-1/cmd", gate, qos=1)
            until(lambda: done("c-2"))
            (tmp_path / "ftp").mkdir()
            (tmp_path / "ftp" / "front.jpg").write_bytes(picture)
            indicator.weight = 45_020
            until(lambda: bool(tickets()))
            void = huanlian("devices", "void", file, "1", "--reason", "重复过磅", "--by", "张三")
            until(lambda: len(set(tickets())) > 1)
    finally:
        indicator.stop()
    assert (void.returncode, b'"void"' in tickets()[-1]) == (0, True), void.stderr
    device, inc, ticket = decode_weighing(tickets()[0])
    key = public_key_of((tmp_path / "own" / "key").read_text("ascii").strip())
    assert (ticket.plate, ticket.weight_kg, ticket.shadow) == ("鄂A12345", 45_020, False)
    assert verify_weighing(device, inc, ticket, key)
    kept = tmp_path / "own" / "photos" / hashlib.sha256(picture).hexdigest()
    assert (particulars(ticket.extra).photos, kept.read_bytes()) == ({"front": kept.name}, picture)
    assert (process.returncode, indicator.moved) == (0, b"\x01")
