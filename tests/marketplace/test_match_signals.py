"""Does Ctrl-C end a search with what it has found?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from benchmarks.clearing.instances import generate
from marketplace.match_signals import interrupted
from matching import signals
from matching.signals import undisturbed
from tests.matching.clearing.test_files import arrays
from tests.matching.clearing.test_same import beside


def test_ctrl_c_is_a_question_that_the_search_can_ask() -> None:
    """Ten minutes of search would be lost to a traceback."""
    before = signal.getsignal(signal.SIGINT)
    with interrupted() as stopped:
        assert not stopped()
        signal.raise_signal(signal.SIGINT)
        assert stopped()
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_processes_of_a_clearing_leaves_the_best_so_far(
    tmp_path: Path, asked: signal.Signals
) -> None:
    """`timeout` and systemd tell every process to end: what two of them had found would be lost."""
    file = tmp_path / "market.npz"
    np.savez(file, **arrays(beside([generate(600, 40, seed) for seed in (1, 2)])))
    words = [sys.executable, "-m", "marketplace", "match", "clear", str(file), "--model", "whole"]
    limits = ["--seconds", "150", "--threads", "2", "--progress", "--json"]
    with subprocess.Popen(
        [*words, *limits], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stderr is not None
        while "gap" not in running.stderr.read(20):
            assert running.poll() is None
        os.killpg(running.pid, asked)
        told, said = running.communicate(timeout=100)
    assert (running.returncode, "Traceback" in said) == (0, False)
    assert json.loads(told)["welfare"] > 0


def test_a_pool_that_lost_a_process_is_not_waited_for() -> None:
    """A process that outlives a polite kill would keep a broken clearing from ever ending."""
    context = get_context("spawn")
    with undisturbed():
        process = context.Process(target=_stay, daemon=True)
        process.start()
    process.terminate()
    process.join(60)
    assert process.exitcode == -signal.SIGALRM


def _stay() -> None:
    signals.GRACE_S = 1
    signals.outlive()
    while True:
        signal.pause()
