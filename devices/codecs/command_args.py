"""Which commands are there, and what does each have to say?

A command's arguments are one typed structure; the server checks them before it sends and the device again
before it acts. Latitudes and longitudes are degrees WGS-84, distances metres, speeds km/h, times seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.wire import JsonObject, Millis, check

_U8 = Annotated[int, msgspec.Meta(ge=0, le=255)]
_U16 = Annotated[int, msgspec.Meta(ge=0, le=65535)]
_Id = Annotated[int, msgspec.Meta(ge=1, le=2**32 - 1)]
_Ids = Annotated[list[_Id], msgspec.Meta(max_length=125)]
_Label = Annotated[str, msgspec.Meta(max_length=64)]
_Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
_Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
_Point = tuple[_Lat, _Lon]
_ROUND, _RECTANGLE, _POLYGON = 1, 2, 3


class CommandType(StrEnum):
    """What a device can be told to do."""

    PING = "ping"
    RESTART = "restart"
    FACTORY_RESET = "factory_reset"
    TEXT = "text"
    LOCATE = "locate"
    FRAMES = "frames"
    TRACK = "track"
    PARAMETERS = "parameters"
    AREA = "area"
    FORGET_AREAS = "forget_areas"
    ROUTE = "route"
    FORGET_ROUTES = "forget_routes"
    DOORS = "doors"
    FUEL = "fuel"
    BARRIER = "barrier"
    WEIGH = "weigh"


SIGNED = frozenset(
    {
        CommandType.FACTORY_RESET,
        CommandType.DOORS,
        CommandType.FUEL,
        CommandType.BARRIER,
        CommandType.PARAMETERS,
    }
)
"""Commands that a device obeys only with the server's signature: they move something, or take it from us."""


class Shape(StrEnum):
    """The shape of an area, and by it the JT/T 808 message."""

    CIRCLE = "circle"
    RECTANGLE = "rectangle"
    POLYGON = "polygon"


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of a command that has none: ping, restart, factory_reset, locate, frames."""


class TextArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text for the driver (0x8300): shown and, with `speak`, read aloud."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=499)]
    urgent: bool = False
    speak: bool = False


class TrackArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A position every `every_s` for `for_s` seconds (0x8202); 0 stops."""

    every_s: _U16
    for_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 0


class ParametersArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parameters to set (0x8103), by the names or numbers of `parameters.csv`."""

    parameters: Annotated[
        dict[Annotated[str, msgspec.Meta(max_length=64)], int | str | dict[str, int | str]],
        msgspec.Meta(min_length=1, max_length=100),
    ]


class AreaArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One area to watch (0x8600, 0x8602, 0x8604).

    `points` is the centre of a circle, the north-west and south-east corners of a rectangle, or the corners
    of a polygon. `enter` and `leave` ask the terminal to warn the driver and to alarm us.
    """

    shape: Shape
    id: _Id
    points: Annotated[list[_Point], msgspec.Meta(min_length=1, max_length=200)]
    radius_m: Annotated[int, msgspec.Meta(ge=1, le=2**32 - 1)] | None = None
    name: _Label = ""
    from_ms: Millis | None = None
    to_ms: Millis | None = None
    max_kmh: Annotated[int, msgspec.Meta(ge=1, le=300)] | None = None
    over_s: _U8 = 10
    enter: bool = True
    leave: bool = True


class ForgetAreasArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Areas to forget (0x8601, 0x8603, 0x8605); none named: all of the shape."""

    shape: Shape
    ids: _Ids = msgspec.field(default_factory=list)


class RoutePoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One turning point of a route, and the width and limits of the way that begins there."""

    lat: _Lat
    lon: _Lon
    width_m: Annotated[int, msgspec.Meta(ge=1, le=255)] = 100
    max_kmh: Annotated[int, msgspec.Meta(ge=1, le=300)] | None = None
    over_s: _U8 = 10


class RouteArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A route to keep to (0x8606)."""

    id: _Id
    points: Annotated[list[RoutePoint], msgspec.Meta(min_length=2, max_length=500)]
    name: _Label = ""
    from_ms: Millis | None = None
    to_ms: Millis | None = None


class ForgetRoutesArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Routes to forget (0x8607); none named: all."""

    ids: _Ids = msgspec.field(default_factory=list)


class DoorsArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lock or unlock the doors (0x8500)."""

    locked: bool


class FuelArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cut or restore the fuel (0x8105 with the vendors' words 0x64 and 0x65)."""

    cut: bool


class BarrierArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open or close a barrier of the scale, by the name in the agent's own settings."""

    name: _Label
    open: bool


class WeighArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plate of the vehicle that stands, or will next stand, on the deck."""

    plate: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


Args = (
    Nothing
    | TextArgs
    | TrackArgs
    | ParametersArgs
    | AreaArgs
    | ForgetAreasArgs
    | RouteArgs
    | ForgetRoutesArgs
    | DoorsArgs
    | FuelArgs
    | BarrierArgs
    | WeighArgs
)

ARGS: Mapping[CommandType, type[Args]] = {
    CommandType.PING: Nothing,
    CommandType.RESTART: Nothing,
    CommandType.FACTORY_RESET: Nothing,
    CommandType.TEXT: TextArgs,
    CommandType.LOCATE: Nothing,
    CommandType.FRAMES: Nothing,
    CommandType.TRACK: TrackArgs,
    CommandType.PARAMETERS: ParametersArgs,
    CommandType.AREA: AreaArgs,
    CommandType.FORGET_AREAS: ForgetAreasArgs,
    CommandType.ROUTE: RouteArgs,
    CommandType.FORGET_ROUTES: ForgetRoutesArgs,
    CommandType.DOORS: DoorsArgs,
    CommandType.FUEL: FuelArgs,
    CommandType.BARRIER: BarrierArgs,
    CommandType.WEIGH: WeighArgs,
}

TERMINAL = frozenset(CommandType) - {CommandType.BARRIER, CommandType.WEIGH, CommandType.PING}
"""What the gateway passes to a JT/T 808 terminal, but for `frames`, which it answers itself."""
SCALE = frozenset({CommandType.PING, CommandType.RESTART, CommandType.BARRIER, CommandType.WEIGH})
"""What a scale agent does."""
GATEWAY = frozenset({CommandType.PING, CommandType.RESTART})
"""What a gateway does itself."""


def read_args(kind: CommandType, args: JsonObject) -> Args:
    """Return a command's arguments in their type; refuse what is missing, unknown or out of its limits."""
    read = check(args, ARGS[kind])
    if isinstance(read, AreaArgs):
        _refuse_area(read)
    if isinstance(read, AreaArgs | RouteArgs) and (read.from_ms is None) != (read.to_ms is None):
        raise FrameRefused(RefusalCode.BAD_FIELD, "from_ms and to_ms belong together")
    return read


def _refuse_area(area: AreaArgs) -> None:
    wanted = {Shape.CIRCLE: _ROUND, Shape.RECTANGLE: _RECTANGLE}.get(area.shape)
    if wanted is None and len(area.points) < _POLYGON:
        raise FrameRefused(RefusalCode.BAD_FIELD, "points: a polygon has at least three")
    if wanted is not None and len(area.points) != wanted:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"points: a {area.shape} has {wanted}")
    if (area.radius_m is None) == (area.shape is Shape.CIRCLE):
        raise FrameRefused(RefusalCode.BAD_FIELD, "radius_m: a circle has one, and nothing else")
    if area.shape is Shape.RECTANGLE and area.points[0][0] < area.points[1][0]:
        raise FrameRefused(RefusalCode.BAD_FIELD, "points: the north-west corner comes first")
