"""Do many processes start, stay up and end as one, and is the broker's right to topics held?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from marketplace.ports import PortInUse, free_port, require_free_port
from marketplace.supervisor import Child, StartFailed, Supervisor, rotate

PATIENCE_S = 20.0

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
WITH_GRANDCHILD = (
    "import pathlib, subprocess, sys, time;"
    "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "pathlib.Path(sys.argv[1]).write_text(str(p.pid)); time.sleep(600)"
)
DEAF = (
    "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).write_text('up'); time.sleep(600)"
)
COUNTING = "import pathlib, sys; f = pathlib.Path(sys.argv[1]).open('a'); f.write('x'); f.close()"
WHOLE = """
import sys
from pathlib import Path
from marketplace.supervisor import Child, Supervisor
children = [Child("one", [sys.executable, "-c", sys.argv[2], sys.argv[3]])]
sys.exit(Supervisor(children, Path(sys.argv[1])).run(lambda: print("READY", flush=True)))
"""


def python(code: str, *arguments: object) -> list[str]:
    """Return the command that runs a piece of Python."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def wait_until(true: Callable[[], bool]) -> None:
    """Wait with patience for something that happens in another process."""
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Tell whether a process runs (a zombie does not)."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def whole(tmp_path: Path, code: str) -> tuple[subprocess.Popen[str], int]:
    """Start a whole supervisor process around one child that writes a pid; return both once it is ready."""
    note = tmp_path / "note"
    process = subprocess.Popen(python(WHOLE, tmp_path, code, note), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    wait_until(lambda: note.exists() and note.read_text() != "")
    return process, int(note.read_text())


def test_children_start_in_order_each_after_the_one_before_is_ready(tmp_path: Path) -> None:
    """Ingest would start before the broker listens, and fail its first connection at every start."""
    seen: list[str] = []
    asked = iter([False, False, True])

    def ready() -> bool:
        seen.append("asked")
        return next(asked)

    def second() -> bool:
        seen.append("second")
        return True

    children = [
        Child("first", python(SLEEPER), ready=ready),
        Child("second", python(SLEEPER), ready=second),
    ]
    supervisor = Supervisor(children, tmp_path, echo=False)
    try:
        supervisor.start()
    finally:
        supervisor.stop()
    assert seen == ["asked", "asked", "asked", "second"]


def test_an_early_child_starts_while_things_are_prepared(tmp_path: Path) -> None:
    """A visitor would wait for the database first and for the pages after it."""
    seen: list[str] = []
    children = [Child("late", python(SLEEPER)), Child("early", python(SLEEPER), early=True)]
    supervisor = Supervisor(children, tmp_path, echo=False)
    late, early = supervisor.running

    def prepare() -> None:
        seen.extend(running.child.name for running in (late, early) if running.process is not None)

    try:
        supervisor.start(prepare)
        assert seen == ["early"]
        assert late.process is not None
    finally:
        supervisor.stop()


def test_a_signal_breaks_off_what_is_being_prepared(tmp_path: Path) -> None:
    """Ctrl-C would be deaf while a large database is brought to a new form."""
    supervisor = Supervisor([Child("early", python(SLEEPER), early=True)], tmp_path, echo=False)

    def prepare() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)

    assert supervisor.run(prepare=prepare) == 0
    process = supervisor.running[0].process
    assert process is not None
    assert process.poll() is not None


def test_a_child_that_ends_before_it_is_ready_says_why(tmp_path: Path) -> None:
    """A newcomer would see the start hang, with the reason hidden in a log nobody names."""
    child = Child("web", python("import sys; print('no such table: lot'); sys.exit(3)"), ready=lambda: False)
    supervisor = Supervisor([child], tmp_path, echo=False)
    with pytest.raises(StartFailed, match="web ended with status 3") as refused:
        supervisor.run()
    assert "no such table: lot" in str(refused.value)
    assert str(tmp_path / "web.log") in str(refused.value)


def test_a_crashed_child_starts_again_after_longer_and_longer_pauses(tmp_path: Path) -> None:
    """A worker that met one bad moment would stay down; one that always fails would burn a core."""
    count = tmp_path / "count"
    supervisor = Supervisor([Child("worker", python(COUNTING, count))], tmp_path, echo=False)
    supervisor.start()
    running = supervisor.running[0]
    pauses: list[float] = []
    try:
        for _ in range(2):
            wait_until(lambda: running.gone() is not None)
            supervisor.tick()
            assert running.retry_at is not None
            pauses.append(running.retry_at - time.monotonic())
            running.retry_at = time.monotonic()
            supervisor.tick()
        wait_until(lambda: count.read_text() == "xxx")
    finally:
        supervisor.stop()
    assert pauses[0] < pauses[1]


def test_who_runs_it_hears_of_a_child_that_ended(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A worker that cannot start would end again and again while the pages look well and nothing moves."""
    supervisor = Supervisor(
        [Child("worker", python("import sys; sys.exit('no lock')"))], tmp_path, echo=False
    )
    supervisor.start()
    try:
        wait_until(lambda: supervisor.running[0].gone() is not None)
        supervisor.tick()
    finally:
        supervisor.stop()
    said = capfd.readouterr().err
    assert "worker | ended with status 1; starts again in" in said
    assert "Its last word: no lock" in said
    assert str(tmp_path / "worker.log") in said


def test_stopping_ends_the_children_of_children_and_the_deaf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After Ctrl-C a forgotten process would hold the port, and the next start would fail."""
    monkeypatch.setattr("marketplace.supervisor.STOP_WITHIN_S", 0.3)
    note, up = tmp_path / "note", tmp_path / "up"
    children = [Child("family", python(WITH_GRANDCHILD, note)), Child("deaf", python(DEAF, up))]
    supervisor = Supervisor(children, tmp_path, echo=False)
    supervisor.start()
    wait_until(lambda: note.exists() and note.read_text() != "" and up.exists())
    pids = [
        int(note.read_text()),
        *(running.process.pid for running in supervisor.running if running.process),
    ]
    supervisor.stop()
    wait_until(lambda: not any(alive(pid) for pid in pids))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_child_outlives_the_supervisor(tmp_path: Path, number: signal.Signals) -> None:
    """Whoever kills `make run`, however hard, would find simulated devices still sending an hour later."""
    process, grandchild = whole(tmp_path, WITH_GRANDCHILD)
    child = psutil.Process(grandchild).ppid()
    process.send_signal(number)
    process.communicate(timeout=PATIENCE_S)
    wait_until(lambda: not alive(child) and not alive(grandchild))
    assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 0)


def test_the_guard_is_replaced_when_somebody_kills_it(tmp_path: Path) -> None:
    """With the guard gone, a supervisor killed later would leave its children behind."""
    supervisor = Supervisor([Child("one", python(SLEEPER))], tmp_path, echo=False)
    supervisor.start()
    try:
        first = supervisor.guard.process
        assert first is not None
        first.kill()
        first.wait()
        supervisor.guard.add(supervisor.running[0].process.pid if supervisor.running[0].process else 0)
        assert supervisor.guard.process is not None
        assert supervisor.guard.process.pid != first.pid
        assert supervisor.guard.process.poll() is None
        assert first.stdin is not None
        first.stdin.close()
    finally:
        supervisor.stop()


def test_what_children_say_is_kept_and_shown_under_their_name(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Six processes' lines would run together and nobody could tell who complained."""
    supervisor = Supervisor([Child("ingest", python(SLEEPER))], tmp_path)
    supervisor.start()
    log = tmp_path / "ingest.log"
    try:
        wait_until(lambda: log.exists() and log.read_text() == "up\n")
    finally:
        supervisor.stop()
    assert "    ingest | up\n" in capfd.readouterr().out


def test_a_log_grown_large_is_put_aside_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration left running for a month would fill the disk."""
    monkeypatch.setattr("marketplace.supervisor.LOG_LIMIT_BYTES", 3)
    log = tmp_path / "web.log"
    log.write_text("long")
    rotate(log)
    rotate(log)
    assert (tmp_path / "web.log.1").read_text() == "long"
    assert not log.exists()


def test_a_port_in_use_is_said_with_its_owner_and_the_way_out() -> None:
    """A newcomer with something else on port 8000 would see a traceback instead of what to type."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortInUse, match="make run PORT=8010") as refused:
            require_free_port("127.0.0.1", port, "Take another: make run PORT=8010")
    assert f"(process {os.getpid()})" in str(refused.value)
    require_free_port("127.0.0.1", free_port(), "")


def test_stop_is_safe_from_any_moment(tmp_path: Path) -> None:
    """A Ctrl-C during the start would leave the first half of the processes running."""
    supervisor = Supervisor([Child("slow", python(SLEEPER), ready=lambda: False)], tmp_path, echo=False)
    starter = threading.Thread(target=supervisor.start)
    starter.start()
    wait_until(lambda: supervisor.running[0].process is not None)
    supervisor.stopping = True
    starter.join(PATIENCE_S)
    supervisor.stop()
    process = supervisor.running[0].process
    assert process is not None
    assert process.returncode == -signal.SIGTERM
