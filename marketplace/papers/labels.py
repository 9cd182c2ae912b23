"""Which labels go on the containers of a load, and what stands on each (HJ 1276-2022)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from compliance.catalogue.rules import WasteType
from compliance.papers.rules import digital_code, label_faults, label_size
from compliance.papers.sheet import Label, LabelWords
from compliance.papers.typesetting import labels_pdf
from compliance.record.errors import N_, Invalid, raise_all
from marketplace.papers.manifest import Story
from marketplace.papers.reading import HAZARDS, Reader

FACTS = ("form", "main", "harmful")
"""What a label says of the waste that a manifest may state too."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Who produced or collected what is in a container."""

    uscc: str
    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class Containers:
    """What is asked for: so many containers alike, each of a volume and a mass, numbered from `serial` on."""

    litres: int
    kg: int
    serial: int = 1
    count: int = 1
    name: str = ""
    form: str = ""
    main: str = ""
    harmful: str = ""
    cautions: str = ""
    made_on: date | None = None


def of_load(reader: Reader, told: Story, asked: Containers, at: datetime, today: date) -> bytes:
    """Print the labels of a load's containers; refuses waste that is not hazardous, all faults at once.

    What the manifest states of the waste stands on them; what it does not state may be given.
    """
    if not told.manifest.hazardous:
        raise Invalid(
            N_("This label belongs to hazardous waste; {code} is none."),
            field="code",
            way_out=N_("Print the manifest instead: other waste travels without this label."),
            values={"code": told.manifest.code},
        )
    on, facts, mover = asked.made_on or today, told.stated.facts, told.stated.mover
    shape = label_faults(litres=asked.litres, kg=asked.kg, first=asked.serial, count=asked.count, on=today)
    raise_all([*shape, *_differing(asked, facts)])
    form, main, harmful = (facts.get(name) or getattr(asked, name) for name in FACTS)
    asked = replace(asked, form=form, main=main, harmful=harmful)
    unit = Unit(told.custody.mover.uscc, mover["name"], mover["contact"])
    chosen = [label(reader, unit, told.waste, asked, on, asked.serial + n) for n in range(asked.count)]
    return printed(reader, chosen, asked.litres, at)


def _differing(asked: Containers, facts: Mapping[str, str]) -> list[Invalid]:
    """Return where a label would say something else than its manifest (M6)."""
    return [
        Invalid(
            N_("The manifest states “{stated}”: a label of this load cannot say anything else."),
            field=name,
            way_out=N_("Leave it empty, or have the manifest corrected first."),
            values={"stated": facts[name]},
        )
        for name in FACTS
        if getattr(asked, name) and facts.get(name) and getattr(asked, name) != facts[name]
    ]


def printed(reader: Reader, labels: Sequence[Label], litres: int, at: datetime) -> bytes:
    """Print labels of containers of one volume."""
    return labels_pdf(labels, _words(reader), label_size(litres), at, reader.language.value)


def label(reader: Reader, unit: Unit, waste: WasteType, asked: Containers, on: date, serial: int) -> Label:
    """Return one container's label; what nobody stated stays empty, to be filled in by hand."""
    code = digital_code(unit.uscc, waste.code, on, serial)
    return Label(
        code=code,
        name=asked.name or waste.category_name,
        category=f"{waste.category} {waste.category_name}",
        waste=waste.code,
        form=asked.form,
        main=asked.main,
        harmful=asked.harmful,
        hazards=tuple(reader.say(HAZARDS.get(one, one)) for one in waste.hazard_letters),
        cautions=asked.cautions,
        unit=unit.name,
        contact=unit.contact,
        made_on=reader.day(on),
        weight=f"{asked.kg} kg",
        remarks="",
        qr="\n".join((code, waste.code, f"{asked.kg} kg", unit.uscc, unit.name)),
    )


def _words(reader: Reader) -> LabelWords:
    say = reader.say
    return LabelWords(
        title=say(N_("HAZARDOUS WASTE")),
        name=say(N_("Waste name")),
        category=say(N_("Waste category")),
        waste=say(N_("Waste code")),
        form=say(N_("Waste form")),
        main=say(N_("Main components")),
        harmful=say(N_("Harmful components")),
        hazards=say(N_("Hazardous properties")),
        cautions=say(N_("Cautions")),
        code=say(N_("Digital code")),
        unit=say(N_("Produced or collected by")),
        contact=say(N_("Contact and telephone")),
        made_on=say(N_("Date of production")),
        weight=say(N_("Weight")),
        remarks=say(N_("Remarks")),
    )
