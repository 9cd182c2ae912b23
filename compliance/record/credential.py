"""By what does a person sign, and is that still good?"""

from __future__ import annotations

from enum import StrEnum

from compliance.record.errors import N_, DomainError


class Credential(StrEnum):
    """By what a signature was made."""

    PASSWORD = "password"  # noqa: S105 - a kind of credential, not a secret
    """A person in a browser, whose password was proved a short time before."""
    TOKEN = "token"  # noqa: S105
    """A program in a person's name, by its API token."""
    DEVICE = "device"
    """A person without signal, by a key that only this terminal holds."""
    PAPER = "paper"
    """A person who enters what was signed on paper."""
    PRODUCT = "product"
    """The product itself: a reaction, or a simulated colleague of the demonstration."""


class ProofWanted(DomainError):
    """A signature rests on a password that was proved too long ago."""

    code = "proof_wanted"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            N_("To sign, give your password again."),
            field="signing_password",
            way_out=N_("Send the same once more with the password; over the API a token signs."),
        )
