"""How do stored records get from an outbox to the broker, and acknowledgements back?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from devices.codecs.topics import TopicKind


class Publisher(Protocol):
    """What an agent needs of its line to the broker; the outbox carries the records themselves."""

    def start(self) -> None:
        """Begin sending."""

    def stop(self) -> None:
        """Say good-bye and stop sending; records stay in the outbox."""

    def wake(self) -> None:
        """Hint that the outbox has new records."""

    def say_state(self, device: str, *, on: bool, software: str = "") -> None:
        """Publish the retained presence of a device that this agent speaks for, and its own software."""

    def say(self, device: str, kind: TopicKind, payload: bytes, told: Callable[[], None]) -> None:
        """Publish a message that is not kept in the outbox; `told` is called when the broker has it."""
