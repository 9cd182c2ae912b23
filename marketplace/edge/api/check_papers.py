"""The certificate of a road check over HTTP."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from compliance.papers.typesetting import sheet_pdf
from compliance.record.who import Role
from marketplace.edge.api.papers import NAMED, PDF, LanguageParameter, file_of, reads
from marketplace.edge.api.road_checks import fault_in_words
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.papers import road_check
from tracking.road_checks import queries, service


class RoadCheckPapers(Controller):
    """What is printed of a road check."""

    path = "/api/v1/road-checks/{check_id:uuid}"
    tags = ("papers",)
    guards = (requires(Role.INSPECTOR, Role.OPERATOR),)

    @get(
        "/certificate.pdf",
        sync_to_thread=True,
        operation_id="print_road_check",
        media_type=PDF,
        response_headers=[NAMED],
    )
    def certificate(
        self,
        request: Visit,
        door: NamedDependency[Door],
        check_id: FromPath[UUID],
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Print what a road check was answered: valid, expired or none found, and what that rests on."""
        reading = reads(request, language)
        with door.reading(request) as work:
            row = queries.road_check(work.session, check_id, work.who)
            at = work.now
        qr = f"{str(request.base_url).rstrip('/')}/road-check/{row.id}"
        sheet = road_check.sheet(
            reading,
            row,
            service.answer_of(row),
            qr,
            at,
            lambda fault: fault_in_words(fault, reading.language),
        )
        return file_of(sheet_pdf(sheet), f"road-check-{row.at:%Y%m%d-%H%M}.pdf")
