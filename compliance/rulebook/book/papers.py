"""Which rules ask how a container is labelled (1e)?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import Regulation, Statute
from compliance.rulebook.book.entry import BLOCK, LOADING, entry

LABEL = (
    Statute("hw_label"),
    Regulation("危险废物识别标志设置技术规范（HJ 1276-2022）", "", date(2023, 7, 1)),
)

LABELS = (
    entry(
        "G5.weight",
        LOADING,
        BLOCK,
        LABEL,
        N_("{kg} kg is no weight of a container: a label states what is in it."),
        N_("Weigh the container first, then print its label."),
    ),
    entry(
        "G6.volume",
        LOADING,
        BLOCK,
        LABEL,
        N_("{litres} litres is no volume of a container (1 to {largest}): it decides the label's size."),
        N_("Give the container's volume in whole litres."),
    ),
    entry(
        "G7.serial",
        LOADING,
        BLOCK,
        LABEL,
        N_("Labels {first} onwards, {count} of them, do not fit three digits a day, or one file of 200."),
        N_("Begin at 1 and print at most 200 at once; above 999 a day, use another day of production."),
    ),
)
