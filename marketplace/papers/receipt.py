"""What stands on a printed receipt: two nets, what they may differ, and what was taken?"""

from __future__ import annotations

from datetime import datetime

from compliance.papers.sheet import Notice, Part, Sheet
from compliance.record.errors import N_, NotFound
from marketplace.papers.manifest import Story, looked, mass, signatures, weights
from marketplace.papers.reading import Reader, standing

UNSIGNED = N_("Not signed: the receiver has not decided on this load yet.")
APART = N_("The nets differ by more than is allowed: only what both ends agree upon can be settled (S2).")


def sheet(reader: Reader, told: Story, qr: str, at: datetime) -> Sheet:
    """Return the printed receipt; `NotFound` while not both ends have weighed."""
    row, found = told.manifest, told.custody.balance
    if found is None:
        raise NotFound("receipt", row.id)
    notices = list(standing(reader, row, simulated=told.custody.simulated))
    if found.state == "draft":
        notices.append(Notice(reader.say(UNSIGNED)))
    if not found.within:
        notices.append(Notice(reader.say(APART)))
    return Sheet(
        title=reader.say(N_("Receipt of a load")),
        number=row.national_number or row.number or "",
        language=reader.language.value,
        at=at,
        notices=tuple(notices),
        blocks=(
            _load(reader, told),
            _masses(reader, told),
            *weights(reader, told.custody),
            *signatures(reader, told),
        ),
        qr=qr,
        qr_words=reader.say(N_("address, number and hash of what was signed")),
        foot=reader.foot(at),
        page_words=reader.pages(),
    )


def _load(reader: Reader, told: Story) -> Part:
    row, stated = told.manifest, told.stated
    return Part(
        reader.say(N_("The load")),
        (
            reader.cell(N_("Mover"), stated.mover.get("name"), wide=True),
            reader.cell(N_("Receiver"), stated.receiver.get("name"), wide=True),
            reader.cell(N_("Carrier"), stated.carrier.get("name")),
            reader.cell(N_("Plate"), row.plate),
            reader.cell(N_("Waste"), row.waste_name),
            reader.cell(N_("Waste code"), row.code),
        ),
    )


def _masses(reader: Reader, told: Story) -> Part:
    row, found = told.manifest, told.custody.balance
    assert found is not None
    gap = f"{reader.count(found.gap_kg)} kg ({found.gap_permille:.2f} ‰)"
    return Part(
        reader.say(N_("What was received")),
        (
            reader.cell(N_("Sender's net"), mass(reader, found.sender_kg, typed=row.loaded_typed)),
            reader.cell(N_("Receiver's net"), mass(reader, found.receiver_kg, typed=found.receiver_typed)),
            reader.cell(N_("Difference"), gap),
            reader.cell(N_("Allowed"), f"{reader.count(found.tolerance_kg)} kg"),
            reader.cell(N_("Accepted mass"), reader.kg(found.accepted_kg)),
            reader.cell(N_("State"), reader.word(found.state)),
            reader.cell(N_("Looked at on receipt"), looked(reader, row), wide=True),
            reader.cell(N_("Reason given"), found.reason, wide=True),
        ),
    )
