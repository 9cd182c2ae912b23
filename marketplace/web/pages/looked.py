"""What does a receiver say that it found at the gate, as the boxes of a form send it (M10, M12)?"""

from __future__ import annotations

from typing import Annotated

import msgspec

from compliance.receipts.rules import Aspect, Looked
from compliance.record.errors import N_, Invalid

Note = Annotated[str, msgspec.Meta(max_length=200)]


class LookedForm(msgspec.Struct):
    """Which aspects differ, as ticked, and the note beside each."""

    differs: list[str] | str = msgspec.field(default_factory=list)
    note_kind: Note = ""
    note_quantity: Note = ""
    note_property: Note = ""
    note_form: Note = ""
    note_packaging: Note = ""
    note_marks: Note = ""

    def ticked(self) -> list[str]:
        """Return the boxes that were ticked."""
        return self.differs.split() if isinstance(self.differs, str) else list(self.differs)

    def looked(self) -> Looked:
        """Return what the receiver found; a note beside a box that is not ticked says that it differs too."""
        try:
            ticked = {Aspect(one) for one in self.ticked()}
        except ValueError:
            raise Invalid(N_("Choose from the list."), field="differs") from None
        notes = {one: str(getattr(self, f"note_{one.value}")).strip() for one in Aspect}
        return Looked({one: note for one, note in notes.items() if note or one in ticked})
