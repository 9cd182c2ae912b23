"""Which pages does the navigation offer a person, and under which heading?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from compliance.record.errors import N_
from compliance.record.who import Role

PRODUCER, PROCESSOR, DISPATCHER = Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER
DRIVER, INSPECTOR, OPERATOR = Role.DRIVER, Role.INSPECTOR, Role.OPERATOR
EVERYBODY = frozenset({PRODUCER, PROCESSOR, DISPATCHER, DRIVER, INSPECTOR, OPERATOR})
OVERSEERS = frozenset({INSPECTOR, OPERATOR})
PARTIES = frozenset({PRODUCER, PROCESSOR, DISPATCHER})
TRADERS = PARTIES | {OPERATOR}
OFFICES = PARTIES | OVERSEERS


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the navigation: its address, its words, and who is offered it."""

    address: str
    words: str
    roles: frozenset[Role]

    def is_at(self, path: str) -> bool:
        """Tell whether a path is this page or lies below it."""
        return path == self.address or (self.address != "/" and path.startswith(f"{self.address}/"))


@dataclass(frozen=True, slots=True)
class Heading:
    """Pages that belong together; without words they stand in the open."""

    words: str
    pages: tuple[Page, ...]

    def is_at(self, path: str) -> bool:
        """Tell whether a path is at one of the pages."""
        return any(page.is_at(path) for page in self.pages)


HEADINGS = (
    Heading(
        "",
        (
            Page("/", N_("Home"), EVERYBODY),
            Page("/lots", N_("My lots"), frozenset({PRODUCER})),
            Page("/incoming", N_("Incoming loads"), frozenset({PROCESSOR})),
            Page("/needs", N_("My needs"), frozenset({PROCESSOR})),
            Page("/dispatch", N_("Dispatch board"), frozenset({DISPATCHER})),
            Page("/drive", N_("My trips"), frozenset({DRIVER, DISPATCHER})),
            Page("/map", N_("Live map"), OVERSEERS),
            Page("/road-check", N_("Road check"), OVERSEERS),
            Page("/manifests", N_("Manifests"), OFFICES),
            Page("/alerts", N_("Alerts"), OFFICES),
        ),
    ),
    Heading(
        N_("Trade"),
        (
            Page("/market", N_("The market"), OVERSEERS),
            Page("/deals", N_("Deals"), TRADERS),
            Page("/settlements", N_("Settlements"), TRADERS),
        ),
    ),
    Heading(
        N_("Transport and devices"),
        (
            Page("/weighings", N_("Weighings"), OFFICES),
            Page("/take", N_("Take a load"), frozenset({DISPATCHER, PROCESSOR, DRIVER})),
            Page("/kept-acts", N_("Signed without signal"), OVERSEERS | {DISPATCHER, PRODUCER}),
            Page("/ways", N_("Drives and stops"), OVERSEERS | {DISPATCHER}),
            Page("/areas", N_("Restricted areas"), OVERSEERS),
            Page("/devices", N_("Devices"), OFFICES),
        ),
    ),
    Heading(
        N_("Compliance"),
        (
            Page("/deadlines", N_("Deadlines"), OFFICES),
            Page("/exceptions", N_("Exceptions"), OFFICES),
            Page("/approvals", N_("Across provinces"), OVERSEERS | {PRODUCER, PROCESSOR}),
            Page("/ledgers", N_("Ledgers"), OVERSEERS | {PRODUCER, PROCESSOR}),
            Page("/pipelines", N_("Pipelines"), OVERSEERS | {PRODUCER, PROCESSOR}),
            Page("/collection", N_("Collection"), OVERSEERS | {PRODUCER}),
            Page("/construction", N_("Construction waste"), OFFICES),
            Page("/quotas", N_("Yearly quantities"), OVERSEERS | {PROCESSOR}),
            Page("/exemptions", N_("Exemptions"), OFFICES),
            Page("/documents", N_("Documents"), OVERSEERS),
            Page("/catalogue", N_("Catalogue"), OVERSEERS),
            Page("/organisation", N_("My organisation"), PARTIES),
        ),
    ),
    Heading(
        N_("Supervision"),
        (
            Page("/visits", N_("Visits"), OFFICES),
            Page("/analyses", N_("Analyses"), OVERSEERS),
            Page("/cases", N_("Case files"), OVERSEERS),
            Page("/proof", N_("Audit proof"), OVERSEERS),
        ),
    ),
)
"""What a role works with all day stands in the open, the rest under headings."""


def navigation(roles: Collection[Role]) -> tuple[Heading, ...]:
    """Return what somebody with these roles is offered; a heading left with one page opens directly."""
    offered = (
        Heading(heading.words, tuple(page for page in heading.pages if page.roles & set(roles)))
        for heading in HEADINGS
    )
    return tuple(
        Heading("", heading.pages) if len(heading.pages) == 1 else heading
        for heading in offered
        if heading.pages
    )
