"""What may go wrong with a load beside its vehicle, and who may let it go on all the same?

A truck of hazardous waste at a locked gate is worse than a form in the wrong state: every block has a way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from compliance.manifests.rules import Act, Party
from compliance.record.errors import N_
from compliance.record.who import Role


class Situation(StrEnum):
    """What has happened."""

    COMPANY_CLOSED = "company_closed"
    SIGNER_ABSENT = "signer_absent"
    WRONG_CARRIER = "wrong_carrier"
    WRONG_WEIGHT = "wrong_weight"
    WRONG_CODE = "wrong_code"
    AUTHORITY_ORDER = "authority_order"


class State(StrEnum):
    """Where an exception stands."""

    ASKED = "asked"
    GRANTED = "granted"
    DENIED = "denied"
    USED = "used"


class Verdict(StrEnum):
    """What moves an exception."""

    GRANT = "grant"
    DENY = "deny"
    USE = "use_up"


NEXT: Mapping[tuple[State, Verdict], State] = {
    (State.ASKED, Verdict.GRANT): State.GRANTED,
    (State.ASKED, Verdict.DENY): State.DENIED,
    (State.GRANTED, Verdict.USE): State.USED,
    (State.GRANTED, Verdict.DENY): State.DENIED,
}

RECEIPT = frozenset({Act.ACCEPT, Act.ACCEPT_PART})
"""Leave for one is leave for the other, since how much is taken shows at the gate; it covers confirming."""

ANY = frozenset({"*"})
"""Every rule: what an authority has ordered is not stopped by a rule it is there to enforce."""


@dataclass(frozen=True, slots=True)
class Way:
    """One situation as data: the acts it opens, the rules it sets aside, who stands in, who may grant it.

    `stand_ins` are the parties that may sign for the one whose turn it is; `own_house`: anybody of that
    party's own house. A role in `grants` belongs to whoever holds it, a party to its own signers.
    """

    situation: Situation
    words: str
    leads_to: str
    acts: frozenset[Act]
    grants: tuple[Party | Role, ...]
    waives: frozenset[str] = frozenset()
    stand_ins: frozenset[Party] = frozenset()
    own_house: bool = False
    asks_kg: bool = False
    asks_carrier: bool = False

    def sets_aside(self, rule: str) -> bool:
        """Tell whether a rule does not stop an act under this exception."""
        return self.waives == ANY or rule in self.waives


WAYS: Mapping[Situation, Way] = {
    way.situation: way
    for way in (
        Way(
            Situation.COMPANY_CLOSED,
            N_("The receiver is closed, or does not let the vehicle in."),
            N_("The carrier signs that the load was not taken, and it goes back or onward."),
            frozenset({Act.REFUSE, Act.RETURN}),
            (Party.MOVER, Role.OPERATOR, Role.INSPECTOR),
            stand_ins=frozenset({Party.CARRIER}),
        ),
        Way(
            Situation.SIGNER_ABSENT,
            N_("Whoever signs for a party is not there."),
            N_("Somebody else of the same house signs this one act."),
            frozenset(
                {
                    Act.ISSUE,
                    Act.LOAD,
                    Act.DEPART,
                    Act.HAND_OVER,
                    Act.TAKE_OVER,
                    Act.KEEP_LOAD,
                    Act.ARRIVE,
                    Act.ACCEPT,
                    Act.ACCEPT_PART,
                    Act.REFUSE,
                    Act.RETURN,
                    Act.CONFIRM,
                    Act.TREAT,
                    Act.CLOSE,
                    Act.END_RETURN,
                    Act.BACK_ENTER,
                }
            ),
            (Role.OPERATOR, Role.INSPECTOR),
            own_house=True,
        ),
        Way(
            Situation.WRONG_CARRIER,
            N_("Another carrier has come for the load than the one on the manifest."),
            N_("The manifest names that carrier and its vehicle; its permits are asked for as ever."),
            frozenset({Act.LOAD}),
            (Party.CARRIER, Role.OPERATOR),
            asks_carrier=True,
        ),
        Way(
            Situation.WRONG_WEIGHT,
            N_("There is no weight, or one that cannot be right."),
            N_("The mass is taken from the evidence that is named, and is marked as typed, not weighed."),
            frozenset({Act.LOAD, Act.ACCEPT, Act.ACCEPT_PART}),
            (Party.MOVER, Party.RECEIVER, Role.OPERATOR),
            waives=frozenset({"M4.not_weighed", "M10.weight_missing", "M10.over_accepted"}),
            asks_kg=True,
        ),
        Way(
            Situation.WRONG_CODE,
            N_("Another waste was found at the gate than the one on the manifest."),
            N_("The code is corrected although the receiver is not licensed for it; the load is set apart."),
            frozenset({Act.CORRECT}),
            (Role.INSPECTOR,),
            waives=frozenset(
                {
                    "L1.code_not_covered",
                    "L1.mode_not_covered",
                    "L4.quota_exceeded",
                    "L9.class_not_covered",
                    "X5.new_application",
                    "L13.contractor_unverified",
                }
            ),
        ),
        Way(
            Situation.AUTHORITY_ORDER,
            N_("An authority has ordered that the load moves or is taken."),
            N_("The act is signed although a rule forbids it; the order stands beside it."),
            frozenset(
                {
                    Act.ISSUE,
                    Act.LOAD,
                    Act.HAND_OVER,
                    Act.TAKE_OVER,
                    Act.ACCEPT,
                    Act.ACCEPT_PART,
                    Act.CORRECT,
                    Act.CLOSE,
                }
            ),
            (Role.INSPECTOR,),
            waives=ANY,
        ),
    )
}
"""A phone without signal needs no leave: the transfer runs on paper from then on (`paper.go_on_paper`)."""


def ways_past(rule: str, act: Act) -> tuple[Way, ...]:
    """Return the ways that set a rule aside for an act."""
    return tuple(way for way in WAYS.values() if act in way.acts and way.sets_aside(rule))
