"""What stands on the label of a container that is on record?"""

from __future__ import annotations

from collections.abc import Sequence

from compliance.catalogue import queries as catalogue
from compliance.ledgers.tables import Container
from compliance.record.work import Work
from compliance.registry.tables import Organisation
from marketplace.papers.labels import Containers, Unit, label, printed
from marketplace.papers.reading import Reader


def of(work: Work, reader: Reader, unit: Organisation, rows: Sequence[Container]) -> bytes:
    """Print the labels of containers of one unit, waste and volume."""
    first = rows[0]
    waste = catalogue.find(work.session, first.waste, first.made_on)
    assert waste is not None
    named = Unit(unit.uscc, unit.name, unit.contact)
    labels = [label(reader, named, waste, _stated(row), row.made_on, row.serial) for row in rows]
    return printed(reader, labels, first.litres, work.now)


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
