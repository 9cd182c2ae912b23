"""Does a distance on a page say whether it was measured or estimated?"""

from __future__ import annotations

import re

from sqlalchemy import update

from compliance.record.database import transaction
from marketplace.matches.tables import Match
from tests.factories.site import Site
from tests.marketplace.web.test_producer import listed

BESIDE = re.compile(r'km</span>\s*<span class="muted">([^<]+)</span>')


def test_a_match_says_who_measured_its_road(site: Site) -> None:
    """A producer would take a guess from the straight line for a planned route, or the other way round."""
    producer = site.visitor("producer")
    path = listed(site, producer)
    site.market.idle()
    assert {text.strip() for text in BESIDE.findall(producer.get(f"{path}/matches"))} == {"estimate"}
    with transaction(site.market.engine) as session:
        session.execute(update(Match).values(distance_source="osrm"))
    assert {text.strip() for text in BESIDE.findall(producer.get(f"{path}/matches"))} == {"osrm"}
