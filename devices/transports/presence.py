"""What does an agent say about its own presence, and about the devices it speaks for?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from devices.codecs.telemetry_json import DeviceState, RefusedConfig, TopicKind, encode_state, topic
from devices.outbox import Enrolment, Outbox
from devices.transports.pump import Message

FIRMWARE = "huanlian-agent 1"
Counters = Callable[[], Mapping[str, int]]
MOST_COUNTERS = 100


@dataclass(frozen=True, slots=True)
class About:
    """What a device says of itself: its configuration's version, the one it refused, what it obeys."""

    cfg: int = 0
    bad: RefusedConfig | None = None
    can: tuple[str, ...] = ()


Describe = Callable[[str], About]


def next_boot(outbox: Outbox) -> int:
    """Count one more start of this agent; the number tells an old last will from the present run."""
    with outbox.transaction() as work:
        boot = int(work.note("boot") or "0") + 1
        work.set_note("boot", str(boot))
    return boot


class Presence:
    """Word the state messages of an agent's devices: who is on, how many records wait, what was counted.

    `owner` is the device whose line this is: its state goes out on every connection and its counters with
    it (key `n`, beside the fields of the contract).
    """

    def __init__(
        self,
        outbox: Outbox,
        owner: str,
        *,
        counters: Counters | None = None,
        describe: Describe | None = None,
    ) -> None:
        self._describe = describe or (lambda _device: About())
        self._outbox = outbox
        self._owner = owner
        self._counters = counters
        self._boot = next_boot(outbox)
        self._on: dict[str, bool] = {}
        self._software: dict[str, str] = {}
        self._lock = Lock()

    def will(self) -> Message:
        """Word the last will of the owner."""
        return self._message(self._enrolment(self._owner), on=False)

    def said(self, device: str, *, on: bool, software: str = "") -> Message:
        """Note that a device is on or off, and which software it has told of, and word its state."""
        with self._lock:
            self._on[device] = on
            if software:
                self._software[device] = software
        return self._message(self._enrolment(device), on=on)

    def all(self) -> list[Message]:
        """Word the present state of every device spoken for, the owner first."""
        with self._lock:
            known = dict(self._on)
        known[self._owner] = True
        messages = [self._message(self._enrolment(device), on=on) for device, on in known.items()]
        return sorted(messages, key=lambda m: m.topic != self._topic(self._owner))

    def owner_now(self) -> Message:
        """Word the owner's state with its current counters."""
        return self._message(self._enrolment(self._owner), on=True)

    def goodbye(self) -> list[Message]:
        """Word "off" for every device that was said to be on, the owner last."""
        with self._lock:
            known = [device for device, on in self._on.items() if on and device != self._owner]
        return [self._message(self._enrolment(device), on=False) for device in [*known, self._owner]]

    def _enrolment(self, device: str) -> Enrolment:
        return self._outbox.enrolment(device)

    def _topic(self, device: str) -> str:
        return topic(self._enrolment(device).tenant, device, TopicKind.STATE)

    def _message(self, of: Enrolment, *, on: bool) -> Message:
        own_counters = self._counters if of.device == self._owner else None
        about = self._describe(of.device)
        state = DeviceState(
            on=on,
            inc=of.inc,
            boot=self._boot,
            fw=FIRMWARE if of.device == self._owner else self._software.get(of.device, ""),
            q=self._outbox.waiting(of.device),
            n=dict(sorted(own_counters().items())[:MOST_COUNTERS]) if own_counters else {},
            cfg=about.cfg,
            cap=self._outbox.status().capacity if of.device == self._owner else 0,
            can=about.can,
            bad=about.bad,
        )
        payload = encode_state(state)
        return Message(topic(of.tenant, of.device, TopicKind.STATE), payload, retain=True)
