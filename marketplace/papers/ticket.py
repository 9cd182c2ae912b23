"""What stands on a printed weigh ticket, and what proves it?"""

from __future__ import annotations

from datetime import datetime

from compliance.papers.sheet import Cell, Notice, Part, Sheet, Table
from compliance.record.errors import N_
from devices.codecs.ticket_json import Source
from devices.codecs.wire import from_millis
from marketplace.papers.reading import NET, SIMULATED, Reader, part_of
from marketplace.web.formats import NONE
from marketplace.web.pages.weighings import Ticket
from tracking.weighings.tables import TicketPrint

STABILITY = {
    "flagged": N_("at rest by the indicator's own flag"),
    "derived": N_("at rest by our rule over the frames"),
    "unstable": N_("the scale was not at rest"),
}
ORIGINAL = N_("Original, printed {at} by {by}.")
COPY = N_("Reprint, copy {copy}, printed {at} by {by}.")
TO_READ = N_("To read: this is no numbered print.")
VOID = N_("Void by ticket #{number}: {reason}")
PLATES = N_("The plates differ by who named them.")
PRESET = {
    Source.STORED: N_("Preset tare, from the store: weighed {at} by ticket #{number}, {days} days before."),
    Source.TYPED: N_("Preset tare, typed by hand: it was not weighed."),
}
BROKEN = N_("It is not what the scale signed. Do not rely on this ticket.")
UNVERIFIED = N_("No verification of the scale that was valid on that day is on record.")


def sheet(reader: Reader, found: Ticket, qr: str, at: datetime, made: TicketPrint | None = None) -> Sheet:
    """Return the ticket of one weighing, with the other one of its pair where there is one.

    `made` is the print that this paper is; without one it is no numbered print, and says so.
    """
    row = found.row
    notices = [_copy(reader, made)]
    if found.voided is not None and found.voided.other is not None:
        number, reason = found.voided.other.ticket_number, found.voided.said.reason
        notices.append(Notice(reader.say(VOID, number=number, reason=reason)))
    if found.plates_differ:
        notices.append(Notice(reader.say(PLATES)))
    if found.told.source is not Source.WEIGHED:
        notices.append(Notice(reader.say(PRESET[found.told.source], **_earlier(reader, found)), loud=False))
    if not found.proof.holds:
        notices.append(Notice(reader.say(BROKEN)))
    if not found.certified:
        notices.append(Notice(reader.say(UNVERIFIED), loud=False))
    if found.device is not None and found.device.simulated:
        notices.append(Notice(reader.say(SIMULATED)))
    return Sheet(
        title=reader.say(N_("Weigh ticket") if found.voids is None else N_("Void of a weigh ticket")),
        number=f"{row.device_id} #{row.ticket_number}",
        language=reader.language.value,
        at=at,
        notices=tuple(notices),
        blocks=(
            *(_weight(reader, found) if found.voids is None else _void(reader, found)),
            *_pair(reader, found),
            _scale(reader, found),
            *_photos(reader, found),
            _proof(reader, found),
        ),
        qr=qr,
        qr_words=reader.say(N_("address, number and hash of the ticket")),
        foot=reader.foot(at),
        page_words=reader.pages(),
    )


def _copy(reader: Reader, made: TicketPrint | None) -> Notice:
    if made is None:
        return Notice(reader.say(TO_READ), loud=False)
    values = {"copy": made.copy, "by": made.by, "at": reader.moment(made.at)}
    return Notice(reader.say(ORIGINAL if made.copy == 1 else COPY, **values), loud=made.copy > 1)


def _earlier(reader: Reader, found: Ticket) -> dict[str, object]:
    of = found.told.of
    if of is None:
        return {"number": NONE, "at": NONE, "days": NONE}
    return {"number": of.no, "at": reader.moment(from_millis(of.t)), "days": found.age_days}


def _void(reader: Reader, found: Ticket) -> tuple[Part, ...]:
    assert found.voids is not None
    said = found.voids.said
    cells = (
        reader.cell(N_("Makes void"), f"#{said.no}"),
        reader.cell(N_("By"), said.by),
        reader.cell(N_("When"), reader.moment(found.row.at)),
        reader.cell(N_("Place"), found.site.name if found.site else ""),
        reader.cell(N_("Reason"), said.reason, wide=True),
    )
    return (Part(reader.say(N_("The void")), cells),)


def _weight(reader: Reader, found: Ticket) -> tuple[Part, ...]:
    row, told = found.row, found.told
    part = f"{reader.word(row.role)} · {reader.word(row.place)}" if row.role else reader.word(row.unbound)
    weighing = Part(
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
            *(reader.cell(N_("Plate by each"), _plates(reader, found), wide=True) for _ in found.plates[:1]),
            reader.cell(N_("Weight came from"), reader.word(f"weight_{told.source}")),
            reader.cell(N_("Mode"), reader.word(f"mode_{told.mode}") if told.mode else ""),
            reader.cell(N_("At the desk"), told.operator),
            reader.cell(N_("Cargo, by the desk"), told.cargo),
        ),
    )
    return (weighing, *_load(reader, found))


def _plates(reader: Reader, found: Ticket) -> str:
    return " · ".join(f"{reader.word(who)} {plate}" for who, plate in found.plates)


def _load(reader: Reader, found: Ticket) -> tuple[Part, ...]:
    load = found.load
    if load is None:
        return ()
    row = load.manifest
    cells = (
        reader.cell(N_("Manifest number"), row.national_number or row.number),
        reader.cell(N_("Waste"), f"{row.waste_name} {row.code}"),
        reader.cell(N_("Carrier"), load.carrier),
        reader.cell(N_("Driver"), load.driver),
    )
    return (Part(reader.say(N_("The load")), cells),)


def _photos(reader: Reader, found: Ticket) -> tuple[Table, ...]:
    if not found.photos:
        return ()
    heads = tuple(reader.say(one) for one in (N_("View"), N_("Photo"), N_("SHA-256")))
    lines = tuple(
        (
            reader.word(f"view_{one.view}"),
            reader.word(one.kept.value if one.kept else f"lacks_{one.lacks}"),
            one.sha256,
        )
        for one in found.photos
    )
    return (Table(reader.say(N_("Photos at the stable weight")), heads, lines, stretch=2, exact=(2,)),)


def _pair(reader: Reader, found: Ticket) -> tuple[Table, ...]:
    rows = [*found.beside, found.row] if found.beside else []
    heads = tuple(reader.say(one) for one in (N_("Part"), N_("Ticket"), N_("When"), N_("Mass")))
    if not rows:
        return ()
    lines = [
        (part_of(reader, one), f"#{one.ticket_number}", reader.moment(one.at), reader.kg(one.kg))
        for one in sorted(rows, key=lambda one: one.at)
    ]
    if len(rows) == 2:
        net = abs(rows[0].kg - rows[1].kg)
        lines.append((reader.say(NET), "", "", reader.kg(net)))
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
            reader.cell(N_("Indicator"), scale.indicator if scale else ""),
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
