"""How does the embedded broker run as our child, holding each user to its own topics?

For a demonstration on a machine without Mosquitto: MQTT 3.1.1, about two thousand messages a second, and
sessions and retained messages live in memory only. The application-level acknowledgement makes that safe.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec
from amqtt.broker import Broker
from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin

from marketplace.broker import HOST, BrokerUser, may_publish, may_subscribe, password_fits, read_users

if TYPE_CHECKING:
    from amqtt.session import Session

log = logging.getLogger(__name__)


class UsersFile:
    """The users as the file has them now: read again when it changes, kept as they were when it is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen = 0
        self.users: dict[str, BrokerUser] = {}

    def get(self, name: str | None) -> BrokerUser | None:
        """Return the user of that name, or None."""
        changed = self.path.stat().st_mtime_ns if self.path.exists() else self.seen
        if changed != self.seen:
            self.seen = changed
            try:
                self.users = read_users(self.path)
            except msgspec.DecodeError as error:
                log.warning("the users file is wrong and the users stay as they were: %s", error)
        return self.users.get(name or "")


@dataclass
class PluginConfig:
    """What the broker hands to both plugins."""

    users_file: str


class KnownUsers(BaseAuthPlugin):  # type: ignore[misc]  # amqtt carries no types
    """Lets in who is in the users file with the right password, under no other user's client id."""

    Config = PluginConfig

    def __init__(self, context: object) -> None:
        super().__init__(context)
        self.file = UsersFile(Path(cast("PluginConfig", self.config).users_file))

    async def authenticate(self, *, session: Session) -> bool | None:
        """Judge one connection; its last will counts as something it publishes."""
        user = self.file.get(session.username)
        if user is None or not password_fits(user, session.password or ""):
            return False
        if session.client_id != session.username and session.client_id in self.file.users:
            log.warning("%s came under the client id of %s", session.username, session.client_id)
            return False
        return not session.will_flag or may_publish(session.username, user, session.will_topic)


class OwnTopics(BaseTopicPlugin):  # type: ignore[misc]  # amqtt carries no types
    """Holds each user to the topic patterns of the users file, when publishing, subscribing and receiving."""

    Config = PluginConfig

    def __init__(self, context: object) -> None:
        super().__init__(context)
        self.file = UsersFile(Path(cast("PluginConfig", self.config).users_file))

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        """Judge one topic or filter of one user."""
        user = self.file.get(session.username) if session is not None else None
        if session is None or user is None or not topic:
            return False
        allowed = may_publish if action == Action.PUBLISH else may_subscribe
        return allowed(session.username, user, topic)


def configuration(port: int, users_file: Path) -> dict[str, object]:
    """Return amqtt's configuration: one TCP listener on this machine, our two plugins, nothing else."""
    plugin = {"users_file": str(users_file)}
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}", "max_connections": 0}},
        "plugins": {
            "marketplace.broker_amqtt.KnownUsers": plugin,
            "marketplace.broker_amqtt.OwnTopics": plugin,
        },
    }


async def serve(port: int, users_file: Path) -> None:
    """Run the broker until this process is asked to end."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    broker = Broker(configuration(port, users_file))
    await broker.start()
    await asked.wait()
    await broker.shutdown()


def main() -> int:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--users", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--var", type=Path, required=True, help="unused: this broker keeps nothing on disk")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    read_users(arguments.users)
    asyncio.run(serve(arguments.port, arguments.users))
    return 0


if __name__ == "__main__":
    sys.exit(main())
