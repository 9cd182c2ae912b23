"""How are those who take part in a manifest, and both its ends, joined to it in a statement?"""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import aliased

from compliance.manifests.tables import Manifest
from compliance.registry.tables import Organisation, Person, Site

S = TypeVar("S", bound=Select[*tuple[object, ...]])

MOVER, CARRIER, RECEIVER = aliased(Organisation), aliased(Organisation), aliased(Organisation)
PARTIES = (MOVER, CARRIER, RECEIVER)
ORIGIN, DESTINATION = aliased(Site), aliased(Site)
ENDS = (ORIGIN, DESTINATION)


def with_parties(statement: S) -> S:
    """Join the mover, the carrier and the receiver to a statement about manifests."""
    return (
        statement.join(MOVER, MOVER.id == Manifest.mover_id)
        .join(CARRIER, CARRIER.id == Manifest.carrier_id)
        .join(RECEIVER, RECEIVER.id == Manifest.receiver_id)
    )


def with_all_behind(statement: S) -> S:
    """Join the parties, both ends and the driver, if there is one, to a statement about manifests."""
    return (
        with_parties(statement.select_from(Manifest))
        .join(ORIGIN, ORIGIN.id == Manifest.origin_site_id)
        .join(DESTINATION, DESTINATION.id == Manifest.destination_site_id)
        .outerjoin(Person, Person.id == Manifest.driver_id)
    )
