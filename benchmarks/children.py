"""How does a measurement start a process and end just that one?"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import psutil

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 60.0


@contextmanager
def child(
    words: Sequence[str], ready: Callable[[], bool], env: Mapping[str, str] | None = None
) -> Iterator[psutil.Process]:
    """Run a process while the block lasts, once it is ready; what it says is shown only where it fails."""
    with TemporaryFile("w+") as said:
        process = subprocess.Popen(
            words, env={**os.environ, **(env or {})}, cwd=ROOT, stdout=said, stderr=said
        )
        try:
            until = time.monotonic() + READY_WITHIN_S
            while not ready():
                if process.poll() is not None or time.monotonic() > until:
                    said.seek(0)
                    raise SystemExit(f"{' '.join(words)} did not become ready:\n{said.read()}")
                time.sleep(0.05)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


def processor_s(process: psutil.Process) -> float:
    """Return for how many seconds the processor has worked for a process and its children."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


def python(*words: str) -> list[str]:
    """Return the words that run one of our modules."""
    return [sys.executable, "-m", *words]
