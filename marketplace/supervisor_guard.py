"""Who ends the children when the supervisor could not? A script on the standard library."""

import os
import signal
import sys
import time

GRACE_S = 5.0
POLL_S = 0.05


def main() -> None:
    """Read '+group' and '-group' lines until the pipe closes, then end the groups that are left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        signal_group(group, signal.SIGTERM)
    until = time.monotonic() + GRACE_S
    while groups and time.monotonic() < until:
        groups = {group for group in groups if signal_group(group, 0)}
        time.sleep(POLL_S)
    for group in groups:
        signal_group(group, signal.SIGKILL)


def signal_group(group: int, number: int) -> bool:
    """Send a signal (0: only ask) to a process group; False when nobody is in it any more."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS says "not permitted" of a group of zombies
        return False
    return True


def end_group(group: int, grace_s: float) -> None:
    """Ask a group to end, wait up to `grace_s` seconds, kill what is left of it."""
    signal_group(group, signal.SIGTERM)
    until = time.monotonic() + grace_s
    while time.monotonic() < until and signal_group(group, 0):
        time.sleep(POLL_S)
    signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
