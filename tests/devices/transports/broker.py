"""With which broker and server do tests of an agent's line speak?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from threading import Event, Thread

import paho.mqtt.client as paho
from amqtt.broker import Broker
from paho.mqtt.enums import CallbackAPIVersion

from devices.codecs.telemetry_json import (
    Ack,
    decode_positions,
    decode_state,
    encode_ack,
    encode_positions,
    parse_topic,
)
from devices.readings import Stream


class BrokerThread:
    """An embedded broker in a thread of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ready, self._stop = Event(), Event()
        self._thread = Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        assert self._ready.wait(20)

    async def _main(self) -> None:
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self._port}"}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        await broker.start()
        self._ready.set()
        while not self._stop.is_set():
            await asyncio.sleep(0.02)
        await broker.shutdown()

    def stop(self) -> None:
        """Shut the broker down."""
        self._stop.set()
        self._thread.join(20)


class Server:
    """A server that hears everything and acknowledges when told to."""

    def __init__(self, port: int) -> None:
        self.acknowledges = False
        self.seen: dict[int, bytes] = {}
        self.copies = 0
        self.states: list[tuple[str, bool, int]] = []
        self.heard: list[tuple[str, bytes]] = []
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id="server")
        self.client.on_connect = self._connected
        self.client.on_message = self._heard
        self.client.reconnect_delay_set(1, 1)
        self.client.connect_async("127.0.0.1", port)
        self.client.loop_start()

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe("v1/#", qos=1)

    def _heard(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))
        heard = parse_topic(message.topic)
        if heard.kind == "state":
            state = decode_state(bytes(message.payload))
            self.states.append((heard.device, state.on, state.boot))
        if heard.kind != "pos":
            return
        inc, readings = decode_positions(bytes(message.payload))
        for reading in readings:
            self.copies += reading.seq in self.seen
            self.seen[reading.seq] = encode_positions(inc, [reading])
        if self.acknowledges:
            mark = max(self.seen) if len(self.seen) == max(self.seen) else 0
            ack = encode_ack(Ack(inc, {Stream.POSITIONS: (mark, ())}))
            client.publish(f"v1/{heard.tenant}/{heard.device}/ack", ack, qos=1)

    def stop(self) -> None:
        """Hang up."""
        self.client.disconnect()
        self.client.loop_stop()
        del self.client  # paho closes its pair of sockets when it goes, unless a circle holds it


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)
