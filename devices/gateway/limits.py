"""Who may open a connection, and how fast may a terminal speak?

Nothing that a terminal says is thrown away for being too much: it is read later, and TCP makes it wait.
"""

from __future__ import annotations

from collections import Counter, OrderedDict

MOST_ADDRESSES = 10_000
FAILURES = 20
FAILURES_WITHIN_S = 60.0
_MINUTE_S = 60.0


class Bucket:
    """Frames of one connection: `per_minute` in the long run, as many again at once."""

    def __init__(self, per_minute: int, now: float) -> None:
        self._rate = per_minute / _MINUTE_S
        self._most = float(per_minute)
        self._left = self._most
        self._at = now

    def take(self, frames: int, now: float) -> float:
        """Count frames; return for how many seconds nothing more should be read."""
        self._left = min(self._most, self._left + (now - self._at) * self._rate) - frames
        self._at = now
        return max(0.0, -self._left / self._rate)


class Doorman:
    """How many connections each address has, and which address has guessed too often of late.

    Many terminals may come from one address, behind the gateway of a mobile operator; so an address is shut
    out only for failures to authenticate, and only for more of them than it has connections. At most
    `MOST_ADDRESSES` are remembered, the latest.
    """

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def let_in(self, address: str, most: int, now: float) -> bool:
        """Count one more connection of an address, unless it has too many or is shut out."""
        since, failures = self._failures.get(address, (now, 0))
        if failures >= max(FAILURES, self._open[address]) and now - since < FAILURES_WITHIN_S:
            return False
        if self._open[address] >= most:
            return False
        self._open[address] += 1
        return True

    def gone(self, address: str) -> None:
        """Count one connection less."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]

    def failed(self, address: str, now: float) -> None:
        """Count a failure to authenticate; those of the last minute count together."""
        since, failures = self._failures.pop(address, (now, 0))
        if now - since >= FAILURES_WITHIN_S:
            since, failures = now, 0
        self._failures[address] = (since, failures + 1)
        if len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)
