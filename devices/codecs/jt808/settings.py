"""What does a terminal do in its own way, so that it has to be told at commissioning?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.items import STANDARD, models
from devices.codecs.jt808.positions import GMT8
from devices.datum import Datum


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one terminal; the defaults are those of the standard.

    `edition` tells 2011 from 2013, which the header does not. `zone` is what its clock shows (several models
    send UTC), `model` the meaning of its vendor items, `datum` what its coordinates are in, `swapped` that it
    exchanges latitude and longitude. Two's complement needs no setting: the highest bit tells it.
    """

    edition: Version | None = None
    zone: tzinfo = GMT8
    model: str = STANDARD
    datum: Datum = Datum.WGS84
    swapped: bool = False


PLAIN = Settings()


def settings_from(words: Mapping[str, str]) -> Settings:
    """Return the settings of `name=value` words; refuse (`bad_field`) a name or value that does not exist."""
    unknown = set(words) - {"edition", "zone", "model", "datum", "swapped"}
    if unknown:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"no such setting: {', '.join(sorted(unknown))}")
    model = words.get("model", STANDARD)
    if model not in models() | {STANDARD}:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"model: {model!r}; known: {', '.join(sorted(models()))}")
    try:
        return Settings(
            edition=Version(words["edition"]) if "edition" in words else None,
            zone=zone_of(words.get("zone", "+08:00")),
            model=model,
            datum=Datum(words.get("datum", Datum.WGS84)),
            swapped={"yes": True, "no": False}[words.get("swapped", "no")],
        )
    except (ValueError, KeyError) as problem:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"setting: {problem}") from None


def zone_of(shift: str) -> tzinfo:
    """Return the zone of a shift such as `+08:00`; raise ValueError for anything else."""
    zone = datetime.strptime(shift, "%z").tzinfo  # an offset only, no moment
    assert zone is not None
    return zone
