"""How does a weighed load become a signed receipt, a dispute or a refusal?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from compliance.approvals import service as approvals
from compliance.manifests import exceptions, paper
from compliance.manifests import service as manifests
from compliance.manifests.rules import Act
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.receipts import queries
from compliance.receipts.rules import Comparison, Looked, State, payable_kg
from compliance.receipts.tables import Receipt
from compliance.record.errors import N_, DomainError, Invalid, RuleBroken, raise_all
from compliance.record.work import Work
from compliance.registry import bookings
from compliance.rulebook.rules import broken


def draft(
    work: Work,
    row: Manifest,
    sender_kg: int,
    receiver_kg: int,
    weighing_ids: Sequence[UUID],
    tolerance: Mapping[str, object] | None = None,
) -> Receipt:
    """Draw up the receipt once both nets are known; a second call brings a draft up to date.

    `tolerance` says in `kg` how far the nets may differ, and beside it what that rests on; without it they
    may differ by the usual 3 per mille.
    """
    allowed = None if tolerance is None else int(str(tolerance["kg"]))
    comparison = Comparison(sender_kg, receiver_kg, allowed)
    receipt = queries.of_manifest(work.session, row.id)
    if receipt is None:
        receipt = Receipt(
            id=work.new_id(),
            manifest_id=row.id,
            deal_id=row.deal_id,
            receiver_id=row.receiver_id,
            state=State.DRAFT.value,
            created_at=work.now,
        )
        work.session.add(receipt)
    if State(receipt.state) is State.DRAFT:
        receipt.sender_kg, receipt.receiver_kg = sender_kg, receiver_kg
        receipt.within_tolerance = comparison.within
        receipt.tolerance_kg = comparison.tolerance_kg
        receipt.tolerance_parts = None if tolerance is None else dict(tolerance)
        receipt.weighing_ids = [str(key) for key in weighing_ids]
        work.append(
            "ReceiptDrafted",
            receipt.id,
            manifest=str(row.id),
            sender_kg=sender_kg,
            receiver_kg=receiver_kg,
            within_tolerance=comparison.within,
            tolerance_kg=comparison.tolerance_kg,
            tolerance=receipt.tolerance_parts,
        )
    return receipt


def take_back(work: Work, row: Manifest) -> None:
    """Take a draft back whose weights are no longer there: a ticket became void, or is another load's.

    What somebody has signed, or typed by leave, stays. Appends `ReceiptWithdrawn`.
    """
    receipt = queries.of_manifest(work.session, row.id)
    if receipt is None or State(receipt.state) is not State.DRAFT or receipt.receiver_typed:
        return
    if not receipt.weighing_ids:
        return
    work.session.delete(receipt)
    work.append(
        "ReceiptWithdrawn",
        receipt.id,
        manifest=str(row.id),
        sender_kg=receipt.sender_kg,
        receiver_kg=receipt.receiver_kg,
    )


def enter_paper(work: Work, row: Manifest, told: paper.Paper) -> Receipt:
    """Enter a transfer that ran on paper; its nets are those of the paper where no scale told them here."""
    paper.back_enter(work, row, told)
    receipt = queries.of_manifest(work.session, row.id)
    return receipt or draft(work, row, told.sender_kg, told.receiver_kg, [])


def sign(
    work: Work, row: Manifest, accepted_kg: int, reason: str = "", looked: Looked | None = None
) -> Receipt:
    """Accept a load, whole or in part, and confirm it: the receiver's two signatures (M10-M12).

    What is not taken whole says in `looked` what differs. Outside the tolerance of S2 the receipt is
    disputed: what both ends agree upon may be settled.
    """
    manifests.require_party(work, row, Act.ACCEPT)
    receipt = _weighed_or_typed(work, row, accepted_kg)
    whole = accepted_kg == receipt.receiver_kg
    looked = looked or Looked()
    if not whole:
        raise_all(_unexplained(reason, looked))
    signing = Signing(kg=accepted_kg, reason=reason, received_kg=receipt.receiver_kg)
    row.findings = looked.kept()
    manifests.act(work, row, Act.ACCEPT if whole else Act.ACCEPT_PART, signing)
    manifests.act(work, row, Act.CONFIRM, Signing(kg=accepted_kg))
    receipt.accepted_kg, receipt.reason, receipt.signed_at = accepted_kg, reason, work.now
    receipt.state = (State.SIGNED if receipt.within_tolerance else State.DISPUTED).value
    bookings.confirm_draw(work, row.booking_id, accepted_kg)
    approvals.confirm(work, row.booking_id, receipt.receiver_kg)
    _announce(work, row, receipt, accepted_kg)
    _report(work, row, looked, reason)
    return receipt


def _weighed_or_typed(work: Work, row: Manifest, accepted_kg: int) -> Receipt:
    """Return the receipt of what was weighed, or drawn up from a mass that was typed by leave.

    Leave that names a mass puts it in the place of a missing or wrong weight; leave that only sets the
    rule aside takes the mass that is accepted for the one that arrived.
    """
    receipt = queries.of_manifest(work.session, row.id)
    leaves = exceptions.granted(work.session, row, Act.ACCEPT)
    typed_kg = next((leave.kg for leave in leaves if leave.kg), None)
    faults = [] if typed_kg is not None else _weight_faults(work, receipt, accepted_kg)
    if faults:
        raise_all(exceptions.still_against(leaves, faults))
        typed_kg = accepted_kg
    if typed_kg is not None:
        tickets = [UUID(key) for key in receipt.weighing_ids] if receipt is not None else []
        receipt = draft(work, row, row.loaded_kg or typed_kg, typed_kg, tickets)
        receipt.receiver_typed = True
        raise_all(_weight_faults(work, receipt, accepted_kg))
    assert receipt is not None
    return receipt


def reasons_against(work: Work, row: Manifest, what: Act, kg: int | None = None) -> list[DomainError]:
    """Return all that stands against accepting a mass today, as `sign` would say it; without one, all."""
    receipt = queries.of_manifest(work.session, row.id)
    leaves = exceptions.granted(work.session, row, Act.ACCEPT)
    typed_kg = next((leave.kg for leave in leaves if leave.kg), None)
    most = typed_kg if typed_kg is not None else receipt.receiver_kg if receipt is not None else None
    kg = most if kg is None else kg
    found = manifests.reasons_against(work, row, what, Signing(kg=kg))
    if ManifestState(row.state) is not ManifestState.ARRIVED:
        return found
    if typed_kg is None:
        weight = _weight_faults(work, receipt, kg or 0)
        found += exceptions.still_against(leaves, weight)
    elif kg is not None and kg > typed_kg:
        found.append(_over_accepted(work, kg, typed_kg))
    told = {getattr(one, "rule", one.code): one for one in found}
    return list(told.values())


def _over_accepted(work: Work, kg: int, most_kg: int) -> RuleBroken:
    return broken("M10.over_accepted", work.today, field="accepted_kg", kg=kg, loaded_kg=most_kg)


def _weight_faults(work: Work, receipt: Receipt | None, accepted_kg: int) -> list[RuleBroken]:
    if receipt is None:
        return [broken("M10.weight_missing", work.today, field="accepted_kg")]
    if accepted_kg > receipt.receiver_kg:
        return [_over_accepted(work, accepted_kg, receipt.receiver_kg)]
    return []


def refuse(work: Work, row: Manifest, reason: str, looked: Looked | None = None) -> None:
    """Refuse a load with a reason and what differs: it goes back, nothing is owed for it (M12).

    Whoever stands in for a receiver that is closed has looked at nothing, and names only the reason.
    """
    manifests.require_party(work, row, Act.REFUSE)
    raise_all(_unexplained(reason, looked or Looked(), own=work.who.organisation_id == row.receiver_id))
    receipt = queries.of_manifest(work.session, row.id)
    received_kg = receipt.receiver_kg if receipt is not None else None
    row.findings = looked.kept() if looked is not None else None
    manifests.act(work, row, Act.REFUSE, Signing(reason=reason, received_kg=received_kg))
    if receipt is not None:
        receipt.state, receipt.accepted_kg, receipt.reason = State.REFUSED.value, 0, reason
    bookings.confirm_draw(work, row.booking_id, 0)
    approvals.confirm(work, row.booking_id, 0)
    work.append("LoadRefused", row.id, deal=str(row.deal_id), reason=reason, rule="M12.mismatch")
    _report(work, row, looked or Looked(), reason)


def _report(work: Work, row: Manifest, looked: Looked, reason: str) -> None:
    """Report what differs beside the weight: the authority at the receiving place is told (M12)."""
    if looked.beside_weight:
        differs = {one.value: looked.differs[one].strip() for one in looked.beside_weight}
        work.append("MismatchReported", row.id, state=row.state, reason=reason, differs=differs)


def _unexplained(reason: str, looked: Looked, *, own: bool = True) -> list[DomainError]:
    faults: list[DomainError] = []
    if not reason.strip():
        faults.append(_reason_wanted())
    if own and not looked.differs:
        faults.append(
            Invalid(
                N_("Say what differs from the manifest."),
                field="differs",
                way_out=N_("Tick at least one: kind, quantity, property, form, packaging or marks."),
            )
        )
    return faults


def _reason_wanted() -> Invalid:
    return Invalid(
        N_("Say why the load is not accepted whole."),
        field="reason",
        way_out=N_("Name what differs: kind, weight, packaging or marks."),
    )


def _announce(work: Work, row: Manifest, receipt: Receipt, accepted_kg: int) -> None:
    comparison = Comparison(receipt.sender_kg, receipt.receiver_kg, receipt.tolerance_kg)
    work.append(
        "ReceiptSigned",
        receipt.id,
        manifest=str(row.id),
        deal=str(row.deal_id),
        sender_kg=receipt.sender_kg,
        receiver_kg=receipt.receiver_kg,
        accepted_kg=accepted_kg,
        payable_kg=payable_kg(comparison, accepted_kg),
    )
    if not comparison.within:
        work.append(
            "WeightDisputed",
            receipt.id,
            manifest=str(row.id),
            deal=str(row.deal_id),
            gap_permille=f"{float(comparison.gap_permille):.2f}",
            tolerance_kg=comparison.tolerance_kg,
            rule="S2.outside_tolerance",
        )
