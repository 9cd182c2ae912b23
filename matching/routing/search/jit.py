"""By which names does the search call the ways to compile its functions?"""

from matching.kernels import OPTIONS, entry, inlined, kept
from matching.kernels import compiled as njit

__all__ = ["OPTIONS", "entry", "inlined", "kept", "njit"]
