"""Where do templates come from, and what do they know?"""

from __future__ import annotations

from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from marketplace.demo.known import LOGINS, PASSWORD
from marketplace.web import fines, formats, translation
from marketplace.web.navigation import navigation

PAGES = Path(__file__).parent.parent / "web" / "templates"
PLAIN = Path(__file__).parent / "templates"
"""What is shown when the pages have no template of that name: bare, but never nothing."""


def template_config() -> TemplateConfig[JinjaTemplateEngine]:
    """Return the template engine: everything escaped, a missing value is an error, texts translated."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(PAGES), FileSystemLoader(PLAIN)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    translation.install(environment, formats.FILTERS)
    environment.globals["demo"] = {"logins": LOGINS, "password": PASSWORD}
    environment.globals["navigation"] = navigation
    environment.globals["fines_of"] = fines.of_rule
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))
