"""Which JT/T 808 terminal is behind a phone number, and how is it read?"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import msgspec

from devices.codecs.jt808.header import Version
from devices.codecs.jt808.items import STANDARD
from devices.codecs.jt808.settings import Settings, zone_of
from devices.datum import Datum


class Terminal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One provisioned terminal; `zone` is what its clock shows, as `+08:00` (several models send UTC).

    With a `plate` a registration must name the same one. `edition` tells 2011 from 2013, which the frames do
    not; `swapped` exchanges latitude and longitude back.
    """

    phone: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,20}\Z")]
    device: str
    tenant: str
    inc: int
    zone: Annotated[str, msgspec.Meta(pattern=r"^[+-][0-9]{2}:[0-9]{2}\Z")] = "+08:00"
    plate: str = ""
    model: str = STANDARD
    datum: Datum = Datum.WGS84
    edition: Version | None = None
    swapped: bool = False

    @property
    def settings(self) -> Settings:
        """What the codec has to know of this terminal."""
        return _settings(self)


@lru_cache(maxsize=10_000)
def _settings(of: Terminal) -> Settings:
    return Settings(of.edition, zone_of(of.zone), of.model, of.datum, of.swapped)
