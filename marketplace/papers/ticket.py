"""What stands on a printed weigh ticket, and what proves it?"""

from __future__ import annotations

from datetime import datetime

from compliance.papers.sheet import Cell, Notice, Part, Sheet, Table
from compliance.record.errors import N_
from marketplace.papers.reading import SIMULATED, Reader
from marketplace.web.pages.weighings import Ticket

STABILITY = {
    "flagged": N_("at rest by the indicator's own flag"),
    "derived": N_("at rest by our rule over the frames"),
    "unstable": N_("the scale was not at rest"),
}
BROKEN = N_("It is not what the scale signed. Do not rely on this ticket.")
UNVERIFIED = N_("No verification of the scale that was valid on that day is on record.")


def sheet(reader: Reader, found: Ticket, qr: str, at: datetime) -> Sheet:
    """Return the printed ticket of one weighing, with the other one of its pair where there is one."""
    row = found.row
    notices = []
    if not found.proof.holds:
        notices.append(Notice(reader.say(BROKEN)))
    if not found.certified:
        notices.append(Notice(reader.say(UNVERIFIED), loud=False))
    if found.device is not None and found.device.simulated:
        notices.append(Notice(reader.say(SIMULATED)))
    return Sheet(
        title=reader.say(N_("Weigh ticket")),
        number=f"{row.device_id} #{row.ticket_number}",
        language=reader.language.value,
        at=at,
        notices=tuple(notices),
        blocks=(_weight(reader, found), *_pair(reader, found), _scale(reader, found), _proof(reader, found)),
        qr=qr,
        qr_words=reader.say(N_("address, number and hash of the ticket")),
        foot=reader.foot(at),
        page_words=reader.pages(),
    )


def _weight(reader: Reader, found: Ticket) -> Part:
    row = found.row
    part = f"{reader.word(row.role)} · {reader.word(row.place)}" if row.role else reader.word(row.unbound)
    return Part(
        reader.say(N_("The weighing")),
        (
            reader.cell(N_("Plate"), row.plate),
            reader.cell(N_("Mass"), reader.kg(row.kg)),
            reader.cell(N_("When"), reader.moment(row.at)),
            reader.cell(N_("Part"), part),
            reader.cell(N_("Place"), found.site.name if found.site else "", wide=True),
            reader.cell(
                N_("How it stood still"), reader.say(STABILITY.get(row.stability, row.stability)), wide=True
            ),
        ),
    )


def _pair(reader: Reader, found: Ticket) -> tuple[Table, ...]:
    rows = [*found.beside, found.row] if found.beside else []
    heads = tuple(reader.say(one) for one in (N_("Part"), N_("Ticket"), N_("When"), N_("Mass")))
    if not rows:
        return ()
    lines = [
        (reader.word(one.role), f"#{one.ticket_number}", reader.moment(one.at), reader.kg(one.kg))
        for one in sorted(rows, key=lambda one: one.at)
    ]
    if len(rows) == 2:
        net = abs(rows[0].kg - rows[1].kg)
        lines.append((reader.say(N_("net")), "", "", reader.kg(net)))
    return (Table(reader.say(N_("Both weighings of this end")), heads, tuple(lines), stretch=1, right=(3,)),)


def _scale(reader: Reader, found: Ticket) -> Part:
    scale, paper = found.scale, found.certificate
    verified = (
        f"{paper.number}, {reader.day(paper.verified_on)} – {reader.day(paper.valid_to)}" if paper else ""
    )
    return Part(
        reader.say(N_("The instrument")),
        (
            reader.cell(N_("Scale"), found.row.device_id),
            reader.cell(N_("Division e"), f"{found.row.division_kg} kg"),
            reader.cell(N_("Largest mass"), reader.kg(scale.max_kg) if scale else ""),
            reader.cell(N_("Serial number"), scale.serial if scale else ""),
            reader.cell(N_("Verification"), verified, wide=True),
        ),
    )


def _proof(reader: Reader, found: Ticket) -> Part:
    row, proof = found.row, found.proof
    checked = N_("Checked when printed: it is what the scale signed")
    words = {True: N_("holds"), False: N_("does not hold"), None: N_("its neighbour is not here")}
    half = len(row.signature) // 2
    cells: tuple[Cell, ...] = (
        reader.cell(N_("Content and hash"), reader.say(words[proof.content])),
        reader.cell(N_("Signature of the scale"), reader.say(words[proof.signature])),
        reader.cell(N_("Ticket before"), reader.say(words[proof.before])),
        reader.cell(N_("Ticket after"), reader.say(words[proof.after])),
        reader.cell(N_("SHA-256"), row.ticket_hash, wide=True, exact=True),
        reader.cell(N_("Ed25519"), f"{row.signature[:half]}\n{row.signature[half:]}", wide=True, exact=True),
        reader.cell(N_("SHA-256 before"), row.previous_hash, wide=True, exact=True),
    )
    return Part(reader.say(checked if proof.holds else BROKEN), cells)
