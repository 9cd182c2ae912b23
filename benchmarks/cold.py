"""How long does the first solve take where nothing is compiled, and where everything is?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from benchmarks.children import ROOT
from benchmarks.lines import Line, middle

AGAIN = 3
MUST_S, MUST_CACHED_S = 5.0, 1.0

# What was compiled ahead elsewhere would be copied into the empty folder.
TIMED = """
import time
from matching import kernels
kernels._has_kernels = lambda folder: False
{before}
start = time.process_time()
{first}
print(time.process_time() - start)
"""
ROUTES = TIMED.format(before="from benchmarks.routing.ours import warm", first="warm()")
RICH_ROUTES = TIMED.format(
    before="import matching.routing.search.solve\nfrom matching.prepare import TASKS",
    first='TASKS["routes under all rules"]()',
)
CLEARING = TIMED.format(
    before="from benchmarks.clearing.instances import generate\n"
    "from matching.clearing import Limits, clear_market\n"
    "import matching.clearing.exchange\n"
    "market = generate(600, 40, 1)",
    first='clear_market(market, "batch", Limits(iterations=1))',
)
IMPORT = """
import time
start = time.process_time()
import matching
print(time.process_time() - start)
"""


def first(name: str, code: str) -> Iterator[Line]:
    """Yield the CPU seconds of a first solve with nothing compiled, and again from the cache."""
    with TemporaryDirectory(prefix="huanlian-bench-") as folder:
        yield Line(f"{name}, nothing compiled", timed(code, folder), "s", None, MUST_S)
        again = middle([timed(code, folder) for _ in range(AGAIN)])
        yield Line(f"{name}, from the cache", again, "s", None, MUST_CACHED_S)


def imported() -> float:
    """Give the CPU seconds of `import matching` in a fresh process."""
    return middle([timed(IMPORT) for _ in range(AGAIN)])


def timed(code: str, cache: str = "") -> float:
    """Run a program in a process of its own and read the seconds it prints."""
    more = {"NUMBA_CACHE_DIR": cache} if cache else {}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | more,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
