"""What are all the rules, as one table?"""

from __future__ import annotations

from compliance.rulebook.book.construction import CONSTRUCTION
from compliance.rulebook.book.ledgers import LEDGERS
from compliance.rulebook.book.licences import LICENCES
from compliance.rulebook.book.manifests import MANIFESTS
from compliance.rulebook.book.market import MARKET, SETTLEMENTS
from compliance.rulebook.book.papers import LABELS
from compliance.rulebook.book.pipelines import PIPELINES
from compliance.rulebook.book.profiles import PROFILES
from compliance.rulebook.book.transit import ROAD
from compliance.rulebook.book.waste import CATALOGUE
from compliance.rulebook.rule import Rule

RULES: tuple[Rule, ...] = (
    *CATALOGUE,
    *MARKET,
    *LICENCES,
    *MANIFESTS,
    *PIPELINES,
    *CONSTRUCTION,
    *LABELS,
    *LEDGERS,
    *PROFILES,
    *ROAD,
    *SETTLEMENTS,
)
