"""How long does one consumer take to empty its queue at the broker? `ours` or `bare`, in its own process.

Reads its task as JSON from standard input, prints the seconds from its connecting to its last confirmation.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from threading import Event, Thread

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from compliance.record.clock import system_now
from compliance.record.database import open_database
from marketplace.instance import MqttPlace
from tracking.intake.consumer import Ingest

PATIENCE_S = 120.0
LOOK_S = 0.002


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


def ours(task: Task) -> float:
    """Take everything in as the product does; the last message counts once its batch is confirmed."""
    place = MqttPlace("127.0.0.1", task.port, task.user, task.password)
    engine = open_database(task.database)
    ingest = Ingest(engine, place, system_now, client_id=task.client_id)
    stop = Event()
    thread = Thread(target=ingest.run, args=(stop,))
    start = time.perf_counter()
    thread.start()
    while ingest.counts["messages"] < task.messages:
        if time.perf_counter() - start > PATIENCE_S:
            raise SystemExit(f"only {ingest.counts} of {task.messages} came in")
        time.sleep(LOOK_S)
    took = time.perf_counter() - start
    stop.set()
    thread.join()
    if refused := {
        name: n for name, n in ingest.counts.items() if name not in ("messages", "records", "pos")
    }:
        raise SystemExit(f"the ingest refused: {refused}")
    return took


def bare(task: Task) -> float:
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
    start = time.perf_counter()
    client.connect("127.0.0.1", task.port)
    client.loop_start()
    if not done.wait(PATIENCE_S):
        raise SystemExit(f"only {count} of {task.messages} came in")
    took = time.perf_counter() - start
    client.disconnect()
    client.loop_stop()
    return took


if __name__ == "__main__":
    told = Task(**json.load(sys.stdin))
    print(json.dumps({"seconds": {"ours": ours, "bare": bare}[told.way](told)}))
