"""What can go wrong, in terms that a person can act upon?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def N_(message: str) -> str:  # noqa: N802 - the gettext community's name for "translate later"
    """Mark a text for the translation catalogue without translating it yet."""
    return message


class DomainError(Exception):
    """A refusal that names what was refused and why.

    `code` is stable and documented; `message` is an English text of the translation catalogue with
    `{named}` places that `values` fill; `field` is the input that has to change.
    """

    code = "refused"
    status = 400
    counted = False
    """Whether the front door has put this refusal into its tally."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        way_out: str | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        self.message = message
        self.code = code or type(self).code
        self.field = field
        self.way_out = way_out
        self.values: dict[str, object] = dict(values or {})
        super().__init__(message.format(**self.values) if self.values else message)


class NotFound(DomainError):
    """The thing does not exist, or not for this reader."""

    code = "not_found"
    status = 404

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(N_("{kind} {key} was not found."), values={"kind": kind, "key": str(key)})


class Forbidden(DomainError):
    """The person may not do this."""

    code = "forbidden"
    status = 403


class Conflict(DomainError):
    """The thing has changed meanwhile, or is not in a state that allows the act."""

    code = "conflict"
    status = 409


class Stale(DomainError):
    """The reader edits a version that is no longer the newest."""

    code = "stale_version"
    status = 412


class Invalid(DomainError):
    """The input cannot be right, whatever the law says."""

    code = "invalid"
    status = 422


class RuleBroken(DomainError):
    """A rule of the domain forbids the act; names the rule and the legal article in force that day."""

    code = "rule_broken"
    status = 422

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        article: str = "",
        field: str | None = None,
        way_out: str | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        self.rule = rule
        self.article = article
        super().__init__(
            message, code=rule.split(".", maxsplit=1)[0], field=field, way_out=way_out, values=values
        )


class Several(DomainError):
    """Several refusals at once: a person is told all reasons, not the first."""

    code = "several"
    status = 422

    def __init__(self, errors: Sequence[DomainError]) -> None:
        self.errors = tuple(errors)
        super().__init__(N_("{count} reasons stand against this."), values={"count": len(self.errors)})


def raise_all(errors: Sequence[DomainError]) -> None:
    """Raise nothing for no error, the error itself for one, `Several` for more."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Several(errors)
