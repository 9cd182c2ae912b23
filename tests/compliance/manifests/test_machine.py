"""Does any sequence of calls reach a state nobody knows, lose a kilogram, oversell, or break the chain?

The calls go to the REST API by everybody's own token. An ordinary run takes a few short sequences, always the
same; `make faults SIZE=full` takes many long ones, others each time.
"""

from __future__ import annotations

import os
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.compliance.manifests.machine.amending import Amending
from tests.compliance.manifests.machine.moving import Moving
from tests.compliance.manifests.machine.trading import Trading
from tests.compliance.manifests.machine.world import opened
from tests.conftest import Places

FULL = os.environ.get("FAULT_SIZE") == "full"
RUNS = int(os.environ.get("FAULT_RUNS", "1"))
USUAL = settings(max_examples=2, stateful_step_count=15, derandomize=True, phases=[Phase.generate])
LONG = settings(max_examples=100 * RUNS, stateful_step_count=60, print_blob=True)


class Loads(Trading, Moving, Amending):
    """Everything that anybody can do about a load."""


@pytest.mark.timeout(0 if FULL else 180)
def test_no_sequence_of_calls_breaks_the_books(fresh_places: Places) -> None:
    """Some order of calls that nobody thought of would lose a load, or take more than a licence allows."""
    Loads.opened = staticmethod(partial(opened, fresh_places))
    chosen = settings(LONG if FULL else USUAL, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Loads, settings=chosen)
