"""Which rules ask who may take, move or treat a waste (1c)?"""

from __future__ import annotations

from datetime import date

from compliance.record.errors import N_
from compliance.rulebook.basis import Regulation, Statute
from compliance.rulebook.book.entry import (
    ADMISSION,
    BLOCK,
    ISSUE,
    LOADING,
    NIGHTLY,
    TASK,
    TRADE,
    WARN,
    entry,
)

LICENCE = (Statute("hw_licence"),)
LICENCE_TERMS = (*LICENCE, Regulation("危险废物经营许可证管理办法"))
CARRIAGE = (
    Statute("hw_transport"),
    Regulation("道路危险货物运输管理规定", under_repealed_act=False),
    Regulation("危险货物道路运输安全管理办法（交通运输部令2019年第29号）", under_repealed_act=False),
)

EXEMPT = (Regulation("危险废物豁免管理清单（国家危险废物名录附录）", "", date(2021, 1, 1)),)

LICENCES = (
    entry(
        "L1.no_licence",
        TRADE | ISSUE,
        BLOCK,
        LICENCE,
        N_("The receiver holds no licence for hazardous waste, so {code} may not go there."),
        N_("Choose a licensed receiver, or have the receiver register its licence."),
    ),
    entry(
        "L1.code_not_covered",
        TRADE | ISSUE,
        BLOCK,
        LICENCE,
        N_("Licence {licence} of the receiver does not cover waste {code}."),
        N_("Choose a receiver whose licence names this code or its category."),
    ),
    entry(
        "L1.mode_not_covered",
        TRADE | ISSUE,
        BLOCK,
        LICENCE,
        N_("Licence {licence} covers waste {code}, but not what is to be done with it."),
        N_("Choose another way of treatment, or a receiver whose licence names this one."),
    ),
    entry(
        "L2.term_too_long",
        ADMISSION,
        BLOCK,
        LICENCE_TERMS,
        N_("A {kind} is issued for at most {years} years; this one runs from {valid_from} to {valid_to}."),
        N_("Copy both days from the licence."),
    ),
    entry(
        "L3.data_missing",
        ADMISSION,
        BLOCK,
        LICENCE_TERMS,
        N_("A licence states its modes, and for each waste the yearly quantity; this is missing: {missing}."),
        N_("Copy them from the licence and its annex."),
    ),
    entry(
        "L7.number_form",
        ADMISSION,
        WARN,
        LICENCE_TERMS,
        N_("The number {number} is not written as the guide of 2009 asks: ten digits, or G before them."),
        N_("Provinces deviate from it: compare with the scan."),
    ),
    entry(
        "L3.not_yet_valid",
        TRADE | ISSUE,
        BLOCK,
        LICENCE_TERMS,
        N_("Licence {licence} is valid only from {valid_from}; the day in question is {day}."),
        N_("Choose a day from {valid_from} on, or another party."),
    ),
    entry(
        "L3.expired",
        TRADE | ISSUE | LOADING,
        BLOCK,
        LICENCE_TERMS,
        N_("Licence {licence} expired on {valid_to}; the day in question is {day}."),
        N_("Have the renewed licence registered, or choose another party."),
    ),
    entry(
        "L3.expires_soon",
        NIGHTLY,
        TASK,
        LICENCE_TERMS,
        N_("Licence {licence} ends on {valid_to}."),
        N_("Have the renewed licence registered before that day; bookings beyond it are refused."),
    ),
    entry(
        "L5.renew_in_time",
        NIGHTLY,
        TASK,
        LICENCE_TERMS,
        N_("The renewal of licence {licence} must be applied for by {due}: 30 working days before its end."),
        N_("Apply to the authority that issued it, and have the renewed licence registered."),
    ),
    entry(
        "L4.quota_exceeded",
        TRADE | ISSUE,
        BLOCK,
        LICENCE_TERMS,
        N_("{kg} kg of {code} exceed what licence {licence} leaves for this year: {left_kg} kg."),
        N_("Take at most {left_kg} kg, or choose another receiver."),
    ),
    entry(
        "L4.quota_near",
        TRADE | NIGHTLY,
        WARN,
        LICENCE_TERMS,
        N_("Licence {licence} is booked to {percent} % of its yearly mass for {code}."),
        N_("Plan further loads for next year, or apply for a larger yearly mass."),
    ),
    entry(
        "L4.scale_exceeded",
        NIGHTLY,
        WARN,
        LICENCE_TERMS,
        N_("Licence {licence} has taken {percent} % of its yearly mass; beyond 120 % it needs a new one."),
        N_("Take nothing more under it this year, and apply to the authority that issued it."),
    ),
    entry(
        "L9.carrier_not_permitted",
        TRADE | ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("The carrier holds no road transport permit under which {code} may travel."),
        N_("Choose a permitted carrier, or have the carrier register its permit."),
    ),
    entry(
        "L9.class_not_covered",
        TRADE | ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Permit {licence} of the carrier does not cover the dangerous-goods class of {code}."),
        N_("Choose a carrier whose permit covers this class."),
    ),
    entry(
        "L9.not_yet_valid",
        TRADE | ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Permit {licence} of the carrier is valid from {valid_from}, not on {day}."),
        N_("Wait until the permit is valid, or choose another carrier."),
    ),
    entry(
        "L9.expired",
        TRADE | ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Permit {licence} of the carrier expired on {valid_to}."),
        N_("Choose another carrier, or have the carrier register its renewed permit."),
    ),
    entry(
        "L9.vehicle_not_permitted",
        ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Vehicle {plate} has no transport certificate valid on {day} for {code}."),
        N_("Send another vehicle, or register the certificate. Do not load."),
    ),
    entry(
        "L9.driver_not_permitted",
        ISSUE | LOADING,
        BLOCK,
        CARRIAGE,
        N_("Driver {driver} has no dangerous-goods certificate valid on {day}."),
        N_("Send another driver, or register the certificate. Do not load."),
    ),
    entry(
        "L9.classes_missing",
        ADMISSION,
        BLOCK,
        CARRIAGE,
        N_("A permit or certificate for dangerous goods states its classes."),
        N_("Copy the classes from the permit, such as 3 and 6."),
    ),
    entry(
        "L12.not_listed",
        ADMISSION,
        BLOCK,
        EXEMPT,
        N_("The exemption list in force has no line for {code} in the stage {stage} under this number."),
        N_("Choose one of the lines that are shown for this code."),
    ),
    entry(
        "L12.evidence_missing",
        ADMISSION,
        BLOCK,
        EXEMPT,
        N_("{code} is exempt only under a condition that has to be shown: {condition}."),
        N_("Say how the condition is met, and upload the evidence."),
    ),
    entry(
        "L12.point_to_point",
        ADMISSION,
        BLOCK,
        EXEMPT,
        N_("Directed use of {code} from point to point names the one unit whose waste it is."),
        N_("Give its social credit code; it must be on the register."),
    ),
    entry(
        "L13.contractor_unverified",
        TRADE | ISSUE,
        BLOCK,
        (Statute("contractor_check"),),
        N_("Nobody has verified that the receiver is able and entitled to take {code}."),
        N_("Verify the receiver's status and ability and have it registered before you agree."),
    ),
)
