"""How does one lot of the live market look from a shell?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from uuid import UUID

import click

if TYPE_CHECKING:
    from marketplace.web.translation import Language


@click.command()
@click.argument("lot", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--lang", type=click.Choice(["en", "zh"]), help="The language; default: that of the shell.")
@click.option("--matches", "k", type=click.IntRange(1, 50), default=5, show_default=True, help="How many.")
def explain(lot: UUID, as_json: bool, lang: str | None, k: int) -> None:
    """Explain one LOT of the live market: who could take it, at what price, why, and what would help.

    The whole market is cleared, nothing is changed. A lot that is not in the market ends with one line and
    status 2.
    """
    from compliance.record.database import open_database, reading
    from marketplace import instance
    from marketplace.matches import explaining
    from marketplace.settings import read_settings
    from matching import BadProblem
    from matching.problem import Defect

    settings = read_settings()
    with reading(open_database(settings.database)) as session:
        try:
            story = explaining.story_of(session, lot, instance.clock_of(settings)(), k)
        except BadProblem as fault:
            unknown = fault.defect is Defect.UNKNOWN_ID
            click.echo(f"LOT: no lot {lot} is in the market now" if unknown else f"LOT: {fault}", err=True)
            sys.exit(2)
    language = language_of_shell(lang)
    click.echo(explaining.as_json(story, language) if as_json else explaining.spoken(story, language))


def language_of_shell(chosen: str | None) -> Language:
    """Return the language that was chosen, else Chinese where the shell speaks it, else English."""
    from marketplace.web.translation import Language

    if chosen is not None:
        return Language(chosen)
    spoken = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return Language.ZH if spoken.startswith("zh") else Language.EN
