"""How do the manifest tests draw up, sign and fail to sign?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine

from compliance.manifests import service
from compliance.manifests.rules import SIGNER, Act, Party
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.record.errors import DomainError, RuleBroken, Several
from compliance.record.who import SYSTEM, Who
from compliance.record.work import Work
from tests.factories.parties import MORNING, Cast, committed

WHOLE_WAY = (
    (Act.ISSUE, Signing()),
    (Act.LOAD, Signing(lat=30.6, lon=114.3)),
    (Act.DEPART, Signing()),
    (Act.ARRIVE, Signing()),
    (Act.ACCEPT, Signing(kg=9_950)),
    (Act.CONFIRM, Signing(kg=9_950)),
    (Act.TREAT, Signing()),
    (Act.CLOSE, Signing()),
)


def signer(cast: Cast, act: Act) -> Who:
    """Return the person whose turn it is."""
    return {Party.MOVER: cast.producer, Party.CARRIER: cast.driver, Party.RECEIVER: cast.processor}[
        SIGNER[act]
    ]


def drafted(engine: Engine, cast: Cast, now: datetime = MORNING, **changes: object) -> UUID:
    """Draw a manifest up and return its id."""
    return committed(engine, lambda work: service.draft(work, cast.load(**changes)), now=now).id


def do(
    engine: Engine,
    manifest_id: UUID,
    what: Act,
    who: Who = SYSTEM,
    signing: Signing | None = None,
    now: datetime = MORNING,
) -> Manifest:
    """Sign one act in a transaction of its own; the mass is on the scale before loading."""

    def sign(work: Work) -> Manifest:
        row = work.session.get_one(Manifest, manifest_id)
        if what is Act.LOAD:
            service.note_loaded(work, row.id, 9_980)
        return service.act(work, row, what, signing)

    return committed(engine, sign, who, now)


def rules_of(refusal: DomainError) -> set[str]:
    """Return the ids of every rule in a refusal."""
    found = refusal.errors if isinstance(refusal, Several) else (refusal,)
    return {one.rule for one in found if isinstance(one, RuleBroken)}


def refused(engine: Engine, manifest_id: UUID, what: Act, who: Who, **more: object) -> dict[str, RuleBroken]:
    """Return the broken rules by id."""
    with pytest.raises((RuleBroken, Several)) as refusal:
        do(engine, manifest_id, what, who, **more)
    found = refusal.value.errors if isinstance(refusal.value, Several) else (refusal.value,)
    return {one.rule: one for one in found if isinstance(one, RuleBroken)}
