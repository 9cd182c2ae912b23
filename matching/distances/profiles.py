"""Which kinds of vehicle drive differently, and by how much?

The factors of the estimate are general knowledge of goods traffic, not measured. The dimensions are within
the limits of GB 1589-2016; a road network with restrictions by height, weight or load is asked with them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of vehicle: `speed` and `detour` multiply the estimate's; metres and tonnes for a network.

    `hazmat`: it carries dangerous goods, which some tunnels and roads refuse. `lorry`: it is no car.
    """

    name: str
    speed: float = 1.0
    detour: float = 1.0
    hazmat: bool = False
    lorry: bool = True
    height_m: float = 4.0
    width_m: float = 2.55
    length_m: float = 12.0
    weight_t: float = 31.0
    axle_load_t: float = 10.0

    def __post_init__(self) -> None:
        if not (self.speed > 0 and self.detour >= 1):
            raise ValueError(f"profile {self.name}: speed must be above 0 and detour at least 1")


VAN = Profile("van", 1.15, 1.0, False, False, 2.6, 2.0, 6.0, 4.5, 3.0)
LORRY = Profile("lorry")
HAZMAT_LORRY = Profile("hazmat_lorry", 0.9, 1.05, True)

PROFILES = {profile.name: profile for profile in (VAN, LORRY, HAZMAT_LORRY)}
