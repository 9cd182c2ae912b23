"""How are solves worked out, outside the web process and as many at once as there are solvers?

This process speaks with the database; a child of it calculates. So a solve that is cancelled ends within a
second or two whatever it is in, one that eats all memory takes nothing with it, and a solver that is killed
leaves a solve that the next one takes up.
"""

from __future__ import annotations

import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from compliance.record.clock import Now, wall_seconds
from compliance.record.database import transaction
from marketplace.solves import service, shaking, wire
from marketplace.solves.rules import Failure, Kind, Progress, State
from marketplace.solves.tables import Solve

IDLE_S = 0.3
BEAT_S = 0.5
GRACE_S = 1.0
"""So long a cancelled search may take to hand in the best it has; then its process is killed."""

log = structlog.get_logger(__name__)


class Calculator:
    """The child that calculates: started when needed, kept for the next solve, killed when it must be."""

    def __init__(self, argv: list[str] | None = None) -> None:
        self.argv = argv or [sys.executable, "-m", "marketplace.solves.child"]
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        """It has said that it reads what it is given: a pipe holds 64 KB, and a large day is more."""
        self.lines: queue.Queue[bytes | None] = queue.Queue()

    def start(self) -> None:
        """Start it where it does not run: it gets itself ready before the first job."""
        self._running()

    def give(self, job: wire.Job) -> None:
        """Hand a job in, once it is `ready`: before that nobody reads, and a large job would block us."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(wire.line_of(job))
        self.process.stdin.flush()

    def said(self, within_s: float) -> wire.Going | wire.Answered | wire.Refused | None:
        """Return what it says next; None for silence. Raises `ChildProcessError` when it has ended.

        That it is ready is noted, and nothing to pass on.
        """
        try:
            line = self.lines.get(timeout=within_s)
        except queue.Empty:
            return None
        if line is None:
            raise ChildProcessError
        said = wire.said(line)
        if isinstance(said, wire.Ready):
            self.ready = True
            return None
        return said

    def ask_to_stop(self) -> None:
        """Ask for the best so far."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, patience_s: float = 0.0) -> int:
        """End it, whatever it does, and return its exit status: negative where a signal ended it."""
        if self.process is None:
            return 0
        assert self.process.stdin is not None
        try:
            status = self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.process.stdin.close()
        self.process = None
        return status

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is not None and self.process.poll() is None:
            return self.process
        self.end()
        self.lines, self.ready = queue.Queue(), False
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        threading.Thread(target=_collect, args=(self.process.stdout, self.lines), daemon=True).start()
        return self.process


def _collect(pipe: IO[bytes] | None, lines: queue.Queue[bytes | None]) -> None:
    assert pipe is not None
    with pipe:
        for line in pipe:
            lines.put(line)
    lines.put(None)


class Solver:
    """Takes one solve after the other from the queue and sees to it until its end."""

    def __init__(
        self,
        engine: Engine,
        now: Now,
        *,
        wall: Callable[[], float] = wall_seconds,
        calculator: Calculator | None = None,
    ) -> None:
        self.engine = engine
        self.now = now
        self.wall = wall
        self.calculator = calculator or Calculator()
        self.holder = f"{socket.gethostname()}:{os.getpid()}"[:80]

    def run(self, stop: threading.Event) -> None:
        """Solve until told to stop; a solve in the middle goes back to the queue."""
        log.info("solver.ready", holder=self.holder)
        self.calculator.start()
        try:
            while not stop.is_set():
                if not self.step(stop):
                    stop.wait(IDLE_S)
        finally:
            self.calculator.end()

    def step(self, stop: threading.Event) -> bool:
        """Take up one solve and bring it to its end; False when there is none."""
        with transaction(self.engine) as session:
            row = service.take_up(session, self.holder, self.now(), self.wall())
            if row is None:
                return False
        if State(row.state) is State.RUNNING:
            log.info("solve.taken_up", solve=str(row.id), kind=row.kind, tries=row.tries)
            self._work_out(row, stop)
        return True

    def _work_out(self, row: Solve, stop: threading.Event) -> None:
        try:
            self.calculator.start()
            self._follow(row, stop)
        except (ChildProcessError, BrokenPipeError):
            self._lost(row)

    def _follow(self, row: Solve, stop: threading.Event) -> None:
        """Pass on what the calculation says until it has answered, was stopped, or we are told to end."""
        progress, beaten, give_up_at = Progress(), time.monotonic(), 0.0
        job: wire.Job | None = wire.Job(Kind(row.kind), row.problem, row.seconds, row.iterations, row.seed)
        while True:
            if job is not None and self.calculator.ready:
                self.calculator.give(job)
                job = None
            said = self.calculator.said(BEAT_S / 2)
            if stop.is_set():  # whoever ends us may have told the calculation too: its answer came early
                return self._let_go(row)
            if isinstance(said, wire.Going):
                progress = said.progress
            elif said is not None:
                return self._end(row, said)
            if give_up_at:
                if time.monotonic() > give_up_at:
                    self.calculator.end()
                    return None
            elif time.monotonic() - beaten >= BEAT_S:
                beaten = time.monotonic()
                if not self._is_wanted(row, progress):
                    if job is not None:  # it compiles still, and never heard of this one
                        return None
                    self.calculator.ask_to_stop()
                    give_up_at = time.monotonic() + GRACE_S

    def _is_wanted(self, row: Solve, progress: Progress) -> bool:
        with transaction(self.engine) as session:
            return service.beat(session, row.id, self.holder, progress, self.wall())

    def _end(self, row: Solve, said: wire.Answered | wire.Refused) -> None:
        with transaction(self.engine) as session:
            if isinstance(said, wire.Answered):
                if service.finish(session, row.id, self.holder, said.result, self.now()):
                    self._keep(session, row, said.result)
            else:
                service.fail(session, row.id, self.holder, Failure.BAD_PROBLEM, said.detail, self.now())
        log.info("solve.ended", solve=str(row.id))

    def _keep(self, session: Session, row: Solve, result: dict[str, Any]) -> None:
        """Put an answer where the pages look it up, if it is of a kind that they do."""
        if Kind(row.kind) is Kind.SHAKE_MARKET:
            shaking.keep(session, result, row.asked_at)

    def _let_go(self, row: Solve) -> None:
        self.calculator.end()
        with transaction(self.engine) as session:
            service.let_go(session, row.id, self.holder, asked_to=True)

    def _lost(self, row: Solve) -> None:
        """The calculation has ended by itself: a fault of ours is not tried again, a kill is."""
        status = self.calculator.end(GRACE_S)
        log.warning("solve.lost", solve=str(row.id), status=status)
        with transaction(self.engine) as session:
            if status < 0:
                service.let_go(session, row.id, self.holder, asked_to=False)
            else:
                service.fail(session, row.id, self.holder, Failure.BROKE, "", self.now())
