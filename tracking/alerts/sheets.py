"""What does each kind of alert mean, and what is to be done about it?

The one table of them. A new kind is a line of `kinds.Kind` and a sheet; its words are texts of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tracking.alerts.at_the_scale import AT_THE_SCALE
from tracking.alerts.kinds import Kind, Sheet
from tracking.alerts.on_the_books import ON_THE_BOOKS
from tracking.alerts.on_the_way import ON_THE_WAY

SHEETS: Mapping[Kind, Sheet] = MappingProxyType({**ON_THE_WAY, **AT_THE_SCALE, **ON_THE_BOOKS})
"""Every kind's sheet; the rules are named as in the domain's lists (M compliance, S trading, telemetry)."""
