"""Which people may a business have, and who enters what of it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compliance.record.who import Role
from compliance.registry.rules import OrganisationKind

TRADES = (OrganisationKind.PRODUCER, OrganisationKind.CARRIER, OrganisationKind.PROCESSOR)
"""What an organisation may apply for by itself; operators and authorities are entered by the instance."""

FIRST_ROLE: Mapping[OrganisationKind, Role] = {
    OrganisationKind.PRODUCER: Role.PRODUCER,
    OrganisationKind.CARRIER: Role.DISPATCHER,
    OrganisationKind.PROCESSOR: Role.PROCESSOR,
}
"""What the person who registers an organisation does in it."""

PEOPLE: Mapping[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.PRODUCER: frozenset({Role.PRODUCER}),
    OrganisationKind.CARRIER: frozenset({Role.DISPATCHER, Role.DRIVER}),
    OrganisationKind.PROCESSOR: frozenset({Role.PROCESSOR}),
}


def roles_of(kinds: Iterable[str]) -> frozenset[Role]:
    """Return the roles that the people of an organisation with these kinds of business may hold."""
    return frozenset(role for kind in kinds for role in PEOPLE.get(OrganisationKind(kind), ()))
