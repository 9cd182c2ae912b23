"""One part of a party's file over HTTP: its entries, narrowed by state and days, page by page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from marketplace.edge.api.documents import CursorParameter, LimitParameter
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.paging import DEFAULT_LIMIT
from marketplace.parties import dossier
from marketplace.parties.dossier import Narrowed, Section

StateParameter = Annotated[str, QueryParameter(name="state", description="only of this state", max_length=24)]
SinceParameter = Annotated[date | None, QueryParameter(description="only from this day on, Shanghai time")]
UntilParameter = Annotated[date | None, QueryParameter(description="only up to this day, Shanghai time")]


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a part of the file."""

    words: str
    state: str
    detail: str
    at: datetime | None
    href: str


class SectionView(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the file, the newest first; `next` is the cursor of what follows, empty at the end."""

    key: str
    entries: list[EntryView]
    next: str


def section_view(one: Section) -> SectionView:
    """Return a part as programs read it."""
    entries = [
        EntryView(words=e.words, state=e.state, detail=e.detail, at=e.at, href=e.href) for e in one.entries
    ]
    return SectionView(key=one.key, entries=entries, next=one.next)


class PartySections(Controller):
    """The parts of one file."""

    path = "/api/v1/parties/{party_id:uuid}/sections"
    tags = ("parties",)

    @get("/{key:str}", guards=[signed_in], sync_to_thread=True, operation_id="get_party_section")
    def section(
        self,
        request: Visit,
        door: NamedDependency[Door],
        party_id: FromPath[UUID],
        key: FromPath[str],
        *,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
        stands: StateParameter = "",
        since: SinceParameter = None,
        until: UntilParameter = None,
    ) -> SectionView:
        """Show one part of a file from its beginning, or from a cursor on; the timeline has no states."""
        with door.reading(request) as work:
            found = dossier.party(work, party_id)
            narrowed = Narrowed(stands, since, until)
            return section_view(dossier.section(work, found, key, cursor or "", limit, narrowed))
