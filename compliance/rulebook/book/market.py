"""Which rules does the market itself set, for lots, prices, places and money?"""

from __future__ import annotations

from compliance.record.errors import N_
from compliance.rulebook.basis import House, Regulation
from compliance.rulebook.book.entry import (
    BLOCK,
    ISSUE,
    LISTING,
    LOADING,
    MONEY,
    NIGHTLY,
    RECEIPT,
    TASK,
    TRADE,
    WARN,
    entry,
)
from compliance.rulebook.rule import Gate

MARKET = (
    entry(
        "K1.reply_in_time",
        NIGHTLY,
        TASK,
        (House("K1"),),
        N_("Complaint {number} must be answered by {due}: fifteen working days after it came in."),
        N_("Look into it and answer it."),
    ),
    entry(
        "P5.mass",
        LISTING,
        BLOCK,
        (House("P5"),),
        N_("{kg} kg is no possible mass here: it must be above 0 and at most {largest_kg} kg."),
        N_("Correct the mass, or split it into several lots."),
    ),
    entry(
        "P1.price_form",
        LISTING | TRADE,
        BLOCK,
        (House("P1"),),
        N_("“{price}” is not a price in CNY per tonne with at most two decimals."),
        N_("Give the amount with at most two decimals, and say who pays whom."),
    ),
    entry(
        "W4.window",
        LISTING | TRADE,
        BLOCK,
        (House("W4"),),
        N_("The window is not open: it must end after it starts, not in the past, and within three years."),
        N_("Choose another begin or end."),
    ),
    entry(
        "GEO.outside_china",
        LISTING,
        BLOCK,
        (House("GEO"),),
        N_("The point at latitude {lat}, longitude {lon} lies outside China."),
        N_("Set the point on the map, or check the figures."),
    ),
    entry(
        "GEO.swapped",
        LISTING,
        BLOCK,
        (House("GEO"),),
        N_("Latitude {lat} and longitude {lon} look swapped: the point lies outside China, reversed inside."),
        N_("Exchange the two figures."),
    ),
    entry(
        "A1.not_approved",
        LISTING | TRADE,
        BLOCK,
        (House("A1"),),
        N_("{organisation} is not approved to act as {role} on this market."),
        N_("Show what the checklist still lacks; the role is open as soon as it has been accepted."),
    ),
    entry(
        "A1.suspended",
        LISTING | TRADE | ISSUE | LOADING,
        BLOCK,
        (House("A1"),),
        N_("{organisation} is suspended since {since}, for this reason: {reason}."),
        N_("Choose another party, or wait until the suspension is lifted."),
    ),
    entry(
        "A1.put_right_in_time",
        NIGHTLY,
        TASK,
        (House("A1"),),
        N_("{party}: what was found on a visit is to be put right by {due}."),
        N_("Put it right and have somebody look again."),
    ),
    entry(
        "A1.recheck_in_time",
        NIGHTLY,
        TASK,
        (House("A1"),),
        N_("{party}: the qualification is to be checked again by {due}."),
        N_("Draw the re-check on the page of visits."),
    ),
    entry(
        "A1.review_in_time",
        NIGHTLY,
        TASK,
        (House("A1"), Regulation("危险废物经营许可证管理办法")),
        N_("Document {document} waits for a decision; it is due by {due}."),
        N_("Compare it with its scan, and accept it or send it back with the reason."),
    ),
    entry(
        "A1.evidence_in_time",
        NIGHTLY,
        TASK,
        (House("A1"),),
        N_("Leave was asked for {number} without a photo or scan; it is to be handed in by {due}."),
        N_("Hand it in on the manifest's page, under the exception."),
    ),
    entry(
        "A1.document_ends",
        NIGHTLY,
        TASK,
        (House("A1"),),
        N_("Document {document} ends on {valid_to}."),
        N_("Submit the renewed document before that day."),
    ),
)

SETTLEMENTS = (
    entry(
        "S1.amount",
        MONEY,
        BLOCK,
        (House("S1"),),
        N_("{amount_fen} fen is not the amount for {kg} kg at {price} CNY/t: it must be {expected_fen} fen."),
        N_("Have the settlement calculated again from the signed receipt."),
    ),
    entry(
        "S2.outside_tolerance",
        RECEIPT | MONEY,
        WARN,
        (House("S2"),),
        N_(
            "The nets differ beyond the tolerance of {tolerance} per mille:"
            " {sender_kg} kg sent, {receiver_kg} kg received."
        ),
        N_("Weigh again, or open a dispute; only the undisputed mass can be paid until then."),
    ),
    entry(
        "S6.unbalanced",
        MONEY,
        BLOCK,
        (House("S6"),),
        N_("The lines of this entry do not sum to 0."),
        N_("Nothing was posted. Report this to the market operator."),
    ),
    entry(
        "S6.insufficient_funds",
        {Gate.DEAL} | MONEY,
        BLOCK,
        (House("S6"),),
        N_("{need_fen} fen are needed, {have_fen} fen are available."),
        N_("Pay into the account, then try again."),
    ),
)
