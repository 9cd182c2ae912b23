"""How does a test let an official file drop a code from the catalogue?"""

from __future__ import annotations

from datetime import date

from compliance.catalogue import editions
from compliance.catalogue.importing import Wanted
from compliance.catalogue.rules import Kind
from compliance.catalogue.tables import CatalogueImport
from compliance.record.work import Work

WITHOUT_OIL = "废物代码,废物类别,危险废物,危险特性\n900-249-08,HW08,其他废矿物油,T\n".encode()


def drop_oil(work: Work, edition: str, valid_from: date) -> CatalogueImport:
    """Import a file that does not list the waste oil of the tests, as a new edition or in place of an old."""
    wanted = Wanted(edition, Kind.HAZARDOUS, valid_from)
    return editions.apply(work, WITHOUT_OIL, wanted, "without-oil.csv")
