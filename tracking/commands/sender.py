"""How do commands and configurations reach the broker, each as often as needed and none twice at once?

A command is leased in one transaction, published, and noted as sent in another once the broker has it. A
process that dies in between leaves a command that is said again: a device answers a repeat with the result
it has kept (telemetry.md 1.9). Configurations are retained by the broker, the newest version only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from uuid import UUID, uuid4

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from compliance.record.clock import Now
from compliance.record.database import reading, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.codecs.commands_json import Command, encode_command, sign_command
from devices.codecs.config_json import Configuration, encode_config
from devices.codecs.topics import TopicKind, topic
from tracking.commands import queries, service
from tracking.commands.tables import DeviceConfig
from tracking.intake.consumer import BrokerPlace

LOOK_S = 0.5
CONNECT_WITHIN_S = 5.0
TAKEN_WITHIN_S = 10.0
KEEPALIVE_S = 30
VERSIONS = (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311)
"""MQTT 5 lets the broker drop what has expired; a broker that does not know it is asked in 3.1.1."""

log = structlog.get_logger(__name__)


class Sender:
    """Say what is due, until told to stop; any number of processes may do so on one database."""

    def __init__(self, engine: Engine, place: BrokerPlace, now: Now, private_key: Callable[[], str]) -> None:
        self._engine = engine
        self._place = place
        self._now = now
        self._private_key = private_key
        self._version = 0
        self.connected = Event()
        self._answered = Event()

    def run(self, stop: Event) -> None:
        """Hold a line to the broker and say what is due."""
        while not stop.is_set():
            client = self._client()
            self._answered.clear()
            try:
                client.connect(self._place.host, self._place.port, KEEPALIVE_S)
                client.loop_start()
                self._answered.wait(CONNECT_WITHIN_S)
                if self.connected.is_set():
                    self._serve(client, stop)
                else:
                    self._version += 1
            except OSError as failure:
                log.warning("commands.broker_away", reason=str(failure))
            finally:
                client.disconnect()
                client.loop_stop()
                self.connected.clear()
            stop.wait(LOOK_S)

    def _client(self) -> paho.Client:
        version = VERSIONS[self._version % len(VERSIONS)]
        name = f"huanlian-commands-{uuid4().hex[:8]}"
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=name, protocol=version, reconnect_on_failure=False
        )
        if self._place.user:
            client.username_pw_set(self._place.user, self._place.password)
        if self._place.tls:
            client.tls_set()
        client.on_connect = lambda *told: self._note(up=not told[3].is_failure)
        client.on_disconnect = lambda *_: self._note(up=False)
        return client

    def _note(self, *, up: bool) -> None:
        (self.connected.set if up else self.connected.clear)()
        self._answered.set()

    def _serve(self, client: paho.Client, stop: Event) -> None:
        again = True
        while self.connected.is_set() and not stop.is_set():
            try:
                self.say_commands(client)
                self.say_configs(client, again=again)
                again = False
            except SQLAlchemyError as failure:
                log.warning("commands.database_away", reason=str(failure))
            stop.wait(LOOK_S)

    def say_commands(self, client: paho.Client) -> int:
        """Say the commands that are due, and end those whose time is over; return how many were said."""
        with transaction(self._engine) as session:
            work = Work(session, self._now(), SYSTEM)
            service.expire(work)
            leased = [
                (device.tenant, device.id, service.said_now(row, work.now))
                for row, device in queries.due(session, work.now)
            ]
        said = [(device, one, self._publish(client, tenant, device, one)) for tenant, device, one in leased]
        for device, command, info in said:
            if _taken(info):
                with transaction(self._engine) as session:
                    service.note_sent(Work(session, self._now(), SYSTEM), UUID(command.id), device)
        return len(said)

    def _publish(
        self, client: paho.Client, tenant: str, device: str, command: Command
    ) -> paho.MQTTMessageInfo:
        if command.needs_signature:
            command = sign_command(device, command, self._private_key())
        expiry = None
        if client.protocol == MQTTProtocolVersion.MQTTv5:
            expiry = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            left = (command.expires_at - self._now()).total_seconds()
            expiry.MessageExpiryInterval = max(1, int(left))
        name = topic(tenant, device, TopicKind.COMMANDS)
        return client.publish(name, encode_command(command), qos=1, properties=expiry)

    def say_configs(self, client: paho.Client, *, again: bool) -> int:
        """Publish new configurations; `again`, after a connection, also those that a broker may have lost."""
        with reading(self._engine) as session:
            waiting: Sequence[tuple[str, str, Configuration]] = [
                (device.tenant, device.id, Configuration(row.version, row.set_at, row.settings))
                for row, device in queries.unpublished(session, again=again)
            ]
        for tenant, device, config in waiting:
            name = topic(tenant, device, TopicKind.CONFIG)
            if _taken(client.publish(name, encode_config(config), qos=1, retain=True)):
                with transaction(self._engine) as session:
                    session.get_one(DeviceConfig, (device, config.version)).published_at = self._now()
        return len(waiting)


def _taken(info: paho.MQTTMessageInfo) -> bool:
    """Tell whether the broker has taken a message."""
    try:
        info.wait_for_publish(TAKEN_WITHIN_S)
        return info.is_published()
    except (RuntimeError, ValueError):  # the connection is gone, or the queue is full
        return False
