"""How does a terminal get a key for its person, and how is it taken away?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from compliance.record.credential import Credential, ProofWanted
from compliance.record.errors import N_, Conflict, Forbidden, Invalid
from compliance.record.work import Work
from compliance.signing_keys import queries
from compliance.signing_keys.rules import MOST_KEYS, Algorithm, claim, require_signed
from compliance.signing_keys.tables import SigningKey


@dataclass(frozen=True, slots=True)
class NewKey:
    """The public half of a terminal's key, and its signature under `rules.claim`; both hexadecimal."""

    label: str
    algorithm: Algorithm
    public_key: str
    signature: str


def enrol(work: Work, new: NewKey) -> SigningKey:
    """Bind a terminal's key to the person who acts; the password was given a short time before.

    The same key again, of the same person, is the key that is there.
    """
    if work.signed_by() is not Credential.PASSWORD:
        raise ProofWanted
    person_id, organisation_id = work.who.person_id, work.who.organisation_id
    assert person_id is not None
    assert organisation_id is not None
    public_key = new.public_key.lower()
    require_signed(new.algorithm, public_key, claim(person_id, new.algorithm, public_key), new.signature)
    label = new.label.strip()
    if not 1 <= len(label) <= 60:
        raise Invalid(
            N_("Give the terminal a name of up to {most} characters."), field="label", values={"most": 60}
        )
    own = [one for one in queries.keys(work.session, work.who) if one.person_id == person_id]
    same = next((one for one in own if one.public_key == public_key), None)
    if same is not None:
        return same
    if sum(one.revoked_at is None for one in own) >= MOST_KEYS:
        raise Conflict(
            N_("You have {most} terminals already."),
            code="too_many_keys",
            way_out=N_("Revoke the key of one that you no longer use."),
            values={"most": MOST_KEYS},
        )
    row = SigningKey(
        id=work.new_id(),
        person_id=person_id,
        person_name=work.who.name,
        organisation_id=organisation_id,
        label=label,
        algorithm=new.algorithm.value,
        public_key=public_key,
        enrolled_at=work.now,
        last_seq=0,
        last_hash="",
    )
    work.session.add(row)
    work.session.flush()
    work.append("SigningKeyEnrolled", row.id, label=label, algorithm=row.algorithm, public_key=public_key)
    return row


def revoke(work: Work, key_id: UUID, reason: str) -> SigningKey:
    """Make a key worthless: its person, or whoever acts for the organisation from its office.

    What it signed before and comes in afterwards is set aside for a decision. A second call changes nothing.
    """
    row = queries.key(work.session, key_id, work.who)
    own = row.person_id == work.who.person_id
    office = row.organisation_id == work.who.organisation_id and work.who.has(*queries.OFFICE)
    if not own and not office:
        raise Forbidden(N_("Only its person or the own organisation revokes a terminal's key."))
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by, row.reason = work.now, work.who.name, reason.strip()[:400]
        work.append("SigningKeyRevoked", row.id, label=row.label, reason=row.reason)
    return row
