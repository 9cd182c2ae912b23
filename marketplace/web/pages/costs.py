"""What does a dispatcher say that a day, a kilometre and an hour cost?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.record.errors import N_, DomainError, Invalid, raise_all
from compliance.record.who import Role
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.plans import costs
from marketplace.plans.rules import Costs
from marketplace.web.forms import Form
from marketplace.web.pages.typed import decimal

HOME = "/dispatch/costs"
FEN = 100


class CostsForm(msgspec.Struct):
    """What the form sends, as typed: yuan, and minutes of a stop."""

    fixed_fen: str = ""
    per_km_fen: str = ""
    per_hour_fen: str = ""
    stop_minutes: str = ""


class CarrierCosts(Controller):
    """What plans are reckoned with 成本参数."""

    path = HOME
    include_in_schema = False
    guards = (requires(Role.DISPATCHER),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the figures that the own carrier's plans are reckoned with."""
        with door.reading(request) as work:
            return _page(request, _typed(costs.costs_of(work)))

    @post("/", sync_to_thread=True)
    def state(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[CostsForm]
    ) -> Response[str] | Response[bytes]:
        """State them; what is refused comes back as it was typed."""
        try:
            with door.work(request) as work:
                costs.set_costs(work, meant(data))
        except DomainError as refusal:
            return _page(request, msgspec.to_builtins(data), refusal)
        return go(request, "/dispatch", N_("Plans are reckoned with these figures from now on."))


def meant(form: CostsForm) -> Costs:
    """Return the figures that were typed: yuan to the fen, whole minutes. Raises every fault."""
    found: dict[str, int] = {}
    faults: list[DomainError] = []
    for name in CostsForm.__struct_fields__:
        try:
            found[name] = _whole(getattr(form, name), name)
        except Invalid as fault:
            faults.append(fault)
    raise_all(faults)
    return Costs(**found)


def _whole(text: str, name: str) -> int:
    exact = decimal(text, name) * (1 if name == "stop_minutes" else FEN)
    if exact != int(exact):
        raise Invalid(N_("Finer than a fen, or than a minute, is not reckoned."), field=name)
    return int(exact)


def _typed(figures: Costs) -> dict[str, str]:
    told = asdict(figures)
    return {
        name: str(value) if name == "stop_minutes" else f"{Decimal(value) / FEN:f}"
        for name, value in told.items()
    }


def _page(request: Visit, values: Mapping[str, str], refusal: DomainError | None = None) -> Response[str]:
    errors = reasons_by_field(refusal, reader(request)) if refusal else {}
    known = set(CostsForm.__struct_fields__)
    return page(
        request,
        "dispatch/costs.html",
        refusal.status if refusal else 200,
        form=Form(values, errors),
        refused=[one for field, several in errors.items() if field not in known for one in several],
        assumed=_typed(Costs()),
    )


ROUTES: list[ControllerRouterHandler] = [CarrierCosts]
