"""Does everybody find the pages that are theirs, and no others?"""

from __future__ import annotations

import pytest

from compliance.record.who import Role
from marketplace.web.navigation import HEADINGS, navigation
from tests.factories.site import Site


def test_every_page_stands_under_one_heading() -> None:
    """A page that is offered twice makes people think there are two."""
    addresses = [page.address for heading in HEADINGS for page in heading.pages]
    assert len(addresses) == len(set(addresses))


def test_what_is_offered_opens(site: Site) -> None:
    """A link to nowhere, or to a refusal, is found by the first person who needs it."""
    for name, party in site.market.parties.items():
        visitor = site.visitor(name)
        for heading in navigation(party.who.roles):
            for page in heading.pages:
                answer = visitor.client.get(page.address, follow_redirects=True)
                assert answer.status_code == 200, page.address
                assert f'href="{page.address}"' in answer.text


@pytest.mark.parametrize("role", Role)
def test_what_a_role_works_with_stands_in_the_open_and_fits(role: Role) -> None:
    """With twenty pages in a row nobody finds the one of every day."""
    first, *others = navigation([role])
    assert first.words == ""
    assert first.pages[0].address == "/"
    assert len(first.pages) <= 6
    assert all(len(heading.pages) > 1 for heading in others if heading.words)
    assert all(role in page.roles for heading in navigation([role]) for page in heading.pages)


def test_the_heading_knows_that_it_leads_to_where_one_is() -> None:
    """The page of one vehicle's drive lies below that of all drives."""
    (transport,) = [one for one in navigation([Role.DISPATCHER]) if one.is_at("/ways/today/x")]
    assert [page.address for page in transport.pages if page.is_at("/ways/today/x")] == ["/ways"]
    assert not transport.is_at("/")
