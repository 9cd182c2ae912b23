"""Which entry of table B.5 does a confirmed manifest make?"""

from __future__ import annotations

from compliance.catalogue.rules import WasteCode
from compliance.ledgers import queries
from compliance.ledgers.rules import Draft, Origin, Table, purpose_of_mode
from compliance.ledgers.service import put
from compliance.ledgers.tables import LedgerEntry
from compliance.manifests import queries as manifests
from compliance.manifests.rules import Act
from compliance.manifests.tables import Manifest
from compliance.record.clock import local_date
from compliance.record.work import Work
from compliance.registry import queries as registry


def enter(work: Work, row: Manifest) -> LedgerEntry | None:
    """Enter a confirmed load into the mover's table B.5, once; nothing was taken: no entry.

    The day is the day it left the works, the mass what the receiver accepted.
    """
    existing = queries.of_manifest(work.session, row.id)
    if existing is not None or not row.accepted_kg:
        return existing
    signed = manifests.signatures(work.session, row.id)
    paper = manifests.paper(work.session, row.id)
    on_paper = paper.loaded_at if paper is not None else None
    left = on_paper or next((by.at for by in signed if by.act == Act.LOAD.value), row.changed_at)
    receiver = registry.organisation(work.session, row.receiver_id)
    held = registry.licences(work.session, [row.receiver_id], local_date(left).year)
    category = WasteCode.parse(row.code).category
    covering = (one for one in held.get(row.receiver_id, []) if one.line_for(row.code, category))
    licence = next(covering, None)
    draft = Draft(
        table=Table.OUTSOURCED,
        day=local_date(left),
        code=row.code,
        kg=row.accepted_kg,
        purpose=purpose_of_mode(row.mode),
        party=receiver.name,
        licence=licence.number if licence else "",
        method=row.mode,
        handler=next((by.person_name for by in signed if by.act == Act.ISSUE.value), ""),
        note=row.number or "",
    )
    _, entry = put(work, row.mover_id, draft, Origin.MANIFEST, row.id)
    return entry
