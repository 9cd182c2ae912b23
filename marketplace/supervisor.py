"""How do many processes start, stay up and end as one?

Children run in process groups of their own, so a Ctrl-C reaches only the supervisor, which ends them in
order. A small guard process holds the other end of a pipe: when the supervisor dies in any way, even by
kill -9, the guard sees the pipe close and ends the groups it was told of. That needs only pipes and groups.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from marketplace.supervisor_guard import end_group

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0
STEADY_AFTER_S = 60.0
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
LOG_LIMIT_BYTES = 20_000_000
TAIL_LINES = 20
TICK_S = 0.1


class StartFailed(Exception):
    """A child did not become ready; the text has its last lines and where the whole log is."""


class ToldToStop(BaseException):
    """A signal came while something was prepared that nobody need wait for."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep up: `env` is added to ours; `ready` is asked until it says yes (None: at once).

    An `early` one is started while things are still being prepared, and waits for them by itself.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    early: bool = False


class Running:
    """A started child with its log; belongs to the supervisor alone."""

    def __init__(self, child: Child, log: Path) -> None:
        self.child = child
        self.log = log
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.process: subprocess.Popen[str] | None = None
        self.started = 0.0
        self.failures = 0
        self.retry_at: float | None = None
        self.reader: threading.Thread | None = None

    def start(self, echo: Callable[[str, str], None]) -> int:
        """Start the process in its own group and collect what it says; return its process id."""
        self.process = subprocess.Popen(  # noqa: S603 - the argv is written by our own wiring
            list(self.child.argv),
            env={**os.environ, **self.child.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        self.started, self.retry_at = time.monotonic(), None
        self.reader = threading.Thread(target=self._collect, args=(self.process.stdout, echo), daemon=True)
        self.reader.start()
        return self.process.pid

    def _collect(self, lines: IO[str] | None, echo: Callable[[str, str], None]) -> None:
        assert lines is not None
        rotate(self.log)
        with lines, self.log.open("a", encoding="utf-8") as log:
            for line in lines:
                log.write(line)
                log.flush()
                self.tail.append(line.rstrip("\n"))
                echo(self.child.name, line)

    def gone(self) -> int | None:
        """Return the exit status if the process has ended, else None."""
        return None if self.process is None else self.process.poll()


def rotate(log: Path) -> None:
    """Put a log that has grown large aside as `.1`, so that two files at most are kept."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_name(log.name + ".1"))


class Guard:
    """The process that outlives us for a moment and ends our children if we could not."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.groups: set[int] = set()

    def add(self, group: int) -> None:
        """Put one process group under guard."""
        self.groups.add(group)
        self._tell(f"+{group}")

    def remove(self, group: int) -> None:
        """Release a group that has ended, before its number can be given to somebody else."""
        self.groups.discard(group)
        self._tell(f"-{group}")

    def _tell(self, line: str) -> None:
        if self.process is None or self.process.poll() is not None:
            self._start()
            return
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _start(self) -> None:
        """Start the guard (anew, where somebody killed it) and tell it every group."""
        script = Path(__file__).with_name("supervisor_guard.py")
        argv = [sys.executable, "-I", "-S", str(script)]
        self.process = subprocess.Popen(  # noqa: S603 - our own script
            argv, stdin=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"+{group}\n" for group in sorted(self.groups)))
        self.process.stdin.flush()

    def close(self) -> None:
        """Let the guard go: with no group left it ends at once."""
        if self.process is not None:
            self.process.communicate()


class Supervisor:
    """Starts children in the order given, keeps them up, and ends all of them in the reverse order."""

    def __init__(self, children: Sequence[Child], logs: Path, *, echo: bool = True) -> None:
        self.logs = logs
        self.running = [Running(child, logs / f"{child.name}.log") for child in children]
        self.echo = echo
        self.guard = Guard()
        self.stopping = False
        """No event: a signal may come while this thread holds an event's lock."""
        self.preparing = False

    def run(
        self, on_ready: Callable[[], None] | None = None, prepare: Callable[[], None] = lambda: None
    ) -> int:
        """Start the early children, `prepare`, start the others, call `on_ready` and keep all up.

        Returns the exit status after SIGINT, SIGTERM or SIGHUP; what is being prepared is then broken off.
        Raises StartFailed when a child ends or stays silent before it was ever ready. Main thread only.
        """
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._asked_to_stop) for number in signals}
        try:
            self.start(prepare)
            if on_ready is not None and not self.stopping:
                on_ready()
            while not self.stopping:
                self.tick()
                time.sleep(TICK_S)
        except ToldToStop:
            pass
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True
        if self.preparing:
            self.preparing = False
            raise ToldToStop

    def start(self, prepare: Callable[[], None] = lambda: None) -> None:
        """Start the early children, prepare, and start the others, each when the one before is ready."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for running in self.running:
            if running.child.early:
                self._launch(running)
        self.preparing = True
        prepare()
        self.preparing = False
        for running in self.running:
            if self.stopping:
                return
            if not running.child.early:
                self._launch(running)
            self._await_ready(running)

    def _launch(self, running: Running) -> None:
        self.guard.add(running.start(self._show))

    def _await_ready(self, running: Running) -> None:
        until = time.monotonic() + READY_WITHIN_S
        while not self.stopping:
            status = running.gone()
            if status is not None:
                raise self._failed(running, f"ended with status {status} before it was ready")
            if running.child.ready is None or running.child.ready():
                return
            if time.monotonic() > until:
                raise self._failed(running, f"was not ready within {READY_WITHIN_S:.0f} s")
            time.sleep(TICK_S)

    def _failed(self, running: Running, what: str) -> StartFailed:
        if running.gone() is not None and running.reader is not None:
            running.reader.join(1.0)
        said = "\n".join(f"    {line}" for line in running.tail) or "    (nothing)"
        return StartFailed(f"{running.child.name} {what}. It said:\n{said}\n  The whole log: {running.log}")

    def tick(self) -> None:
        """Look once at every child and restart the ones that ended, later after each failure."""
        now = time.monotonic()
        for running in self.running:
            status = running.gone()
            if status is None:
                continue
            if running.retry_at is None:
                self._note_end(running, status, now)
            elif now >= running.retry_at:
                self._launch(running)

    def _note_end(self, running: Running, status: int, now: float) -> None:
        assert running.process is not None
        end_group(running.process.pid, 0.0)
        self.guard.remove(running.process.pid)
        running.failures = 0 if now - running.started > STEADY_AFTER_S else running.failures + 1
        pause = BACK_OFF_S[min(running.failures, len(BACK_OFF_S)) - 1] if running.failures else BACK_OFF_S[0]
        running.retry_at = now + pause
        if running.reader is not None:
            running.reader.join(1.0)
        last = f" Its last word: {running.tail[-1]}" if running.tail else ""
        self._say(running.child.name, f"ended with status {status}; starts again in {pause:g} s.{last}")
        if running.failures:
            self._say(running.child.name, f"the whole log: {running.log}")

    def stop(self) -> None:
        """End every child, the last started first: ask, wait, then kill its whole group."""
        self.stopping = True
        for running in reversed(self.running):
            if running.process is not None:
                self._end(running.process)
                if running.reader is not None:
                    running.reader.join(1.0)
        self.guard.close()

    def _end(self, process: subprocess.Popen[str]) -> None:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._say("supervisor", f"process {process.pid} did not end in time and is killed")
        end_group(process.pid, 0.0)
        process.wait()
        self.guard.remove(process.pid)

    def _show(self, name: str, line: str) -> None:
        """Pass on what a child said, where that is wanted."""
        if self.echo:
            sys.stdout.write(f"{name:>10} | {line}")
            sys.stdout.flush()

    @staticmethod
    def _say(name: str, line: str) -> None:
        """Tell whoever runs this what became of a child, also where the lines of children are not shown."""
        sys.stderr.write(f"{name:>10} | {line}\n")
        sys.stderr.flush()
