"""How long does one consumer take to empty its queue at the broker? `ours` or `bare`, in its own process.

Reads its task as JSON from standard input, prints the seconds from its connecting to its last confirmation,
by the clock and of the processor.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from threading import Event, Thread

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from compliance.record.clock import system_now
from compliance.record.database import open_database
from marketplace.instance import MqttPlace
from tracking.intake.consumer import Ingest
from tracking.intake.rules import Part

PATIENCE_S = 120.0
LOOK_S = 0.002


@dataclass(frozen=True, slots=True)
class Took:
    """How long it took by the clock, and how long the processor worked in this process."""

    seconds: float
    cpu_s: float


class Watch:
    """A stop-watch that runs from its making."""

    def __init__(self) -> None:
        self._start, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> Took:
        """Return what has passed."""
        return Took(time.perf_counter() - self._start, time.process_time() - self._cpu)


@dataclass(frozen=True, slots=True)
class Task:
    """What to empty, and when it is empty."""

    way: str
    database: str
    port: int
    user: str
    password: str
    client_id: str
    messages: int
    part: int = 0
    of: int = 1


def ours(task: Task) -> Took:
    """Take everything in as the product does; the last message counts once its batch is confirmed.

    `messages` are those of the own part.
    """
    place = MqttPlace("127.0.0.1", task.port, task.user, task.password)
    engine = open_database(task.database)
    ingest = Ingest(engine, place, system_now, client_id=task.client_id, part=Part(task.part, task.of))
    stop = Event()
    thread = Thread(target=ingest.run, args=(stop,))
    watch = Watch()
    thread.start()
    while ingest.counts["messages"] < task.messages:
        if watch.read().seconds > PATIENCE_S:
            raise SystemExit(f"only {ingest.counts} of {task.messages} came in")
        time.sleep(LOOK_S)
    took = watch.read()
    stop.set()
    thread.join()
    if refused := {
        name: n for name, n in ingest.counts.items() if name not in ("messages", "records", "pos")
    }:
        raise SystemExit(f"the ingest refused: {refused}")
    return took


def bare(task: Task) -> Took:
    """Confirm every message by hand as it comes, and do nothing else."""
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=task.client_id, clean_session=False, manual_ack=True
    )
    client.username_pw_set(task.user, task.password)
    done, count = Event(), 0

    def confirm(client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        nonlocal count
        client.ack(message.mid, message.qos)
        count += 1
        if count == task.messages:
            done.set()

    client.on_message = confirm
    watch = Watch()
    client.connect("127.0.0.1", task.port)
    client.loop_start()
    if not done.wait(PATIENCE_S):
        raise SystemExit(f"only {count} of {task.messages} came in")
    took = watch.read()
    client.disconnect()
    client.loop_stop()
    return took


if __name__ == "__main__":
    told = Task(**json.load(sys.stdin))
    print(json.dumps(asdict({"ours": ours, "bare": bare}[told.way](told))))
