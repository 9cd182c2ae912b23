"""How do the devices' messages come from the broker into the database without one being lost?

The broker is a pipe (telemetry.md 1). A batch is one transaction; only after its commit are its messages
confirmed to the broker, in the order of their arrival, and only then are the devices told what is stored.
A kill at any moment leaves either nothing of a batch, or all of it and a redelivery that changes nothing.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from select import select
from socket import socket, socketpair
from threading import Event
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
from tracking.intake.line import ALL, CHUNK, PINGREQ, Batch, Line, LineClient
from tracking.intake.rules import MAX_PARTS, Part, Reason
from tracking.pipeline import BatchResult, Message, handle_batch

TOPICS = tuple(f"v1/+/+/{kind}" for kind in ("pos", "evt", "wgt", "res", "state"))
SESSION = "huanlian-ingest"
"""The name of the first part's session; the others count on."""
BATCH = 1000
GATHER_S = 0.05
QUIET_S = 0.005
LOOK_S = 0.2
WINDOW = 5000
FIRST_PAUSE_S = 1.0
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


class Ingest:
    """Take what devices publish into the database, until told to stop.

    One thread speaks with the broker and another with the database: the line is kept alive and read, up to
    the window, however long the database takes. `now` is the instance's clock for "received at"; waiting
    goes by the machine's own. `client_id` names the durable session at the broker and stays the same.
    Where several processes share the devices, each has a session of its own that gets everything, takes in
    its `part` and confirms the rest. `counts` is what this run has seen.
    """

    def __init__(
        self,
        engine: Engine,
        place: BrokerPlace,
        now: Now,
        *,
        client_id: str = SESSION,
        part: Part = ALL,
    ) -> None:
        self._engine = engine
        self._place = place
        self._now = now
        self._stop = Event()
        self._pause_s = 0.0
        self._first_at = self._last_at = self._ping_at = 0.0
        self._taken: tuple[Batch, Future[BatchResult | None]] | None = None
        self.connected = Event()
        self.counts: Counter[str] = Counter()
        self._part = part
        self._client = self._make_client(client_id if part.number == 0 else f"{client_id}-{part.number + 1}")

    def run(self, stop: Event) -> None:
        """Connect, take in batches, and say good-bye once `stop` is set."""
        self._stop = stop
        self._client.connect_async(self._place.host, self._place.port, keepalive=KEEPALIVE_S)
        waker, woken = socketpair()
        with _young_garbage_only(), waker, woken, ThreadPoolExecutor(1, "ingest-database") as keeper:
            try:
                while not stop.is_set():
                    line = self._client.line
                    if line is not None and line.is_open:
                        self._listen(line, woken)
                        self._hand_over(line, keeper, waker)
                    else:
                        self._connect()
                if self._taken is not None:
                    wait([self._taken[1]])
                    self._settle()
            finally:
                self._client.disconnect()

    def _make_client(self, client_id: str) -> LineClient:
        client = LineClient(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        client.part = self._part
        _introduce(client, self._place)
        client.max_inflight_messages_set(0)  # acknowledgements: paho would look through all at each answer
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
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
        self._pause_s = FIRST_PAUSE_S
        self.connected.set()

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, code: ReasonCode, _props: Properties | None
    ) -> None:
        self.connected.clear()
        if not self._stop.is_set():
            log.warning("ingest.disconnected", reason=str(code))

    def _connect(self) -> None:
        """Connect, after a pause that doubles until the topics have been granted."""
        if self._stop.wait(self._pause_s):
            return
        self._pause_s = min(MAX_DELAY_S, max(FIRST_PAUSE_S, self._pause_s * 2))
        try:
            self._client.reconnect()
        except OSError as failure:
            log.warning("ingest.broker_away", reason=str(failure), retry_in_s=self._pause_s)

    def _listen(self, line: Line, woken: socket) -> None:
        """Wait until something happens, and read and write what there is; a full window is not added to."""
        is_full = line.waiting >= WINDOW
        heard: list[socket | Line] = [woken] if is_full else [woken, line]
        readable, writable, _ = select(heard, [line] if line.wants_write else [], [], self._patience(line))
        if woken in readable:
            woken.recv(CHUNK)
        if line in readable:
            before = line.waiting
            line.read(self._now())
            self._last_at = time.monotonic()
            if not before:
                self._first_at = self._last_at
        if line in writable:
            line.say(b"")
        while line.has_news:
            self._client.loop_read()
        if self._client.want_write():
            self._client.loop_write()
        self._stay(line, is_full=is_full)

    def _stay(self, line: Line, *, is_full: bool) -> None:
        """Keep the connection alive, also while the broker's answers stand behind a full window."""
        if not is_full:
            self._client.loop_misc()
        elif time.monotonic() > self._ping_at + KEEPALIVE_S / 2:
            self._ping_at = time.monotonic()
            line.say(PINGREQ)

    def _patience(self, line: Line) -> float:
        """Return for how many seconds nothing need be done unless something happens."""
        if not line.waiting or self._taken is not None:
            return LOOK_S
        due = min(self._first_at + GATHER_S, self._last_at + QUIET_S)
        return max(0.0, due - time.monotonic())

    def _hand_over(self, line: Line, keeper: Executor, waker: socket) -> None:
        """Finish the batch that the database is through with, and give it the next.

        A batch has at most 1000 messages or those of 50 ms, less as soon as the line is quiet.
        """
        if self._taken is not None:
            if not self._taken[1].done():
                return
            self._settle()
        if line.waiting and (line.waiting >= BATCH or not self._patience(line)):
            batch = line.take(BATCH)
            self._first_at = time.monotonic()
            self._taken = batch, keeper.submit(self._take_in, batch.messages)
            self._taken[1].add_done_callback(lambda _: waker.send(b"!"))

    def _settle(self) -> None:
        """Confirm what is committed, in the order of arrival, and then tell the devices."""
        assert self._taken is not None
        (batch, future), self._taken = self._taken, None
        result = future.result()
        if result is not None:
            self._finish(batch, result)

    def _finish(self, batch: Batch, result: BatchResult) -> None:
        """Confirm and tell on the connection that brought the batch; once it is gone, neither.

        The broker then delivers again. A device that does not hear that a record is stored sends again, and
        hears it then.
        """
        if batch.line.is_open:
            batch.confirm()
            for name, ack in result.acks:
                self._client.publish(name, encode_ack(ack), qos=1)
        self.counts.update(result.counts)

    def _take_in(self, messages: Sequence[Message]) -> BatchResult | None:
        """Commit a batch, however long the database is away; return None if told to stop before."""
        if not messages:
            return BatchResult((), {})
        delay = FIRST_DELAY_S
        while not self._stop.is_set():
            try:
                return self._commit(messages)
            except _PASSING as failure:
                log.warning("ingest.database_away", reason=str(failure), retry_in_s=delay)
                self.counts["retries"] += 1
                self._stop.wait(delay)
                delay = min(MAX_DELAY_S, delay * 2)
        return None

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


def forget_sessions(place: BrokerPlace, parts: int) -> None:
    """Have the broker drop the sessions of parts that there no longer are; their queues would grow for ever.

    What lies in them is in the other sessions too, or its device sends it again.
    """
    for number in range(parts, MAX_PARTS):
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            f"{SESSION}-{number + 1}",
            clean_session=True,
            reconnect_on_failure=False,
        )
        _introduce(client, place)
        client.on_connect = lambda client, *_: client.disconnect()
        try:
            client.connect(place.host, place.port)
            client.loop_forever()
        except OSError as failure:
            log.warning("ingest.sessions_kept", reason=str(failure))
            return


def _introduce(client: paho.Client, place: BrokerPlace) -> None:
    if place.user:
        client.username_pw_set(place.user, place.password)
    if place.tls:
        client.tls_set()


@contextmanager
def _young_garbage_only() -> Iterator[None]:
    """Keep the collector from looking again and again at what was there before and stays.

    It took a third of the time of a message.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


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
