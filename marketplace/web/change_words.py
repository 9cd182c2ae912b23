"""What does a change that would bring a lot to a receiver say to a person?"""

from __future__ import annotations

from collections.abc import Mapping

from compliance.record.errors import N_
from marketplace.web.formats import format_kg
from marketplace.web.reasons import figure_words
from marketplace.web.translation import Language, translate
from matching.changes import Change, Step

WORDS: Mapping[Step, str] = {
    Step.LOWER_EXPECTATION: N_("Expect {amount} CNY/t less."),
    Step.RENEW_READY: N_("Choose a later end of the window in which the lot is ready."),
    Step.OPEN_RECEIVING: N_("The receiver would have to open an hour in that window."),
    Step.WIDEN_REACH: N_("Loads would have to be taken from {km} km away."),
    Step.FIND_VEHICLE: N_("Find a vehicle for {kg} that may carry the lot."),
    Step.ADD_QUOTA: N_("The receiver's licence for this waste would have to grow by {kg}."),
    Step.ADD_TOTAL: N_("The receiver's need altogether would have to grow by {kg}."),
    Step.GET_APPROVAL: N_("Get the transfer across provinces approved."),
    Step.LIFT_EXCLUSION: N_("The exclusion between the two would have to be lifted."),
    Step.ALLOW_MODE: N_("Allow the receiver's way of treatment."),
    Step.ADD_CODE: N_("The receiver would need a licence for {kg} of this waste."),
    Step.STATE_FIGURE: N_("Have the waste analysed; for {figure} a value like {amount} would do."),
    Step.MEET_LIMIT: N_("Treat the waste until its {figure} is {amount}."),
    Step.OPEN_GATE: N_("The receiver would have to open its gate on one of those days."),
    Step.RAISE_APPROVAL: N_("Get {kg} more approved for the transfer."),
}


def tell_change(change: Change, language: Language) -> str:
    """Return a change as a person reads it."""
    amount = change.amount
    return translate(
        language,
        WORDS[change.step],
        amount=f"{amount:,.2f}" if change.step is Step.LOWER_EXPECTATION else f"{amount:f}",
        kg=format_kg(int(amount), language),
        km=f"{amount / 1000:,.1f}",
        figure=translate(language, figure_words(change.figure)) if change.figure else "",
    )
