"""How does an agent hold one line to the MQTT broker, and send its outbox along it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.codecs.telemetry_json import TopicKind, topic
from devices.outbox import Outbox
from devices.transports.presence import Counters, Describe, Presence
from devices.transports.pump import Message, Pump, Timing

_SUBSCRIBED_AT_ONCE = 100
_MOST_UNTOLD = 2_000
_GATHER_S = 0.05
"""After something was sent, what comes next is gathered for so long: thousands of devices share a round."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears what the server says: commands, the owner's configuration, and that the line is there.

    Called in the network's thread, one after the other.
    """

    command: Callable[[str, bytes], None] = lambda _topic, _payload: None
    config: Callable[[bytes], bool] = lambda _payload: False
    online: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class BrokerLine:
    """Where the broker is and who calls: the user name and the client id are the device id.

    `tls`, or a `ca_file` where the broker's authority is no public one, turns TLS on. `version` is MQTT
    3.1.1 by default, which every broker in use understands.
    """

    host: str
    port: int
    device: str
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    tls: bool = False
    version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311
    keepalive_s: int = 30
    reconnect_min_s: int = 1
    reconnect_max_s: int = 30


class MqttPublisher:
    """Send an outbox to the broker at QoS 1 and apply the server's acknowledgements.

    The broker's own acknowledgement frees nothing: a record leaves the outbox only when the server says
    that it has committed it. `poll_s` and `state_every_s` are real seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        line: BrokerLine,
        *,
        timing: Timing | None = None,
        counters: Counters | None = None,
        describe: Describe | None = None,
        poll_s: float = 0.2,
        state_every_s: float = 30.0,
    ) -> None:
        self._outbox = outbox
        self._line = line
        self._poll_s = poll_s
        self._state_every_s = state_every_s
        self._presence = Presence(outbox, line.device, counters=counters, describe=describe)
        self._ears = Ears()
        self._untold: dict[int, Callable[[], None]] = {}
        self._subscribed: set[str] = set()
        self._denied = False
        self._enrolled = -1
        self._wake = Event()
        self._stop = Event()
        self._online = Event()
        self._thread: Thread | None = None
        self.pump = Pump(outbox, timing)
        self.connections = 0
        self.refusal = ""
        """Why the broker did not let us in: revoked, or another password; empty when it did."""
        self._client = self._make_client()

    def listen(self, ears: Ears) -> None:
        """Name who hears what the server says; before the start."""
        self._ears = ears

    def start(self) -> None:
        """Connect, keep connecting, and send from now on."""
        self._client.connect_async(self._line.host, self._line.port, keepalive=self._line.keepalive_s)
        self._client.loop_start()
        self._thread = Thread(target=self._run, name=f"mqtt-{self._line.device}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Say good-bye and end both threads."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        if self._online.is_set():
            last = [self._publish(message) for message in self._presence.goodbye()][-1]
            last.wait_for_publish(timeout=2.0)
        self._client.disconnect()
        self._client.loop_stop()

    def wake(self) -> None:
        """Look at the outbox now instead of at the next poll."""
        self._wake.set()

    def say_state(self, device: str, *, on: bool, software: str = "") -> None:
        """Publish whether a device that this line speaks for is there."""
        message = self._presence.said(device, on=on, software=software)
        if self._online.is_set():
            self._publish(message)

    def say(self, device: str, kind: TopicKind, payload: bytes, told: Callable[[], None]) -> None:
        """Publish a message that is not kept in the outbox; without a line it is not said."""
        if not self._online.is_set():
            return
        sent = self._publish(Message(topic(self._outbox.enrolment(device).tenant, device, kind), payload))
        if len(self._untold) < _MOST_UNTOLD:
            self._untold[sent.mid] = told

    def say_own_state(self) -> None:
        """Publish the owner's state now, because something in it has changed."""
        if self._online.is_set():
            self._publish(self._presence.owner_now())

    @property
    def online(self) -> bool:
        """Whether the broker has accepted the line."""
        return self._online.is_set()

    def wait_online(self, timeout_s: float) -> bool:
        """Wait until the broker has accepted the line; False when it has not in time."""
        return self._online.wait(timeout_s)

    def _make_client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=self._line.device, protocol=self._line.version
        )
        client.username_pw_set(self._line.device, self._line.password)
        if self._line.tls or self._line.ca_file is not None:
            client.tls_set(ca_certs=self._line.ca_file)
        will = self._presence.will()
        client.will_set(will.topic, will.payload, qos=1, retain=True)
        client.reconnect_delay_set(self._line.reconnect_min_s, self._line.reconnect_max_s)
        client.max_inflight_messages_set(0)  # the window is the pump's; paho would look all through its own
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        return client

    def _on_connect(
        self, _client: paho.Client, _data: object, _flags: object, code: ReasonCode, _props: Properties | None
    ) -> None:
        self.refusal = str(code) if code.is_failure else ""
        if code.is_failure:
            return
        self.connections += 1
        self._subscribed = set()  # a new set: the sender's thread may still add to the old one
        self.pump.connected()
        self._online.set()
        for message in self._presence.all():
            self._publish(message)
        self._ears.online()
        self._wake.set()

    def _on_disconnect(
        self,
        _client: paho.Client,
        _data: object,
        _flags: object,
        _code: ReasonCode,
        _props: Properties | None,
    ) -> None:
        self._online.clear()

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        kind, payload = message.topic.rpartition("/")[2], bytes(message.payload)
        if kind == TopicKind.COMMANDS:
            self._ears.command(message.topic, payload)
        elif kind == TopicKind.CONFIG:
            if self._ears.config(payload):
                self.say_own_state()
        else:
            self.pump.hear(message.topic, payload)
            self._wake.set()

    def _on_publish(
        self, _client: paho.Client, _data: object, mid: int, _code: ReasonCode, _props: Properties
    ) -> None:
        told = self._untold.pop(mid, None)
        if told is not None:
            told()

    def _on_subscribe(
        self,
        _client: paho.Client,
        _data: object,
        _mid: int,
        codes: list[ReasonCode],
        _props: Properties | None,
    ) -> None:
        self._denied |= any(code.is_failure for code in codes)

    def _run(self) -> None:
        polls_per_state = max(1, round(self._state_every_s / self._poll_s))
        polls = 0
        while not self._stop.is_set():
            if not self._wake.wait(self._poll_s):
                polls += 1
            self._wake.clear()
            if not self._online.is_set():
                continue
            if self._enrolled != (enrolled := self._outbox.enrolled) or not self._subscribed:
                self._enrolled = enrolled
                self._subscribe()
            due = self.pump.due()
            for message in due:
                self._publish(message)
            if polls >= polls_per_state:
                polls = 0
                self._publish(self._presence.owner_now())
                self._ask_again()
            if due:
                self._stop.wait(_GATHER_S)

    def _subscribe(self) -> None:
        subscribed = self._subscribed
        names = [
            topic(one.tenant, one.device, kind)
            for one in self._outbox.enrolments()
            for kind in self._heard_of(one.device)
        ]
        fresh = [name for name in names if name not in subscribed]
        for start in range(0, len(fresh), _SUBSCRIBED_AT_ONCE):
            some = fresh[start : start + _SUBSCRIBED_AT_ONCE]
            self._client.subscribe([(name, 1) for name in some])
            subscribed.update(some)

    def _heard_of(self, device: str) -> tuple[TopicKind, ...]:
        """Tell what is subscribed to for a device: the owner of the line is configured too."""
        own = (TopicKind.CONFIG,) if device == self._line.device else ()
        return (TopicKind.ACK, TopicKind.COMMANDS, *own)

    def _ask_again(self) -> None:
        """Subscribe again after a denial: a device may be permitted later than it is enrolled."""
        if self._denied:
            self._denied = False
            self._subscribed = set()

    def _publish(self, message: Message) -> paho.MQTTMessageInfo:
        return self._client.publish(message.topic, message.payload, qos=1, retain=message.retain)
