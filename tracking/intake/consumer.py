"""How do the devices' messages come from the broker into the database without one being lost?

The broker is a pipe (telemetry.md 1). A batch is one transaction; only after its commit are its messages
confirmed to the broker, in the order of their arrival, and only then are the devices told what is stored.
A kill at any moment leaves either nothing of a batch, or all of it and a redelivery that changes nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Lock
from typing import Protocol

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from compliance.record.clock import Now
from compliance.record.database import transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.codecs.telemetry_json import encode_ack
from tracking.intake.docket import Docket
from tracking.intake.rules import Reason
from tracking.pipeline import BatchResult, Message, handle_batch

TOPICS = tuple(f"v1/+/+/{kind}" for kind in ("pos", "evt", "wgt", "state"))
BATCH = 1000
GATHER_S = 0.05
QUIET_S = 0.005
FULL_S = 0.02
WINDOW = 5000
FIRST_DELAY_S = 0.5
MAX_DELAY_S = 30.0
KEEPALIVE_S = 30

log = structlog.get_logger(__name__)


class BrokerPlace(Protocol):
    """Where the broker is, and as whom to speak to it; `tls` trusts the system's certificates."""

    @property
    def host(self) -> str:
        """Name or address of the broker."""

    @property
    def port(self) -> int:
        """TCP port of the broker."""

    @property
    def user(self) -> str:
        """User who may read what devices publish and write their acknowledgements."""

    @property
    def password(self) -> str:
        """Password of that user."""

    @property
    def tls(self) -> bool:
        """Whether the line is encrypted."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way in: by which connection it came and by which id it is confirmed."""

    epoch: int
    packet: int
    qos: int
    message: Message


class Ingest:
    """Take what devices publish into the database, until told to stop.

    `now` is the instance's clock for "received at"; waiting goes by the machine's own. `client_id` names
    the durable session at the broker and stays the same. `counts` is what this run has seen.
    """

    def __init__(
        self, engine: Engine, place: BrokerPlace, now: Now, *, client_id: str = "huanlian-ingest"
    ) -> None:
        self._engine = engine
        self._place = place
        self._now = now
        self._inbox: SimpleQueue[Delivery] = SimpleQueue()
        self._epoch = 0
        self._epoch_lock = Lock()
        self._stop = Event()
        self.connected = Event()
        self.counts: Counter[str] = Counter()
        self._client = self._make_client(client_id)

    def run(self, stop: Event) -> None:
        """Connect, take in batches, and say good-bye once `stop` is set."""
        self._stop = stop
        self._client.connect_async(self._place.host, self._place.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        try:
            while not stop.is_set():
                batch = self._gather()
                if batch:
                    self._take_in(batch)
        finally:
            self._client.disconnect()
            self._client.loop_stop()

    def _make_client(self, client_id: str) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if self._place.user:
            client.username_pw_set(self._place.user, self._place.password)
        if self._place.tls:
            client.tls_set()
        client.reconnect_delay_set(1, round(MAX_DELAY_S))
        client.max_inflight_messages_set(BATCH)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, code: ReasonCode, _props: Properties | None
    ) -> None:
        if code.is_failure:
            log.warning("ingest.refused_by_broker", reason=str(code))
            return
        client.subscribe([(name, 1) for name in TOPICS])

    def _on_subscribe(
        self, _client: paho.Client, _data: object, _mid: int, codes: list[ReasonCode], _props: object
    ) -> None:
        """Be ready once the broker has granted the topics; one that it refuses is the operator's to mend."""
        refused = [name for name, code in zip(TOPICS, codes, strict=False) if code.is_failure]
        if refused:
            log.error("ingest.topics_refused", topics=refused)
        self.connected.set()

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, code: ReasonCode, _props: Properties | None
    ) -> None:
        """End an epoch: packet ids are given out anew, so nothing of the old connection is confirmed now.

        paho calls this before it empties its send queue and connects again; an old confirmation that is
        still in that queue goes with it.
        """
        with self._epoch_lock:
            self._epoch += 1
        self.connected.clear()
        if not self._stop.is_set():
            log.warning("ingest.disconnected", reason=str(code))

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        """Put a message into the window; a full window holds the connection, and so the broker, back."""
        try:
            name = message.topic
        except UnicodeDecodeError:
            name = ""
        told = Message(name, bytes(message.payload), self._now(), message.retain)
        while self._inbox.qsize() >= WINDOW and not self._stop.is_set():
            time.sleep(FULL_S)
        self._inbox.put(Delivery(self._epoch, message.mid, message.qos, told))

    def _gather(self) -> list[Delivery]:
        """Return what has come in: at most 1000 messages or 50 ms, less as soon as the line is quiet."""
        try:
            batch = [self._inbox.get(timeout=0.2)]
        except Empty:
            return []
        deadline = time.monotonic() + GATHER_S
        while len(batch) < BATCH and (left := deadline - time.monotonic()) > 0:
            try:
                batch.append(self._inbox.get(timeout=min(left, QUIET_S)))
            except Empty:
                break
        return [delivery for delivery in batch if delivery.epoch == self._epoch]

    def _take_in(self, batch: Sequence[Delivery]) -> None:
        """Commit a batch, however long the database is away; without a commit nothing is confirmed."""
        delay = FIRST_DELAY_S
        while not self._stop.is_set():
            try:
                result = self._commit([delivery.message for delivery in batch])
            except _PASSING as failure:
                log.warning("ingest.database_away", reason=str(failure), retry_in_s=delay)
                self.counts["retries"] += 1
                self._stop.wait(delay)
                delay = min(MAX_DELAY_S, delay * 2)
                continue
            self._confirm(batch)
            if batch[-1].epoch == self._epoch:
                self._tell(result)
            self.counts.update(result.counts)
            return

    def _commit(self, messages: Sequence[Message]) -> BatchResult:
        try:
            return self._transact(lambda work: handle_batch(work, messages))
        except _PASSING:
            raise
        except Exception as failure:
            # One message that cannot be digested must not stop the others.
            if _is_passing(failure):
                raise OperationalError("the connection was lost", None, failure) from failure
            if len(messages) > 1:
                return _together([self._commit([message]) for message in messages])
            log.exception("ingest.undigested", topic=messages[0].topic)
            reason = repr(failure)
        return self._transact(lambda work: _bury(work, messages[0], reason))

    def _transact(self, handle: Callable[[Work], BatchResult]) -> BatchResult:
        with transaction(self._engine) as session:
            return handle(Work(session, self._now(), SYSTEM))

    def _confirm(self, batch: Sequence[Delivery]) -> None:
        """Confirm to the broker in the order of arrival, and nothing of an earlier connection."""
        for delivery in batch:
            with self._epoch_lock:
                if delivery.epoch == self._epoch:
                    self._client.ack(delivery.packet, delivery.qos)

    def _tell(self, result: BatchResult) -> None:
        """Tell the devices what is stored; one that does not hear it sends again and hears it then.

        What a durable session kept comes in before the topics are granted anew, so nothing waits for that.
        """
        for name, ack in result.acks:
            self._client.publish(name, encode_ack(ack), qos=1)


_PASSING = (OperationalError, InterfaceError, PoolTimeout, StaleDataError)
"""What goes away by waiting: the database is down, busy, or a deadlock was broken."""


def _is_passing(failure: Exception) -> bool:
    return isinstance(failure, DBAPIError) and failure.connection_invalidated


def _bury(work: Work, message: Message, reason: str) -> BatchResult:
    """Keep a message that cannot be digested as a dead letter, with the reason for the operator."""
    docket = Docket(work.now)
    docket.refuse(Reason.INTERNAL.value, message.topic, message.payload, detail=reason)
    docket.write(work.session)
    return BatchResult((), docket.counts)


def _together(results: Sequence[BatchResult]) -> BatchResult:
    """Return several results as one; the last word on a stream is the fullest."""
    acks = {(name, ack.inc, *ack.streams): (name, ack) for result in results for name, ack in result.acks}
    counts: Counter[str] = Counter()
    for result in results:
        counts.update(result.counts)
    return BatchResult(tuple(acks.values()), counts)
