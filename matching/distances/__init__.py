"""How far, and how long, is the road between two points, and who says so?"""

from matching.distances.cached import Cached, MemoryStore, Store
from matching.distances.calibrate import Calibration, Errors, Samples, calibrate
from matching.distances.estimate import DETOUR_KNOTS, SPEED_KNOTS, Estimate
from matching.distances.fallback import Fallback
from matching.distances.given import Given
from matching.distances.model import (
    ESTIMATE,
    UNREACHABLE,
    Distances,
    Flags,
    Floats,
    Ints,
    Legs,
    NoDistances,
    Point,
    Setback,
    Trouble,
)
from matching.distances.profiles import HAZMAT_LORRY, LORRY, PROFILES, VAN, Profile
from matching.distances.reading import BadMatrix, read_matrix
from matching.distances.waters import HUBEI_WATERS

__all__ = [
    "DETOUR_KNOTS",
    "ESTIMATE",
    "HAZMAT_LORRY",
    "HUBEI_WATERS",
    "LORRY",
    "PROFILES",
    "SPEED_KNOTS",
    "UNREACHABLE",
    "VAN",
    "BadMatrix",
    "Cached",
    "Calibration",
    "Distances",
    "Errors",
    "Estimate",
    "Fallback",
    "Flags",
    "Floats",
    "Given",
    "Ints",
    "Legs",
    "MemoryStore",
    "NoDistances",
    "Point",
    "Profile",
    "Samples",
    "Setback",
    "Store",
    "Trouble",
    "calibrate",
    "read_matrix",
]
