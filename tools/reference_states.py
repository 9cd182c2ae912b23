"""Which states has each thing of the product, as drawings made from the tables of its rules?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from compliance.approvals import rules as approvals
from compliance.cases import rules as cases
from compliance.deadlines import rules as deadlines
from compliance.exemptions import rules as exemptions
from compliance.manifests import reserved, seals, situations
from compliance.manifests import rules as manifests
from compliance.qualification import rules as qualification
from compliance.visits import rules as visits
from marketplace.deals import rules as deals
from marketplace.lots import rules as lots
from marketplace.plans import rules as plans
from marketplace.solves import rules as solves
from tracking.alerts import rules as alerts
from tracking.commands import rules as commands
from tracking.fleet import rules as fleet
from tracking.kept_acts import rules as kept_acts
from tracking.trips import rules as trips

Table = Mapping[tuple[Any, Any], Any]


def drawings() -> Iterator[str]:
    """Yield a section for each thing that has states."""
    signers = {act: f"{act.value} ({', '.join(manifests.signers(act))})" for act in manifests.SIGNER}
    signed = {act: f"{act.value} (signs {one.value})" for act, one in trips.SIGNS.items()}
    machines: tuple[tuple[str, str, Table, Mapping[Any, str]], ...] = (
        ("Lot", "marketplace/lots/rules.py", lots.NEXT, {}),
        ("Deal", "marketplace/deals/rules.py", deals.NEXT, {}),
        ("Manifest", "compliance/manifests/rules.py; in brackets who signs", manifests.NEXT, signers),
        ("Document", "compliance/qualification/rules.py", qualification.NEXT, {}),
        ("Case", "compliance/cases/rules.py", cases.NEXT, {}),
        ("Exemption", "compliance/exemptions/rules.py", exemptions.NEXT, {}),
        ("Site visit", "compliance/visits/rules.py", visits.NEXT, {}),
        (
            "Approval",
            "compliance/approvals/rules.py",
            approvals.NEXT,
            {},
        ),
        ("Exception", "compliance/manifests/situations.py", situations.NEXT, {}),
        ("Correction", "compliance/manifests/seals.py", seals.NEXT, {}),
        ("Deadline", "compliance/deadlines/rules.py", deadlines.NEXT, {}),
        ("Trip", "tracking/trips/rules.py; `reached` is telemetry's word", trips.NEXT, signed),
        ("Kept act", "tracking/kept_acts/rules.py; a person decides what is set aside", kept_acts.NEXT, {}),
        ("Reserved number", "compliance/manifests/reserved.py", reserved.NEXT, {}),
        ("Alert", "tracking/alerts/rules.py; rules raise and withdraw, people do the rest", alerts.NEXT, {}),
        ("Command", "tracking/commands/rules.py", commands.NEXT, {}),
        ("Device", "tracking/fleet/rules.py", fleet.NEXT, {}),
        ("Solve", "marketplace/solves/rules.py", solves.NEXT, {}),
        ("Plan", "marketplace/plans/rules.py", plans.NEXT, {}),
    )
    back = [
        f"    {manifests.State.UNDER_CORRECTION} --> {state}: decided" for state in sorted(manifests.RESUMES)
    ]
    for name, place, table, told in machines:
        more = back if table is manifests.NEXT else []
        yield f"## {name}\n\nFrom {place}.\n\n{_drawn(table, told, more)}"


def _drawn(following: Table, told: Mapping[Any, str], more: list[str]) -> str:
    states = list(type(next(iter(following.values()))).__members__.values())
    reached = {state for (state, _) in following} | set(following.values())
    arrows = [f"    [*] --> {states[0]}"]
    arrows += [f"    {at} --> {to}: {told.get(act, act.value)}" for (at, act), to in following.items()]
    arrows += more
    leaves = {str(at) for (at, _), to in following.items() if at is not to}
    leaves |= {line.split()[0] for line in more}
    arrows += [f"    {state} --> [*]" for state in states if state in reached and str(state) not in leaves]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])
