"""What does a form hold when it is shown, for the first time or again with its faults?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marketplace.edge.problems import Reason


@dataclass(frozen=True, slots=True)
class Form:
    """The text of every field as typed, and what is wrong with it; the field "" holds what concerns none."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, list[Reason]] = field(default_factory=dict)
