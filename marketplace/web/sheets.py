"""How is a table handed out as a file that a spreadsheet opens?"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

from compliance.record.formulas import harmless

CSV = "text/csv"


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response[bytes]:
    """Return rows as a CSV file to be saved: UTF-8 with a byte order mark, as spreadsheets want it.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue().encode("utf-8-sig"), media_type=CSV, headers=headers)


def _cell(value: object) -> object:
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else value
