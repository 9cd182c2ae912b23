"""The manifest of a pipeline's period over HTTP: as PDF, and with what proves it as one ZIP (M13)."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from compliance.papers.typesetting import sheet_pdf
from marketplace.edge.api.papers import NAMED, PDF, ZIP, LanguageParameter, file_of, reads
from marketplace.edge.api.pipelines import READS
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.papers import period
from marketplace.papers.period import Story


class PeriodPapers(Controller):
    """What is printed of a pipeline's period."""

    path = "/api/v1/pipelines/periods/{period_id:uuid}"
    tags = ("papers",)
    guards = (READS,)

    @get(
        "/manifest.pdf",
        sync_to_thread=True,
        operation_id="print_period",
        media_type=PDF,
        response_headers=[NAMED],
    )
    def manifest(
        self,
        request: Visit,
        door: NamedDependency[Door],
        period_id: FromPath[UUID],
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Print the manifest of a period: both ends, both meters day by day, who signed when."""
        with door.reading(request) as work:
            told = period.story(work, period_id, work.who)
            sheet = period.sheet(reads(request, language), told, _qr(request, told), work.now)
        return file_of(sheet_pdf(sheet), f"manifest-{told.period.number}.pdf")

    @get(
        "/bundle.zip",
        sync_to_thread=True,
        operation_id="get_period_evidence",
        media_type=ZIP,
        response_headers=[NAMED],
    )
    def bundle(
        self,
        request: Visit,
        door: NamedDependency[Door],
        period_id: FromPath[UUID],
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Pack a period's manifest with the readings and events, and a script that checks them offline."""
        with door.reading(request) as work:
            told = period.story(work, period_id, work.who)
            content = period.packed(work, reads(request, language), told, _qr(request, told))
        return file_of(content, f"evidence-{told.period.number}.zip", ZIP)


def _qr(request: Visit, told: Story) -> str:
    base = str(request.base_url).rstrip("/")
    newest = told.period.document_hash or (told.events[-1].hash if told.events else "-")
    month = f"{told.period.first:%Y-%m}"
    return "\n".join((f"{base}/pipelines/{told.pipeline.id}?month={month}", told.period.number, newest))
