"""Which rules ask how a load moves, within a province and across (1a, 1b)?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import Regulation, Source, Statute
from compliance.rulebook.book.entry import (
    BLOCK,
    ISSUE,
    LISTING,
    LOADING,
    NIGHTLY,
    RECEIPT,
    TASK,
    WARN,
    entry,
)
from compliance.rulebook.rule import Gate


def _transfer(*articles: int) -> tuple[Source, ...]:
    """Name articles of the ministry's transfer rule, in force since 2022."""
    return tuple(
        Regulation("危险废物转移管理办法（部令第23号）", f"第{article}条", date(2022, 1, 1))
        for article in articles
    )


MANIFESTS = (
    entry(
        "M1.no_manifest",
        LOADING,
        BLOCK,
        (Statute("hw_manifest"), *_transfer(2, 6, 7)),
        N_("Hazardous waste {code} may not move without a manifest."),
        N_("Have the mover issue the manifest first."),
    ),
    entry(
        "M2.number",
        ISSUE,
        BLOCK,
        _transfer(15),
        N_("“{number}” is not a manifest number: 14 digits for year, province, prefecture and serial."),
        N_("Check the digits; digits 5 to 8 name the prefecture of origin."),
    ),
    entry(
        "M3.must_not_meet",
        LOADING,
        BLOCK,
        _transfer(16),
        N_("{code} and {other} must not be on one vehicle together: one of them is reactive."),
        N_("Carry them on two drives, or let the first be unloaded before the other is loaded."),
    ),
    entry(
        "M4.not_weighed",
        LOADING,
        BLOCK,
        _transfer(10),
        N_("The load has not been weighed at the mover's site."),
        N_("Weigh the loaded vehicle before it leaves."),
    ),
    entry(
        "M6.label_differs",
        LOADING,
        BLOCK,
        (Statute("hw_label"), *_transfer(13, 31)),
        N_("The label on the container says {said}; by the manifest it must be {stated}."),
        N_("Do not load. Put the right label on the container, or have the manifest corrected."),
    ),
    entry(
        "M7.no_manifest",
        LOADING,
        BLOCK,
        (Statute("hw_manifest"), *_transfer(11)),
        N_("The carrier must refuse this load: it has no issued manifest."),
        N_("Ask the mover to issue the manifest; do not depart without it."),
    ),
    entry(
        "M10.weight_missing",
        RECEIPT,
        BLOCK,
        _transfer(12),
        N_("The receiver has not stated the accepted mass, or it is not above 0."),
        N_("Weigh the load and state the accepted mass; a load that is not taken is refused."),
    ),
    entry(
        "M10.over_accepted",
        RECEIPT,
        BLOCK,
        _transfer(12),
        N_("{kg} kg cannot be accepted: the load weighs {loaded_kg} kg."),
        N_("Correct the accepted mass, or weigh again."),
    ),
    entry(
        "M10.treatment_missing",
        RECEIPT,
        BLOCK,
        _transfer(12),
        N_("The receiver has not said what became of {code}."),
        N_("Sign the treatment first, then close the manifest."),
    ),
    entry(
        "M11.confirm_in_time",
        RECEIPT | NIGHTLY,
        TASK,
        _transfer(18),
        N_("Manifest {number} must be confirmed by {due}: five working days after acceptance."),
        N_("Confirm the receipt."),
    ),
    entry(
        "M12.mismatch",
        RECEIPT,
        WARN,
        _transfer(18),
        N_("What arrived under manifest {number} differs from what it states: {reason}."),
        N_("Tell the mover at once, decide whether to accept, and report to the authority of this place."),
    ),
    entry(
        "M12.rest_open",
        RECEIPT,
        BLOCK,
        _transfer(12, 18),
        N_("{kg} kg that were not accepted have not come to a place again."),
        N_("Send them back or onward under a linked manifest, and have that one confirmed."),
    ),
    entry(
        "M15.enter_in_time",
        RECEIPT | NIGHTLY,
        TASK,
        _transfer(20),
        N_("The paper manifest must be entered by {due}: ten working days after the transfer ended."),
        N_("Enter what stands on the paper, with its number and where it is kept."),
    ),
    entry(
        "M16.sealed_field",
        ISSUE | LOADING | RECEIPT,
        BLOCK,
        _transfer(29),
        N_("“{name}” was sealed by a signature and cannot be overwritten."),
        N_("Ask all signing parties for a correction; the first entry stays on record."),
    ),
    entry(
        "M18.no_emergency_plan",
        ISSUE,
        WARN,
        (Statute("hw_emergency"), *_transfer(9)),
        N_("{organisation} has shown no emergency plan that is on file and valid on {day}."),
        N_("It files the plan with the authority of its place, and shows it among its documents."),
    ),
    entry(
        "X1.approval_missing",
        {Gate.DEAL} | ISSUE,
        BLOCK,
        (Statute("hw_cross_province"), *_transfer(21)),
        N_("Hazardous waste {code} may not leave the province: no approval is on file."),
        N_("Apply to the authority of the province of origin, or choose a receiver in the same province."),
    ),
    entry(
        "X6.report_missing",
        {Gate.DEAL} | ISSUE,
        BLOCK,
        (Statute("cross_province_use"),),
        N_("Waste {code} is to be used in another province, but that has not been reported."),
        N_("Report the transfer as the cited article asks, and enter the report's number."),
    ),
    entry(
        "X2.attachment_missing",
        {Gate.DEAL},
        BLOCK,
        _transfer(22),
        N_("{paper} is missing: the application cannot be submitted."),
        N_("Attach it, and say where it is kept."),
    ),
    entry(
        "X3.notice",
        NIGHTLY,
        TASK,
        _transfer(23),
        N_("Without a notice to correct the application by {due} it counts as taken up: five working days."),
        N_("Enter what the authority has written."),
    ),
    entry(
        "X3.opinion",
        NIGHTLY,
        TASK,
        _transfer(24),
        N_("The origin province forms its first opinion by {due}: five working days."),
        N_("Ask the authority, and enter what it has written."),
    ),
    entry(
        "X3.reply",
        NIGHTLY,
        TASK,
        _transfer(25),
        N_("The receiving province replies by {due}: ten working days."),
        N_("Ask the authority, and enter what it has written."),
    ),
    entry(
        "X3.decision",
        NIGHTLY,
        TASK,
        _transfer(26),
        N_("The origin province decides by {due}: five working days after the reply."),
        N_("Ask the authority, and enter what it has written."),
    ),
    entry(
        "X4.not_valid",
        {Gate.DEAL} | ISSUE,
        BLOCK,
        _transfer(27),
        N_("The approval holds from {valid_from} to {valid_to}; the day in question is {day}."),
        N_("Move the load within these days, or apply anew."),
    ),
    entry(
        "X4.quantity_exceeded",
        {Gate.DEAL} | ISSUE,
        BLOCK,
        _transfer(27, 28),
        N_("{kg} kg exceed what the approval leaves: {left_kg} kg."),
        N_("Take at most {left_kg} kg, or apply anew for a larger mass."),
    ),
    entry(
        "X5.new_application",
        {Gate.DEAL} | ISSUE,
        BLOCK,
        _transfer(28),
        N_("What was approved is another waste, receiver or way of treatment than this load of {code}."),
        N_("Apply anew for what is to move, or choose what was approved."),
    ),
    entry(
        "X6.approval_missing",
        {Gate.DEAL} | ISSUE,
        BLOCK,
        (Statute("cross_province_use"),),
        N_("Waste {code} may not leave the province to be stored or disposed of: no approval is on file."),
        N_("Apply to the authority of the province of origin, or choose a receiver in the same province."),
    ),
    entry(
        "X7.period_too_long",
        {Gate.DEAL},
        BLOCK,
        _transfer(22, 27),
        N_("The province of origin lets this hold to {longest} at the most."),
        N_("Ask for a shorter period."),
    ),
    entry(
        "X8.import_ban",
        LISTING,
        BLOCK,
        (Statute("import_ban"),),
        N_("Solid waste from abroad may not enter the country (origin: {origin})."),
        N_("Only waste that arose in China can be listed."),
    ),
)
