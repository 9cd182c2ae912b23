"""Who is acting, and whose data may that person see?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person does here; the same words as on the screens."""

    PRODUCER = "producer"
    PROCESSOR = "processor"
    DISPATCHER = "dispatcher"
    DRIVER = "driver"
    INSPECTOR = "inspector"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Who:
    """The acting person with the organisation and the roles held in it."""

    person_id: UUID | None
    name: str
    organisation_id: UUID | None
    roles: frozenset[Role]

    def has(self, *roles: Role) -> bool:
        """Tell whether the person holds one of these roles."""
        return bool(self.roles.intersection(roles))

    @property
    def oversees(self) -> bool:
        """Tell whether the person may see every organisation's records."""
        return self.has(Role.INSPECTOR, Role.OPERATOR)


SYSTEM = Who(None, "system", None, frozenset({Role.OPERATOR}))
"""The product itself, reacting to an event."""
