"""Does any sequence of calls reach a state nobody knows, lose a kilogram, oversell, or break the chain?

The calls go to the REST API by everybody's own token. An ordinary run takes a few short sequences, always the
same; `make faults SIZE=full` takes many long ones, others each time.
"""

from __future__ import annotations

import os
import random
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.compliance.manifests.machine.amending import Amending
from tests.compliance.manifests.machine.moving import Moving
from tests.compliance.manifests.machine.offline import Offline
from tests.compliance.manifests.machine.trading import Trading
from tests.compliance.manifests.machine.world import opened
from tests.conftest import Places

FULL = os.environ.get("FAULT_SIZE") == "full"
RUNS = int(os.environ.get("FAULT_RUNS", "1"))
FIRST = int(os.environ.get("FAULT_SEED", random.randrange(10**6) if FULL else 1))
SEQUENCES, STEPS = (100 * RUNS, 60) if FULL else (2, 12)
EACH = settings(
    max_examples=2,
    stateful_step_count=STEPS,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink] if FULL else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""One trivial sequence and one that a seed of its own chooses: what is derived from it is seldom another."""


class Loads(Trading, Moving, Amending, Offline):
    """Everything that anybody can do about a load."""


@pytest.mark.timeout(0 if FULL else 180)
def test_no_sequence_of_calls_breaks_the_books(fresh_places: Places) -> None:
    """Some order of calls that nobody thought of would lose a load, or take more than a licence allows."""
    Loads.opened = staticmethod(partial(opened, fresh_places))
    for chosen in range(FIRST, FIRST + SEQUENCES):
        try:
            run_state_machine_as_test(seed(chosen)(Loads), settings=EACH)
        except BaseException as failure:
            failure.add_note(f"FAULT_SEED={chosen}")
            raise
