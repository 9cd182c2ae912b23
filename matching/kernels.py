"""How is a kernel compiled: once, to the machine's code, and kept on disk for the next start?"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.extending import register_jitable

from matching import compiler, flow, sure, writing

MAKERS = tuple(str(one.__file__) for one in (compiler, writing, flow, sure))
"""The sources of how kernels are made."""
P = ParamSpec("P")
R = TypeVar("R")

config: Any = import_module("numba.core.config")
OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    "nogil": True,
    "_nrt": False,
    "pipeline_class": compiler.Whole,
}
OUTER: dict[str, Any] = {**OPTIONS, "no_cfunc_wrapper": True}
INNER: dict[str, Any] = {
    **OPTIONS,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": compiler.Inner,
}


def entry(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that Python calls, at its first call, and keep the result on disk.

    Where no folder can be written it is compiled anew in each process. It allocates nothing; threads go on.
    """
    with kept(kernel) as folder:
        return cast("Callable[P, R]", numba.njit(cache=folder is not None, **OUTER)(kernel))


def compiled(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only compiled functions call. It allocates nothing.

    It is translated once for each kind of arguments, and not again for each number written out in a call.
    """
    return register_jitable(**INNER)(kernel)


def inlined(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a function into its callers: a call hands over a hundred words, which inner loops feel."""
    return register_jitable(forceinline=True, **INNER)(kernel)


@contextmanager
def kept(kernel: Callable[..., object]) -> Iterator[Path | None]:
    """Have numba keep what is declared in this context in the folder given; None: it can't be kept."""
    before = config.CACHE_LOCATOR_CLASSES
    config.CACHE_LOCATOR_CLASSES = f"{__name__}.{Keeper.__name__}"
    try:
        yield cache_folder(Path(kernel.__code__.co_filename).parent)
    finally:
        config.CACHE_LOCATOR_CLASSES = before


class Keeper:
    """Tells numba where a kernel is kept: by what the sources say, and not by where or of when they are.

    So a copied, moved or newly checked out tree keeps its kernels. numba itself tells apart Python versions,
    its own versions and processors.
    """

    def __init__(self, folder: Path, line: int) -> None:
        self._folder, self._line = folder, line

    @classmethod
    def from_function(cls, kernel: Callable[..., object], file: str) -> Keeper | None:
        """Make the keeper of a kernel; None: it can't be kept."""
        folder = cache_folder(Path(file).parent)
        return None if folder is None else cls(folder, kernel.__code__.co_firstlineno)

    def ensure_cache_path(self) -> None:
        """Make the folder, should it have been cleared away since."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        """Give the folder."""
        return str(self._folder)

    def get_source_stamp(self) -> str:
        """Give what changes with the sources."""
        return self._folder.name

    def get_disambiguator(self) -> str:
        """Tell kernels of one name apart."""
        return str(self._line)


@cache
def cache_folder(package: Path) -> Path | None:
    """Choose a folder for a package's kernels, named after their sources; None: nowhere can be written.

    numba looks only at the file of a function, not at what it calls: a changed callee would go unseen.
    Kernels that were compiled ahead where nothing can be written now are copied to where something can.
    """
    name = f"kernel-{hashlib.sha256(_sources(package)).hexdigest()[:16]}"
    chosen = [Path(config.CACHE_DIR)] if config.CACHE_DIR else []
    places = [*chosen, package / "__pycache__", Path.home() / ".cache" / "huanlian"]
    ready = [place / name for place in places if _has_kernels(place / name)]
    for place in places:
        with contextlib.suppress(OSError):
            return _opened(place / name, ready)
    with contextlib.suppress(OSError):
        fleeting = Path(tempfile.mkdtemp(prefix="huanlian-"))
        atexit.register(shutil.rmtree, fleeting, ignore_errors=True)
        return _opened(fleeting / name, ready)
    return None


def _sources(package: Path) -> bytes:
    """Read how kernels are made, the modules of a package that have some, and what these import from it."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in package.glob("*.py")}
    waiting = {name for name, text in texts.items() if re.search(r"from [\w.]+\.(kernels|jit) import", text)}
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        near = re.findall(rf"from [\w.]*\b{package.name}\.(\w+) import", texts[name])
        waiting |= (set(near) & set(texts)) - found
    own = [Path(file).read_text(encoding="utf-8") for file in (__file__, *MAKERS)]
    return "".join([*own, *(texts[name] for name in sorted(found))]).encode()


def _has_kernels(folder: Path) -> bool:
    try:
        return any(folder.glob("*.nbi"))
    except OSError:
        return False


def _opened(folder: Path, ready: list[Path]) -> Path:
    """Make a folder that can be written, with the kernels of another that has some. Raises OSError."""
    if ready and not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        copy = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}-"))
        shutil.copytree(ready[0], copy, dirs_exist_ok=True, copy_function=shutil.copyfile)
        with contextlib.suppress(OSError):  # another process was quicker
            copy.rename(folder)
        shutil.rmtree(copy, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        return folder
