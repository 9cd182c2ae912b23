"""How is a kernel turned into machine code with the least effort?

numba optimises each function together with all that it calls, and makes machine code of that, at every level
anew; it looks in each for closures, objects and containers that kernels don't have, tries each meaning of an
operator wherever it stands, and counts references. Here what only other kernels call is translated alone,
and put together and optimised once, with the function that Python calls; `writing` gives LLVM less to read.
A variable has one type in all of a function: a whole number that is a fraction elsewhere is one everywhere.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import llvmlite.binding as llvm  # type: ignore[import-untyped]
from numba.core import types
from numba.core.cgutils import normalize_ir_text
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, Flags
from numba.core.compiler_machinery import PassManager
from numba.core.typed_passes import NoPythonBackend, NopythonTypeInference
from numba.core.typing.context import Context
from numba.core.typing.templates import signature
from numba.core.untyped_passes import (
    DeadBranchPrune,
    FixupArgs,
    RewriteSemanticConstants,
    TranslateByteCode,
)
from numba.extending import models, register_model

from matching.writing import SHORT, Writing


@contextmanager
def missing(module: str) -> Iterator[None]:
    """Have a module be found missing in this context."""
    before = sys.modules.get(module)
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]
        if before is not None:
            sys.modules[module] = before


with missing("scipy.linalg.cython_blas"):  # numba loads half of scipy for it; kernels multiply no matrices
    import_module("numba.np.arraymath")


class Alike(Flags):
    """Options that are the same for whatever kernel.

    numba keeps what it has compiled by the options of the caller, and compares some thirty of them each time.
    """

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(Alike)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alike)


class Settled(types.Function):
    """A function of which it is found once what it gives for some types of arguments.

    numba tries a dozen meanings of a pair of brackets at each, and again when it writes them for LLVM.
    """

    def __init__(self, function: types.Function) -> None:
        super().__init__(function.templates)
        self._found: dict[tuple[types.Type, ...], Any] = {}

    def get_call_type(self, context: Any, args: tuple[types.Type, ...], kws: Mapping[str, types.Type]) -> Any:
        """Give the types that a call takes and returns."""
        if kws:
            return super().get_call_type(context, args, kws)
        if args not in self._found:
            known = SHORT.get(self.typing_key)
            short = None if known is None else known(context, args)
            found = super().get_call_type(context, args, kws) if short is None else signature(short, *args)
            self._found[args] = found
        return self._found[args]


register_model(Settled)(models.OpaqueModel)
settled = cache(Settled)


class Meanings(Context):
    """What numba knows of names and types, with functions settled."""

    def __init__(self, known: Context) -> None:
        self.__dict__ = known.__dict__

    def _lookup_global(self, gv: object) -> Any:
        found = super()._lookup_global(gv)
        return settled(found) if type(found) is types.Function else found


class Part(JITCodeLibrary):
    """The code of a function that is optimised with what calls it, and never run by itself."""

    text = ""

    @property
    def codegen(self) -> Part:
        """Stand in for the machine that code is usually handed to."""
        return self

    def set_env(self, _name: str, _environment: object) -> None:
        """Leave out the objects that a function refers to: kernels have none."""

    def get_pointer_to_function(self, _name: str) -> int:
        """Say that there is no machine code."""
        return 0

    def add_ir_module(self, ir_module: Any) -> None:
        """Keep a function as it was written, for what is made of all together."""
        for function in ir_module.functions:
            if not function.is_declaration:
                function.linkage = "linkonce_odr"
        self.text += normalize_ir_text(str(ir_module))

    def finalize(self) -> None:
        """Leave it as it is."""
        self._finalized = True


class Complete(JITCodeLibrary):
    """The code of a function that Python calls and of all that it calls, put together and optimised once.

    numba does so for each function, twice, in between removing reference counts: kernels have none.
    """

    def finalize(self) -> None:
        """Put it together, optimise it and make machine code of it."""
        waiting, seen = self._linking_libraries, set()
        self._linking_libraries = []
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            if isinstance(one, Part):
                self._final_module.link_in(llvm.parse_assembly(one.text))
                waiting += one._linking_libraries
            else:
                self._linking_libraries.append(one)
        super().finalize()

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager(loop_vectorize=False, slp_vectorize=False)
        passes.run(self._final_module, builder)


PASSES = (
    TranslateByteCode,
    FixupArgs,
    RewriteSemanticConstants,
    DeadBranchPrune,
    NopythonTypeInference,
    Writing,
    NoPythonBackend,
)


class Whole(CompilerBase):
    """Compiles a function that Python calls, with all that it calls."""

    library: type[JITCodeLibrary] = Complete

    def __init__(
        self, typing: Any, target: Any, library: Any, args: Any, returns: Any, flags: Any, variables: Any
    ) -> None:
        super().__init__(typing, target, library, args, returns, Alike(flags), variables)
        self.state.typingctx = self.state.targetctx.typing_context = Meanings(typing)

    def compile_extra(self, func: Any) -> Any:
        """Compile a function.

        The garbage collector would look in vain through what is made meanwhile: afterwards all that is old.
        """
        collects = gc.isenabled()
        gc.disable()
        try:
            return super().compile_extra(func)
        finally:
            if collects:
                gc.freeze()
                gc.unfreeze()
                gc.enable()

    def define_pipelines(self) -> list[PassManager]:
        """Give the passes in order, and have the code kept as it should be."""
        state = self.state
        state.library = self.library(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        manager = PassManager("kernel")
        for one in PASSES:
            manager.add_pass(one, one.__name__)
        manager.finalize()
        return [manager]


class Inner(Whole):
    """Translates a function that only compiled functions call."""

    library = Part
