"""What are all the rules, as one table?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import House, Regulation, Source, Statute
from compliance.rulebook.rule import Gate, Rule, Severity

BLOCK, WARN, TASK = Severity.BLOCK, Severity.WARN, Severity.TASK

LISTING, TRADE = {Gate.LISTING}, {Gate.MATCH, Gate.DEAL}
ISSUE, LOADING = {Gate.ISSUE}, {Gate.LOADING}
RECEIPT, MONEY, NIGHTLY = {Gate.RECEIPT}, {Gate.SETTLEMENT}, {Gate.NIGHTLY}

HW_CATALOGUES = (
    Regulation("国家危险废物名录（2021年版）（部令第15号）", "", date(2021, 1, 1), date(2024, 12, 31)),
    Regulation("国家危险废物名录（2025年版）（部令第36号）", "", date(2025, 1, 1)),
)
DECLARED = (*HW_CATALOGUES, Statute("industrial_ledger"), Statute("hw_plan_ledger"))
LICENCE = (Statute("hw_licence"),)
LICENCE_TERMS = (*LICENCE, Regulation("危险废物经营许可证管理办法"))
CARRIAGE = (
    Statute("hw_transport"),
    Regulation("道路危险货物运输管理规定", under_repealed_act=False),
    Regulation("危险货物道路运输安全管理办法（交通运输部令2019年第29号）", under_repealed_act=False),
)


def _transfer(*articles: int) -> tuple[Source, ...]:
    """Name articles of the ministry's transfer rule, in force since 2022."""
    return tuple(
        Regulation("危险废物转移管理办法（部令第23号）", f"第{article}条", date(2022, 1, 1))
        for article in articles
    )


def _rule(
    rule_id: str,
    gates: set[Gate],
    severity: Severity,
    basis: tuple[Source, ...],
    message: str,
    way_out: str,
) -> Rule:
    return Rule(rule_id, frozenset(gates), severity, message, way_out, basis)


CATALOGUE = (
    _rule(
        "C1.bad_form",
        LISTING,
        BLOCK,
        DECLARED,
        N_("“{code}” does not have the form of a waste code."),
        N_("Write 900-214-08 for hazardous waste, 900-001-S17 or SW10 for other waste, or search by name."),
    ),
    _rule(
        "C1.unknown_code",
        LISTING | ISSUE,
        BLOCK,
        DECLARED,
        N_("Waste code {code} is in no edition of the catalogue."),
        N_("Search by name or pinyin and choose a code from the list."),
    ),
    _rule(
        "C1.code_not_in_force",
        LISTING | ISSUE | LOADING,
        BLOCK,
        DECLARED,
        N_(
            "Waste code {code} is not in force on {day}: edition {edition} lists it"
            " from {valid_from} to {valid_to}."
        ),
        N_("Choose the code that has been in force since then; search by name or pinyin."),
    ),
)

MARKET = (
    _rule(
        "P5.mass",
        LISTING,
        BLOCK,
        (House("P5"),),
        N_("{kg} kg is no possible mass here: it must be above 0 and at most {largest_kg} kg."),
        N_("Correct the mass, or split it into several lots."),
    ),
    _rule(
        "P1.price_form",
        LISTING | TRADE,
        BLOCK,
        (House("P1"),),
        N_("“{price}” is not a price in CNY per tonne with at most two decimals."),
        N_("Give the amount with at most two decimals, and say who pays whom."),
    ),
    _rule(
        "W4.window",
        LISTING | TRADE,
        BLOCK,
        (House("W4"),),
        N_("The window is not open: it must end after it starts, and not lie in the past."),
        N_("Choose a later end."),
    ),
    _rule(
        "GEO.outside_china",
        LISTING,
        BLOCK,
        (House("GEO"),),
        N_("The point at latitude {lat}, longitude {lon} lies outside China."),
        N_("Set the point on the map, or check the figures."),
    ),
    _rule(
        "GEO.swapped",
        LISTING,
        BLOCK,
        (House("GEO"),),
        N_("Latitude {lat} and longitude {lon} look swapped: the point lies outside China, reversed inside."),
        N_("Exchange the two figures."),
    ),
    _rule(
        "A1.not_approved",
        LISTING | TRADE,
        BLOCK,
        (House("A1"),),
        N_("{organisation} is not approved to act as {role} on this market."),
        N_("Ask the market operator to approve the organisation for this role."),
    ),
)

LICENCES = (
    _rule(
        "L1.no_licence",
        TRADE | ISSUE,
        BLOCK,
        LICENCE,
        N_("The receiver holds no licence for hazardous waste, so {code} may not go there."),
        N_("Choose a licensed receiver, or have the receiver register its licence."),
    ),
    _rule(
        "L1.code_not_covered",
        TRADE | ISSUE,
        BLOCK,
        LICENCE,
        N_("Licence {licence} of the receiver does not cover waste {code}."),
        N_("Choose a receiver whose licence names this code or its category."),
    ),
    _rule(
        "L1.mode_not_covered",
        TRADE | ISSUE,
        BLOCK,
        LICENCE,
        N_("Licence {licence} covers waste {code}, but not what is to be done with it."),
        N_("Choose another way of treatment, or a receiver whose licence names this one."),
    ),
    _rule(
        "L3.not_yet_valid",
        TRADE | ISSUE,
        BLOCK,
        LICENCE_TERMS,
        N_("Licence {licence} is valid only from {valid_from}; the day in question is {day}."),
        N_("Choose a day from {valid_from} on, or another party."),
    ),
    _rule(
        "L3.expired",
        TRADE | ISSUE | LOADING,
        BLOCK,
        LICENCE_TERMS,
        N_("Licence {licence} expired on {valid_to}; the day in question is {day}."),
        N_("Have the renewed licence registered, or choose another party."),
    ),
    _rule(
        "L3.expires_soon",
        NIGHTLY,
        TASK,
        LICENCE_TERMS,
        N_("Licence {licence} ends on {valid_to}."),
        N_("Have the renewed licence registered before that day; bookings beyond it are refused."),
    ),
    _rule(
        "L5.renew_in_time",
        NIGHTLY,
        TASK,
        LICENCE_TERMS,
        N_("The renewal of licence {licence} must be applied for by {due}: 30 working days before its end."),
        N_("Apply to the authority that issued it, and have the renewed licence registered."),
    ),
    _rule(
        "L4.quota_exceeded",
        TRADE | ISSUE,
        BLOCK,
        LICENCE_TERMS,
        N_("{kg} kg of {code} exceed what licence {licence} leaves for this year: {left_kg} kg."),
        N_("Take at most {left_kg} kg, or choose another receiver."),
    ),
    _rule(
        "L4.quota_near",
        TRADE | NIGHTLY,
        WARN,
        LICENCE_TERMS,
        N_("Licence {licence} is booked to 80 % or more of its yearly mass for {code}."),
        N_("Plan further loads for next year, or apply for a larger yearly mass."),
    ),
    _rule(
        "L9.carrier_not_permitted",
        TRADE | ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("The carrier holds no road transport permit under which {code} may travel."),
        N_("Choose a permitted carrier, or have the carrier register its permit."),
    ),
    _rule(
        "L9.class_not_covered",
        TRADE | ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Permit {licence} of the carrier does not cover the dangerous-goods class of {code}."),
        N_("Choose a carrier whose permit covers this class."),
    ),
    _rule(
        "L9.not_yet_valid",
        TRADE | ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Permit {licence} of the carrier is valid from {valid_from}, not on {day}."),
        N_("Wait until the permit is valid, or choose another carrier."),
    ),
    _rule(
        "L9.expired",
        TRADE | ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Permit {licence} of the carrier expired on {valid_to}."),
        N_("Choose another carrier, or have the carrier register its renewed permit."),
    ),
    _rule(
        "L9.vehicle_not_permitted",
        ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Vehicle {plate} has no transport certificate valid on {day} for {code}."),
        N_("Send another vehicle, or register the certificate. Do not load."),
    ),
    _rule(
        "L9.driver_not_permitted",
        ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Driver {driver} has no dangerous-goods certificate valid on {day}."),
        N_("Send another driver, or register the certificate. Do not load."),
    ),
    _rule(
        "L13.contractor_unverified",
        TRADE | ISSUE,
        BLOCK,
        (Statute("contractor_check"),),
        N_("Nobody has verified that the receiver is able and entitled to take {code}."),
        N_("Verify the receiver's status and ability and have it registered before you agree."),
    ),
)

MANIFESTS = (
    _rule(
        "M1.no_manifest",
        ISSUE | LOADING,
        BLOCK,
        (Statute("hw_manifest"), *_transfer(2, 6, 7)),
        N_("Hazardous waste {code} may not move without a manifest."),
        N_("Have the mover issue the manifest first."),
    ),
    _rule(
        "M2.number",
        ISSUE,
        BLOCK,
        _transfer(15),
        N_("“{number}” is not a manifest number: 14 digits for year, province, prefecture and serial."),
        N_("Check the digits; digits 5 to 8 name the prefecture of origin."),
    ),
    _rule(
        "M4.not_weighed",
        LOADING,
        BLOCK,
        _transfer(10),
        N_("The load has not been weighed at the mover's site."),
        N_("Weigh the loaded vehicle before it leaves."),
    ),
    _rule(
        "M6.loading_check",
        LOADING,
        BLOCK,
        _transfer(13, 31),
        N_("The check before loading failed: {reason}."),
        N_("Do not load until carrier, vehicle, staff and label agree with the manifest."),
    ),
    _rule(
        "M7.no_manifest",
        LOADING,
        BLOCK,
        (Statute("hw_manifest"), *_transfer(11)),
        N_("The carrier must refuse this load: it has no issued manifest."),
        N_("Ask the mover to issue the manifest; do not depart without it."),
    ),
    _rule(
        "M10.weight_missing",
        RECEIPT,
        BLOCK,
        _transfer(12),
        N_("The receiver has not stated the accepted mass, or it is not above 0."),
        N_("Weigh the load and state the accepted mass; a load that is not taken is refused."),
    ),
    _rule(
        "M10.over_accepted",
        RECEIPT,
        BLOCK,
        _transfer(12),
        N_("{kg} kg cannot be accepted: the load weighs {loaded_kg} kg."),
        N_("Correct the accepted mass, or weigh again."),
    ),
    _rule(
        "M11.confirm_in_time",
        RECEIPT | NIGHTLY,
        TASK,
        _transfer(18),
        N_("Manifest {number} must be confirmed by {due}: five working days after acceptance."),
        N_("Confirm the receipt."),
    ),
    _rule(
        "M12.mismatch",
        RECEIPT,
        WARN,
        _transfer(18),
        N_("What arrived under manifest {number} differs from what it states: {reason}."),
        N_("Tell the mover at once, decide whether to accept, and report to the authority of this place."),
    ),
    _rule(
        "M16.sealed_field",
        ISSUE | LOADING | RECEIPT,
        BLOCK,
        _transfer(29),
        N_("“{name}” was sealed by a signature and cannot be overwritten."),
        N_("Ask all signing parties for a correction; the first entry stays on record."),
    ),
    _rule(
        "X1.approval_missing",
        {Gate.DEAL} | ISSUE,
        BLOCK,
        (Statute("hw_cross_province"), *_transfer(21)),
        N_("Hazardous waste {code} may not leave the province: no approval is on file."),
        N_("Apply to the authority of the province of origin, or choose a receiver in the same province."),
    ),
    _rule(
        "X6.report_missing",
        {Gate.DEAL} | ISSUE,
        BLOCK,
        (Statute("cross_province_use"),),
        N_("Waste {code} is to be used in another province, but that has not been reported."),
        N_("Report the transfer as the cited article asks, and enter the report's number."),
    ),
    _rule(
        "X8.import_ban",
        LISTING,
        BLOCK,
        (Statute("import_ban"),),
        N_("Solid waste from abroad may not enter the country (origin: {origin})."),
        N_("Only waste that arose in China can be listed."),
    ),
)

SETTLEMENTS = (
    _rule(
        "S1.amount",
        MONEY,
        BLOCK,
        (House("S1"),),
        N_("{amount_fen} fen is not the amount for {kg} kg at {price} CNY/t: it must be {expected_fen} fen."),
        N_("Have the settlement calculated again from the signed receipt."),
    ),
    _rule(
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
    _rule(
        "S6.unbalanced",
        MONEY,
        BLOCK,
        (House("S6"),),
        N_("The lines of this entry do not sum to 0."),
        N_("Nothing was posted. Report this to the market operator."),
    ),
    _rule(
        "S6.insufficient_funds",
        {Gate.DEAL} | MONEY,
        BLOCK,
        (House("S6"),),
        N_("{need_fen} fen are needed, {have_fen} fen are available."),
        N_("Pay into the account, then try again."),
    ),
)

RULES: tuple[Rule, ...] = (*CATALOGUE, *MARKET, *LICENCES, *MANIFESTS, *SETTLEMENTS)
