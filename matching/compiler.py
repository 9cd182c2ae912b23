"""How is a kernel turned into machine code with the least effort?

numba optimises each function together with all that it calls, and makes machine code of that, at every level
anew; and it looks in each for closures, objects and containers that kernels don't have. Here what only other
kernels call is translated alone, and optimised once, as a part of the function that Python calls.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, Flags
from numba.core.compiler_machinery import PassManager
from numba.core.typed_passes import (
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.untyped_passes import (
    DeadBranchPrune,
    FixupArgs,
    GenericRewrites,
    IRProcessing,
    ReconstructSSA,
    RewriteSemanticConstants,
    TranslateByteCode,
)


class Alike(Flags):
    """Options that are the same for whatever kernel.

    numba keeps what it has compiled by the options of the caller, and compares some thirty of them each time.
    """

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(Alike)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alike)


class Complete(JITCodeLibrary):
    """The code of a function that Python calls and of all that it calls, optimised once.

    numba does so twice, in between removing reference counts: kernels have none.
    """

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager()
        passes.run(self._final_module, builder)


class Part(JITCodeLibrary):
    """The code of a function that is optimised with what calls it, and never run by itself."""

    @property
    def codegen(self) -> Part:
        """Stand in for the machine that code is usually handed to."""
        return self

    def set_env(self, _name: str, _environment: object) -> None:
        """Leave out the objects that a function refers to: kernels have none."""

    def get_pointer_to_function(self, _name: str) -> int:
        """Say that there is no machine code."""
        self._ensure_finalized()
        return 0

    def _optimize_functions(self, module: Any) -> None:
        module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True


PASSES = (
    TranslateByteCode,
    FixupArgs,
    IRProcessing,
    RewriteSemanticConstants,
    DeadBranchPrune,
    GenericRewrites,
    ReconstructSSA,
    DeadBranchPrune,
    NopythonTypeInference,
    PreLowerStripPhis,
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
)


class Whole(CompilerBase):
    """Compiles a function that Python calls, with all that it calls."""

    library: type[JITCodeLibrary] = Complete

    def __init__(
        self, typing: Any, target: Any, library: Any, args: Any, returns: Any, flags: Any, variables: Any
    ) -> None:
        super().__init__(typing, target, library, args, returns, Alike(flags), variables)

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
