"""By which word do people know a code of documents, visits, exemptions and exceptions?"""

from __future__ import annotations

from collections.abc import Mapping

from compliance.qualification.rules import SHEETS
from compliance.record.errors import N_

PARTY_WORDS: Mapping[str, str] = {
    # documents
    **{sheet.kind.value: sheet.words for sheet in SHEETS.values()},
    "submitted": N_("submitted"),
    "checked": N_("accepted once, waits for the second reviewer"),
    "returned": N_("given back"),
    "missing": N_("missing"),
    # where a catalogue comes from
    "official": N_("the official list"),
    "carried_over_2021": N_("carried over from 2021, until the official list is imported"),
    "weak_source": N_("weak source, for demonstrations"),
    "memory": N_("from memory, for demonstrations"),
    "memory_unverified": N_("from memory, not verified, for demonstrations"),
    # exemptions
    "claimed": N_("claimed"),
    "granted": N_("granted"),
    "grant": N_("grant"),
    # what an exception is asked for
    "company_closed": N_("the receiver is closed"),
    "signer_absent": N_("the signer is not there"),
    "wrong_carrier": N_("another carrier has come"),
    "wrong_weight": N_("no weight, or a wrong one"),
    "wrong_code": N_("another waste was found"),
    "authority_order": N_("an authority ordered it"),
    # exceptions whose photo or scan follows
    "without_photo": N_("why there is no photo or scan"),
    "evidence_due_at": N_("to be handed in by"),
    "phone_broken": N_("the phone is broken"),
    "no_signal": N_("no signal"),
    "photo_forbidden": N_("pictures are forbidden there"),
    "other_reason": N_("another reason, said below"),
    "asker": N_("whoever asked for leave"),
    # visits
    "qualification_recheck": N_("re-check of qualification"),
    "site_visit": N_("site visit"),
    "drawn": N_("drawn"),
    "passed": N_("passed"),
    "rectifying": N_("to be put right"),
    "rectified": N_("put right"),
    "visit_failed": N_("not put right"),
    "in_order": N_("in order"),
    "not_in_order": N_("not in order"),
    "not_applicable": N_("does not apply"),
    "pass_visit": N_("pass"),
    "order": N_("order"),
    "pass_again": N_("pass again"),
    "fail_visit": N_("fail"),
    "call_off": N_("call off"),
    "quota_near": N_("nearly full"),
    "quota_full": N_("full"),
    "quota_broken": N_("far beyond the licence"),
    "check": N_("accept first"),
    "revoke": N_("revoke"),
    # what a file of the catalogue says
    "codes": N_("waste codes"),
    "exemptions": N_("exemption list"),
    "scope": N_("which waste is meant"),
    "condition": N_("condition"),
    "effect": N_("effect"),
    "category_name": N_("category"),
    "industry": N_("industry"),
    "description": N_("description"),
    "hazards": N_("hazards"),
}
"""Codes about parties, for `words.WORDS`."""
