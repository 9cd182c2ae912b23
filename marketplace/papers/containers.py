"""What stands on the label of a container that is on record?"""

from __future__ import annotations

from collections.abc import Sequence

from compliance.catalogue.rules import WasteType
from compliance.ledgers import pinning
from compliance.ledgers.tables import Container
from compliance.papers.sheet import Label
from compliance.record.work import Work
from compliance.registry.tables import Organisation
from marketplace.papers.labels import Containers, Unit, label, printed
from marketplace.papers.reading import Reader


def of(work: Work, reader: Reader, unit: Organisation, rows: Sequence[Container]) -> bytes:
    """Print the labels of containers of one unit, waste and volume."""
    first = rows[0]
    wastes = {row.edition: pinning.of_container(work.session, row) for row in rows}
    named = Unit(unit.uscc, unit.name, unit.contact)
    labels = [_label(reader, named, wastes[row.edition], row) for row in rows]
    return printed(reader, labels, first.litres, work.now)


def _label(reader: Reader, unit: Unit, waste: WasteType, row: Container) -> Label:
    return label(reader, unit, waste, _stated(row), row.made_on, row.serial)


def _stated(row: Container) -> Containers:
    return Containers(
        litres=row.litres,
        kg=row.kg,
        name=row.name,
        form=row.form,
        main=row.main,
        harmful=row.harmful,
        cautions=row.cautions,
    )
