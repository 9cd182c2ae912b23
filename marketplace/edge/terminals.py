"""What does a terminal hand in once it has signal again, and was any of it done before?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from compliance.manifests import reserved
from compliance.record.work import Work
from compliance.signing_keys import queries as keys
from compliance.signing_keys import service as signing_keys
from compliance.signing_keys.rules import Statement
from compliance.signing_keys.tables import SigningKey
from marketplace.edge import once
from marketplace.edge.door import Door
from marketplace.edge.once import Intent
from marketplace.edge.refusals import KeyReused
from tracking.kept_acts import service
from tracking.kept_acts.service import Delivery, Item
from tracking.kept_acts.tables import KeptAct


def press(intent: str, subject: UUID, act: str) -> Intent:
    """Return the name of one press of a button, under which it is carried out once, online or kept."""
    return Intent(f"drive:{intent}", hashlib.sha256(f"{subject} {act}".encode()).hexdigest())


def first_press(door: Door, work: Work, intent: str, subject: UUID, act: str) -> bool:
    """Take a press of a button, and tell whether it came for the first time.

    Raises `KeyReused` where the name was given to another press before.
    """
    person_id, pressed = work.who.person_id, press(intent, subject, act)
    assert person_id is not None
    if once.take(work.session, person_id, pressed, door.wall()):
        return True
    once.answered(work.session, person_id, pressed)
    return False


def hand_in(door: Door, work: Work, key_id: UUID, items: Sequence[Item]) -> tuple[SigningKey, list[KeptAct]]:
    """Take in what a terminal signed; a press whose answer was lost on the way is not done twice.

    One that bears the name of another press was signed all the same, and is judged for itself.
    """

    def done(said: Statement) -> bool:
        try:
            return not first_press(door, work, said.intent, said.subject, said.act)
        except KeyReused:
            return False

    key = keys.key(work.session, key_id, work.who)
    return key, service.receive(work, key, items, Delivery(door.wall(), done))


def revoke(work: Work, key_id: UUID, reason: str) -> SigningKey:
    """Make a terminal's key worthless; numbers that it holds are void, with the reason.

    None goes back to its series: the terminal may have issued with it where there was no signal.
    """
    row = signing_keys.revoke(work, key_id, reason)
    reserved.void(work, keys.numbers(work.session, row.id), reason.strip() or REVOKED)
    work.session.flush()
    return row


REVOKED = "终端密钥已吊销 the terminal's key was revoked"
"""What stands on the record beside numbers that end with their key, where nobody gave a reason."""
