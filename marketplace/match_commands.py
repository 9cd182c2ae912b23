"""How is the matching engine used from a shell, on files and without a database?"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from marketplace.match_answers import SECONDS_GIVEN, THREADS_GIVEN, refuse, require_place
from marketplace.match_clear import clear
from marketplace.match_explain import explain
from marketplace.match_prepare import prepare
from marketplace.match_signals import interrupted

if TYPE_CHECKING:
    from matching.routing.instances import Instance
    from matching.routing.model import Goal
    from matching.routing.plan import Plan
    from matching.routing.relax import WayOut
    from matching.routing.search.limits import Progress

Ways = dict[int, "WayOut | None"]
"""By request, the way out that was found; None: no single change helps."""

SECONDS = 10.0
EVERY_S = 0.1


@click.group("match")
def match() -> None:
    """The matching engine on files: routes, the clearing of a market, and why."""


match.add_command(clear)
match.add_command(explain)
match.add_command(prepare)


class PlotFile(click.ParamType[Path]):
    """A file to draw into, by its ending."""

    name = "file.png|html"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Refuse an ending nobody can draw."""
        path = Path(str(value))
        if path.suffix not in (".png", ".html"):
            self.fail(f"{path}: a plot ends in .png or .html", param, ctx)
        return path


_FILE = click.argument("file", type=click.Path(path_type=Path))
_PLOT = click.option("--plot", type=PlotFile(), help="Draw the routes and their hours into a file.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")


class _Routes(msgspec.Struct):
    """Routes as they are handed in: the nodes of each, in the file's numbers."""

    routes: list[list[int]]


@match.command()
@_FILE
@click.option("--seconds", type=SECONDS_GIVEN, help=f"How long to search; {SECONDS:g} without a limit.")
@click.option("--iterations", type=click.IntRange(min=1), help="How often to ruin and recreate, at most.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Where chance starts.")
@click.option(
    "--objective",
    type=click.Choice(["distance", "vehicles"]),
    default="distance",
    show_default=True,
    help="The least distance, or the fewest vehicles and then the least distance.",
)
@click.option("--threads", type=THREADS_GIVEN, default=1, show_default=True, help="Searches at once.")
@click.option("--progress", is_flag=True, help="Show a live line on standard error.")
@click.option(
    "--ways-out", is_flag=True, help="Say what would have to give way for what is left out; takes longer."
)
@_PLOT
@_JSON
def route(
    file: Path,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    objective: str,
    threads: int,
    progress: bool,
    ways_out: bool,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Find routes for a file of Li & Lim or of Sartori & Buriol.

    With --iterations alone the same seed gives the same routes on every machine. Ctrl-C ends the search
    with the best routes so far. A file that cannot be read ends with one line and status 2.
    """
    start = time.monotonic()
    from matching.routing.model import Goal
    from matching.routing.search.limits import Limits
    from matching.routing.search.solve import solve

    require_place(plot, file)
    instance = _read(file, Goal(objective))
    given = SECONDS if seconds is None and iterations is None else seconds
    limits = Limits(seconds=given, iterations=iterations, seed=seed, threads=threads)
    tell = _Line().tell if progress else None
    with interrupted() as cancelled:
        plan = solve(instance.problem, limits, progress=tell, cancelled=cancelled, began=start)
        took = time.monotonic() - start
        ways = _ways_out(instance, plan, cancelled) if ways_out else {}
    if progress:
        click.echo(err=True)
    _print(instance, plan, took, as_json, ways)
    if plot is not None:
        _draw(instance, plan, plot)


@match.command("plan")
@_FILE
@click.argument("routes", type=click.Path(path_type=Path))
@_PLOT
@_JSON
def judge(file: Path, routes: Path, plot: Path | None, as_json: bool) -> None:
    """Judge given ROUTES, JSON `{"routes": [[node, …], …]}`, for a FILE: every broken rule, hours and costs.

    Exits 1 where a rule is broken or a node is left out.
    """
    from matching.routing.evaluate import evaluate
    from matching.routing.model import Goal

    require_place(plot, file, routes)
    instance = _read(file, Goal.DISTANCE)
    plan = evaluate(instance.problem, _tours(instance, routes))
    if plot is not None:
        _draw(instance, plan, plot)
    violations = [
        {"rule": str(v.breach), **{k: str(x) for k, x in v.params.items()}} for v in plan.violations
    ]
    if as_json:
        told = _told(instance, plan, {}) | {"feasible": plan.feasible and not plan.left_out}
        click.echo(json.dumps(told | {"violations": violations}, ensure_ascii=False))
    else:
        _print_stops(instance, plan)
        for one in violations:
            click.echo(" ".join(f"{name}={value}" for name, value in one.items()))
    sys.exit(0 if plan.feasible and not plan.left_out else 1)


@match.command()
@_JSON
def learn(as_json: bool) -> None:
    """Learn from the database's own deals, offers and trips: a card for each model, and what is odd.

    Changes nothing. A card says what was learned from, and how good model and plain rule are on later days.
    """
    from marketplace.matches import learning
    from marketplace.settings import read_settings

    learning.print_cards(read_settings(), as_json)


def _read(file: Path, goal: Goal) -> Instance:
    """Read the file, or end with one line and status 2."""
    from matching.routing.instances import BadInstance, read_instance

    try:
        return read_instance(file, goal)
    except BadInstance as bad:
        refuse(str(bad))


def _tours(instance: Instance, routes: Path) -> tuple[tuple[int, ...], ...]:
    from matching.routing.instances import BadInstance

    try:
        told = json.loads(routes.read_text(encoding="utf-8"))
    except OSError as bad:
        refuse(f"{routes}: {bad.strerror or bad}")
    except (ValueError, RecursionError) as bad:
        refuse(f"{routes}: routes: {bad}")
    try:
        return instance.tours(msgspec.convert(told, _Routes).routes)
    except msgspec.ValidationError as bad:
        refuse(f"{routes}: routes: {bad}")
    except BadInstance as bad:
        refuse(str(bad))


class _Line:
    """One line on standard error that is written over and over, at most ten times a second."""

    def __init__(self) -> None:
        self._told = -1.0

    def tell(self, found: Progress) -> None:
        """Show how far the search has come."""
        if found.seconds - self._told >= EVERY_S:
            self._told = found.seconds
            left_out = f", {found.unserved} left out" if found.unserved else ""
            text = f"{found.seconds:6.1f} s  {found.iteration:>10,} iterations  {found.vehicles} vehicles"
            click.echo(f"\r{text}  best {found.best:,.2f}{left_out}  ", err=True, nl=False)


def _ways_out(instance: Instance, plan: Plan, cancelled: Callable[[], bool]) -> Ways:
    """Find by request what would have to give way for it; those that are not reached are not there."""
    from matching.routing.relax import cheapest_way_out

    found: Ways = {}
    for one in plan.left_out:
        if cancelled():
            break
        found[one.request] = cheapest_way_out(instance.problem, plan, one.request)
    return found


def _step(way: WayOut | None) -> dict[str, str] | None:
    """Name what gives way, and its figures; None: no single change helps."""
    return None if way is None else {"step": way.step, **{k: str(x) for k, x in way.params.items()}}


def _told(instance: Instance, plan: Plan, ways: Ways) -> dict[str, object]:
    """Give the routes in the file's numbers; what is on none comes with its reason."""
    told: dict[str, object] = {
        "routes": instance.named(plan.nodes),
        "vehicles": len(plan.driven),
        "distance": round(plan.metres, 6),
    }
    if plan.left_out:
        told["unserved"] = [
            {
                "nodes": [instance.ids[2 * one.request], instance.ids[2 * one.request + 1]],
                "number": one.reason.number,
                "reason": str(one.reason.code),
            }
            | ({"way_out": _step(ways[one.request])} if one.request in ways else {})
            for one in plan.left_out
        ]
    return told


def _print(instance: Instance, plan: Plan, took: float, as_json: bool, ways: Ways) -> None:
    told = _told(instance, plan, ways) | {"seconds": round(took, 3)}
    if as_json:
        click.echo(json.dumps(told))
        return
    for n, nodes in enumerate(instance.named(plan.nodes), 1):
        click.echo(f"{n:4}  {' '.join(map(str, nodes))}")
    for one in plan.left_out:
        click.echo(f"left out: {instance.ids[2 * one.request]}: {one.reason.number} {one.reason.code}")
        if one.request in ways:
            way = _step(ways[one.request]) or {"step": "no single change helps"}
            click.echo("  " + ", ".join(f"{name} {value}" for name, value in way.items()))
    click.echo(f"{told['vehicles']} vehicles, distance {plan.metres:.4f}, {took:.1f} s")


def _print_stops(instance: Instance, plan: Plan) -> None:
    """Show when each stop is served, with what on board and how much slack."""
    for tour in plan.driven:
        click.echo(
            f"{instance.problem.vehicles[tour.vehicle].id}: distance {tour.metres:.2f}, ends {tour.ends:.2f}"
        )
        for stop in tour.stops:
            node = "" if stop.node is None else instance.ids[stop.node]
            times = f"arrives {stop.arrival:.2f}, waits {stop.wait_s:.2f}, leaves {stop.departure:.2f}"
            click.echo(f"  {stop.act:8} {node:>6}  {times}, load {stop.load[0]:g}, slack {stop.slack_s:.2f}")


def _draw(instance: Instance, plan: Plan, plot: Path) -> None:
    from matching.routing.draw import draw
    from matching.routing.scene import scene

    try:
        draw(scene(instance.problem, plan, instance.name, instance.coordinates), plot)
    except OSError as wrong:
        refuse(f"{plot}: {wrong.strerror or wrong}")
