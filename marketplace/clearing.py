"""What would the best plan for the whole market be right now?"""

from __future__ import annotations

import json
from dataclasses import replace

import click

from compliance.record.database import open_database, reading
from marketplace import instance
from marketplace.lots import queries as lots
from marketplace.matches import market
from marketplace.roads import choice as roads
from marketplace.settings import Settings
from matching.assign import clear
from matching.solution import Solution


def print_plan(settings: Settings, as_json: bool) -> None:
    """Clear the market of a database and print the plan; nothing is written."""
    now = instance.clock_of(settings)()
    distances = roads.distances_of(settings)
    with reading(open_database(settings.database)) as session:
        problem = market.problem_of(session, lots.listed(session, now), now)
    solution = clear(replace(problem, distances=distances))
    roads.told(distances)
    click.echo(json.dumps(told(solution), indent=2) if as_json else _spoken(solution))


def told(solution: Solution) -> dict[str, object]:
    """Return a plan as JSON-ready facts: kilograms, CNY as text, reasons by number."""
    return {
        "welfare_cny": str(solution.welfare),
        "bound_cny": str(solution.bound),
        "distances": f"{solution.distance_source} {solution.distance_version}".rstrip(),
        "assignments": [
            {
                "lot": one.lot_id,
                "need": one.taker_id,
                "kg": one.kg,
                "vehicle": one.vehicle_id,
                "metres": one.metres,
                "cny_per_tonne": str(one.score.total),
            }
            for one in solution.assignments
        ],
        "unmatched": [
            {"lot": one.lot_id, "kg": one.kg, "reasons": [reason.code.value for reason in one.reasons]}
            for one in solution.unmatched
        ],
    }


def _spoken(solution: Solution) -> str:
    lines = [
        f"{one.lot_id}  {one.kg / 1000:8.1f} t  {one.metres / 1000:6.0f} km  {one.score.total:>10} CNY/t"
        for one in solution.assignments
    ]
    lines.append(f"km: {solution.distance_source} {solution.distance_version}".rstrip())
    lines.append(f"welfare {solution.welfare} CNY, bound {solution.bound} CNY")
    lines.append(
        f"{len(solution.assignments)} assignments, {len(solution.unmatched)} lots (or rests) unmatched"
    )
    return "\n".join(lines)
