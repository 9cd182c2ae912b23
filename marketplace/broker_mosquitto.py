"""How does Mosquitto run as our child, with users that may change while it runs?"""

from __future__ import annotations

import argparse
import logging
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import msgspec

from marketplace.broker import read_users, write_mosquitto

LOOK_EVERY_S = 1.0

log = logging.getLogger(__name__)


def main() -> int:
    """Write the configuration, run Mosquitto, and let it read its users anew when their file changes."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--users", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--program", required=True)
    arguments = parser.parse_args()
    seen = arguments.users.stat().st_mtime_ns
    files = write_mosquitto(arguments.var, arguments.port, read_users(arguments.users))
    with subprocess.Popen([arguments.program, "-c", str(files.config)]) as broker:  # noqa: S603 - from settings
        signal.signal(signal.SIGTERM, ender(broker))
        signal.signal(signal.SIGINT, ender(broker))
        while True:
            try:
                return broker.wait(LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                seen = follow(arguments.users, seen, arguments.var, arguments.port, broker)


def ender(broker: subprocess.Popen[bytes]) -> Callable[[int, FrameType | None], None]:
    """Return a signal handler that asks the broker to end; the main loop then sees it go."""

    def end(_number: int, _frame: FrameType | None) -> None:
        broker.terminate()

    return end


def follow(users: Path, seen: int, folder: Path, port: int, broker: subprocess.Popen[bytes]) -> int:
    """Rewrite passwords and rights when the users file is newer than `seen` (ns), and return its time."""
    changed = users.stat().st_mtime_ns if users.exists() else seen
    if changed == seen:
        return seen
    try:
        write_mosquitto(folder, port, read_users(users))
    except msgspec.DecodeError as error:
        log.warning("the users file is wrong and the users stay as they were: %s", error)
        return changed
    broker.send_signal(signal.SIGHUP)
    return changed


if __name__ == "__main__":
    sys.exit(main())
